/** Which messages a move of a request causes, and where they go. */
import type { Instant } from './restore/instant';
import { durationRange, sayFailure, sayRequest } from './restore/say-request';
import { sayLoaded } from './restore/say-loaded';
import { sayOutcome } from './restore/say-outcome';
import { sayProgress, type ProgressFacts } from './restore/steps';
import { news } from './news';
import { slots, thread } from './slots';
import { sayCancel } from './restore/say-cancel';
import { statusWord } from './restore/state';
import type { Deps } from './deps';
import type { CancelMessage, DurationRange } from './restore/messages';
import type { OutboxMessage } from './restore/ports';
import { isVaultPlan, type Plan } from './restore/plan';
import type { RestoreRequest } from './restore/request';

/** Of past restores of the same kind: a full backup is quicker than a replayed log, another region slower. */
export async function knownDurations(deps: Deps, plan: Plan): Promise<DurationRange> {
  // What is fetched back from an archive takes as long as that takes; nobody's past restore tells how long.
  if (isVaultPlan(plan) && plan.rehydration !== undefined) return { kind: 'none' };
  const past = await deps.store.pastDurations(20);
  return durationRange(past.filter(({ mode }) => mode === plan.mode).map(({ millis }) => millis));
}

/** The request's own cards: in the approvals channel, with people who are asked directly, and as receipts in the thread. */
export function requestCards(request: RestoreRequest, duration: DurationRange): OutboxMessage[] {
  const common = { requestId: request.id, pace: 'at-once' } as const;
  return [
    {
      ...common,
      slot: slots.approval(request),
      destination: { kind: 'approvals' },
      message: sayRequest(request, 'approval', duration),
    },
    ...directCards(request, duration),
    ...[request.draftId, ...(request.editDrafts ?? [])].map((draftId) => ({
      ...common,
      slot: slots.draft(draftId),
      destination: thread(request),
      message: sayRequest(request, 'receipt', duration),
    })),
  ];
}

const directCards = (request: RestoreRequest, duration: DurationRange): OutboxMessage[] =>
  (request.toldDirectly ?? []).map((person) => ({
    requestId: request.id,
    pace: 'at-once' as const,
    slot: slots.direct(request, person),
    destination: { kind: 'person' as const, person },
    message: sayRequest(request, 'direct', duration),
  }));

/** The approvers' cards of a revision that an edit has replaced: they say so and ask for nothing any more. */
export function replacedCard(before: RestoreRequest, duration: DurationRange, at: Instant): OutboxMessage[] {
  const ending = { kind: 'replaced', at, revision: before.revision + 1 } as const;
  return requestCards(before, duration).flatMap((card) =>
    card.message.kind === 'request' && card.message.place !== 'receipt'
      ? [{ ...card, message: { ...card.message, ending } }]
      : [],
  );
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

/** What a card of the request shows besides its state word. */
const isShownAnew = (before: RestoreRequest, next: RestoreRequest): boolean =>
  statusWord(before.state) !== statusWord(next.state) ||
  before.state.phase === 'awaiting-approval' ||
  before.review !== next.review;

/** Everything that people should see after a move. */
export function tell(
  request: RestoreRequest,
  before: RestoreRequest,
  duration: DurationRange,
  now: Instant,
): OutboxMessage[] {
  const isReviewed = before.review !== request.review && before.state === request.state;
  if (isReviewed) return [...requestCards(request, duration), ...news(request, before)];
  // What is done to a copy afterwards changes the card that told of it, and no other.
  if (before.state.phase === 'completed' && request.state.phase === 'completed')
    return endCards(request, now);
  const facts = { now, lastSignOfLife: now, duration };
  return [
    ...(isShownAnew(before, request) ? requestCards(request, duration) : []),
    ...news(request, before),
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
