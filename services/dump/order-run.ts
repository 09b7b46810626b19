/** What everything that loads parts of one order shares. */
import type { BlobFacts } from '../restore/vaults';
import type { LoadOrder, LoadPart, LoadWatch, PartResult } from '../restore/dump-ports';
import { DeskError, problem } from '../restore/errors';
import type { PartMeter } from './meter';
import type { Door, Target } from './sessions';
import type { Tools } from './tools';
import type { WorkerBudget } from './worker-budget';

/** Resolves to the path of the complete, verified local file in the spool folder of the order's key. */
export type FetchFile = (
  file: BlobFacts,
  watch: { readonly signal: AbortSignal; onBytes(downloaded: number): void },
) => Promise<string>;

/** What is told to the log: never a secret, never the content of a row. */
export interface DumpLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface OrderRun {
  readonly order: LoadOrder;
  readonly watch: LoadWatch;
  readonly tools: Tools;
  /** Of our own login: makes databases and roles, and never runs anything that comes out of a file. */
  readonly target: Target;
  /** Of the login of the order: everything that comes out of a file runs through it. */
  readonly door: Door;
  readonly fetch: FetchFile;
  readonly budget: WorkerBudget;
  readonly meters: ReadonlyMap<LoadPart, PartMeter>;
  readonly workFolder: string;
  readonly log: DumpLog;
  /** One at a time: roles are shared by all databases. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

export type DatabasePart = Extract<LoadPart, { kind: 'database' }>;
export type FailedPart = Extract<PartResult, { kind: 'failed' }>;

export function meterOf(run: OrderRun, part: LoadPart): PartMeter {
  const meter = run.meters.get(part);
  if (meter === undefined) throw new DeskError(problem('INTERNAL', { what: 'a part without a meter' }));
  return meter;
}

/** Fetches the file of a part and keeps count of it. */
export async function fetchPart(run: OrderRun, part: LoadPart): Promise<string> {
  const meter = meterOf(run, part);
  meter.downloaded(0);
  const path = await run.fetch(part.file, {
    signal: run.watch.signal,
    onBytes: (downloaded) => meter.downloaded(downloaded),
  });
  meter.downloaded(part.file.bytes);
  return path;
}
