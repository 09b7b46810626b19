/** What stands in one database: tables, extensions, indexes, and what acts by itself. Catalogues only; no row is read here. */
import { thing, type ThingRow, type WrittenThing } from './server-questions';
import type { FoundIndex, FoundTable, Waking } from '../restore/proof-findings';
import type { Session } from './sessions';

export interface DatabaseAnswers {
  readonly tables: readonly (FoundTable & WrittenThing)[];
  readonly tablesUpTo?: number;
  readonly extensions: readonly WrittenThing[];
  readonly indexes: readonly (FoundIndex & WrittenThing)[];
  readonly indexesUpTo?: number;
  readonly sequences: readonly string[];
  readonly wakes: readonly Waking[];
  readonly counter: OidCounter;
}

/** Highest OID of what the copy did not make itself, and that of the youngest relation. */
export interface OidCounter {
  readonly highest: number;
  readonly youngest: number;
  /** Of the youngest, in transactions. */
  readonly age: number;
}

/** A list is cut off here; what lies behind it is not compared. */
const most = 5_000;

const ours = `n.nspname !~ '^(pg_|information_schema$)'`;
/** As a person names it: the schema only where it is not the usual one. */
const label = (name: string): string =>
  `case when n.nspname = 'public' then ${name} else n.nspname || '.' || ${name} end`;

/** A copy writes things of its own from this transaction on. */
export type Side = { readonly kind: 'copy'; readonly ownFrom: number } | { readonly kind: 'source' };

export async function askDatabase(session: Session, name: string, side: Side): Promise<DatabaseAnswers> {
  const tables = await session.rows<TableRow>(tablesSql(side.kind));
  const indexes = await session.rows<IndexRow>(indexesSql);
  const extensions = await session.rows<ThingRow>(
    `select oid, extname as name, xmin::text as xid from pg_extension where oid >= 16384 order by oid`,
  );
  const sequences = await session.rows<{ name: string }>(
    `select ${label('c.relname')} as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'S' and c.relpersistence <> 't' and ${ours} order by c.oid limit ${most}`,
  );
  return {
    tables: tables.slice(0, most).map(toTable),
    ...cutAt('tablesUpTo', tables),
    extensions: extensions.map(thing),
    indexes: indexes
      .slice(0, most)
      .map((row) => ({ ...thing(row), schema: row.schema, table: row.table, isValid: row.valid })),
    ...cutAt('indexesUpTo', indexes),
    sequences: sequences.map((row) => row.name),
    wakes: await databaseWakes(session, name),
    counter: await oidCounter(session, side),
  };
}

function cutAt<Key extends string>(key: Key, rows: readonly ThingRow[]): Partial<Record<Key, number>> {
  const last = rows[most - 1];
  return rows.length > most && last ? ({ [key]: last.oid } as Record<Key, number>) : {};
}

interface TableRow extends ThingRow {
  readonly schema: string;
  readonly kind: string;
  readonly persistence: string;
  readonly bytes: number;
  readonly estimate: number;
}

/** Looking at a file asks for a lock, for which the work of a source is not held up. */
const bytesOf = {
  copy: 'coalesce(pg_relation_size(c.oid), 0)::float8',
  source: `c.relpages::float8 * current_setting('block_size')::float8`,
};

/** The row of a system column is written when its table is made, and never again. */
const tablesSql = (side: 'copy' | 'source'): string => `
  select c.oid, ${label('c.relname')} as name, n.nspname as schema, c.relkind::text as kind,
         c.relpersistence::text as persistence, ${bytesOf[side]} as bytes,
         c.reltuples::float8 as estimate, a.xmin::text as xid
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_attribute a on a.attrelid = c.oid and a.attnum = -1
  where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't' and ${ours}
  order by c.oid limit ${most + 1}`;

const toTable = (row: TableRow): FoundTable & WrittenThing => ({
  ...thing(row),
  schema: row.schema,
  holds: row.kind === 'p' ? 'partitions' : row.persistence === 'u' ? 'unlogged rows' : 'rows',
  bytes: row.bytes,
  ...(row.estimate < 0 ? {} : { estimatedRows: row.estimate }),
});

interface IndexRow extends ThingRow {
  readonly schema: string;
  readonly table: string;
  readonly valid: boolean;
}

/** The row of an index is written again when it becomes valid: then it tells since when it is. */
const indexesSql = `
  select c.oid, ${label('c.relname')} as name, n.nspname as schema, ${label('t.relname')} as table,
         i.indisvalid as valid, i.xmin::text as xid
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace
  where c.relpersistence <> 't' and ${ours}
  order by c.oid limit ${most + 1}`;

/** Counted from the youngest relation, so that a counter that began anew is noticed. */
async function oidCounter(session: Session, side: Side): Promise<OidCounter> {
  const [row] = await session.rows<{ highest: number | null; youngest: number | null; age: number | null }>(
    `with made as (
       select a.attrelid as oid, age(a.xmin) as age from pg_attribute a
       where a.attnum = -1 and a.attrelid >= 16384 and a.xmin::text::bigint >= 3
         and age(a.xmin) > $1::bigint)
     select (select max(oid) from made) as highest,
            (select oid from made order by age, oid desc limit 1) as youngest,
            (select min(age)::float8 from made) as age`,
    [side.kind === 'source' ? -1 : Math.max(-1, (await nextXid(session)) - side.ownFrom)],
  );
  return { highest: row?.highest ?? 0, youngest: row?.youngest ?? 0, age: row?.age ?? Infinity };
}

const nextXid = async (session: Session): Promise<number> =>
  Number(await session.value('select pg_snapshot_xmax(pg_current_snapshot())::text'));

async function databaseWakes(session: Session, database: string): Promise<Waking[]> {
  const rows = await session.rows<{ kind: Waking['kind']; name: string }>(
    `select * from (
       select 'foreign server' as kind, srvname::text as name from pg_foreign_server
       union all
       select 'event trigger', evtname::text from pg_event_trigger t where evtenabled <> 'D'
         and not exists (select from pg_depend d where d.classid = 'pg_event_trigger'::regclass and d.objid = t.oid and d.deptype = 'e')
     ) waking order by kind, name limit 20`,
  );
  return [...rows, ...(await cronJobs(session))].map(({ kind, name }) => ({ kind, name, database }));
}

/** The table of jobs is that of the extension, or one whose reading runs nothing that somebody made. */
const cronSql = `
  select c.oid from pg_class c where c.oid = to_regclass('cron.job') and c.relkind = 'r' and (
    exists (select from pg_depend d join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_cron'
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e' and d.refclassid = 'pg_extension'::regclass)
    or (not row_security_active(c.oid) and not exists (
      select from pg_attribute a join pg_type y on y.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and y.typnamespace <> 'pg_catalog'::regnamespace)))`;

/** Jobs are shown to their owners only; that there are some may be all that can be said. */
async function cronJobs(session: Session): Promise<{ kind: 'cron job'; name: string }[]> {
  if ((await session.rows(cronSql)).length === 0) return [];
  try {
    const rows = await session.rows<{ name: string }>(
      `select coalesce(job.jobname::text, 'no. ' || job.jobid) as name from cron.job where job.active order by 1 limit 20`,
    );
    return rows.map(({ name }) => ({ kind: 'cron job', name }));
  } catch {
    return [{ kind: 'cron job', name: '(not readable)' }];
  }
}
