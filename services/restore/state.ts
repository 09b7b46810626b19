/**
 * The life of a request, as a union by `phase`:
 *
 *   awaiting-approval  a plan is sealed and waits for its approvers
 *   approved           enough approvals; the plan is checked once more before anything is sent
 *   ordering           the intent is stored; the order is on its way to Azure, or its answer is being found out
 *   restoring          Azure has accepted the order and works
 *   waiting-for-copy   geo only: the first copy in the paired region is not there yet; ordered again after a pause
 *   stopping           somebody stopped it after the start; what came into being is being removed
 *   loading            dump files are fetched and loaded into a server, part by part
 *   proving            the new server is usable; its data is being looked at
 *   completed          looked at: proven, plausible, unproven or contradicted
 *   failed             something ended the restore; says whether a server came into being
 *   stopped            stopped after the start; says whether a server was removed
 *   rejected, withdrawn, expired   ended by people or by the clock
 *
 * Every move goes through `transition` (transition.ts) and is stored by compare-and-swap.
 */
import type { Approval } from './approval';
import type { AppliedKinds } from './applied';
import type { DifferenceGroup } from './differences';
import type { Problem } from './errors';
import { failedParts, type LoadRun } from './load-run';
import type { Instant } from './instant';
import type { Person } from './person';
import type { RestoredFile } from './restored-files';
import type { ServerAddress } from './servers';
import type { Verdict } from './proof';
import type { Glass } from './review';
import type { Waiting } from './waiting';

/** One run under an approval. A retry under the same approval is a run of its own with the next number. */
export interface Run {
  readonly attempt: number;
  readonly approvals: readonly Approval[];
  /** Set when it was started without the approvals that it needs. */
  readonly glass?: Glass;
  /** Until when the approval may be used to start. */
  readonly startBefore: Instant;
  readonly startedAt: Instant;
  readonly checkedAt?: Instant;
  readonly orderedAt?: Instant;
  /** Of an archived recovery point: when it was fetched back and the restore itself began. */
  readonly rehydratedAt?: Instant;
  /** Of a chain: when Azure had written the files that are loaded then. */
  readonly filesAt?: Instant;
  /** Once it is known which files are loaded. */
  readonly load?: LoadRun;
  readonly readyAt?: Instant;
  /** With which Azure ended the job of a vault. */
  readonly warnings?: readonly string[];
  /** The moment actually asked of Azure; for `latest` and `geo` fixed when the intent was stored. */
  readonly moment?: Instant;
  /** Set when Azure had no copy in the paired region yet: since when, and how often it was asked. */
  readonly putOff?: { readonly since: Instant; readonly tries: number };
  /** How many of the attempts only went on after a pause: they share one progress card with the first. */
  readonly resumed?: number;
  /** The open question whether to stop: it has a card of its own that tells how it went on. */
  readonly stopQuestion?: { readonly by: Person; readonly at: Instant };
}

/** What came into being, as Azure has it: a server may have got other than was asked for. */
export type Got = ServerGot | VaultGot | LoadedGot;

export interface ServerGot {
  readonly kind: 'server';
  readonly hostName: string;
  readonly address: ServerAddress;
  readonly geoRedundantBackup: boolean;
  readonly location: string;
  readonly availabilityZone?: string;
  /** What the source has besides its data and the copy lacks. Absent where it was not compared. */
  readonly differences?: readonly DifferenceGroup[];
  /** Why it was not compared, in one sentence. */
  readonly notCompared?: string;
}

/** What a job of a Backup vault made: files in a container, or a database on a server. */
export type VaultGot = {
  readonly jobId: string;
  /** Azure's own, word for word. */
  readonly warnings: readonly string[];
  /** Of an archived point that was fetched back for this: until then the next restore from it is quick. */
  readonly rehydratedUntil?: Instant;
} & (
  | { readonly kind: 'files'; readonly files: readonly RestoredFile[] }
  | { readonly kind: 'database'; readonly hostName: string }
);

