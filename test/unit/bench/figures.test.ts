/** The bench's own arithmetic and its table; what it measures is not a test. */
import {
  figureTable,
  megabytes,
  millis,
  ratio,
  readFigures,
  resultsPage,
  withNew,
  type Figure,
} from '../../bench/figures';
import { median, medianRatio, percentile } from '../../bench/statistics';

test('a percentile is a value that was measured, the smallest that covers its share', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99)).toBe(10);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([3, 1, 2], 1)).toBe(3);
  expect(percentile([], 0.5)).toBeNaN();
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('ratios are taken pair by pair, so that a slow minute weighs on both sides', () => {
  expect(medianRatio([2, 20, 3], [1, 10, 2])).toBe(2);
});

test('the arithmetic leaves its input as it was', () => {
  const values = [3, 1, 2];
  median(values);
  percentile(values, 0.5);
  expect(values).toEqual([3, 1, 2]);
});

const figures: Figure[] = [
  { id: 'P1', what: 'CPU', measured: '1.20x', target: '<= 1.5x', met: true },
  { id: 'P2', what: 'Clicks', measured: '120 ms', target: '<= 100 ms', met: false },
  { id: '', what: 'Rest', measured: '0.3 %', target: '' },
];

test('the table has a line for every figure and says which were met', () => {
  expect(figureTable(figures)).toBe(
    [
      '| #   | figure | measured | target    |        |',
      '| --- | ------ | -------- | --------- | ------ |',
      '| P1  | CPU    | 1.20x    | <= 1.5x   | met    |',
      '| P2  | Clicks | 120 ms   | <= 100 ms | missed |',
      '|     | Rest   | 0.3 %    |           |        |',
    ].join('\n'),
  );
});

test('a page is read back, and only what was measured again is replaced', () => {
  const around = { date: '2026-11-21', machine: 'm', versions: ['v'], notes: ['n'] };
  const read = readFigures(resultsPage(figures, around));
  expect(read).toEqual(figures);
  const again: Figure = { id: 'P2', what: 'Clicks', measured: '80 ms', target: '<= 100 ms', met: true };
  const fresh: Figure = { id: 'P5', what: 'Loads', measured: '7x', target: '>= 6x', met: true };
  expect(withNew(read, [again, fresh])).toEqual([figures[0], again, figures[2], fresh]);
  expect(resultsPage(read, { ...around, only: 'P5' })).toContain('2026-11-21 (P5; the other rows');
});

test('numbers carry their units', () => {
  expect([millis(0.44), millis(123.4), ratio(1.239), megabytes(200 * 1024 * 1024)]).toEqual([
    '0.4 ms',
    '123 ms',
    '1.24x',
    '200 MB',
  ]);
});

test('the page of results says when, where and with what they were measured', () => {
  const page = resultsPage(figures, {
    date: '2026-01-02',
    machine: '2 x Some Processor',
    versions: ['Node.js 20', 'PostgreSQL 15'],
    notes: ['One note.'],
  });
  for (const part of [
    '2026-01-02',
    '2 x Some Processor',
    'Node.js 20, PostgreSQL 15',
    '- One note.',
    '1.20x',
  ])
    expect(page).toContain(part);
});
