/**
 * Every move a request can make. Total and pure: state and event in, next state or the reason why not out. Callers store
 * the result by compare-and-swap and may run this again on the newer state, so it must never have effects.
 */
import { askToApply, endApply } from './applied-differences';
import { impossible, problem, type Problem, type ProblemCode } from './errors';
import { plusSeconds, utc, type Instant } from './instant';
import { isSameAccount, type Person } from './person';
import { isVaultPlan, promised } from './plan';
import { withBegun, withEnded, withoutFailed, type LoadRun } from './load-run';
import { checkedState, leftBehind, partsRetryableUntil, readyState } from './load-moves';
import { canBeStopped, isRunning, statusWord, type Got, type RequestState, type Run } from './state';
import { decide, type DecisionEvent } from './deciding-moves';
import { letThrough, stillNeeded } from './say-signatures';
import { approversOf } from './sealed-rule';
import type { Review } from './review';
import type { ApplyAsked, ApplyEnded } from './applied';
import type { BegunPart, PartResult } from './dump-ports';
import type { RestoreRequest } from './request';
import type { Verdict } from './proof';

export type RequestEvent =
  | DecisionEvent
  /** The plan was found unchanged and still possible; the intent is stored together with this. */
  | { readonly kind: 'checked'; readonly at: Instant; readonly moment: Instant }
  | { readonly kind: 'order-accepted'; readonly at: Instant }
  /** Of an archived recovery point: it is back, and the restore itself has begun. */
  | { readonly kind: 'rehydrated'; readonly at: Instant }
  /** Which files are loaded, found once the job that wrote them has ended. */
  | { readonly kind: 'files-pinned'; readonly at: Instant; readonly load: LoadRun }
  /** Stored before anything is done for the part on the server; `part` is its key. */
  | { readonly kind: 'part-begun'; readonly at: Instant; readonly part: string; readonly how: BegunPart }
  | { readonly kind: 'part-ended'; readonly at: Instant; readonly part: string; readonly result: PartResult }
  | { readonly kind: 'loaded'; readonly at: Instant }
  /** What failed of a load is tried again, and nothing else. */
  | { readonly kind: 'parts-retried'; readonly by: Person; readonly at: Instant }
  /** The server is Ready, or the job has ended: what came of it can be looked at. */
  | { readonly kind: 'server-ready'; readonly at: Instant; readonly warnings?: readonly string[] }
  | {
      readonly kind: 'looked-at';
      readonly at: Instant;
      readonly verdict: Verdict;
      readonly got: Got;
    }
  /** Azure has no copy in the paired region yet: nothing came into being, and it is asked again. */
  | {
      readonly kind: 'put-off';
      readonly at: Instant;
      readonly askAgainAt: Instant;
      /** Seconds after the first time for which it is tried. */
      readonly patienceSeconds: number;
    }
  /** The pause is over; the approval is good for as long as the waiting may last. */
  | { readonly kind: 'resumed'; readonly at: Instant; readonly startBefore: Instant }
  /** Somebody asks what stopping would do; nothing changes yet. */
  | { readonly kind: 'stop-considered'; readonly by: Person; readonly at: Instant }
  | { readonly kind: 'stop-dismissed'; readonly by: Person; readonly at: Instant }
  | { readonly kind: 'stop-asked'; readonly by: Person; readonly at: Instant }
  | { readonly kind: 'stopped'; readonly at: Instant; readonly removed: boolean }
  | {
      readonly kind: 'failed';
      readonly at: Instant;
      readonly failure: Problem;
      readonly serverMayExist: boolean;
    }
  | ApplyAsked
  | ApplyEnded
  /** Tried again under the approval it still has. */
  | { readonly kind: 'retried'; readonly at: Instant };

export type Transition =
  /** A review belongs to the request, not to one state of it: it stays open while the restore goes on and ends. */
  | { readonly kind: 'moved'; readonly state: RequestState; readonly review?: Review }
  | { readonly kind: 'refused'; readonly because: Problem };

const moved = (state: RequestState): Transition => ({ kind: 'moved', state });
const refused = (because: Problem): Transition => ({ kind: 'refused', because });

/** How a request ended, for somebody who comes too late. */
export function outcomeSentence(request: RestoreRequest): string {
  const { state } = request;
  switch (state.phase) {
    case 'rejected':
      return `${state.by.name} rejected it at ${utc(state.endedAt)}`;
    case 'withdrawn':
      return `${request.requester.name} withdrew it at ${utc(state.endedAt)}`;
    case 'expired':
      return `it expired at ${utc(state.endedAt)}`;
    case 'failed':
      return `it failed at ${utc(state.endedAt)}`;
    case 'completed':
      return `${promised(request.plan).name} is ${statusWord(state)} since ${utc(state.endedAt)}`;
    case 'awaiting-approval':
      return `it waits for ${stillNeeded(request.rule, state)}`;
    case 'approved':
    case 'ordering':
    case 'restoring':
    case 'loading':
    case 'proving':
      return `it was ${letThrough(state.run)} and is running`;
    case 'waiting-for-copy':
      return `it was ${letThrough(state.run)} and waits for the first copy of the data in ${request.plan.target.location}`;
    case 'stopping':
      return `${state.by.name} stopped it at ${utc(state.askedAt)}; what came into being is being removed`;
    case 'stopped':
      return `${state.by.name} stopped it after the start; ${leftBehind(request, state)}`;
  }
}

