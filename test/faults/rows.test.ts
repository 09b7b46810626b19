/** A short slice of every row that is a command; `npm run faults -- <row>` runs the whole of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineOf, pageWith, type Result } from './results';
import { rows } from './rows';
import { smallest } from './row';

jest.setTimeout(120_000);

/** The framework writes the published keys it had to choose from whenever it knows none that fits. */
beforeAll(() => jest.spyOn(console, 'error').mockImplementation(() => undefined));
afterAll(() => jest.restoreAllMocks());

test.each(rows)('$id: $what', async ({ run, slice }) => {
  const { violations, cases } = await run(slice, 4711);
  expect(smallest(violations)).toBeUndefined();
  expect(cases).toBeGreaterThanOrEqual(slice);
});

test('a row that was run again takes its own place among the results, and the others stay', () => {
  const result = (id: string, cases: number): Result => ({
    ...{ id, cases, what: 'something', seconds: 1, seed: 7, checked: 'all', violations: 0 },
    ...{ command: 'x', date: 'today', machine: 'm', versions: 'v' },
  });
  const page = [result('S2', 1), result('R5', 2), result('S2', 3)].reduce(pageWith, '# Results\n\nWords.\n');
  expect(page.match(/^## .*|^- Cases: \d+/gm)).toEqual([
    ...['## R5: something', '- Cases: 2', '## S2: something', '- Cases: 3'],
  ]);
  expect(page.startsWith('# Results\n\nWords.\n\n## R5')).toBe(true);
  expect(lineOf(result('S1', 5))).toBe('S1: 5 cases in 1 s, 0 violations. Checked: all.');
  expect(readFileSync(join(__dirname, 'RESULTS.md'), 'utf8').startsWith('# Results')).toBe(true);
});
