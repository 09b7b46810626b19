/**
 * `npm run faults -- <row> [--size N] [--seed N] [--write]`: one row of the table at its full size, or `all`. Prints a line for
 * each, and with `--write` keeps it in RESULTS.md. What does not hold is printed with its seed and its smallest case.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { circumstances, lineOf, pageWith, type Result } from './results';
import { rows } from './rows';
import { smallest, type Row } from './row';

interface Options {
  readonly size?: string | undefined;
  readonly seed?: string | undefined;
  readonly write: boolean;
}

const page = join(__dirname, 'RESULTS.md');

async function run(row: Row, { size, seed, write }: Options): Promise<boolean> {
  const chosen = seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(seed);
  const from = performance.now();
  const found = await row.run(size === undefined ? row.full : Number(size), chosen);
  const seconds = (performance.now() - from) / 1_000;
  const result: Result = {
    ...{ id: row.id, what: row.what, cases: found.cases, seconds, seed: chosen },
    ...{ checked: found.checked, violations: found.violations.length, ...circumstances() },
    command: `npm run faults -- ${row.id}${size === undefined ? '' : ` --size ${size}`} --seed ${chosen}`,
  };
  console.log(lineOf(result));
  const worst = smallest(found.violations);
  for (const what of new Set(found.violations.map((each) => each.what)))
    console.log(`  - ${what.slice(0, 300)}`);
  if (worst)
    console.log(`  ${worst.what}, seed ${chosen}: ${JSON.stringify(worst.case, null, 1)?.slice(0, 4_000)}`);
  if (write) writeFileSync(page, pageWith(readFileSync(page, 'utf8'), result));
  return worst === undefined;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string' },
      seed: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const wanted = rows.filter(({ id }) => positionals.includes('all') || positionals.includes(id));
  if (wanted.length === 0)
    throw new Error(
      `Which row? ${rows.map(({ id }) => id).join(', ')} or all; for example: npm run faults -- S1`,
    );
  for (const row of wanted) if (!(await run(row, values))) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
