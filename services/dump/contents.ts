/** Tells what a file is by its bytes, reading no more of it than the table of contents of an archive. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DumpContents, DumpReader, RangeReader, TableName } from '../restore/dump-ports';
import { ownersOf } from './archive-owners';
import { archiveMagic, readToc, type Toc, type TocEntry } from './archive-toc';
import { runChild } from './child';
import { findTools, type Tools } from './tools';

const firstPiece = 256 * 1024;
/** No table of contents that is worth loading is larger: 5 million entries would be. */
const mostContents = 512 * 1024 * 1024;

const unreadable = (why: string): DumpContents => ({ kind: 'unreadable', why });

export async function readContents(tools: Tools, bytes: number, read: RangeReader): Promise<DumpContents> {
  if (bytes === 0) return { kind: 'empty' };
  let known = Buffer.from(await read(0, Math.min(bytes, firstPiece)));
  if (!known.subarray(0, archiveMagic.length).equals(Buffer.from(archiveMagic))) return sniffText(known);
  const tooNew = formatTooNew(tools, known);
  if (tooNew !== undefined) return unreadable(tooNew);
  for (;;) {
    const reading = readToc(known);
    if (reading.kind === 'foreign') return unreadable(reading.why);
    if (reading.kind === 'whole') return judge(tools, reading.toc, known.subarray(0, reading.toc.endsAt));
    if (known.length >= bytes) return unreadable('it is cut off inside its table of contents');
    if (known.length >= mostContents) return unreadable('its table of contents does not end');
    const more = await read(known.length, Math.min(bytes - known.length, known.length * 3));
    if (more.length === 0) return unreadable('it is cut off inside its table of contents');
    known = Buffer.concat([known, more]);
  }
}

/** Text has no control characters but those of lines; the last character of the piece may be cut. */
function sniffText(bytes: Buffer): DumpContents {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    if (text.trim() === '') return { kind: 'empty' };
    const isText = ![...text].some((letter) => letter < ' ' && !'\t\n\r\f\v\b'.includes(letter));
    return isText ? { kind: 'sql' } : unreadable('it is neither an archive of pg_dump nor text');
  } catch {
    return unreadable('it is neither an archive of pg_dump nor text in UTF-8');
  }
}

const majorOf = (version: string): number => Number(/^\d+/.exec(version)?.[0] ?? 0);

/** Told by the first bytes: what follows them in a newer format is anybody's guess. */
function formatTooNew(tools: Tools, bytes: Buffer): string | undefined {
  const [major = 0, minor = 0] = bytes.subarray(archiveMagic.length);
  if (major === 1 && minor <= tools.newestFormat) return undefined;
  return `its format ${major}.${minor} is newer than what the tools here, of PostgreSQL ${tools.major}, can read`;
}

function whyTooNew(tools: Tools, toc: Toc): string | undefined {
  const major = majorOf(toc.dumpVersion);
  if (major <= tools.major) return undefined;
  return `it was written by pg_dump ${major}, and the tools here are of PostgreSQL ${tools.major}`;
}

async function judge(tools: Tools, toc: Toc, beginning: Buffer): Promise<DumpContents> {
  const tooNew = whyTooNew(tools, toc);
  if (tooNew !== undefined) return unreadable(tooNew);
  const refused = await stockRefusal(tools, beginning);
  return refused === undefined ? describe(toc) : unreadable(refused);
}

/** What loads it has the last word on whether it can be read. */
async function stockRefusal(tools: Tools, beginning: Buffer): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'dump-contents-'));
  try {
    const file = join(folder, 'beginning');
    await writeFile(file, beginning, { mode: 0o600 });
    let said = '';
    const { code } = await runChild({
      ...{ program: tools.pgRestore, args: ['-l', '-f', '/dev/null', file] },
      ...{ signal: new AbortController().signal, mostOutput: 'none' },
      onLine: (line) => (said ||= line.replace(/^pg_restore: (error: )?/, '').slice(0, 200)),
    });
    return code === 0 ? undefined : `pg_restore cannot read it (${said})`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const named = (entries: readonly TocEntry[], kinds: readonly string[]): TableName[] =>
  entries.filter(({ kind }) => kinds.includes(kind)).map(({ schema, tag }) => ({ schema, name: tag }));

const describe = ({ entries, ...toc }: Toc): DumpContents => ({
  kind: 'archive',
  database: toc.database,
  postgresVersion: plainVersion(toc.postgresVersion),
  dumpVersion: plainVersion(toc.dumpVersion),
  entries: entries.length,
  tables: named(entries, ['TABLE']),
  sequences: named(entries, ['SEQUENCE']),
  extensions: entries.filter(({ kind }) => kind === 'EXTENSION').map(({ tag }) => tag),
  owners: ownersOf(entries),
  hasGrants: entries.some(({ kind }) => grantKinds.includes(kind)),
});

const grantKinds: readonly string[] = ['ACL', 'DEFAULT ACL', 'ACL LANGUAGE'];

/** `15.18 (Debian 15.18-0+deb12u1)` is 15.18. */
const plainVersion = (version: string): string => version.split(' ')[0] ?? version;

/** `pgBin`: folder of pg_restore; else the newest of the system. */
export function createDumpReader(settings: { readonly pgBin?: string }): DumpReader {
  let tools: Promise<Tools> | undefined;
  return {
    contents: async (bytes, read) => readContents(await (tools ??= findTools(settings.pgBin)), bytes, read),
  };
}
