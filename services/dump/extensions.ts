/**
 * Makes the extensions of a dump before anything else of it runs, so that nothing of it lies in wait for their scripts. Only
 * their names come from the dump. Those that need it are made by our own login, which owns them then; their objects are
 * those of the server, not of the dump.
 */
import { escapeIdentifier, type Client } from 'pg';
import { objectName, type TocEntry } from './archive-toc';
import type { LoadFailure } from './batches';
import { inSession, isDiskFull, isLost, serverMessage, type Target } from './sessions';
import type { Stages } from './stages';

export interface ExtensionsToMake {
  /** Of the login of the order, in the database. */
  readonly client: Client;
  readonly target: Target;
  readonly database: string;
  /** The owner of the database, where the login of the order may act as it. */
  readonly owner?: string;
  /** Whoever a schema belongs to that an extension needs; undefined where that is left to who makes it. */
  readonly ownerOf: (schema: TocEntry) => string | undefined;
}

export interface ExtensionsMade {
  readonly failures: readonly LoadFailure[];
  readonly notes: readonly string[];
  /** Entries that are over with, whatever came of them. */
  readonly over: ReadonlySet<TocEntry>;
}

interface Wanted {
  readonly entry: TocEntry;
  readonly name: string;
  readonly schema: string;
}

const identifier = '("(?:[^"\\0]|"")+"|[a-z_][a-z0-9_$]*)';
const asWritten = new RegExp(`^CREATE EXTENSION IF NOT EXISTS ${identifier} WITH SCHEMA ${identifier};\\s*$`);

const plain = (written: string): string =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;

/** One that says more than stock pg_dump would is for the login of the order alone, like everything else. */
function wantedExtension(entry: TocEntry): Wanted[] {
  const [, name, schema] = asWritten.exec(entry.definition) ?? [];
  return entry.kind === 'EXTENSION' && name !== undefined && schema !== undefined
    ? [{ entry, name: plain(name), schema: plain(schema) }]
    : [];
}

const createSql = ({ name, schema }: Wanted): string =>
  `create extension if not exists ${escapeIdentifier(name)} with schema ${escapeIdentifier(schema)}`;

export async function makeExtensions(to: ExtensionsToMake, stages: Stages): Promise<ExtensionsMade> {
  const over = new Set<TocEntry>();
  const failures: LoadFailure[] = [];
  const notes: string[] = [];
  for (const wanted of stages.before.flatMap(wantedExtension)) {
    const schema = stages.schemas.find(({ tag }) => tag === wanted.schema && tag !== 'public');
    if (schema !== undefined && !over.has(schema)) {
      if (!(await tryTo(to.client, schemaSql(schema, to)))) continue;
      over.add(schema);
    }
    over.add(wanted.entry);
    const asOwner = to.owner === undefined ? '' : `set role ${escapeIdentifier(to.owner)}; `;
    if (await tryTo(to.client, `${asOwner}${createSql(wanted)}; reset role`)) continue;
    const refused = await asOurselves(to, wanted);
    if (refused !== undefined) failures.push(refused);
    else notes.push(`extension ${wanted.name} belongs to our login, which had to make it`);
    // The server has a comment on it already, and only its owner may change that.
    for (const entry of stages.before) if (isCommentOn(entry, wanted.name)) over.add(entry);
  }
  return { failures, notes, over };
}

function schemaSql(entry: TocEntry, { ownerOf }: ExtensionsToMake): string {
  const name = escapeIdentifier(entry.tag);
  const owner = ownerOf(entry);
  const give = owner === undefined ? '' : `; alter schema ${name} owner to ${escapeIdentifier(owner)}`;
  return `create schema if not exists ${name}${give}`;
}

/** One message is one transaction: what did not go leaves nothing, the role that it acted as included. */
async function tryTo(client: Client, sql: string): Promise<boolean> {
  try {
    await client.query(sql);
    return true;
  } catch (error) {
    if (isLost(error)) throw error;
    return false;
  }
}

async function asOurselves(
  { target, database }: ExtensionsToMake,
  wanted: Wanted,
): Promise<LoadFailure | undefined> {
  try {
    await inSession(target, database, (client) => client.query(createSql(wanted)));
    return undefined;
  } catch (error) {
    if (isLost(error)) throw error;
    const message = serverMessage(error);
    const { code } = error as { code?: string };
    return { object: objectName(wanted.entry), message, isServerFull: isDiskFull(code, message) };
  }
}

const isCommentOn = ({ kind, tag }: TocEntry, name: string): boolean =>
  kind === 'COMMENT' && (tag === `EXTENSION ${name}` || tag === `EXTENSION ${escapeIdentifier(name)}`);

/** The stages without what is over with already. */
export const stagesWithout = (stages: Stages, over: ReadonlySet<TocEntry>): Stages => ({
  ...stages,
  schemas: stages.schemas.filter((entry) => !over.has(entry)),
  before: stages.before.filter((entry) => !over.has(entry)),
});
