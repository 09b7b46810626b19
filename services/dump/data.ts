/** Loads the rows with stock pg_restore, and tells how far it is from where its processes read in the archive. */
import { rm } from 'node:fs/promises';
import type { ArchiveFile } from './archive-file';
import { objectName, type TocEntry } from './archive-toc';
import { choiceArguments, writeList, type BatchContext, type LoadFailure } from './batches';
import { runChild } from './child';
import { readPositions } from './read-positions';
import { isDiskFull, isLostMessage, withoutValues, type Door } from './sessions';

export interface DataRun {
  readonly door: Door;
  readonly database: string;
  readonly entries: readonly TocEntry[];
  readonly workers: number;
  onLoaded(bytes: number, tables: number): void;
}

/** The connection is gone: the whole database has to be begun again. */
export class ConnectionLost extends Error {}

const pollMs = 100;

/** As libpq reads it: `name` cannot be taken for a connection string. */
const connectionTo = (name: string): string =>
  `dbname='${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export async function loadData(context: BatchContext, run: DataRun): Promise<LoadFailure[]> {
  if (run.entries.length === 0) return [];
  const list = await writeList(context.workFolder, run.entries);
  const reading = readMessages(context.archive);
  const jobs = run.workers > 1 ? ['-j', String(run.workers)] : [];
  let watch: NodeJS.Timeout | undefined;
  try {
    const { code } = await runChild({
      program: context.tools.pgRestore,
      args: [
        ...choiceArguments(context.choices),
        ...[
          '-v',
          '--section=data',
          ...jobs,
          '-L',
          list,
          '-d',
          connectionTo(run.database),
          context.archive.path,
        ],
      ],
      env: await run.door.childEnv(run.database),
      ...{ signal: context.signal, mostOutput: 'none', onLine: reading.take },
      onStart: ({ pid = 0 }) => {
        watch = setInterval(() => {
          void readPositions(pid, context.archive.path).then((positions) => {
            run.onLoaded(
              loadedBytes(context.archive, reading.finished, positions, run.workers > 1),
              reading.finished.size,
            );
          });
        }, pollMs);
      },
    });
    context.signal.throwIfAborted();
    if (reading.isLost()) throw new ConnectionLost(reading.first());
    return code === 0 ? [] : reading.failures(code);
  } finally {
    clearInterval(watch);
    await rm(list, { force: true });
  }
}

/** Of finished tables all, of those being read what lies before the place of reading. */
function loadedBytes(
  { data, toc, bytes: end }: ArchiveFile,
  finished: ReadonlySet<number>,
  positions: readonly number[],
  isSideBySide: boolean,
): number {
  if (!isSideBySide) return Math.max(0, ...positions.map((at) => at - toc.endsAt));
  let bytes = 0;
  for (const id of finished) bytes += data.get(id)?.bytes ?? 0;
  // Who hands out the work looked for the end of the file once, and stays there.
  for (const at of positions.filter((one) => one < end)) {
    for (const [id, range] of data) {
      if (finished.has(id) || at <= range.from || at > range.from + range.bytes) continue;
      bytes += at - range.from;
    }
  }
  return bytes;
}

const finishedItem = /^pg_restore: finished item (\d+) /;
const fromEntry = /^pg_restore: from TOC entry (\d+);/;
const errorLine = /^pg_restore: (?:error: )/;
const mostFailures = 1000;

function readMessages(archive: ArchiveFile) {
  const byId = new Map(archive.toc.entries.map((entry) => [entry.id, entry]));
  const finished = new Set<number>();
  const failures: LoadFailure[] = [];
  const other: string[] = [];
  let current: TocEntry | undefined;
  let isLost = false;
  const take = (line: string): void => {
    const done = finishedItem.exec(line)?.[1];
    if (done !== undefined) finished.add(Number(done));
    const entry = fromEntry.exec(line)?.[1];
    if (entry !== undefined) current = byId.get(Number(entry));
    if (!errorLine.test(line)) return;
    const message = line.replace(errorLine, '').slice(0, 300);
    if (isLostMessage(message)) isLost = true;
    const object = current === undefined ? nameIn(archive, message) : objectName(current);
    if (failures.length < mostFailures && object !== undefined) {
      failures.push({ object, message: serverPart(message), isServerFull: isDiskFull(undefined, message) });
    } else if (other.length < 5) other.push(message);
    current = undefined;
  };
  return {
    ...{ take, finished },
    isLost: () => isLost,
    first: () => failures[0]?.message ?? other[0] ?? '',
    failures: (code: number | null): LoadFailure[] =>
      failures.length > 0
        ? failures
        : [
            {
              object: 'data',
              message: other[0] ?? `pg_restore ended with ${code ?? 'a signal'}`,
              isServerFull: false,
            },
          ],
  };
}

/** `COPY failed for table "orders": ERROR: …` stands without its entry when workers run side by side. */
function nameIn(archive: ArchiveFile, message: string): string | undefined {
  const name = /^COPY failed for table "((?:[^"]|"")*)"/.exec(message)?.[1];
  const entry = archive.toc.entries.find(({ kind, tag }) => kind === 'TABLE DATA' && tag === name);
  return name === undefined ? undefined : entry === undefined ? `TABLE DATA ${name}` : objectName(entry);
}

const serverPart = (message: string): string => withoutValues(message.replace(/^.*?ERROR:\s+/, ''));
