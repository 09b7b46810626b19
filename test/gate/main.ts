/** The whole suite: `npm test`. Every part runs even after a red one, so that one run tells everything. */
import { resolve } from 'node:path';
import { staticChecks, testKinds } from './checks';
import { isGreen, lastLine, row, type PartResult } from './result';
import { runStaticCheck, runTestKind } from './run-part';

async function main(): Promise<number> {
  const repositoryDir = resolve(__dirname, '..', '..');
  const parts: PartResult[] = [];
  const note = (part: PartResult): void => {
    parts.push(part);
    console.log(row(part));
  };
  for (const check of staticChecks) note(await runStaticCheck(repositoryDir, check));
  // One kind after the other: tests that start whole environments are timed by what the machine gives them.
  for (const kind of testKinds) note(await runTestKind(repositoryDir, kind));

  for (const part of parts.filter(({ failed }) => failed > 0)) {
    console.log(`\n--- ${part.name} ---\n${part.output.trim()}`);
  }
  console.log(`\n${lastLine(parts)}`);
  return isGreen(parts) ? 0 : 1;
}

void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    console.log('\n0 passed, 1 failed');
    process.exit(1);
  },
);
