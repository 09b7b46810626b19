/** Questions that read rows: exact counts, sequences behind their columns, old rows in the source. All of them bounded. */
import { escapeIdentifier } from 'pg';
import type { FoundTable, SequenceBehind } from '../restore/proof-findings';
import type { Session } from './sessions';

/** A copy is cold: reading it takes longer than its source would. */
const countingMillis = 20_000;
const usualCountRows = 10_000;
/** Without an estimate the size tells what is small. */
const smallBytes = 4_000_000;
const together = 40;

const qualified = ({ schema, name }: Pick<FoundTable, 'schema' | 'name'>): string => {
  const plain = name.startsWith(`${schema}.`) ? name.slice(schema.length + 1) : name;
  return `${escapeIdentifier(schema)}.${escapeIdentifier(plain)}`;
};

/** Small tables with their rows; the rest as they were, also when the time is over. */
export async function countRows<Table extends FoundTable>(
  session: Session,
  tables: readonly Table[],
  limit = usualCountRows,
): Promise<Table[]> {
  const until = Date.now() + countingMillis;
  const readable = await readableOids(session, tables);
  const small = tables.filter(
    ({ oid, holds, bytes, estimatedRows }) =>
      holds === 'rows' &&
      readable.has(oid) &&
      (estimatedRows === undefined || estimatedRows === 0 ? bytes <= smallBytes : estimatedRows <= limit),
  );
  const counted = new Map<number, number>();
  for (let from = 0; from < small.length && Date.now() < until; from += together) {
    const some = small.slice(from, from + together);
    const sql = some
      .map(
        (table, index) =>
          `select ${index} as place, (select count(*) from (select from ${qualified(table)} limit ${limit + 1}) few)::float8 as rows`,
      )
      .join(' union all ');
    const rows = await session.rows<{ place: number; rows: number }>(sql).catch(() => []);
    for (const { place, rows: found } of rows) {
      const table = some[place];
      if (table && found <= limit) counted.set(table.oid, found);
    }
  }
  return tables.map((table) => {
    const rows = counted.get(table.oid);
    return rows === undefined ? table : { ...table, rows };
  });
}

/** Not those whose policies would run: they are code of whoever made the table, and it would run with our rights. */
async function readableOids(
  session: Session,
  tables: readonly { readonly oid: number }[],
): Promise<Set<number>> {
  const rows = await session.rows<{ oid: number }>(
    `select oid from unnest($1::oid[]) oid where has_table_privilege(oid, 'select') and not row_security_active(oid)`,
    [tables.map(({ oid }) => oid)],
  );
  return new Set(rows.map(({ oid }) => oid));
}

/** Numbers of transactions that wrote rows of each of these tables; the first rows of a table are mostly its oldest. */
export async function oldRows(
  session: Session,
  tables: readonly (Pick<FoundTable, 'schema' | 'name'> & { readonly oid: number })[],
): Promise<Map<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  const readable = await readableOids(session, tables);
  for (const table of tables.filter(({ oid }) => readable.has(oid)).slice(0, 100)) {
    const rows = await session
      .rows<{ xid: string }>(
        `select distinct xmin::text as xid from (select xmin from ${qualified(table)} limit 1000) first_rows limit 20`,
      )
      .catch(() => []);
    found.set(
      table.oid,
      rows.map(({ xid }) => xid),
    );
  }
  return found;
}

interface SequenceRow {
  readonly name: string;
  readonly column: string;
  readonly table: string;
  readonly attribute: string;
  readonly last: string | null;
  readonly start: string;
}

/**
 * Sequences that a column owns and that count upwards; the column leads an index or its table is small. Policies and casts of
 * types that somebody made would run with our rights: what has them is not asked.
 */
const sequencesSql = `
  select case when n.nspname = 'public' then s.relname else n.nspname || '.' || s.relname end as name,
         t.relname || '.' || a.attname as column, quote_ident(tn.nspname) || '.' || quote_ident(t.relname) as table,
         quote_ident(a.attname) as attribute, pg_sequence_last_value(s.oid)::text as last, q.seqstart::text as start
  from pg_class s join pg_namespace n on n.oid = s.relnamespace join pg_sequence q on q.seqrelid = s.oid
       join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass
                           and d.deptype in ('a', 'i') and d.refobjsubid > 0
       join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
       join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
  where s.relkind = 'S' and s.relpersistence = 'p' and q.seqincrement > 0 and not q.seqcycle
    and has_table_privilege(t.oid, 'select') and not row_security_active(t.oid)
    and exists (select from pg_type y where y.oid = a.atttypid and y.typnamespace = 'pg_catalog'::regnamespace)
    and (has_sequence_privilege(s.oid, 'select') or has_sequence_privilege(s.oid, 'usage'))
    and (t.relpages < 500 or exists (
      select from pg_index i where i.indrelid = t.oid and i.indkey[0] = a.attnum and i.indisvalid and i.indpred is null))
  order by s.oid limit 2000`;

export async function sequencesBehind(session: Session, only?: readonly string[]): Promise<SequenceBehind[]> {
  const all = await session.rows<SequenceRow>(sequencesSql);
  const sequences = only ? all.filter(({ name }) => only.includes(name)) : all;
  const behind: SequenceBehind[] = [];
  for (let from = 0; from < sequences.length; from += together) {
    const some = sequences.slice(from, from + together);
    // A sequence that was never used gives its start next; otherwise its next value comes after the last one.
    const sql = some
      .map(
        ({ table, attribute }, index) =>
          `select ${index} as place, (select max(${attribute})::numeric from ${table})
             ${some[index]?.last === null ? '>=' : '>'} ($1::numeric[])[${index + 1}] as behind`,
      )
      .join(' union all ');
    const rows = await session
      .rows<{ place: number; behind: boolean | null }>(sql, [some.map(({ last, start }) => last ?? start)])
      .catch(() => []);
    for (const row of rows.filter((each) => each.behind === true)) {
      const sequence = some[row.place];
      if (sequence) behind.push({ name: sequence.name, column: sequence.column });
    }
  }
  return behind;
}
