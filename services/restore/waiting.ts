/**
 * A request that waits for its approvers, and its clocks: a reminder, an escalation, the end. A question stops all of them
 * until it is answered, or until it has been open for as long as the request may wait at all: every request comes to an end.
 */
import { millisBetween, plusSeconds, type Instant } from './instant';
import type { Approval } from './approval';
import type { Person } from './person';
import type { SealedRule } from './sealed-rule';

export interface Question {
  readonly by: Person;
  readonly at: Instant;
  readonly text: string;
  /** The clocks go on by themselves then. */
  readonly goesOnAt: Instant;
}

/** A question that is over; without an answer when the clocks went on without one. */
export interface ClosedQuestion {
  readonly by: Person;
  readonly at: Instant;
  readonly text: string;
  readonly answer?: { readonly by: Person; readonly at: Instant; readonly text: string };
}

export interface Waiting {
  readonly phase: 'awaiting-approval';
  readonly approvals: readonly Approval[];
  /** These three are moved by the time that questions were open. */
  readonly expiresAt: Instant;
  /** Absent where there is none, or it was sent already. */
  readonly remindAt?: Instant;
  readonly escalateAt?: Instant;
  readonly remindedAt?: Instant;
  readonly escalatedAt?: Instant;
  readonly question?: Question;
  readonly questions?: readonly ClosedQuestion[];
}

const minutesAfter = (at: Instant, minutes: number): Instant => plusSeconds(at, minutes * 60);

export function waitingSince(rule: SealedRule, now: Instant): Waiting {
  const { expiresAfterMinutes, remindAfterMinutes, escalation } = rule;
  return {
    phase: 'awaiting-approval',
    approvals: [],
    expiresAt: minutesAfter(now, expiresAfterMinutes),
    ...(remindAfterMinutes === undefined ? {} : { remindAt: minutesAfter(now, remindAfterMinutes) }),
    ...(escalation ? { escalateAt: minutesAfter(now, escalation.afterMinutes) } : {}),
  };
}

/** When the clock has to be looked at next. */
export const nextClock = ({ question, remindAt, escalateAt, expiresAt }: Waiting): Instant =>
  question?.goesOnAt ??
  [remindAt, escalateAt, expiresAt].reduce<Instant>(
    (first, at) => (at !== undefined && at < first ? at : first),
    expiresAt,
  );

const later = (at: Instant | undefined, millis: number): Instant | undefined =>
  at === undefined ? undefined : plusSeconds(at, millis / 1_000);

/**
 * The question is over: what was asked and answered is kept, and the clocks go on where they stood. They stood until
 * `goesOnAt` at most, whoever looks how late.
 */
export function closed(waiting: Waiting, at: Instant, answer?: ClosedQuestion['answer']): Waiting {
  const { question, questions = [], remindAt, escalateAt, ...rest } = waiting;
  if (!question) return waiting;
  // A clock that was set back is no reason to let anything come earlier.
  const until = at < question.goesOnAt ? at : question.goesOnAt;
  const stood = Math.max(0, millisBetween(question.at, until));
  const { by, at: askedAt, text } = question;
  const [remind, escalate] = [later(remindAt, stood), later(escalateAt, stood)];
  return {
    ...rest,
    expiresAt: plusSeconds(waiting.expiresAt, stood / 1_000),
    ...(remind === undefined ? {} : { remindAt: remind }),
    ...(escalate === undefined ? {} : { escalateAt: escalate }),
    questions: [...questions, { by, at: askedAt, text, ...(answer ? { answer } : {}) }],
  };
}

/** Whether its time is over at `now`, also where nobody has looked at the clocks since; undefined while it is not. */
export function endedAt(waiting: Waiting, now: Instant): Instant | undefined {
  const { question } = waiting;
  // Asked before the end, a question that is open moves it behind itself.
  const { expiresAt } = question ? closed(waiting, question.goesOnAt) : waiting;
  return now >= expiresAt ? expiresAt : undefined;
}

/** What the clock brings at `now`: one thing at a time, in their order; undefined when nothing is due. */
export type Struck =
  | { readonly kind: 'goes-on' | 'reminded' | 'escalated'; readonly waiting: Waiting }
  | { readonly kind: 'expired' };

export function strike(waiting: Waiting, now: Instant): Struck | undefined {
  const { question, remindAt, escalateAt, expiresAt } = waiting;
  if (question)
    return now < question.goesOnAt
      ? undefined
      : { kind: 'goes-on', waiting: closed(waiting, question.goesOnAt) };
  if (now >= expiresAt) return { kind: 'expired' };
  if (remindAt !== undefined && now >= remindAt) {
    const { remindAt: _struck, ...rest } = waiting;
    return { kind: 'reminded', waiting: { ...rest, remindedAt: now } };
  }
  if (escalateAt !== undefined && now >= escalateAt) {
    const { escalateAt: _struck, ...rest } = waiting;
    return { kind: 'escalated', waiting: { ...rest, escalatedAt: now } };
  }
  return undefined;
}
