/** What the gate consists of: the checks that read the code, then the kinds of test that run it. */

export interface StaticCheck {
  readonly kind: 'static';
  readonly name: string;
  /** A script of package.json. */
  readonly script: string;
}

export interface TestKind {
  readonly kind: 'tests';
  /** The jest project, and the folder of its tests below test/. */
  readonly name: string;
  /** Files at once; where nothing is said, as many as the configuration says. */
  readonly workers?: number;
}

const staticCheck = (script: string): StaticCheck => ({ kind: 'static', name: script, script });
const testKind = (name: string): TestKind => ({
  ...{ kind: 'tests', name },
  // Most of their time they wait: for a deadline, a retry or a process that was killed.
  ...(name === 'faults' ? { workers: 3 } : {}),
});

export const staticChecks: readonly StaticCheck[] = [
  'typecheck',
  'lint',
  'format:check',
  'deps',
  'dead-code',
].map(staticCheck);

export const testKinds: readonly TestKind[] = ['unit', 'component', 'contract', 'e2e', 'faults'].map(
  testKind,
);
