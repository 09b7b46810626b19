/** What lies in a container, in words for a form: how much, of when, which databases, and what they need. Pure. */
import { millisBetween, span, utc, type Instant } from './instant';
import type { DumpContents } from './dump-ports';
import type { DumpFile } from './load-plan';
import type { DumpSet } from './load-facts';

function sizeWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(0)} MB`
    : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

function contentWords(contents: DumpContents | undefined): string {
  switch (contents?.kind) {
    case 'archive':
      return `, ${contents.tables.length} ${contents.tables.length === 1 ? 'table' : 'tables'}`;
    case 'sql':
      return ', plain SQL';
    case 'empty':
      return ', empty';
    case 'unreadable':
      return ', unreadable';
    case undefined:
      return '';
  }
}

const databaseWords = ({ database, bytes, name }: DumpFile, contents: DumpSet['contents']): string =>
  `${database ?? ''} (${sizeWords(bytes)}${contentWords(contents[name])})`;

/** The newest of the dumped servers decides. */
function neededVersion(contents: DumpSet['contents']): number | undefined {
  const versions = Object.values(contents).flatMap((found) =>
    found.kind === 'archive' ? [Number.parseInt(found.postgresVersion, 10)] : [],
  );
  return versions.length === 0 ? undefined : Math.max(...versions);
}

const mostNamed = 8;

/** `38 MB, backup of 2026-11-20 03:10:18 UTC (1 d 2 h ago): shop (28 MB, 14 tables), ledger (1 MB, 2 tables), roles. Needs PostgreSQL 15 or newer.` */
export function sayDumpSet({ files, contents, markedAt }: DumpSet, now: Instant): string | undefined {
  if (files.length === 0) return undefined;
  const databases = files.filter(({ kind }) => kind === 'database');
  const named = databases.slice(0, mostNamed).map((file) => databaseWords(file, contents));
  const more = databases.length - named.length;
  const others = (['roles', 'schemas', 'tablespaces'] as const).filter((kind) =>
    files.some((file) => file.kind === kind),
  );
  const needs = neededVersion(contents);
  const of =
    markedAt === undefined
      ? 'no file tells the time of the backup'
      : `backup of ${utc(markedAt)} (${span(millisBetween(markedAt, now))} ago)`;
  const all = [...named, ...(more > 0 ? [`${more} more databases`] : []), ...others];
  return `${sizeWords(files.reduce((sum, { bytes }) => sum + bytes, 0))}, ${of}: ${all.join(', ')}.${needs === undefined ? '' : ` Needs PostgreSQL ${needs} or newer.`}`;
}
