/** When somebody who started without approval is asked for the review that they owe. */
import { reminded, reviewOf, type DueReview } from '../../../services/restore/review';
import { emil } from '../../fakes/facts';

const glass = { by: emil, at: '2026-11-19T13:00:00.000Z', reason: 'down' };
const due = reviewOf(glass, 60) as DueReview;

test('a review is due after its time, and asked for when half of it is left', () => {
  expect(due).toEqual({
    ...{ ...glass, kind: 'due', reminders: 0 },
    ...{ dueAt: '2026-11-19T14:00:00.000Z', remindAt: '2026-11-19T13:30:00.000Z' },
  });
});

test.each([
  ['at the half', '2026-11-19T13:30:00.000Z', '2026-11-19T14:00:00.000Z'],
  ['just before it is due', '2026-11-19T13:59:59.999Z', '2026-11-19T14:00:00.000Z'],
  ['at the instant when it is due', '2026-11-19T14:00:00.000Z', '2026-11-19T15:00:00.000Z'],
  ['long after', '2026-11-19T20:00:00.000Z', '2026-11-19T21:00:00.000Z'],
])(
  'asked for %s, it is asked for again when it is due, or once more such a time has passed',
  (_when, now, next) => {
    expect(reminded(due, 60, now)).toEqual({ ...due, remindAt: next, reminders: 1 });
    expect(reminded({ ...due, reminders: 4 }, 60, now).reminders).toBe(5);
  },
);
