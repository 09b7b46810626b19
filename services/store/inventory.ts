/**
 * What is known of servers: read as a whole, written one subscription at a time. Rows are written only when something about
 * them changed; when a listed server was seen is told by its subscription's row.
 */
import type { PoolClient } from 'pg';
import type { Instant } from '../restore/instant';
import type { Inventory } from '../restore/ports';
import type { KnownServer, ServerFacts } from '../restore/servers';
import { inTransaction, query, type Database } from './database';

/** Gone servers are kept this long. Azure can bring one back for some days only; the rest is for whoever asks what it was. */
export const goneKept = `interval '30 days'`;

interface KnownRow {
  facts: ServerFacts;
  reachable: boolean;
  seen_at: Date;
  is_gone: boolean;
}

const readSql = `select k.facts, k.reachable, k.gone_at is not null as is_gone,
    case when k.reachable then r.at else k.seen_at end as seen_at
  from known_server k join subscription_read r using (subscription_id)
 where k.gone_at is null or k.gone_at > now() - ${goneKept}`;

export async function knownServers({ pool }: Database): Promise<Inventory> {
  // The time first: what is read after it can only be newer.
  const [read] = await query<{ at: Date | null }>(pool, 'select min(at) as at from subscription_read');
  const rows = await query<KnownRow>(pool, readSql);
  const servers: KnownServer[] = [];
  const gone = new Map<string, ServerFacts>();
  for (const { facts, reachable, seen_at, is_gone } of rows) {
    if (is_gone) gone.set(facts.id.toLowerCase(), facts);
    else servers.push({ server: facts, reachable, seenAt: seen_at.toISOString() });
  }
  return { servers, gone, ...(read?.at ? { readAt: read.at.toISOString() } : {}) };
}

/** Locks the subscription for this writer; false when a newer reading is stored. */
async function isNewest(client: PoolClient, subscriptionId: string, at: Instant): Promise<boolean> {
  await client.query(
    `insert into subscription_read (subscription_id, at) values ($1, '-infinity') on conflict do nothing`,
    [subscriptionId],
  );
  const { rowCount } = await client.query(
    'select from subscription_read where subscription_id = $1 and at <= $2 for update',
    [subscriptionId, at],
  );
  return rowCount === 1;
}

/**
 * The join leaves out what is stored already: a conflicting insert would lock, and so write, every row. Two pages of one list
 * may name the same server, since pages are read one after the other.
 */
const seenSql = `insert into known_server (id, subscription_id, facts, seen_at)
  select distinct on (s.id) s.id, $1::text, s.facts, $2::timestamptz
    from unnest($3::text[], $4::jsonb[]) s (id, facts) left join known_server k on k.id = s.id
   where k.id is null or k.facts <> s.facts or not k.reachable or k.gone_at is not null or k.subscription_id <> $1
  on conflict (id) do update
    set subscription_id = excluded.subscription_id, facts = excluded.facts, seen_at = excluded.seen_at,
        reachable = true, gone_at = null`;

/** The reading before this one is when they were listed for the last time. */
const lastListed = `case when reachable then (select at from subscription_read where subscription_id = $1) else seen_at end`;

const unreachableSql = `update known_server set reachable = false, seen_at = ${lastListed}
  where subscription_id = $1 and reachable and gone_at is null and id = any($2)`;

const goneSql = `update known_server k set gone_at = $2, reachable = false, seen_at = ${lastListed}
  where subscription_id = $1 and gone_at is null
    and not exists (select from unnest($3::text[]) kept (id) where kept.id = k.id)`;

export async function saveKnownServers(
  { pool }: Database,
  subscriptionId: string,
  seen: readonly ServerFacts[],
  unreachable: readonly string[],
  at: Instant,
): Promise<void> {
  const subscription = subscriptionId.toLowerCase();
  const seenIds = seen.map(({ id }) => id.toLowerCase());
  const unreachableIds = unreachable.map((id) => id.toLowerCase());
  await inTransaction(pool, async (client) => {
    if (!(await isNewest(client, subscription, at))) return;
    const facts = seen.map((server) => JSON.stringify(server));
    await client.query(seenSql, [subscription, at, seenIds, facts]);
    await client.query(unreachableSql, [subscription, unreachableIds]);
    await client.query(goneSql, [subscription, at, [...seenIds, ...unreachableIds]]);
    await client.query('update subscription_read set at = $2 where subscription_id = $1', [subscription, at]);
  });
}
