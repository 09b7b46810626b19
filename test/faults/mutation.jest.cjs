// The unit tests that stand for the code which decides: the killers of `npm run mutation`. Few and quick, since each change
// of something that is computed while a file is loaded runs all of them.
const { join } = require('node:path');
const { projects, testTimeout } = require('../../jest.config.cjs');

const [unit] = projects;
const killers = [
  ...['applied-differences', 'deciding-moves', 'late-moves', 'loads', 'policed-plans', 'policy*'],
  ...['review', 'seal*', 'transition*', 'waiting'],
];

module.exports = {
  ...unit,
  rootDir: join(__dirname, '..', '..'),
  testMatch: [
    ...killers.map((name) => `<rootDir>/test/unit/restore/${name}.test.ts`),
    '<rootDir>/test/unit/cards/actions.test.ts',
    '<rootDir>/test/unit/documents/documents.test.ts',
    '<rootDir>/test/unit/services/policy-file.test.ts',
  ],
  testTimeout,
};
