/**
 * The table of contents of a custom-format archive, read from its bytes. `pg_restore -l` prints the same on lines whose
 * names are not quoted, so that a schema `a b` and an owner cannot be told apart there; and it leaves out how many bytes
 * the data of a table takes, by which progress is weighed.
 */
import { byteSource, EndOfBytes, type ByteSource } from './archive-bytes';

export type Section = 'none' | 'pre-data' | 'data' | 'post-data';

export interface TocEntry {
  readonly id: number;
  /** Name; of functions with its arguments. */
  readonly tag: string;
  /** `TABLE`, `INDEX`, `FK CONSTRAINT`. */
  readonly kind: string;
  readonly section: Section;
  /** What makes it; empty for data. */
  readonly definition: string;
  readonly dropStatement: string;
  /** Empty for what stands in no schema. */
  readonly schema: string;
  /** Empty where the dump has none. */
  readonly owner: string;
  /** Empty for the one of the database. */
  readonly tablespace: string;
  readonly dependsOn: readonly number[];
  /** Where its data begins in the file; undefined where there is none, or pg_dump wrote into a pipe. */
  readonly dataOffset?: number;
  readonly hasData: boolean;
}

export interface Toc {
  readonly intSize: number;
  readonly database: string;
  readonly postgresVersion: string;
  readonly dumpVersion: string;
  readonly entries: readonly TocEntry[];
  /** Length of all this: data begins here. */
  readonly endsAt: number;
}

export type TocReading =
  | { readonly kind: 'whole'; readonly toc: Toc }
  /** More bytes are needed. */
  | { readonly kind: 'short' }
  | { readonly kind: 'foreign'; readonly why: string };

export const archiveMagic = 'PGDMP';
const customFormat = 1;
const newestMinor = 16;
const oldestMinor = 12;
const sections: readonly Section[] = ['none', 'none', 'pre-data', 'data', 'post-data'];
const mostEntries = 5_000_000;

export function readToc(bytes: Buffer): TocReading {
  try {
    return read(byteSource(bytes));
  } catch (error) {
    if (error instanceof EndOfBytes) return { kind: 'short' };
    throw error;
  }
}

function read(from: ByteSource): TocReading {
  for (const letter of archiveMagic) {
    if (from.byte() !== letter.charCodeAt(0)) return { kind: 'foreign', why: 'it is no archive of pg_dump' };
  }
  const [major, minor] = [from.byte(), from.byte()];
  from.byte();
  if (major !== 1 || minor > newestMinor || minor < oldestMinor) {
    return { kind: 'foreign', why: `its archive format ${major}.${minor} is not known here` };
  }
  const [intSize, offsetSize, format] = [from.byte(), from.byte(), from.byte()];
  if (intSize < 1 || intSize > 8 || offsetSize < 1 || offsetSize > 8 || format !== customFormat) {
    return { kind: 'foreign', why: 'it is not in the custom format of pg_dump' };
  }
  from.shape(intSize, offsetSize);
  if (minor >= 15) from.byte();
  else from.int();
  for (let part = 0; part < 7; part++) from.int();
  const [database, postgresVersion, dumpVersion] = [from.text(), from.text(), from.text()];
  const count = from.int();
  if (count < 0 || count > mostEntries)
    return { kind: 'foreign', why: 'its table of contents makes no sense' };
  const entries: TocEntry[] = [];
  for (let index = 0; index < count; index++) entries.push(readEntry(from, minor));
  return {
    kind: 'whole',
    toc: {
      ...{ intSize, entries, endsAt: from.position() },
      ...{ database: database ?? '', postgresVersion: postgresVersion ?? '', dumpVersion: dumpVersion ?? '' },
    },
  };
}

const offsetKnown = 2;

function readEntry(from: ByteSource, minor: number): TocEntry {
  const id = from.int();
  const hasData = from.int() !== 0;
  from.text();
  from.text();
  const [tag, kind] = [from.text() ?? '', from.text() ?? ''];
  const section = sections[from.int()] ?? 'none';
  const [definition, dropStatement] = [from.text() ?? '', from.text() ?? ''];
  from.text();
  const [schema, tablespace] = [from.text() ?? '', from.text() ?? ''];
  if (minor >= 14) from.text();
  if (minor >= 16) from.int();
  const owner = from.text() ?? '';
  from.text();
  const dependsOn = readDependencies(from);
  const state = from.byte();
  const offset = from.offset();
  return {
    ...{ id, tag, kind, section, definition, dropStatement, schema, tablespace, owner, dependsOn, hasData },
    ...(hasData && state === offsetKnown ? { dataOffset: offset } : {}),
  };
}

function readDependencies(from: ByteSource): number[] {
  const ids: number[] = [];
  for (let text = from.text(); text !== null; text = from.text()) ids.push(Number(text));
  return ids;
}

/** `INDEX public orders_placed_at`, fit to be shown. */
export const objectName = ({ kind, schema, tag }: TocEntry): string =>
  [kind, schema, tag]
    .filter((part) => part !== '')
    .join(' ')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, 200);