const lateness = (request: RestoreRequest): Problem =>
  problem('NO_LONGER_OPEN', { id: request.id, outcome: outcomeSentence(request) });

const tooLate = (request: RestoreRequest): Transition => refused(lateness(request));

/** The moves of the worker: each is legal from one phase only; a repeated one is refused and changes nothing. */
function step(
  request: RestoreRequest,
  from: 'approved' | 'ordering' | 'restoring' | 'loading' | 'proving',
  next: (run: Run) => RequestState,
): Transition {
  return request.state.phase === from ? moved(next(request.state.run)) : tooLate(request);
}

/** Who may stop a restore that has started, or ask for it again: who asked for it, also anew, and who may decide about it. */
export const isInvolved = ({ requester, editors = [], rule }: RestoreRequest, person: Person): boolean =>
  [requester, ...editors, ...approversOf(rule)].some((one) => isSameAccount(one, person));

export function stopRefusal(request: RestoreRequest, person: Person): Problem | undefined {
  const { id, requester, rule } = request;
  if (!isInvolved(request, person))
    return problem('CANCEL_NOT_YOURS', {
      id,
      people: [requester, ...approversOf(rule)].map(({ name }) => name),
    });
  if (!canBeStopped(request.state))
    return problem('CANCEL_TOO_LATE', { id, outcome: outcomeSentence(request) });
  return isBeyondRecall(request) ? problem('CANCEL_NOT_POSSIBLE', { id }) : undefined;
}

/** Azure has no way to stop the restore job of a vault, so that is refused while the job may be at work. */
export const isBeyondRecall = ({ plan, state }: RestoreRequest): boolean =>
  isVaultPlan(plan) && state.phase !== 'approved' && state.phase !== 'loading';

function askToStop(
  request: RestoreRequest,
  { by, at }: Extract<RequestEvent, { kind: 'stop-asked' }>,
): Transition {
  const refusal = stopRefusal(request, by);
  if (refusal) return refused(refusal);
  return canBeStopped(request.state)
    ? moved({ phase: 'stopping', run: request.state.run, by, askedAt: at })
    : tooLate(request);
}

function considerStop(
  request: RestoreRequest,
  { kind, by, at }: Extract<RequestEvent, { kind: 'stop-considered' | 'stop-dismissed' }>,
): Transition {
  const refusal = stopRefusal(request, by);
  if (refusal) return refused(refusal);
  const { state } = request;
  if (!canBeStopped(state)) return tooLate(request);
  const { stopQuestion: _before, ...run } = state.run;
  return moved({ ...state, run: kind === 'stop-considered' ? { ...run, stopQuestion: { by, at } } : run });
}

function putOff(request: RestoreRequest, event: Extract<RequestEvent, { kind: 'put-off' }>): Transition {
  const { state } = request;
  if (state.phase !== 'ordering' && state.phase !== 'restoring') return tooLate(request);
  const { since, tries } = state.run.putOff ?? { since: event.at, tries: 0 };
  const run = { ...state.run, putOff: { since, tries: tries + 1 } };
  const giveUpAt = plusSeconds(since, event.patienceSeconds);
  return moved({ phase: 'waiting-for-copy', run, askAgainAt: event.askAgainAt, giveUpAt });
}

/** A run of its own under the same approval, with an intent of its own. */
function resume(request: RestoreRequest, event: Extract<RequestEvent, { kind: 'resumed' }>): Transition {
  const { state } = request;
  if (state.phase !== 'waiting-for-copy') return tooLate(request);
  const { attempt, approvals, glass, startedAt, putOff: before, resumed = 0, stopQuestion } = state.run;
  const run: Run = {
    attempt: attempt + 1,
    resumed: resumed + 1,
    approvals,
    startedAt,
    startBefore: event.startBefore,
    ...(glass ? { glass } : {}),
    ...(before ? { putOff: before } : {}),
    ...(stopQuestion ? { stopQuestion } : {}),
  };
  return moved({ phase: 'approved', run });
}

function stop(request: RestoreRequest, event: Extract<RequestEvent, { kind: 'stopped' }>): Transition {
  const { state } = request;
  if (state.phase !== 'stopping') return tooLate(request);
  return moved({
    phase: 'stopped',
    run: state.run,
    by: state.by,
    removed: event.removed,
    endedAt: event.at,
  });
}

function fail(request: RestoreRequest, event: Extract<RequestEvent, { kind: 'failed' }>): Transition {
  if (!isRunning(request.state)) return tooLate(request);
  const { run } = request.state;
  return moved({
    phase: 'failed',
    run,
    failure: event.failure,
    serverMayExist: event.serverMayExist,
    endedAt: event.at,
  });
}

