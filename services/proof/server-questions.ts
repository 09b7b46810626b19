/** What belongs to the server as a whole: its history, roles, databases, and what acts by itself in it. */
import { commitsAround, trackedRange, type CommitsAround, type XidRange } from './commit-times';
import type { FoundThing, Waking } from '../restore/proof-findings';
import type { ProofTask } from '../restore/proof-ports';
import type { Session } from './sessions';

/** A thing with the transaction that wrote the row which tells of it; the reader may not be allowed to see which. */
export interface WrittenThing extends FoundThing {
  readonly xid?: string;
}

export interface ServerAnswers {
  readonly systemIdentifier?: string;
  readonly timeline?: number;
  readonly range?: XidRange;
  readonly next: number;
  readonly commits?: CommitsAround;
  readonly roles: readonly WrittenThing[];
  readonly databases: readonly (WrittenThing & { readonly isOpen: boolean; readonly bytes: number })[];
  readonly wakes: readonly Waking[];
}

/**
 * Transactions that a copy may have made itself before it is looked at, where no commit times tell which those are: Azure's
 * own programs write to every server. Under their numbers the source may have done something else.
 */
const ownAtMost = 1_000;

/** From this number on nothing is known to be shared with the source. */
export const ownFrom = ({
  range,
  commits,
  next,
}: Pick<ServerAnswers, 'range' | 'commits' | 'next'>): number =>
  range && commits ? (commits.ownXid ?? next) : next - ownAtMost;

export async function askServer(
  session: Session,
  { moment, upTo, bornAt }: ProofTask,
  side: 'copy' | 'source',
): Promise<ServerAnswers> {
  const next = await session.value('select pg_snapshot_xmax(pg_current_snapshot())::text');
  const identifier = await ifAllowed(session, 'select system_identifier::text from pg_control_system()');
  const timeline = await ifAllowed(
    session,
    `select case when not pg_is_in_recovery() then substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end`,
  );
  const range = await trackedRange(session);
  const commits =
    range &&
    (side === 'copy'
      ? await commitsAround(session, range, upTo, bornAt)
      : await commitsAround(session, range, moment));
  return {
    next: Number(next),
    ...(typeof identifier === 'string' ? { systemIdentifier: identifier } : {}),
    ...(typeof timeline === 'string' ? { timeline: Number.parseInt(timeline, 16) } : {}),
    ...(range ? { range } : {}),
    ...(commits ? { commits } : {}),
    roles: await roles(session),
    databases: await databases(session),
    wakes: await serverWakes(session),
  };
}

/** Functions that a service may have taken away from ordinary roles; nothing depends on their answer alone. */
const ifAllowed = (session: Session, sql: string): Promise<unknown> =>
  session.value(sql).catch(() => undefined);

/** Whoever may read all data sees when a role was written; its password is never asked for. */
async function roles(session: Session): Promise<WrittenThing[]> {
  const rows = await session
    .rows<ThingRow>(
      `select oid, rolname as name, xmin::text as xid from pg_authid where ${named} order by oid`,
    )
    .catch(() =>
      session.rows<ThingRow>(
        `select oid, rolname as name, null as xid from pg_roles where ${named} order by oid`,
      ),
    );
  return rows.map(thing);
}

/** Roles of PostgreSQL and of Azure come with every server. */
const named = `oid >= 16384 and rolname !~ '^(pg_|azure)'`;

export interface ThingRow {
  readonly oid: number;
  readonly name: string;
  readonly xid: string | null;
}

export const thing = ({ oid, name, xid }: ThingRow): WrittenThing => ({
  oid,
  name,
  ...(xid === null ? {} : { xid }),
});

/** Azure's own databases are not the owner's data. */
async function databases(session: Session): Promise<ServerAnswers['databases']> {
  const rows = await session.rows<ThingRow & { open: boolean; bytes: number }>(
    `select oid, datname as name, xmin::text as xid, has_database_privilege(oid, 'connect') as open,
            coalesce(case when has_database_privilege(oid, 'connect') then pg_database_size(oid) end, 0)::float8 as bytes
     from pg_database where not datistemplate and datallowconn and datname !~ '^azure_' order by bytes desc, oid`,
  );
  return rows.map((row) => ({ ...thing(row), isOpen: row.open, bytes: row.bytes }));
}

/** Libraries that every server has and that do nothing by themselves. */
const harmless = ['azure', 'pg_stat_statements', 'pg_qs', 'pgms_stats', 'pgms_wait_sampling', 'auto_explain'];

async function serverWakes(session: Session): Promise<Waking[]> {
  const libraries = await session.value(
    `select setting from pg_settings where name = 'shared_preload_libraries'`,
  );
  const subscriptions = await session.rows<{ name: string; database: string }>(
    `select subname as name, datname as database from pg_subscription join pg_database on pg_database.oid = subdbid
     where subenabled order by subname limit 20`,
  );
  return [
    ...subscriptions.map((row): Waking => ({ kind: 'subscription', ...row })),
    ...(typeof libraries === 'string' ? libraries.split(',') : [])
      .map((library) => library.trim().replaceAll('"', ''))
      .filter((library) => library !== '' && !harmless.includes(library))
      .map((name): Waking => ({ kind: 'preloaded library', name })),
  ];
}
