/** Whoever comes after the clocks have run out comes too late, also where nobody has looked at the clocks since. */
import { aRequest, aRule, aStage, divya, emil, ines, martin, standingOf } from '../../fakes/facts';
import { closed, type Waiting } from '../../../services/restore/waiting';
import { reminded, reviewOf } from '../../../services/restore/review';
import { transition, type RequestEvent } from '../../../services/restore/transition';
import type { Instant } from '../../../services/restore/instant';
import type { SealedBreakGlass } from '../../../services/restore/sealed-rule';

const at = (minute: number): Instant => new Date(Date.UTC(2026, 10, 19, 13, minute)).toISOString();

/** Asked at 13:00, open until 14:00; a question stops the clocks from 13:10 until 14:10, so that it ends at 15:00. */
const stopped: Waiting = {
  phase: 'awaiting-approval',
  approvals: [],
  expiresAt: at(60),
  question: { by: divya, at: at(10), text: 'which orders?', goesOnAt: at(70) },
};
const glass: SealedBreakGlass = {
  parties: [{ kind: 'user', id: emil.aadObjectId, name: emil.name }],
  people: [emil],
  ...{ atMost: { times: 1, hours: 24 }, reviewWithinMinutes: 60 },
};
const request = aRequest({
  state: stopped,
  rule: aRule({ stages: [aStage([martin, divya])], breakGlass: glass }),
});

const approved = (minute: number): RequestEvent => ({
  ...{ kind: 'approved-by', standing: standingOf(martin) },
  approval: { by: martin, at: at(minute), comment: '' },
});
const broken = (minute: number): RequestEvent => ({
  ...{ kind: 'glass-broken', by: emil, at: at(minute), reason: 'down', timesBefore: 0 },
  standing: standingOf(emil),
});
const answered = (minute: number): RequestEvent => ({
  ...{ kind: 'question-answered', by: ines, at: at(minute), text: 'all of them' },
});
const asked = (minute: number): RequestEvent => ({
  ...{ kind: 'question-asked', by: martin, at: at(minute), text: 'which?', standing: standingOf(martin) },
});

test.each([
  ['an approval', approved],
  ['a start without approval', broken],
  ['an answer', answered],
])('%s counts until the clocks have run out after a question that nobody answered', (_what, move) => {
  expect(transition(request, move(119)).kind).toBe('moved');
  expect(transition(request, move(120))).toMatchObject({ because: { code: 'NO_LONGER_OPEN' } });
});

test('a question that comes after the end learns of the end, not of the question before it', () => {
  expect(transition(request, asked(119))).toMatchObject({ because: { code: 'QUESTION_OPEN' } });
  expect(transition(request, asked(120))).toMatchObject({ because: { code: 'NO_LONGER_OPEN' } });
});

test('an answer that comes after the clocks went on by themselves stops them no longer', () => {
  const late = closed(stopped, at(100), { by: ines, at: at(100), text: 'all' });
  expect(late.expiresAt).toBe(at(120));
  expect(late.questions).toEqual([expect.objectContaining({ answer: expect.anything() })]);
});

test('after a long absence a review is asked for once, and again when so much time has passed', () => {
  const due = reviewOf({ by: emil, at: at(0), reason: 'down' }, 60);
  if (due.kind !== 'due') throw new Error('it is due');
  expect(reminded(due, 60, at(30))).toMatchObject({ reminders: 1, remindAt: at(60) });
  expect(reminded(due, 60, at(200))).toMatchObject({ reminders: 1, remindAt: at(260) });
});
