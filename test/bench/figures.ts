/** What a bench found, and how it is said: one table on the terminal and in RESULTS.md. */

export interface Figure {
  /** The number in the list of figures, for example `P1`; empty for what is only measured along the way. */
  readonly id: string;
  readonly what: string;
  readonly measured: string;
  /** Empty where nothing is promised. */
  readonly target: string;
  /** Undefined where nothing is promised. */
  readonly met?: boolean;
}

const verdict = ({ met }: Figure): string => (met === undefined ? '' : met ? 'met' : 'missed');

const header = ['#', 'figure', 'measured', 'target', ''] as const;

/** A markdown table that can be read on a terminal as well. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = [
    [...header],
    ...figures.map((figure) => [figure.id, figure.what, figure.measured, figure.target, verdict(figure)]),
  ];
  const widths = header.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join(
    '\n',
  );
}

export const millis = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const ratio = (value: number): string => `${value.toFixed(2)}x`;
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

export interface Circumstances {
  readonly date: string;
  /** Names of the benches of this run where it was not all of them: the other rows are of an earlier one. */
  readonly only?: string;
  readonly machine: string;
  readonly versions: readonly string[];
  readonly notes: readonly string[];
}

/** The rows of a page that was written before. A page that reads otherwise has none. */
export function readFigures(page: string): readonly Figure[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, id = '', what = '', measured = '', target = '', found = '']) => ({
      ...{ id, what, measured, target },
      ...(found === '' ? {} : { met: found === 'met' }),
    }));
}

/** New rows in the place of old ones of the same name; what was not measured now stays as it was. */
export function withNew(before: readonly Figure[], now: readonly Figure[]): readonly Figure[] {
  const isSame = (one: Figure, other: Figure): boolean => one.id === other.id && one.what === other.what;
  const kept = before.map((old) => now.find((each) => isSame(each, old)) ?? old);
  return [...kept, ...now.filter((each) => !before.some((old) => isSame(old, each)))];
}

export const resultsPage = (figures: readonly Figure[], around: Circumstances): string =>
  `# Results

Written by \`npm run bench -- --write\`; not edited by hand. Ratios compare two processes measured in turns in the same run.

- Date: ${around.date}${around.only === undefined ? '' : ` (${around.only}; the other rows are of the run before)`}
- Machine: ${around.machine}
- Versions: ${around.versions.join(', ')}

${figureTable(figures)}

## How it was measured

${around.notes.map((note) => `- ${note}`).join('\n')}
`;