/** A server that dump files were loaded into; what became of each part stands in the run. */
export interface LoadedGot {
  readonly kind: 'loaded';
  readonly hostName: string;
  readonly address: ServerAddress;
  /** Of a chain: the job that wrote the files. */
  readonly job?: Pick<VaultGot, 'jobId' | 'warnings' | 'rehydratedUntil'>;
}

export type RequestState =
  | Waiting
  | { readonly phase: 'approved'; readonly run: Run }
  | { readonly phase: 'ordering'; readonly run: Run }
  | { readonly phase: 'restoring'; readonly run: Run }
  | { readonly phase: 'loading'; readonly run: Run }
  | { readonly phase: 'proving'; readonly run: Run }
  | {
      readonly phase: 'waiting-for-copy';
      readonly run: Run;
      readonly askAgainAt: Instant;
      /** Until then it is tried. */
      readonly giveUpAt: Instant;
    }
  | { readonly phase: 'stopping'; readonly run: Run; readonly by: Person; readonly askedAt: Instant }
  | {
      readonly phase: 'stopped';
      readonly run: Run;
      readonly by: Person;
      /** True when a server had come into being and Azure has taken it away again. */
      readonly removed: boolean;
      readonly endedAt: Instant;
    }
  | {
      readonly phase: 'completed';
      readonly run: Run;
      readonly verdict: Verdict;
      readonly endedAt: Instant;
      readonly got: Got;
      /** What somebody had given to the copy afterwards. */
      readonly applied?: AppliedKinds;
    }
  | {
      readonly phase: 'failed';
      readonly run: Run;
      readonly failure: Problem;
      readonly serverMayExist: boolean;
      readonly endedAt: Instant;
    }
  | { readonly phase: 'rejected'; readonly by: Person; readonly reason: string; readonly endedAt: Instant }
  | { readonly phase: 'withdrawn'; readonly endedAt: Instant }
  | { readonly phase: 'expired'; readonly endedAt: Instant };

type Working =
  'approved' | 'ordering' | 'restoring' | 'loading' | 'proving' | 'waiting-for-copy' | 'stopping';

const workingPhases: readonly string[] = [
  'approved',
  'ordering',
  'restoring',
  'loading',
  'proving',
  'waiting-for-copy',
  'stopping',
] satisfies Working[];

export type Running = Extract<RequestState, { phase: Working }>;

export const isRunning = (state: RequestState): state is Running => workingPhases.includes(state.phase);

/** Running, and nobody has stopped it yet. */
export const canBeStopped = (
  state: RequestState,
): state is Extract<RequestState, { phase: Exclude<Working, 'stopping'> }> =>
  isRunning(state) && state.phase !== 'stopping';

export const isOpen = (state: RequestState): boolean =>
  state.phase === 'awaiting-approval' || isRunning(state);

/** Azure's warnings are never swallowed: what has some is not simply proven. */
function hasWarnings(got: Got): boolean {
  if (got.kind === 'server') return false;
  return (got.kind === 'loaded' ? (got.job?.warnings ?? []) : got.warnings).length > 0;
}

/** The state word that cards and text answers show. */
export type StatusWord =
  | 'waiting'
  | 'running'
  | 'proven'
  | 'completed with warnings'
  | 'completed with errors'
  | 'contradicted'
  | 'failed'
  | 'rejected'
  | 'withdrawn'
  | 'expired';

function completedWord({ verdict, got, run }: Extract<RequestState, { phase: 'completed' }>): StatusWord {
  if (verdict.kind === 'contradicted') return verdict.kind;
  if (run.load && failedParts(run.load).length > 0) return 'completed with errors';
  return verdict.kind === 'proven' && !hasWarnings(got) ? 'proven' : 'completed with warnings';
}

export function statusWord(state: RequestState): StatusWord {
  switch (state.phase) {
    case 'awaiting-approval':
      return 'waiting';
    case 'approved':
    case 'ordering':
    case 'restoring':
    case 'loading':
    case 'proving':
    case 'stopping':
      return 'running';
    case 'waiting-for-copy':
      return 'waiting';
    case 'stopped':
      return 'withdrawn';
    case 'completed':
      return completedWord(state);
    case 'failed':
    case 'rejected':
    case 'withdrawn':
    case 'expired':
      return state.phase;
  }
}
