/**
 * The moves that people make while a request waits: approve, reject, withdraw, ask, answer, start without approval; and
 * what the clock does. Who somebody is in the directory was looked up for this very move and comes with the event.
 */
import { impossible, problem, type Problem } from './errors';
import { isSameAccount, type Person } from './person';
import { plusSeconds, type Instant } from './instant';
import { approversOf, belongsToOne, currentStage, isSamePerson, type SealedRule } from './sealed-rule';
import { reminded, reviewOf, type Review } from './review';
import { closed, endedAt, strike, type Waiting } from './waiting';
import { isOpen, isRunning, type RequestState } from './state';
import type { Approval } from './approval';
import type { RestoreRequest } from './request';
import type { Standing } from './party';

export type DecisionEvent =
  | { readonly kind: 'approved-by'; readonly approval: Approval; readonly standing: Standing }
  | {
      readonly kind: 'rejected-by';
      readonly by: Person;
      readonly reason: string;
      readonly at: Instant;
      readonly standing: Standing;
    }
  | { readonly kind: 'withdrawn-by'; readonly by: Person; readonly at: Instant }
  | {
      readonly kind: 'question-asked';
      readonly by: Person;
      readonly at: Instant;
      readonly text: string;
      readonly standing: Standing;
    }
  | { readonly kind: 'question-answered'; readonly by: Person; readonly at: Instant; readonly text: string }
  /** Looks what the clock has brought; nothing is due more often than not. */
  | { readonly kind: 'clock-struck'; readonly at: Instant }
  | {
      readonly kind: 'glass-broken';
      readonly by: Person;
      readonly at: Instant;
      readonly reason: string;
      readonly standing: Standing;
      /** How often this person did so within the hours that the rule names. */
      readonly timesBefore: number;
      /** A request whose review they still owe. */
      readonly owed?: string;
    }
  | {
      readonly kind: 'reviewed-by';
      readonly by: Person;
      readonly at: Instant;
      readonly verdict: 'approved' | 'reported';
      readonly comment: string;
      readonly standing: Standing;
    };

/** `lateness` tells somebody who comes too late how it went. */
export interface DecisionContext {
  readonly request: RestoreRequest;
  readonly lateness: (state?: RequestState) => Problem;
}

export type DecisionMove =
  | { readonly kind: 'moved'; readonly state: RequestState; readonly review?: Review }
  | { readonly kind: 'refused'; readonly because: Problem };

const moved = (state: RequestState, review?: Review): DecisionMove => ({
  kind: 'moved',
  state,
  ...(review ? { review } : {}),
});
const refused = (because: Problem): DecisionMove => ({ kind: 'refused', because });

/** Who wrote the request as it is now: they asked for it, edited it, or are the same person under another account. */
function hasWritten(
  { requester, editors = [], rule, id }: RestoreRequest,
  person: Person,
): Problem | undefined {
  if (isSamePerson(rule.aliases, person, requester)) return problem('OWN_REQUEST');
  return editors.some((editor) => isSamePerson(rule.aliases, person, editor))
    ? problem('EDITED_BY_YOU', { id })
    : undefined;
}

const notAnApprover = ({ name, stages }: SealedRule): Problem =>
  problem('NOT_AN_APPROVER', {
    rule: name,
    approvers: stages.flatMap(({ parties }) => parties.map((party) => party.name)),
  });

/** Only a full account of our own tenant counts, whatever group it sits in. */
const accountProblem = ({ account }: Standing): Problem | undefined =>
  account === 'member' ? undefined : problem('ACCOUNT_DOES_NOT_COUNT', { account: accountWords[account] });

const accountWords = {
  guest: 'a guest',
  disabled: 'disabled',
  unknown: 'not known in the directory',
} as const;

/** Everybody of some stage may say no or ask; who was called by an escalation as well. */
function mayObject(
  request: RestoreRequest,
  waiting: Waiting,
  person: Person,
  standing: Standing,
): Problem | undefined {
  const { rule } = request;
  const parties = [
    ...rule.stages.flatMap((stage) => stage.parties),
    ...(waiting.escalatedAt === undefined ? [] : (rule.escalation?.parties ?? [])),
  ];
  return (
    hasWritten(request, person) ??
    accountProblem(standing) ??
    (belongsToOne(standing, parties) ? undefined : notAnApprover(rule))
  );
}

