import {
  inZone,
  momentLine,
  resolveWallClock,
  span,
  toWallClock,
  utcExact,
  utcFrom,
} from '../../../services/restore/instant';
import { now } from '../../fakes/facts';

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [8_400, '8 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [90_000, '1 min 30 s'],
  [599_000, '9 min 59 s'],
  [630_000, '10 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [11_100_000, '3 h 5 min'],
  [172_740_000, '47 h 59 min'],
  [172_800_000, '2 d'],
  [187_200_000, '2 d 4 h'],
])('%d ms are said as %s', (millis, words) => {
  expect(span(millis)).toBe(words);
});

test('a moment is said in UTC, then where the person is, then how far it is', () => {
  expect(momentLine('2026-11-19T13:05:00.000Z', 'Europe/Berlin', now)).toBe(
    '2026-11-19 13:05:00 UTC · 14:05 Berlin · 22 min before now',
  );
  expect(momentLine('2026-11-19T13:05:00.250Z', 'UTC', now)).toBe(
    '2026-11-19 13:05:00.250 UTC · 22 min before now',
  );
  expect(momentLine(now, 'UTC', now)).toBe('2026-11-19 13:27:00 UTC · just now');
  expect(momentLine('2026-11-19T13:28:00.000Z', 'UTC', now)).toContain('1 min after now');
});

test('another day there than in UTC is said with its date', () => {
  expect(inZone('2026-11-19T23:30:00.000Z', 'Europe/Berlin')).toBe('2026-11-20 00:30 Berlin');
  expect(inZone('2026-11-19T01:30:00.000Z', 'America/New_York')).toBe('2026-11-18 20:30 New York');
});

test('the start of the window is rounded into it, a moment is not rounded', () => {
  expect(utcFrom('2026-11-12T13:26:59.001Z')).toBe('2026-11-12 13:27:00 UTC');
  expect(utcExact('2026-11-12T13:26:59.001Z')).toBe('2026-11-12 13:26:59.001 UTC');
});

const instant = (at: string) => ({ kind: 'instant', instant: at });

test.each([
  ['2026-11-19 14:05', 'Europe/Berlin', instant('2026-11-19T13:05:00.000Z')],
  ['2026-11-19 14:05:09.5', 'Europe/Berlin', instant('2026-11-19T13:05:09.500Z')],
  ['2026-11-19T14:05', 'UTC', instant('2026-11-19T14:05:00.000Z')],
  ['2026-11-19 9:05', 'UTC', instant('2026-11-19T09:05:00.000Z')],
  ['2026-11-19T14:05:00Z', 'Europe/Berlin', instant('2026-11-19T14:05:00.000Z')],
  ['2026-11-19 14:05:00 UTC', 'Europe/Berlin', instant('2026-11-19T14:05:00.000Z')],
  ['2026-11-19 14:05+0530', 'UTC', instant('2026-11-19T08:35:00.000Z')],
  ['2026-03-29 02:30', 'Europe/Berlin', { kind: 'skipped' }],
  ['2026-03-29 02:30', 'UTC', instant('2026-03-29T02:30:00.000Z')],
  ['2026-03-29 03:00', 'Europe/Berlin', instant('2026-03-29T01:00:00.000Z')],
  ['2026-03-29 01:59:59', 'Europe/Berlin', instant('2026-03-29T00:59:59.000Z')],
  [
    '2026-10-25 02:30',
    'Europe/Berlin',
    { kind: 'twice', first: '2026-10-25T00:30:00.000Z', second: '2026-10-25T01:30:00.000Z' },
  ],
  ['2026-10-25 03:00', 'Europe/Berlin', instant('2026-10-25T02:00:00.000Z')],
  [
    '2026-04-05 01:45',
    'Australia/Lord_Howe',
    { kind: 'twice', first: '2026-04-04T14:45:00.000Z', second: '2026-04-04T15:15:00.000Z' },
  ],
  ['2011-12-30 10:00', 'Pacific/Apia', { kind: 'skipped' }],
])('%s in %s is resolved', (text, zone, resolved) => {
  expect(resolveWallClock(text, zone)).toEqual(resolved);
});

test.each([
  '',
  'noon',
  '14:05',
  '14:05Z',
  '14:05+01:00',
  '2026-11-19',
  '2026-11-19Z',
  '2026-02-30 10:00',
  '2026-11-19 24:61',
  '2026-13-01 10:00',
  '+012026-01-01T00:00:00Z',
  '2026-11-19 14:05:00 CET',
  '2026-11-19 14:05:00.1234567',
])('"%s" alone names no moment, and the clock of the machine does not help out', (text) => {
  expect(resolveWallClock(text, 'Europe/Berlin')).toEqual({ kind: 'unreadable' });
});

test('what the form shows is read back as the same instant, to the millisecond', () => {
  for (let millisecond = 0; millisecond < 1_000; millisecond++) {
    const at = new Date(Date.parse(now) + millisecond).toISOString();
    expect(resolveWallClock(toWallClock(at, 'Europe/Berlin'), 'Europe/Berlin')).toEqual(instant(at));
  }
});
