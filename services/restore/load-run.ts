/**
 * A load as it goes: the files it is pinned to, and what became of each part. A part is begun before anything is done for
 * it and ends loaded or failed; one that is begun and not ended is done again from its beginning.
 */
import { partKey, type BegunPart, type LoadOrder, type LoadPart, type PartResult } from './dump-ports';
import type { DumpFile, LoadTerms } from './load-plan';
import type { Instant } from './instant';

export interface LoadRun {
  /** Exactly these: a file that was written anew since is not loaded. */
  readonly files: readonly DumpFile[];
  /** The time of the backup, as the set's own mark tells it. */
  readonly markedAt?: Instant;
  readonly parts: readonly PartRun[];
}

export interface PartRun {
  readonly part: LoadPart;
  /** Since the first try. */
  readonly begun?: BegunPart & { readonly at: Instant };
  readonly ended?: { readonly at: Instant; readonly result: PartResult };
}

/** Databases that Azure makes on every server; their files hold nothing of anybody's. */
const azuresOwn = /^(azure_maintenance|azure_sys|postgres|template[01])$/i;

/** Databases of a set that are taken when nobody names any. */
export const usualDatabases = (files: readonly DumpFile[]): readonly string[] =>
  files.flatMap(({ database }) => (database === undefined || azuresOwn.test(database) ? [] : [database]));

/** In their order: what belongs to the whole server comes before the databases. */
function partsOf(files: readonly DumpFile[], { databases, extras }: LoadTerms): LoadPart[] {
  const wanted = new Set(databases.length > 0 ? databases : usualDatabases(files));
  const whole = (['roles', 'tablespaces', 'schemas'] as const).flatMap((kind) => {
    const file = files.find((each) => each.kind === kind);
    return file && (kind === 'roles' || extras.includes(kind)) ? [{ kind, file: blobOf(file) }] : [];
  });
  return [
    ...whole,
    ...files.flatMap((file) =>
      file.database !== undefined && wanted.has(file.database)
        ? [{ kind: 'database' as const, file: blobOf(file), database: file.database }]
        : [],
    ),
  ];
}

const blobOf = ({ name, bytes, etag }: DumpFile) => ({ name, bytes, etag });

export const newLoadRun = (
  files: readonly DumpFile[],
  markedAt: Instant | undefined,
  terms: LoadTerms,
): LoadRun => ({
  files,
  ...(markedAt === undefined ? {} : { markedAt }),
  parts: partsOf(files, terms).map((part) => ({ part })),
});

const changePart = (load: LoadRun, key: string, change: (part: PartRun) => PartRun): LoadRun => ({
  ...load,
  parts: load.parts.map((each) => (partKey(each.part) === key ? change(each) : each)),
});

/** A later try keeps what the first one found: what stood there before is known only once. */
export const withBegun = (load: LoadRun, key: string, how: BegunPart, at: Instant): LoadRun =>
  changePart(load, key, (part) => ({ begun: { ...how, at }, ...part }));

export const withEnded = (load: LoadRun, key: string, result: PartResult, at: Instant): LoadRun =>
  changePart(load, key, (part) => ({ ...part, ended: { at, result } }));

export interface FailedPart {
  readonly part: LoadPart;
  readonly result: Extract<PartResult, { kind: 'failed' }>;
}

export const failedParts = ({ parts }: LoadRun): FailedPart[] =>
  parts.flatMap(({ part, ended }) =>
    ended?.result.kind === 'failed' ? [{ part, result: ended.result }] : [],
  );

export const isLoadOver = ({ parts }: LoadRun): boolean => parts.every(({ ended }) => ended !== undefined);

/** The failed parts are open again; what they had begun is remembered. */
export const withoutFailed = (load: LoadRun): LoadRun => ({
  ...load,
  parts: load.parts.map(({ ended, ...part }) =>
    ended?.result.kind === 'loaded' ? { ...part, ended } : part,
  ),
});

export const loadedDatabases = ({ parts }: LoadRun): string[] =>
  parts.flatMap(({ part, ended }) =>
    part.kind === 'database' && ended?.result.kind === 'loaded' ? [part.database] : [],
  );

/** What the loader has to know of earlier tries. */
export const earlierTries = ({ parts }: LoadRun): Pick<LoadOrder, 'parts' | 'begun' | 'ended'> => ({
  parts: parts.map(({ part }) => part),
  begun: Object.fromEntries(
    parts.flatMap(({ part, begun }) => (begun ? [[partKey(part), { existed: begun.existed }]] : [])),
  ),
  ended: parts.flatMap(({ part, ended }) => (ended ? [partKey(part)] : [])),
});