/** Who may sign now: people of the stage that is asked, and once it was escalated those who were called then. */
function mayApprove(
  request: RestoreRequest,
  waiting: Waiting,
  person: Person,
  standing: Standing,
): Problem | undefined {
  const { rule, id } = request;
  const written = mayObject(request, waiting, person, standing);
  if (written) return written;
  if (waiting.approvals.some(({ by }) => isSamePerson(rule.aliases, by, person)))
    return problem('ALREADY_DECIDED_BY_YOU');
  const current = currentStage(rule, waiting.approvals);
  const called = waiting.escalatedAt === undefined ? [] : (rule.escalation?.parties ?? []);
  if (!current || belongsToOne(standing, [...current.stage.parties, ...called])) return undefined;
  return problem('NOT_YOUR_TURN', { id, stage: current.stage.name, missing: current.missing });
}

/** Its clocks have run out, and nobody has looked at them yet. */
function tooLate({ lateness }: DecisionContext, waiting: Waiting, at: Instant): DecisionMove | undefined {
  const ended = endedAt(waiting, at);
  return ended === undefined ? undefined : refused(lateness({ phase: 'expired', endedAt: ended }));
}

function approve(
  context: DecisionContext,
  { approval, standing }: Extract<DecisionEvent, { kind: 'approved-by' }>,
): DecisionMove {
  const { request, lateness } = context;
  const { state, rule } = request;
  if (state.phase !== 'awaiting-approval') return refused(lateness());
  const over = tooLate(context, state, approval.at);
  if (over) return over;
  const refusal = mayApprove(request, state, approval.by, standing);
  if (refusal) return refused(refusal);
  const approvals = [...state.approvals, approval];
  if (currentStage(rule, approvals)) return moved({ ...state, approvals });
  const startBefore = plusSeconds(approval.at, rule.approvalGoodForMinutes * 60);
  return moved({ phase: 'approved', run: { attempt: 1, approvals, startBefore, startedAt: approval.at } });
}

function reject(
  { request, lateness }: DecisionContext,
  { by, at, reason, standing }: Extract<DecisionEvent, { kind: 'rejected-by' }>,
): DecisionMove {
  const { state } = request;
  if (state.phase !== 'awaiting-approval') return refused(lateness());
  const refusal = mayObject(request, state, by, standing);
  if (refusal) return refused(refusal);
  if (reason.trim() === '') return refused(problem('REASON_FOR_REJECT'));
  return moved({ phase: 'rejected', by, reason: reason.trim(), endedAt: at });
}

function withdraw(
  { request, lateness }: DecisionContext,
  { by, at }: Extract<DecisionEvent, { kind: 'withdrawn-by' }>,
): DecisionMove {
  const { state, requester, id } = request;
  if (!isSameAccount(by, requester)) return refused(problem('NOT_YOURS', { requester: requester.name }));
  if (isRunning(state)) return refused(problem('WITHDRAW_TOO_LATE', { id }));
  return isOpen(state) ? moved({ phase: 'withdrawn', endedAt: at }) : refused(lateness());
}

function ask(
  context: DecisionContext,
  { by, at, text, standing }: Extract<DecisionEvent, { kind: 'question-asked' }>,
): DecisionMove {
  const { request, lateness } = context;
  const { state, id, rule } = request;
  if (state.phase !== 'awaiting-approval') return refused(lateness());
  const refusal = mayObject(request, state, by, standing);
  if (refusal) return refused(refusal);
  if (text.trim() === '') return refused(problem('QUESTION_EMPTY'));
  const over = tooLate(context, state, at);
  if (over) return over;
  if (state.question) return refused(problem('QUESTION_OPEN', { id, by: state.question.by.name }));
  const goesOnAt = plusSeconds(at, rule.expiresAfterMinutes * 60);
  return moved({ ...state, question: { by, at, text: text.trim(), goesOnAt } });
}

function answer(
  context: DecisionContext,
  { by, at, text }: Extract<DecisionEvent, { kind: 'question-answered' }>,
): DecisionMove {
  const { request, lateness } = context;
  const { state, id, requester } = request;
  if (state.phase !== 'awaiting-approval') return refused(lateness());
  if (!isSameAccount(by, requester)) return refused(problem('NOT_YOURS', { requester: requester.name }));
  if (!state.question) return refused(problem('NO_QUESTION', { id }));
  if (text.trim() === '') return refused(problem('ANSWER_EMPTY'));
  const over = tooLate(context, state, at);
  if (over) return over;
  return moved(closed(state, at, { by, at, text: text.trim() }));
}

