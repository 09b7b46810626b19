/**
 * `npm run mutation`: changes the code that decides, piece by piece, and looks whether a unit test sees it. Not part of the
 * gate: it takes a while. What survives and why stands in test/faults/MUTATION.md.
 */
export default {
  mutate: [
    'services/restore/policy.ts',
    'services/restore/policy-*.ts',
    'services/restore/seal-rule.ts',
    'services/restore/sealed-rule.ts',
    'services/restore/deciding-moves.ts',
    'services/restore/transition.ts',
    'services/restore/waiting.ts',
    'services/restore/review.ts',
    'cards/actions.ts',
  ],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'test/faults/mutation.jest.cjs' },
  // Not per test: picking hundreds of tests by their names takes longer than to run them all, and so does finding out which
  // changes are made while a file is loaded. All of them are made.
  coverageAnalysis: 'all',
  concurrency: 2,
  // Each test file leaves something behind in its runner that every later promise pays for.
  maxTestRunnerReuse: 12,
  timeoutMS: 20_000,
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { logTests: false, allowColor: false, reportTests: false },
  jsonReporter: { fileName: '.local-mutation/mutation.json' },
  tempDirName: '.local-mutation/sandbox',
  thresholds: { high: 95, low: 90, break: 90 },
  // The sandbox is a copy of the repository: what was built or started locally does not belong in it.
  ignorePatterns: ['dist', '.local*', 'teamsapp.yml'],
};
