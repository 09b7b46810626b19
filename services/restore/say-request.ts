/** View models of a request: what the cards about it say in its present state. Pure. */
import { exactRequest } from './exact-request';
import { statusWord, type Run } from './state';
import { mayReuseApproval } from './transition';
import type {
  CardKey,
  DurationRange,
  FailureMessage,
  OutcomeMessage,
  RequestEnding,
  RequestMessage,
  Viewer,
} from './messages';
import type { Instant } from './instant';
import { isSameAccount, type Person } from './person';
import type { RestoreRequest } from './request';

const requestKey = (request: RestoreRequest): CardKey => ({
  about: 'request',
  id: request.id,
  revision: request.revision,
  nonce: request.nonce,
});

function ending({ state }: RestoreRequest): RequestEnding {
  switch (state.phase) {
    case 'awaiting-approval':
      return { kind: 'open' };
    case 'rejected':
      return { kind: 'rejected', by: state.by, at: state.endedAt, reason: state.reason };
    case 'withdrawn':
      return { kind: 'withdrawn', at: state.endedAt };
    case 'expired':
      return { kind: 'expired', at: state.endedAt };
    case 'approved':
    case 'ordering':
    case 'restoring':
    case 'proving':
    case 'completed':
    case 'failed':
      return { kind: 'approved', approvals: state.run.approvals };
  }
}

/** The card of a request: `approval` in the approvals channel, `receipt` in the requester's thread. */
export function sayRequest(
  request: RestoreRequest,
  place: RequestMessage['place'],
  duration: DurationRange,
): RequestMessage {
  const { state, rule, plan } = request;
  const waiting = state.phase === 'awaiting-approval';
  return {
    kind: 'request',
    version: 1,
    place,
    key: requestKey(request),
    requester: request.requester,
    zone: request.zone,
    reason: request.inputs.reason.trim(),
    ticket: request.inputs.ticket.trim(),
    plan,
    planHash: request.planHash,
    createdAt: request.createdAt,
    expiresAt: waiting ? state.expiresAt : request.createdAt,
    rule: { name: rule.name, needed: rule.needed, approvers: rule.approvers },
    approvals: waiting ? state.approvals : 'run' in state ? state.run.approvals : [],
    duration,
    shown: {
      sku: request.shown.sku,
      storageGb: request.shown.storageGb,
      postgresVersion: request.shown.postgresVersion,
    },
    ending: ending(request),
    status: statusWord(state),
    exactRequest: exactRequest(plan, request.id),
  };
}

/**
 * Decides which buttons a card shows somebody. What a click may do is decided anew when it comes. Who has approved
 * already reads: there is nothing left for them to press.
 */
export function viewerOf(request: RestoreRequest, person: Person): Viewer {
  const { state, rule } = request;
  if (isSameAccount(person, request.requester)) return 'requester';
  const given =
    state.phase === 'awaiting-approval' && state.approvals.some(({ by }) => isSameAccount(by, person));
  return !given && rule.approvers.some((approver) => isSameAccount(approver, person)) ? 'approver' : 'reader';
}

export function sayOutcome(request: RestoreRequest): OutcomeMessage | undefined {
  const { state, plan } = request;
  if (state.phase !== 'completed') return undefined;
  const { verdict, run } = state;
  const newestWrite = verdict.kind === 'unproven' ? undefined : verdict.newestWrite;
  return {
    kind: 'outcome',
    version: 1,
    requestId: request.id,
    status: statusWord(state),
    requester: request.requester,
    source: plan.source.name,
    target: plan.target.name,
    hostName: state.hostName,
    address: state.address,
    asked: askedMoment(request, run),
    finding: verdict.kind === 'unproven' ? verdict.why : verdict.finding,
    tookMillis: Date.parse(state.endedAt) - Date.parse(run.startedAt),
    endedAt: state.endedAt,
    zone: request.zone,
    ...(newestWrite === undefined ? {} : { newestWrite }),
  };
}

/** The moment asked of Azure; `latest` has one only after the intent was stored. */
export const askedMoment = (request: RestoreRequest, run: Run): Instant =>
  run.moment ?? (request.plan.mode === 'latest' ? run.startedAt : request.plan.moment);

export function sayFailure(
  request: RestoreRequest,
  now: Instant,
  retriedAt?: Instant,
): FailureMessage | undefined {
  const { state, plan } = request;
  if (state.phase !== 'failed') return undefined;
  return {
    kind: 'failure',
    version: 1,
    key: requestKey(request),
    requester: request.requester,
    source: plan.source.name,
    target: plan.target.name,
    failure: state.failure,
    endedAt: state.endedAt,
    canRetry: retriedAt === undefined,
    retryNeeds: mayReuseApproval(state, now) ? 'same approval' : 'new approval',
    serverMayExist: state.serverMayExist,
    ...(retriedAt === undefined ? {} : { retriedAt }),
  };
}

/** A range is only said from at least three restores; otherwise there is no history. */
export function durationRange(pastMillis: readonly number[]): DurationRange {
  if (pastMillis.length < 3) return { kind: 'none' };
  return {
    kind: 'range',
    fromMillis: Math.min(...pastMillis),
    toMillis: Math.max(...pastMillis),
    restores: pastMillis.length,
  };
}