/** Nobody is asked first, so everything else is: who, how often, and whether the last time was looked at. */
function glassProblem(
  request: RestoreRequest,
  { standing, reason, timesBefore, owed }: Extract<DecisionEvent, { kind: 'glass-broken' }>,
): Problem | undefined {
  const { breakGlass } = request.rule;
  const { id } = request;
  if (!breakGlass) return problem('GLASS_NOT_YOURS', { id, people: [] });
  const account = accountProblem(standing);
  if (account) return account;
  if (!belongsToOne(standing, breakGlass.parties))
    return problem('GLASS_NOT_YOURS', { id, people: breakGlass.parties.map(({ name }) => name) });
  if (owed !== undefined) return problem('GLASS_REVIEW_OPEN', { id: owed });
  // Asked for again after a start without approval: what somebody owes for that is not taken off them by another one.
  if (request.review?.kind === 'due') return problem('GLASS_REVIEW_OPEN', { id });
  if (timesBefore >= breakGlass.atMost.times) return problem('GLASS_TOO_OFTEN', breakGlass.atMost);
  return reason.trim() === '' ? problem('GLASS_REASON') : undefined;
}

function breakGlass(
  context: DecisionContext,
  event: Extract<DecisionEvent, { kind: 'glass-broken' }>,
): DecisionMove {
  const { request, lateness } = context;
  const { state, rule } = request;
  const { by, at } = event;
  if (state.phase !== 'awaiting-approval') return refused(lateness());
  const over = tooLate(context, state, at);
  if (over) return over;
  const refusal = glassProblem(request, event);
  if (refusal || !rule.breakGlass) return refused(refusal ?? lateness());
  const glass = { by, at, reason: event.reason.trim() };
  const startBefore = plusSeconds(at, rule.approvalGoodForMinutes * 60);
  const run = { attempt: 1, approvals: state.approvals, glass, startBefore, startedAt: at };
  return moved({ phase: 'approved', run }, reviewOf(glass, rule.breakGlass.reviewWithinMinutes));
}

function review(
  request: RestoreRequest,
  { by, at, verdict, comment, standing }: Extract<DecisionEvent, { kind: 'reviewed-by' }>,
): DecisionMove {
  const { id, rule, state } = request;
  const due = request.review;
  if (due?.kind !== 'due') return refused(problem('NO_REVIEW', { id }));
  const written = hasWritten(request, by) ?? accountProblem(standing);
  if (written) return refused(written);
  const parties = rule.stages.flatMap((stage) => stage.parties);
  if (isSamePerson(rule.aliases, by, due.by) || !belongsToOne(standing, parties))
    return refused(problem('REVIEW_NOT_YOURS', { id, people: approversOf(rule).map(({ name }) => name) }));
  if (verdict === 'reported' && comment.trim() === '') return refused(problem('REASON_FOR_REJECT'));
  const { by: brokenBy, at: brokenAt, reason, dueAt } = due;
  return moved(state, {
    kind: verdict,
    by: brokenBy,
    at: brokenAt,
    reason,
    dueAt,
    reviewedBy: by,
    reviewedAt: at,
    comment: comment.trim(),
  });
}

/** One thing at a time: whoever looks at the clock looks again until nothing is due. */
function strikeClock(
  { request }: DecisionContext,
  { at }: Extract<DecisionEvent, { kind: 'clock-struck' }>,
): DecisionMove {
  const { state, id, rule } = request;
  const due = request.review;
  if (due?.kind === 'due' && at >= due.remindAt)
    return moved(state, reminded(due, rule.breakGlass?.reviewWithinMinutes ?? 60, at));
  const struck = state.phase === 'awaiting-approval' ? strike(state, at) : undefined;
  if (!struck) return refused(problem('NO_REVIEW', { id }));
  return struck.kind === 'expired' ? moved({ phase: 'expired', endedAt: at }) : moved(struck.waiting);
}

export function decide(context: DecisionContext, event: DecisionEvent): DecisionMove {
  switch (event.kind) {
    case 'approved-by':
      return approve(context, event);
    case 'rejected-by':
      return reject(context, event);
    case 'withdrawn-by':
      return withdraw(context, event);
    case 'question-asked':
      return ask(context, event);
    case 'question-answered':
      return answer(context, event);
    case 'clock-struck':
      return strikeClock(context, event);
    case 'glass-broken':
      return breakGlass(context, event);
    case 'reviewed-by':
      return review(context.request, event);
    default:
      return impossible(event);
  }
}
