/** `14 of 14 tables · rows within 0.1 % · roles, extensions, sequences fine`: what was compared, in one line. */
import { count, rowsOf } from './proof-words';
import { databasePairs, wasThere, type AsOf } from './proof-lost';
import type { ProofFindings, ServerFindings, Waking } from './proof-findings';

/** More than this apart, the rows of a source that goes on working say nothing. */
const tellingPercent = 20;

export function summaryLine({ copy, source, checks }: ProofFindings, asOf: AsOf): string {
  const passed =
    checks.length === 0 ? [] : [`${checks.length} ${checks.length === 1 ? 'check' : 'checks'} passed`];
  if (source.kind === 'not-looked-at')
    return [...alone(copy), ...passed, `the source ${source.why}`].join(' · ');
  const pairs = databasePairs(copy, source.server);
  const tables = pairs.flatMap((pair) =>
    pair.source.tables.map((there) => ({
      there,
      here: pair.copy.tables.find(({ oid, name }) => oid === there.oid || name === there.name),
    })),
  );
  const both = tables.filter(({ here }) => here !== undefined).length;
  const due = tables.filter(({ here, there }) => here !== undefined || wasThere(there, asOf)).length;
  return [`${count(both)} of ${count(due)} tables`, ...rowsWords(tables), sound(copy), ...passed].join(' · ');
}

function rowsWords(tables: readonly { readonly there: Table; readonly here: Table | undefined }[]): string[] {
  const known = tables.flatMap(({ there, here }) => {
    const a = here && rowsOf(here);
    const b = rowsOf(there);
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  const inCopy = known.reduce((sum, [a]) => sum + a, 0);
  const inSource = known.reduce((sum, [, b]) => sum + b, 0);
  if (known.length === 0 || inSource === 0) return [];
  const percent = (Math.abs(inCopy - inSource) / inSource) * 100;
  if (percent > tellingPercent)
    return [`about ${count(Math.round(inCopy))} rows, ${count(Math.round(inSource))} in the source now`];
  return [percent < 0.05 ? 'as many rows' : `rows within ${Math.max(0.1, Number(percent.toFixed(1)))} %`];
}

/** Faults that a copy shares with its source are told in lines of their own. */
const sound = (copy: ServerFindings): string =>
  copy.databases.some(({ behind }) => behind.length > 0)
    ? 'roles and extensions fine'
    : 'roles, extensions, sequences fine';

type Table = ServerFindings['databases'][number]['tables'][number];

function alone(copy: ServerFindings): string[] {
  const tables = copy.databases.flatMap((database) => database.tables);
  const rows = tables.reduce((sum, table) => sum + (rowsOf(table) ?? 0), 0);
  return [`${count(tables.length)} tables, about ${count(Math.round(rows))} rows`];
}

/** `subscription orders_in`, `cron job nightly of postgres`. */
export const wakingWords = ({ kind, name, database }: Waking): string =>
  `${kind} ${name}${database === undefined ? '' : ` of ${database}`}`;
