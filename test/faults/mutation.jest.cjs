// The unit tests that stand for the code which decides: the killers of `npm run mutation`. Few and quick, since each change
// runs them all until one fails. MUTATION_TESTS='waiting late-moves' takes only these: quicker for a single file.
const { join } = require('node:path');
const { projects, testTimeout } = require('../../jest.config.cjs');

const [unit] = projects;
const killers = [
  ...['applied-differences', 'deciding-moves', 'late-moves', 'loads', 'policed-plans', 'policy*'],
  ...['review', 'seal*', 'transition*', 'waiting', 'actions', 'documents', 'policy-file'],
];
const named = process.env.MUTATION_TESTS?.split(' ') ?? killers;

module.exports = {
  ...unit,
  rootDir: join(__dirname, '..', '..'),
  testEnvironment: join(__dirname, 'mutation.environment.cjs'),
  testMatch: named.map((name) => `<rootDir>/test/unit/{restore,cards,documents,services}/${name}.test.ts`),
  testTimeout,
};
