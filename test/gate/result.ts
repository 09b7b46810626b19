/** What came of each part of the gate, how it is counted, and the table that says so. */

export interface PartResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Shown under the table when the part is red. */
  readonly output: string;
  /** No test of this kind has been written; that alone is not red. */
  readonly noneYet?: boolean;
}

/** The part of jest's own JSON report that is counted. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even be loaded: none of their tests is counted anywhere else. */
  readonly numRuntimeErrorTestSuites: number;
}

export interface JestRun {
  readonly name: string;
  readonly seconds: number;
  readonly exitCode: number;
  readonly output: string;
  readonly testFiles: number;
  readonly report: JestReport | undefined;
}

/** A kind with test files of which none ran is red: a gate that tests nothing must not be green. */
export function countJestRun({ name, seconds, exitCode, output, testFiles, report }: JestRun): PartResult {
  if (testFiles === 0) {
    return { name, passed: 0, failed: 0, skipped: 0, seconds, output: '', noneYet: true };
  }
  const passed = report?.numPassedTests ?? 0;
  const counted = (report?.numFailedTests ?? 0) + (report?.numRuntimeErrorTestSuites ?? 0);
  const isRed = exitCode !== 0 || passed + counted === 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  return { name, passed, failed: isRed ? Math.max(1, counted) : counted, skipped, seconds, output };
}

export function countStaticCheck(
  name: string,
  exitCode: number,
  seconds: number,
  output: string,
): PartResult {
  const isGreen = exitCode === 0;
  return { name, passed: isGreen ? 1 : 0, failed: isGreen ? 0 : 1, skipped: 0, seconds, output };
}

export function row(part: PartResult): string {
  const counts = part.noneYet ? 'none yet' : `${part.passed} passed, ${part.failed} failed`;
  const skipped = part.skipped > 0 ? `, ${part.skipped} skipped` : '';
  const mark = part.failed > 0 ? 'RED' : 'ok ';
  return `${mark}  ${part.name.padEnd(14)} ${`${part.seconds.toFixed(1)} s`.padStart(8)}   ${counts}${skipped}`;
}

const sum = (parts: readonly PartResult[], of: (part: PartResult) => number): number =>
  parts.reduce((total, part) => total + of(part), 0);

/** The very last line of the gate. */
export function lastLine(parts: readonly PartResult[]): string {
  return `${sum(parts, ({ passed }) => passed)} passed, ${sum(parts, ({ failed }) => failed)} failed`;
}

export const isGreen = (parts: readonly PartResult[]): boolean => parts.every(({ failed }) => failed === 0);
