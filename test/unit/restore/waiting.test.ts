/** The clocks of a request that waits, under a clock of the test: over hours, questions, and days on which clocks change. */
import {
  closed,
  endedAt,
  nextClock,
  strike,
  waitingSince,
  type Struck,
  type Waiting,
} from '../../../services/restore/waiting';
import { aRule, divya, ines } from '../../fakes/facts';
import type { Instant } from '../../../services/restore/instant';

const rule = aRule({
  expiresAfterMinutes: 60,
  remindAfterMinutes: 20,
  escalation: { afterMinutes: 40, parties: [], people: [] },
});
const start = '2026-11-19T13:00:00.000Z';
const after = (from: Instant, minutes: number): Instant =>
  new Date(Date.parse(from) + minutes * 60_000).toISOString();
const asked = (waiting: Waiting, minutes: number): Waiting => ({
  ...waiting,
  question: { by: divya, at: after(start, minutes), text: '?', goesOnAt: after(start, minutes + 60) },
});

/** Lets a clock tick every minute, as a worker that is always there would see it. */
function ticking(waiting: Waiting, from: Instant, minutes: number): [string, number][] {
  const seen: [string, number][] = [];
  let now: Waiting | undefined = waiting;
  for (let minute = 0; minute <= minutes && now; minute++) {
    let struck: Struck | undefined;
    while (now && (struck = strike(now, after(from, minute)))) {
      seen.push([struck.kind, minute]);
      now = struck.kind === 'expired' ? undefined : struck.waiting;
    }
  }
  return seen;
}

test('a reminder, an escalation and the end come at their minutes, each once', () => {
  expect(ticking(waitingSince(rule, start), start, 120)).toEqual([
    ['reminded', 20],
    ['escalated', 40],
    ['expired', 60],
  ]);
});

test.each([
  ['Berlin puts its clocks forward', '2026-03-29T00:30:00.000Z'],
  ['Berlin puts its clocks back', '2026-10-25T00:30:00.000Z'],
  ['a year ends', '2026-12-31T23:30:00.000Z'],
])('they are minutes also while %s', (_name, from) => {
  expect(ticking(waitingSince(rule, from), from, 120)).toEqual([
    ['reminded', 20],
    ['escalated', 40],
    ['expired', 60],
  ]);
});

test('a request begins to wait without approvals, and with the clocks of its rule', () => {
  expect(waitingSince(rule, start)).toStrictEqual({
    ...{ phase: 'awaiting-approval', approvals: [], expiresAt: after(start, 60) },
    ...{ remindAt: after(start, 20), escalateAt: after(start, 40) },
  });
});

test('a rule without reminder and escalation has only its end', () => {
  const bare = waitingSince(aRule(), start);
  expect(bare).toStrictEqual({ phase: 'awaiting-approval', approvals: [], expiresAt: after(start, 60) });
  expect(closed(asked(bare, 10), after(start, 15))).toStrictEqual({
    ...{ phase: 'awaiting-approval', approvals: [], expiresAt: after(start, 65) },
    questions: [{ by: divya, at: after(start, 10), text: '?' }],
  });
  expect(ticking(waitingSince(aRule(), start), start, 120)).toEqual([['expired', 60]]);
});

test.each([
  [10, 35],
  [25, 5],
  [45, 59],
])(
  'a question at minute %i that is open for %i minutes moves what is still to come by just that',
  (at, open) => {
    const waiting = waitingSince(rule, start);
    const before = ticking(waiting, start, at - 1);
    const then = before.reduce<Waiting>((state, [, minute]) => {
      const struck = strike(state, after(start, minute));
      return struck && struck.kind !== 'expired' ? struck.waiting : state;
    }, waiting);
    const stopped = asked(then, at);
    expect(ticking(stopped, start, at + open - 1)).toEqual([]);
    const answered = closed(stopped, after(start, at + open), {
      by: ines,
      at: after(start, at + open),
      text: '!',
    });
    const all = [...before, ...ticking(answered, start, 240)];
    expect(all).toEqual(
      [['reminded', 20] as const, ['escalated', 40] as const, ['expired', 60] as const].map(
        ([kind, minute]) => [kind, minute < at ? minute : minute + open],
      ),
    );
  },
);

test('a question that nobody answers stops the clocks for an hour and no longer', () => {
  expect(ticking(asked(waitingSince(rule, start), 10), start, 300)).toEqual([
    ['goes-on', 70],
    ['reminded', 80],
    ['escalated', 100],
    ['expired', 120],
  ]);
});

test('questions never let a clock come earlier, also when the answer seems older than the question', () => {
  const stopped = asked(waitingSince(rule, start), 10);
  expect(closed(stopped, after(start, 5)).expiresAt).toBe(after(start, 60));
});

test('where no question is open there is none to close', () => {
  const waiting = waitingSince(rule, start);
  expect(closed(waiting, after(start, 30))).toEqual(waiting);
});

test('its time is over at the instant of its end, which an open question puts off', () => {
  const waiting = waitingSince(rule, start);
  expect([59, 60, 61].map((minute) => endedAt(waiting, after(start, minute)))).toStrictEqual([
    ...[undefined, after(start, 60), after(start, 60)],
  ]);
  const stopped = asked(waiting, 10);
  expect([60, 70, 119, 120].map((minute) => endedAt(stopped, after(start, minute)))).toStrictEqual([
    ...[undefined, undefined, undefined, after(start, 120)],
  ]);
});

test('the next look is at the first of the clocks, and at that of an open question while there is one', () => {
  const waiting = waitingSince(rule, start);
  expect(nextClock(waiting)).toBe(after(start, 20));
  expect(nextClock(asked(waiting, 10))).toBe(after(start, 70));
  expect(nextClock(waitingSince(aRule(), start))).toBe(after(start, 60));
});

test('whoever looks only after the end is told the end, and nothing that was due before', () => {
  expect(ticking(waitingSince(rule, start), after(start, 90), 10)).toEqual([['expired', 0]]);
});
