/** Short messages with a mention, for what changed and wants somebody to look: a card that is edited calls nobody. */
import { approversOf, currentStage } from './restore/sealed-rule';
import { stillNeeded } from './restore/say-signatures';
import { outcomeSentence } from './restore/transition';
import { slots, thread } from './slots';
import { utc } from './restore/instant';
import type { Destination, OutboxMessage } from './restore/ports';
import type { Person } from './restore/person';
import type { RestoreRequest } from './restore/request';
import type { Waiting } from './restore/waiting';

interface Notice {
  /** Once per request, revision and name. */
  readonly what: string;
  /** {0}, {1}, ... stand for the people who are called, each where it stands first. */
  readonly text: string;
  readonly calls: readonly Person[];
  readonly to: Destination;
}

/** More mentions than this are noise; everybody else sees the card. */
const mostCalled = 20;

const called = (people: readonly Person[]): string =>
  people
    .slice(0, mostCalled)
    .map((_, index) => `{${index}}`)
    .join(', ');

/** As many messages as it takes to call everybody; one also where there is nobody to call. */
const crowds = (people: readonly Person[]): (readonly Person[])[] =>
  Array.from({ length: Math.max(1, Math.ceil(people.length / mostCalled)) }, (_, index) =>
    people.slice(index * mostCalled, (index + 1) * mostCalled),
  );

const beside = (request: RestoreRequest): Destination => ({ kind: 'beside', slot: slots.approval(request) });

/** Of what clocks and people did while it waits. */
function waitingNews(request: RestoreRequest, before: Waiting, now: Waiting): Notice[] {
  const { id, rule, requester } = request;
  const { question } = now;
  const asked = currentStage(rule, now.approvals)?.stage.people ?? [];
  const last = now.questions?.at(-1);
  const isClosed = before.question !== undefined && question === undefined;
  return [
    ...(question && !before.question
      ? [
          {
            what: `question/${question.at}`,
            text: `{0}: ${question.by.name} asks about ${id}: "${question.text}" Answer with the button on the card of ${id}, or say "answer ${id}" and your answer. Until then our clocks stand still, at most until ${utc(question.goesOnAt)}; those of Azure go on.`,
            calls: [requester],
            to: thread(request),
          },
        ]
      : []),
    ...(isClosed && last
      ? [
          {
            what: `answer/${last.at}`,
            text: last.answer
              ? `{0}: ${last.answer.by.name} answers about ${id}: "${last.answer.text}" It expires ${utc(now.expiresAt)}.`
              : `{0}: your question about ${id} was not answered; the clocks go on and it expires ${utc(now.expiresAt)}.`,
            calls: [last.by],
            to: beside(request),
          },
        ]
      : []),
    ...(now.remindedAt !== undefined && before.remindedAt === undefined
      ? [
          {
            what: 'reminder',
            text: `${called(asked)}: ${id} still waits for ${stillNeeded(rule, now)}; it expires ${utc(now.expiresAt)} and nothing is done then.`,
            calls: asked,
            to: beside(request),
          },
        ]
      : []),
    ...(now.escalatedAt !== undefined && before.escalatedAt === undefined ? [escalated(request, now)] : []),
    // Whose signature comes next learns of it when it is their turn.
    ...(isNextStage(request, before, now)
      ? [
          {
            what: `stage/${now.approvals.length}`,
            text: `${called(asked)}: ${id} is with you now (${stillNeeded(rule, now)}); it expires ${utc(now.expiresAt)}.`,
            calls: asked,
            to: beside(request),
          },
        ]
      : []),
  ];
}

function escalated(request: RestoreRequest, now: Waiting): Notice {
  const people = request.rule.escalation?.people ?? [];
  return {
    what: 'escalation',
    text: `${called(people)}: nobody has decided about ${request.id} yet; you may decide now as well. It expires ${utc(now.expiresAt)}.`,
    calls: people,
    to: beside(request),
  };
}

const isNextStage = ({ rule }: RestoreRequest, before: Waiting, now: Waiting): boolean =>
  currentStage(rule, before.approvals)?.stage !== currentStage(rule, now.approvals)?.stage;

/** Of a start without approval, and of the look that it owes. */
function reviewNews(request: RestoreRequest, before: RestoreRequest): Notice[] {
  const { review, id, rule } = request;
  if (!review || review === before.review) return [];
  const approvers = approversOf(rule).filter(({ aadObjectId }) => aadObjectId !== review.by.aadObjectId);
  if (review.kind !== 'due')
    return [
      {
        what: 'reviewed',
        text:
          review.kind === 'approved'
            ? `{0}: ${review.reviewedBy.name} approves the start of ${id} afterwards.`
            : `{0}: ${review.reviewedBy.name} reports the start of ${id}: "${review.comment}"`,
        calls: [review.by],
        to: thread(request),
      },
    ];
  // All approvers are told of the start, however many they are.
  if (before.review === undefined)
    return crowds(approvers).map((people, index) => ({
      what: index === 0 ? 'glass' : `glass/${index + 1}`,
      text: `${people.length === 0 ? '' : `${called(people)}: `}${id} was started without approval by ${review.by.name}: "${review.reason}" Look at it on its card until ${utc(review.dueAt)}: approve it afterwards, or report it.`,
      calls: people,
      to: beside(request),
    }));
  return [
    {
      what: `review/${review.reminders}`,
      text: `${called(approvers)}: the start of ${id} without approval still waits for one of you to look at it${review.remindAt > review.dueAt ? '; it is overdue' : `, until ${utc(review.dueAt)}`}.`,
      calls: approvers,
      to: beside(request),
    },
  ];
}

/** Decisions that start nothing are a message of their own; one that starts a restore opens its progress card. */
function endNews(request: RestoreRequest): Notice[] {
  const { state, requester, id } = request;
  const common = { calls: [requester], to: thread(request) };
  switch (state.phase) {
    case 'rejected':
      return [
        { ...common, what: 'rejected', text: `{0} ${id} is rejected by ${state.by.name}: "${state.reason}"` },
      ];
    case 'expired':
      return [
        {
          ...common,
          what: 'expired',
          text: `{0} ${id} expired at ${utc(state.endedAt)}: nobody decided in time. Nothing was done.`,
        },
      ];
    case 'stopped':
      return [{ ...common, what: 'stopped', text: `{0} ${id}: ${outcomeSentence(request)}.` }];
    default:
      return [];
  }
}

export function news(request: RestoreRequest, before: RestoreRequest): OutboxMessage[] {
  const { state } = request;
  const isWaiting = before.state.phase === 'awaiting-approval' && state.phase === 'awaiting-approval';
  const notices = [
    ...(isWaiting ? waitingNews(request, before.state, state) : []),
    ...(before.state.phase === state.phase ? [] : endNews(request)),
    ...reviewNews(request, before),
  ];
  return notices.map(({ what, text, calls, to }) => ({
    slot: slots.notice(request, what),
    requestId: request.id,
    destination: to,
    message: { kind: 'notice', version: 1, text, mentions: calls.slice(0, mostCalled) },
    pace: 'at-once',
  }));
}
