/** What a row found, as a line and as a section of RESULTS.md; rows that were not run stay as they are. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { repositoryDir } from '../fixtures/supervisor/processes';

export interface Result {
  readonly id: string;
  readonly what: string;
  readonly cases: number;
  readonly seconds: number;
  readonly seed: number;
  readonly checked: string;
  readonly violations: number;
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
}

export function circumstances(): Pick<Result, 'date' | 'machine' | 'versions'> {
  const { dependencies } = JSON.parse(readFileSync(join(repositoryDir, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const packages = ['botbuilder', '@microsoft/teams-ai', 'pg', 'zod'];
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    versions: [
      `Node.js ${process.versions.node}`,
      ...packages.map((name) => `${name} ${dependencies[name] ?? ''}`),
    ].join(', '),
  };
}

export const lineOf = ({ id, cases, seconds, checked, violations }: Result): string =>
  `${id}: ${cases} cases in ${seconds.toFixed(0)} s, ${violations} violations. Checked: ${checked}.`;

const sectionOf = (result: Result): string =>
  `## ${result.id}: ${result.what}

- Cases: ${result.cases} in ${result.seconds.toFixed(0)} s; violations: ${result.violations}
- Checked: ${result.checked}
- Command: \`${result.command}\`
- Date: ${result.date}; machine: ${result.machine}
- Versions: ${result.versions}
`;

/** The page with this section in its place; sections stand in the order of their rows. */
export function pageWith(page: string, result: Result): string {
  const [head = '', ...parts] = page.split(/^(?=## )/m);
  const others = parts
    .map((part) => `${part.trim()}\n`)
    .filter((part) => !part.startsWith(`## ${result.id}:`));
  const idOf = (part: string): string => /^## (\w+)/.exec(part)?.[1] ?? '';
  const sections = [...others, sectionOf(result)].sort((a, b) => idOf(a).localeCompare(idOf(b)));
  return `${head.trim()}\n\n${sections.join('\n')}`;
}
