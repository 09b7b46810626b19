/** What the owner wrote down to be asked: the newest write, columns of time, and checks with the value they have to give. */
import { escapeIdentifier } from 'pg';
import { messageOf, withSession, type OpenSession } from './sessions';
import type { CheckFinding, NewestWrite } from '../restore/proof-findings';
import type { Instant } from '../restore/instant';
import type { OwnersCheck, ProofProbe, TimeColumn } from '../restore/proof-probe';
import type { ServerFacts } from '../restore/servers';

interface Question {
  readonly column?: string;
  readonly database: string;
  readonly newest: string;
  /** With $1 = the moment. */
  readonly newestUpTo?: string;
}

const columnQuestion = ({ database, table, column }: TimeColumn): Question => {
  const [schema, name] = table.includes('.') ? table.split('.') : ['public', table];
  const from = `${escapeIdentifier(schema ?? '')}.${escapeIdentifier(name ?? '')}`;
  const at = escapeIdentifier(column);
  return {
    column: `${table}.${column} of ${database}`,
    database,
    newest: `select max(${at})::timestamptz from ${from}`,
    newestUpTo: `select max(${at})::timestamptz from ${from} where ${at} <= $1::timestamptz`,
  };
};

const questionsOf = (probe: ProofProbe): Question[] => [
  ...(probe.newestWrite === undefined || probe.database === undefined
    ? []
    : [
        {
          database: probe.database,
          newest: probe.newestWrite,
          ...(probe.newestWriteUpTo === undefined ? {} : { newestUpTo: probe.newestWriteUpTo }),
        },
      ]),
  ...(probe.timeColumns ?? []).map(columnQuestion),
];

/** Where the source cannot be opened only the copy is asked. */
export async function newestWrites(
  open: OpenSession,
  copy: ServerFacts,
  source: ServerFacts | undefined,
  probe: ProofProbe,
  moment: Instant,
): Promise<NewestWrite[]> {
  const found: NewestWrite[] = [];
  for (const question of questionsOf(probe)) {
    const { column, database, newest, newestUpTo } = question;
    const label = column === undefined ? {} : { column };
    const inCopy = await timeFrom(open, copy, database, newest, []).catch((error: unknown) => ({
      failed: messageOf(error),
    }));
    if (inCopy !== null && typeof inCopy === 'object') {
      found.push({ ...label, inCopy: null, ...inCopy });
      continue;
    }
    // The source may be what was lost; the copy can still be looked at without it.
    const inSource =
      source && newestUpTo !== undefined
        ? await timeFrom(open, source, database, newestUpTo, [moment]).catch(() => undefined)
        : undefined;
    found.push({ ...label, inCopy, ...(inSource === undefined ? {} : { inSource }) });
  }
  return found;
}

const timeFrom = (
  open: OpenSession,
  server: ServerFacts,
  database: string,
  sql: string,
  values: readonly unknown[],
): Promise<Instant | null> =>
  withSession(open(server, database, 'owners'), async (session) => {
    const value = await session.value(sql, values);
    return value instanceof Date ? value.toISOString() : null;
  });

export async function ownersChecks(
  open: OpenSession,
  copy: ServerFacts,
  checks: readonly OwnersCheck[],
): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  for (const { name, database, sql, expect } of checks) {
    const asked = { name, expected: String(expect) };
    try {
      const value = await withSession(open(copy, database, 'owners'), (session) => session.value(sql));
      found.push({ ...asked, result: { kind: 'value', value: textOf(value) } });
    } catch (error) {
      found.push({ ...asked, result: { kind: 'failed', message: messageOf(error) } });
    }
  }
  return found;
}

const valueLimit = 200;

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text =
    typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : JSON.stringify(value);
  return text.slice(0, valueLimit);
}
