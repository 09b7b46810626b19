/** What a full backup saves is said only from evidence. */
import { medianSaving } from '../../../services/restore/time-saved';
import type { PastDuration } from '../../../services/restore/ports';

const past = (mode: PastDuration['mode'], ...minutes: number[]): PastDuration[] =>
  minutes.map((each) => ({ mode, millis: each * 60_000 }));

test('the medians of both kinds are compared', () => {
  expect(medianSaving([...past('fast', 9, 4, 5), ...past('point-in-time', 10, 60, 12, 14)])).toEqual({
    savedMillis: 8 * 60_000,
    restores: 7,
  });
});

test.each([
  ['too few of one kind', [...past('fast', 1, 2), ...past('point-in-time', 9, 9, 9)]],
  ['only restores of another kind', [...past('fast', 1, 2, 3), ...past('latest', 9, 9, 9)]],
  ['nothing saved', [...past('fast', 9, 9, 9), ...past('point-in-time', 9, 9, 9)]],
  ['no history', []],
])('nothing is said of %s', (_what, durations) => {
  expect(medianSaving(durations)).toBeUndefined();
});
