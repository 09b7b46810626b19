/**
 * The life of a request, as a union by `phase`:
 *
 *   awaiting-approval  a plan is sealed and waits for its approvers
 *   approved           enough approvals; the plan is checked once more before anything is sent
 *   ordering           the intent is stored; the order is on its way to Azure, or its answer is being found out
 *   restoring          Azure has accepted the order and works
 *   proving            the new server is usable; its data is being looked at
 *   completed          looked at: proven, unproven or contradicted
 *   failed             something ended the restore; says whether a server came into being
 *   rejected, withdrawn, expired   ended by people or by the clock
 *
 * Every move goes through `transition` (transition.ts) and is stored by compare-and-swap.
 */
import type { Problem } from './errors';
import type { Instant } from './instant';
import type { Person } from './person';
import type { ServerAddress } from './servers';
import type { Verdict } from './proof';

export interface Approval {
  readonly by: Person;
  readonly at: Instant;
  readonly comment: string;
}

/** One run under an approval. A retry under the same approval is a run of its own with the next number. */
export interface Run {
  readonly attempt: number;
  readonly approvals: readonly Approval[];
  /** Until when the approval may be used to start. */
  readonly startBefore: Instant;
  readonly startedAt: Instant;
  readonly checkedAt?: Instant;
  readonly orderedAt?: Instant;
  readonly readyAt?: Instant;
  /** The moment actually asked of Azure; for `latest` fixed when the intent was stored. */
  readonly moment?: Instant;
}

export type RequestState =
  | {
      readonly phase: 'awaiting-approval';
      readonly approvals: readonly Approval[];
      readonly expiresAt: Instant;
    }
  | { readonly phase: 'approved'; readonly run: Run }
  | { readonly phase: 'ordering'; readonly run: Run }
  | { readonly phase: 'restoring'; readonly run: Run }
  | { readonly phase: 'proving'; readonly run: Run }
  | {
      readonly phase: 'completed';
      readonly run: Run;
      readonly verdict: Verdict;
      readonly endedAt: Instant;
      readonly hostName: string;
      readonly address: ServerAddress;
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

export const isRunning = (
  state: RequestState,
): state is Extract<RequestState, { phase: 'approved' | 'ordering' | 'restoring' | 'proving' }> =>
  state.phase === 'approved' ||
  state.phase === 'ordering' ||
  state.phase === 'restoring' ||
  state.phase === 'proving';

export const isOpen = (state: RequestState): boolean =>
  state.phase === 'awaiting-approval' || isRunning(state);

/** The state word that cards and text answers show. */
export type StatusWord =
  | 'waiting'
  | 'running'
  | 'proven'
  | 'completed with warnings'
  | 'contradicted'
  | 'failed'
  | 'rejected'
  | 'withdrawn'
  | 'expired';

export function statusWord(state: RequestState): StatusWord {
  switch (state.phase) {
    case 'awaiting-approval':
      return 'waiting';
    case 'approved':
    case 'ordering':
    case 'restoring':
    case 'proving':
      return 'running';
    case 'completed':
      return state.verdict.kind === 'unproven' ? 'completed with warnings' : state.verdict.kind;
    case 'failed':
    case 'rejected':
    case 'withdrawn':
    case 'expired':
      return state.phase;
  }
}
