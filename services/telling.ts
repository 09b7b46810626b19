/** Which messages a move of a request causes, and where they go. */
import { utc, type Instant } from './restore/instant';
import { durationRange, sayFailure, sayRequest } from './restore/say-request';
import { sayLoaded } from './restore/say-loaded';
import { sayOutcome } from './restore/say-outcome';
import { sayProgress, type ProgressFacts } from './restore/steps';
import { outcomeSentence } from './restore/transition';
import { sayCancel, stopQuestion } from './restore/say-cancel';
import { statusWord, type RequestState, type Run } from './restore/state';
import type { Deps } from './deps';
import type { CancelMessage, DurationRange, NoticeMessage } from './restore/messages';
import type { OutboxMessage } from './restore/ports';
import type { Person } from './restore/person';
import { isVaultPlan, type Plan } from './restore/plan';
import type { RestoreRequest } from './restore/request';

const thread = (request: RestoreRequest): OutboxMessage['destination'] => ({
  kind: 'thread',
  thread: request.thread,
});

/** Attempts that only went on after a pause share their cards with the one before. */
const cardNumber = ({ attempt, resumed = 0 }: Run): number => attempt - resumed;

export const slots = {
  /** The form's message in the thread; it becomes the receipt of the request. */
  draft: (draftId: string): string => `draft/${draftId}`,
  approval: (request: RestoreRequest): string => `${request.id}/approval/${request.revision}`,
  run: (request: RestoreRequest, kind: 'progress' | 'outcome' | 'failure'): string =>
    `${request.id}/${kind}/${request.revision}.${'run' in request.state ? cardNumber(request.state.run) : 0}`,
  /** One message for every time that somebody asks. */
  stopQuestion: (request: RestoreRequest): string =>
    `${request.id}/stop/${request.revision}/${stopQuestion(request.state)?.at ?? ''}`,
  notice: (request: RestoreRequest, what: string): string =>
    `${request.id}/notice/${request.revision}/${what}`,
};

/** Of past restores of the same kind: a full backup is quicker than a replayed log, another region slower. */
export async function knownDurations(deps: Deps, plan: Plan): Promise<DurationRange> {
  // What is fetched back from an archive takes as long as that takes; nobody's past restore tells how long.
  if (isVaultPlan(plan) && plan.rehydration !== undefined) return { kind: 'none' };
  const past = await deps.store.pastDurations(20);
  return durationRange(past.filter(({ mode }) => mode === plan.mode).map(({ millis }) => millis));
}

/** The request's own two cards: in the approvals channel, and as receipt in the thread. */
export function requestCards(request: RestoreRequest, duration: DurationRange): OutboxMessage[] {
  const common = { requestId: request.id, pace: 'at-once' } as const;
  return [
    {
      ...common,
      slot: slots.approval(request),
      destination: { kind: 'approvals' },
      message: sayRequest(request, 'approval', duration),
    },
    {
      ...common,
      slot: slots.draft(request.draftId),
      destination: thread(request),
      message: sayRequest(request, 'receipt', duration),
    },
  ];
}

function notice(
  request: RestoreRequest,
  what: string,
  text: string,
  mentions: readonly Person[],
): OutboxMessage {
  const message: NoticeMessage = { kind: 'notice', version: 1, text, mentions };
  return {
    slot: slots.notice(request, what),
    requestId: request.id,
    destination: thread(request),
    message,
    pace: 'at-once',
  };
}

/** Decisions that start nothing are a message of their own; one that starts a restore opens its progress card. */
function news(request: RestoreRequest): OutboxMessage[] {
  const { state, requester, id } = request;
  switch (state.phase) {
    case 'rejected':
      return [
        notice(request, 'rejected', `{0} ${id} is rejected by ${state.by.name}: "${state.reason}"`, [
          requester,
        ]),
      ];
    case 'expired':
      return [
        notice(
          request,
          'expired',
          `{0} ${id} expired at ${utc(state.endedAt)}: nobody decided in time. Nothing was done.`,
          [requester],
        ),
      ];
    case 'stopped':
      return [notice(request, 'stopped', `{0} ${id}: ${outcomeSentence(request)}.`, [requester])];
    case 'approved':
    case 'completed':
    case 'failed':
    case 'waiting-for-copy':
    case 'stopping':
    case 'awaiting-approval':
    case 'ordering':
    case 'restoring':
    case 'loading':
    case 'proving':
    case 'withdrawn':
      return [];
  }
}

export function progressCard(request: RestoreRequest, facts: ProgressFacts): OutboxMessage[] {
  const message = sayProgress(request, facts);
  if (!message) return [];
  const ended = 'endedAt' in request.state;
  return [
    {
      slot: slots.run(request, 'progress'),
      requestId: request.id,
      destination: thread(request),
      message,
      pace: ended ? 'at-once' : 'coalesce',
    },
  ];
}

function endCards(request: RestoreRequest, now: Instant): OutboxMessage[] {
  const common = { requestId: request.id, destination: thread(request), pace: 'at-once' } as const;
  const outcome = sayOutcome(request);
  const failure = sayFailure(request, now);
  return [
    ...(outcome ? [{ ...common, slot: slots.run(request, 'outcome'), message: outcome }] : []),
    ...(failure ? [{ ...common, slot: slots.run(request, 'failure'), message: failure }] : []),
  ];
}

/** The card that told how the run before ended, with its button gone: somebody tried again. */
export function retriedCard(failed: RestoreRequest, at: Instant): OutboxMessage[] {
  const { state } = failed;
  const isLoad = state.phase === 'completed' && state.got.kind === 'loaded';
  const message = isLoad ? sayLoaded(failed, state, state.got, at) : sayFailure(failed, at, at);
  if (!message) return [];
  return [
    {
      slot: slots.run(failed, isLoad ? 'outcome' : 'failure'),
      requestId: failed.id,
      destination: thread(failed),
      message,
      pace: 'at-once',
    },
  ];
}

/** Everything that people should see after a move. */
export function tell(
  request: RestoreRequest,
  before: RequestState,
  duration: DurationRange,
  now: Instant,
): OutboxMessage[] {
  // What is done to a copy afterwards changes the card that told of it, and no other.
  if (before.phase === 'completed' && request.state.phase === 'completed') return endCards(request, now);
  const facts = { now, lastSignOfLife: now, duration };
  const cardsChanged =
    statusWord(before) !== statusWord(request.state) || before.phase === 'awaiting-approval';
  return [
    ...(cardsChanged ? requestCards(request, duration) : []),
    ...news(request),
    ...progressCard(request, facts),
    ...endCards(request, now),
    ...stopQuestionCard(request),
  ];
}

/** The question whether to stop, once somebody asked it: it tells how the restore went on. */
export function stopQuestionCard(
  request: RestoreRequest,
  message: CancelMessage | undefined = sayCancel(request),
): OutboxMessage[] {
  if (!message) return [];
  return [
    {
      slot: slots.stopQuestion(request),
      requestId: request.id,
      destination: thread(request),
      message,
      pace: 'at-once',
    },
  ];
}
