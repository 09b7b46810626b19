import { countJestRun, countStaticCheck, isGreen, lastLine, row, type JestRun } from '../../gate/result';

const report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};
const jestRun = (change: Partial<JestRun> = {}): JestRun => ({
  name: 'unit',
  seconds: 1.5,
  exitCode: 0,
  output: 'what jest said',
  testFiles: 2,
  report,
  ...change,
});

test('the last line adds up static checks and tests', () => {
  const parts = [
    countStaticCheck('lint', 0, 1, ''),
    countStaticCheck('deps', 1, 1, 'a rule was broken'),
    countJestRun(jestRun({ exitCode: 1, report: { ...report, numFailedTests: 2 } })),
  ];
  expect(lastLine(parts)).toBe('6 passed, 3 failed');
  expect(isGreen(parts)).toBe(false);
});

test('a kind without a test file is named and is not red', () => {
  const part = countJestRun(jestRun({ testFiles: 0, report: undefined }));
  expect(row(part)).toContain('none yet');
  expect(isGreen([part])).toBe(true);
});

test('a kind whose files hold no test that ran is red', () => {
  expect(countJestRun(jestRun({ report: { ...report, numPassedTests: 0 } })).failed).toBe(1);
  expect(countJestRun(jestRun({ report: undefined })).failed).toBe(1);
});

test('a test file that cannot be loaded counts as failed', () => {
  expect(
    countJestRun(jestRun({ exitCode: 1, report: { ...report, numRuntimeErrorTestSuites: 1 } })).failed,
  ).toBe(1);
});

test('a jest that ends badly is red even when every test it reported passed', () => {
  expect(countJestRun(jestRun({ exitCode: 134 })).failed).toBe(1);
});

test('skipped tests are shown', () => {
  expect(
    row(countJestRun(jestRun({ report: { ...report, numPendingTests: 1, numTodoTests: 2 } }))),
  ).toContain('5 passed, 0 failed, 3 skipped');
});
