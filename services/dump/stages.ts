/** Sorts the table of contents of an archive into the stages of a load. Pure. */
import type { LoadChoices } from '../restore/dump-ports';
import type { ArchiveFile } from './archive-file';
import { tableOf } from './archive-file';
import type { TocEntry } from './archive-toc';

export interface Stages {
  readonly schemas: readonly TocEntry[];
  /** Types, functions, tables; in order. */
  readonly before: readonly TocEntry[];
  readonly data: readonly TocEntry[];
  readonly sequences: readonly TocEntry[];
  /** Indexes and constraints: one list after the other, side by side with the other lists. */
  readonly indexes: readonly (readonly TocEntry[])[];
  readonly attachments: readonly TocEntry[];
  readonly foreignKeys: readonly TocEntry[];
  /** Of tables so big that each is worth a session. */
  readonly bigForeignKeys: readonly TocEntry[];
  /** Triggers, rules, policies, publications; in order. */
  readonly after: readonly TocEntry[];
  /** Once everything stands: grants, which may take rights from owners that the load needed. */
  readonly grants: readonly TocEntry[];
  /** Filled views and triggers on events: they would run at every step before. */
  readonly last: readonly TocEntry[];
  readonly properties?: TocEntry;
  /** Comment of the database itself. */
  readonly comment?: string;
}

const grantKinds = ['ACL', 'DEFAULT ACL', 'ACL LANGUAGE'];
const lastKinds = ['MATERIALIZED VIEW DATA', 'EVENT TRIGGER'];
const indexKinds = ['INDEX', 'CONSTRAINT', 'CHECK CONSTRAINT'];
const settingKinds = ['ENCODING', 'STDSTRINGS', 'SEARCHPATH'];
/** Of data in the archive: from here on a table's indexes are made side by side. */
const bigTableBytes = 4 * 1024 * 1024;

/** Entries without a section of their own (comments, grants) belong to that of the entry before. */
function sectioned(entries: readonly TocEntry[]): (readonly [section: string, entry: TocEntry])[] {
  let current = 'pre-data';
  return entries.map((entry) => {
    if (entry.section !== 'none') current = entry.section;
    return [current, entry];
  });
}

const isOfDatabase = ({ kind, tag }: TocEntry): boolean =>
  kind.startsWith('DATABASE') ||
  ((kind !== 'ACL' ? kind === 'COMMENT' || kind === 'SECURITY LABEL' : true) && tag.startsWith('DATABASE '));

/** Rights on whatever a role makes later: they go with the owners. */
export const isOwnersDefault = ({ kind }: TocEntry): boolean => kind === 'DEFAULT ACL';

/** `ownersLeft`: those that get nothing of what they owned. */
export function sortIntoStages(
  archive: ArchiveFile,
  choices: LoadChoices,
  ownersLeft: ReadonlySet<string>,
): Stages {
  const { entries } = archive.toc;
  const properties = entries.find(({ kind }) => kind === 'DATABASE PROPERTIES');
  const comment = databaseComment(entries);
  const wanted = sectioned(entries).filter(
    ([, entry]) =>
      !isOfDatabase(entry) &&
      !settingKinds.includes(entry.kind) &&
      (choices.grants === 'keep' || !grantKinds.includes(entry.kind)) &&
      !(isOwnersDefault(entry) && (choices.owners === 'drop' || ownersLeft.has(entry.owner))),
  );
  const ofKinds = (kinds: readonly string[]) =>
    wanted.filter(([, { kind }]) => kinds.includes(kind)).map(([, entry]) => entry);
  const special = [...grantKinds, ...lastKinds];
  const main = wanted.filter(([, { kind }]) => !special.includes(kind));
  const inSection = (section: string) => main.filter(([one]) => one === section).map(([, entry]) => entry);
  const post = inSection('post-data');
  const own = [...indexKinds, 'INDEX ATTACH', 'FK CONSTRAINT'];
  return {
    schemas: inSection('pre-data').filter(({ kind }) => kind === 'SCHEMA'),
    before: inSection('pre-data').filter(({ kind }) => kind !== 'SCHEMA'),
    data: inSection('data').filter(({ hasData }) => hasData),
    sequences: inSection('data').filter(({ hasData }) => !hasData),
    indexes: indexLists(archive, post),
    attachments: post.filter(({ kind }) => kind === 'INDEX ATTACH'),
    ...foreignKeys(archive, post),
    after: post.filter(({ kind }) => !own.includes(kind)),
    grants: ofKinds(grantKinds),
    last: ofKinds(lastKinds),
    ...(properties === undefined ? {} : { properties }),
    ...(comment === undefined ? {} : { comment }),
  };
}

function databaseComment(entries: readonly TocEntry[]): string | undefined {
  const entry = entries.find(({ kind, tag }) => kind === 'COMMENT' && tag.startsWith('DATABASE '));
  const text = / IS '((?:[^'\\]|'')*)';\s*$/.exec(entry?.definition ?? '')?.[1];
  return text?.replaceAll("''", "'");
}

const bigTables = ({ tableBytes }: ArchiveFile): ReadonlySet<number> =>
  new Set([...tableBytes].filter(([, bytes]) => bytes >= bigTableBytes).map(([id]) => id));

/**
 * All of a small table is one list, so that sessions never wait for each other's locks. Of a big table the constraints are one
 * list, as they lock it whole; each of its indexes is a list of its own.
 */
function indexLists(archive: ArchiveFile, post: readonly TocEntry[]): TocEntry[][] {
  const big = bigTables(archive);
  const lists = new Map<string, TocEntry[]>();
  for (const entry of post.filter(({ kind }) => indexKinds.includes(kind))) {
    const table = tableOf(archive.entriesById, entry);
    const isAlone = table !== undefined && big.has(table.id) && entry.kind === 'INDEX';
    const key = isAlone ? `entry ${entry.id}` : `table ${table?.id ?? 'none'}`;
    lists.set(key, [...(lists.get(key) ?? []), entry]);
  }
  const weight = (list: readonly TocEntry[]): number =>
    Math.max(...list.map((entry) => (big.has(tableOf(archive.entriesById, entry)?.id ?? -1) ? 1 : 0)));
  return [...lists.values()].sort((a, b) => weight(b) - weight(a));
}

function foreignKeys(archive: ArchiveFile, post: readonly TocEntry[]) {
  const big = bigTables(archive);
  const all = post.filter(({ kind }) => kind === 'FK CONSTRAINT');
  const isBig = (entry: TocEntry): boolean => entry.dependsOn.some((id) => big.has(id));
  return { foreignKeys: all.filter((entry) => !isBig(entry)), bigForeignKeys: all.filter(isBig) };
}
