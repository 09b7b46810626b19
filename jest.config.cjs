// Four kinds of test: unit (pure), component (one adapter against the real thing), contract (two sides of a wire),
// e2e (the whole product). Fault tests are a kind of their own and run a short slice in the gate.
const esmOnly = [
  'pg-boss',
  'serialize-error',
  'non-error',
  'type-fest',
  'rrule-temporal',
  'jose',
  'uuid',
].join('|');

const project = (name) => ({
  displayName: name,
  rootDir: __dirname,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  testEnvironment: 'node',
  transform: {
    '^.+\\.[mc]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/\\.local'],
});

module.exports = {
  projects: [project('unit'), project('component'), project('contract'), project('e2e'), project('faults')],
  maxWorkers: 2,
  // Of the whole run: projects cannot have one each. Files that need longer say so themselves.
  testTimeout: 60_000,
};
