/** What was found on one side, as it is kept while the two are compared, and as it is brought home. */
import type { DatabaseAnswers } from './database-questions';
import type { ServerAnswers, WrittenThing } from './server-questions';
import type { Commits, SequenceBehind, ServerFindings } from '../restore/proof-findings';

/** What was found on one side, with what is needed to ask the other side about it. */
export interface Side {
  readonly answers: ServerAnswers;
  readonly databases: readonly OneDatabase[];
  readonly findings: ServerFindings;
}

export interface OneDatabase {
  readonly name: string;
  readonly oid: number;
  readonly bytes: number;
  readonly answers: DatabaseAnswers;
  readonly tables: DatabaseAnswers['tables'];
  readonly behind: readonly SequenceBehind[];
}

export function serverPart(
  answers: ServerAnswers,
): Pick<ServerFindings, 'systemIdentifier' | 'timeline' | 'commits' | 'roles'> {
  const { systemIdentifier, timeline, commits, roles } = answers;
  return {
    ...(systemIdentifier === undefined ? {} : { systemIdentifier }),
    ...(timeline === undefined ? {} : { timeline }),
    commits: commits ? tracked(commits) : { kind: 'untracked' },
    roles: roles.map(plain),
  };
}

const tracked = ({ newest, next }: NonNullable<ServerAnswers['commits']>): Commits => ({
  kind: 'tracked',
  ...(newest === undefined ? {} : { newest }),
  ...(next === undefined ? {} : { next }),
});

export function databasePart({ name, oid, bytes, answers, tables, behind }: OneDatabase) {
  return {
    ...{ name, oid, bytes, behind },
    tables: tables.map(plain),
    extensions: answers.extensions.map(plain),
    indexes: answers.indexes.map(plain),
    sequences: answers.sequences,
    ...(answers.tablesUpTo === undefined ? {} : { tablesUpTo: answers.tablesUpTo }),
    ...(answers.indexesUpTo === undefined ? {} : { indexesUpTo: answers.indexesUpTo }),
  };
}

/** Numbers of transactions are means to an end and leave this room as origins only. */
export function plain<Thing extends WrittenThing>({ xid: _, ...thing }: Thing): Omit<Thing, 'xid'> {
  return thing;
}