/**
 * Whether the approval that a failed run had may be used once more: it is still good and nothing came into being. An order
 * that Azure accepted spends the approval even when it failed later: one accepted start per approval. What was found before
 * the start voids it: approvers agreed to a plan that was possible. One that had to wait for its copy has been good for
 * longer than the rule says, which is for the waiting only.
 */
export function mayReuseApproval(state: RequestState, now: Instant): boolean {
  if (state.phase !== 'failed' || state.serverMayExist || state.run.orderedAt !== undefined) return false;
  if (state.run.checkedAt === undefined || state.run.resumed !== undefined) return false;
  return !needsNewPlan.includes(state.failure.code) && now < state.run.startBefore;
}

/** Failures after which the same plan can never succeed. */
const needsNewPlan: readonly ProblemCode[] = [
  'PLAN_CHANGED',
  'TARGET_NAME_TAKEN',
  'TARGET_FOREIGN',
  'AZURE_NAME_HELD',
];

function retry(request: RestoreRequest, at: Instant): Transition {
  const { state } = request;
  if (state.phase !== 'failed') return refused(problem('NOT_RETRYABLE', { id: request.id }));
  if (!mayReuseApproval(state, at))
    return refused(problem('APPROVAL_STALE', { until: utc(state.run.startBefore) }));
  const { attempt, approvals, glass, startBefore } = state.run;
  const run = { attempt: attempt + 1, approvals, startBefore, startedAt: at, ...(glass ? { glass } : {}) };
  return moved({ phase: 'approved', run });
}

/** Files of a chain that are not those of the recovery point are the end of it: nothing of them is loaded. */
const lookedAtFrom = ({ state }: RestoreRequest): 'loading' | 'proving' =>
  state.phase === 'loading' && !state.run.load ? 'loading' : 'proving';

function lookAt(
  request: RestoreRequest,
  { verdict, got, at }: Extract<RequestEvent, { kind: 'looked-at' }>,
): Transition {
  const from = lookedAtFrom(request);
  return step(request, from, (run) => ({ phase: 'completed', run, verdict, got, endedAt: at }));
}

/** Changes what is known of the load; refused where no file is pinned yet. */
function inLoad(request: RestoreRequest, change: (load: LoadRun) => LoadRun): Transition {
  const { state } = request;
  if (state.phase !== 'loading' || !state.run.load) return tooLate(request);
  return moved({ phase: 'loading', run: { ...state.run, load: change(state.run.load) } });
}

function retryParts(request: RestoreRequest, at: Instant): Transition {
  const { state } = request;
  const until = partsRetryableUntil(request);
  if (state.phase !== 'completed' || until === undefined || !state.run.load)
    return refused(problem('NOT_RETRYABLE', { id: request.id }));
  if (at >= until) return refused(problem('APPROVAL_STALE', { until: utc(until) }));
  const { readyAt: _readyAt, load, ...run } = state.run;
  return moved({ phase: 'loading', run: { ...run, load: withoutFailed(load) } });
}

const fetchedRun = (run: Run, at: Instant): Run => ({ ...run, rehydratedAt: run.rehydratedAt ?? at });

export function transition(request: RestoreRequest, event: RequestEvent): Transition {
  switch (event.kind) {
    case 'approved-by':
    case 'rejected-by':
    case 'withdrawn-by':
    case 'question-asked':
    case 'question-answered':
    case 'clock-struck':
    case 'glass-broken':
    case 'reviewed-by':
      return decide({ request, lateness: (state = request.state) => lateness({ ...request, state }) }, event);
    case 'checked':
      return step(request, 'approved', (run) => checkedState(request.plan, run, event));
    case 'order-accepted':
      return step(request, 'ordering', (run) => ({
        phase: 'restoring',
        run: { ...run, orderedAt: event.at },
      }));
    case 'rehydrated':
      return step(request, 'restoring', (run) => ({ phase: 'restoring', run: fetchedRun(run, event.at) }));
    case 'server-ready':
      return step(request, 'restoring', (run) => readyState(request.plan, run, event));
    case 'files-pinned':
      return step(request, 'loading', (run) => ({ phase: 'loading', run: { ...run, load: event.load } }));
    case 'part-begun':
      return inLoad(request, (load) => withBegun(load, event.part, event.how, event.at));
    case 'part-ended':
      return inLoad(request, (load) => withEnded(load, event.part, event.result, event.at));
    case 'loaded':
      return step(request, 'loading', (run) => ({ phase: 'proving', run: { ...run, readyAt: event.at } }));
    case 'parts-retried':
      return retryParts(request, event.at);
    case 'looked-at':
      return lookAt(request, event);
    case 'put-off':
      return putOff(request, event);
    case 'resumed':
      return resume(request, event);
    case 'stop-considered':
    case 'stop-dismissed':
      return considerStop(request, event);
    case 'stop-asked':
      return askToStop(request, event);
    case 'stopped':
      return stop(request, event);
    case 'failed':
      return fail(request, event);
    case 'retried':
      return retry(request, event.at);
    case 'apply-asked':
      return askToApply(request, event) ?? tooLate(request);
    case 'applied':
      return endApply(request, event) ?? tooLate(request);
    default:
      return impossible(event);
  }
}
