/**
 * What the files of a restore prove. Azure writes the time of the backup into a file of its own, and PostgreSQL begins every
 * archive with the same five letters: both are looked at before anything is called done.
 */
import { millisBetween, span, utc, type Instant } from './instant';
import type { RestoredFile } from './restored-files';
import type { Verdict } from './proof';

export interface FileFindings {
  readonly files: readonly RestoredFile[];
  /** What the file with the time of the backup says; absent where there is none or it cannot be read. */
  readonly markedAt?: Instant;
  /** Names of database files that do not begin as an archive of PostgreSQL does. */
  readonly notArchives: readonly string[];
}

/** A backup takes a while; its mark and the time of its recovery point may differ by that. The next point is a day away. */
const toleranceMillis = 4 * 3_600_000;

export function judgeFiles({ files, markedAt, notArchives }: FileFindings, pointTime: Instant): Verdict {
  const databases = files.filter(({ kind }) => kind === 'database');
  if (files.length === 0)
    return { kind: 'contradicted', finding: 'Azure says that the job is done, and not one file is there' };
  const empty = databases.filter(({ bytes }) => bytes === 0).map(({ name }) => name);
  if (empty.length > 0)
    return { kind: 'contradicted', finding: `these files are empty: ${empty.slice(0, 3).join(', ')}` };
  if (databases.length === 0)
    return { kind: 'unproven', why: 'there is no file with the data of a database' };
  if (notArchives.length > 0)
    return {
      kind: 'unproven',
      why: `these files are no archives of pg_dump: ${notArchives.slice(0, 3).join(', ')}`,
    };
  if (markedAt === undefined)
    return { kind: 'unproven', why: 'no file tells the time of the backup, so only its recovery point does' };
  const apart = Math.abs(millisBetween(markedAt, pointTime));
  const words = `the files say that their backup was taken at ${utc(markedAt)}`;
  if (apart > toleranceMillis)
    return {
      kind: 'contradicted',
      newestWrite: markedAt,
      finding: `${words}, ${span(apart)} from the recovery point`,
    };
  const count = `${databases.length} ${databases.length === 1 ? 'database' : 'databases'}`;
  return { kind: 'proven', newestWrite: markedAt, finding: `${words}; ${count}, each an archive of pg_dump` };
}

/** An ISO time anywhere in the text of the mark. */
export function readMark(text: string): Instant | undefined {
  const [found] =
    /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?(?:Z|UTC|[+-]\d{2}:?\d{2}))?/.exec(text) ??
    [];
  if (found === undefined) return undefined;
  const zoned = /(?:Z|UTC|[+-]\d{2}:?\d{2})$/.test(found) ? found.replace(/\s?UTC$/, 'Z') : `${found}Z`;
  const millis = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(millis) ? undefined : new Date(millis).toISOString();
}
