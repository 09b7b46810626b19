/**
 * What is known of servers: read as a whole, written one subscription at a time. Rows are written only when something about
 * them changed; when a listed server was seen is told by its subscription's row.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Instant } from '../restore/instant';
import type { Inventory } from '../restore/ports';
import type { KnownServer, ServerFacts } from '../restore/servers';
import { inTransaction, type Database } from './database';

/** Gone servers are kept this long. Azure can bring one back for some days only; the rest is for whoever asks what it was. */
export const goneKept = `interval '30 days'`;

interface KnownRow {
  id: string;
  facts: ServerFacts;
  reachable: boolean;
  seen_at: Date;
  is_gone: boolean;
}

/** Thousands of servers at once would hold up everybody else in this process while they are taken apart or put together. */
const rowsAtOnce = 500;

const readSql = `select k.id, k.facts, k.reachable, k.gone_at is not null as is_gone,
    case when k.reachable then r.at else k.seen_at end as seen_at
  from known_server k join subscription_read r using (subscription_id)
 where k.id > $1 and (k.gone_at is null or k.gone_at > now() - ${goneKept})
 order by k.id limit ${rowsAtOnce}`;

export async function knownServers({ pool }: Database): Promise<Inventory> {
  const servers: KnownServer[] = [];
  const gone = new Map<string, ServerFacts>();
  return inTransaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    const read = await client.query<{ at: Date | null }>('select min(at) as at from subscription_read');
    const readAt = read.rows[0]?.at;
    for (let last: string | undefined = ''; last !== undefined;) {
      const { rows }: { rows: KnownRow[] } = await client.query<KnownRow>(readSql, [last]);
      for (const { id, facts, reachable, seen_at, is_gone } of rows) {
        if (is_gone) gone.set(id, facts);
        else servers.push({ server: facts, reachable, seenAt: seen_at.toISOString() });
      }
      last = rows.length < rowsAtOnce ? undefined : rows.at(-1)?.id;
    }
    return { servers, gone, ...(readAt ? { readAt: readAt.toISOString() } : {}) };
  });
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

interface StoredState {
  id: string;
  digest: string;
  reachable: boolean;
  is_gone: boolean;
}

interface NewRow {
  readonly id: string;
  readonly digest: string;
  readonly facts: ServerFacts;
}

const toRow = (server: ServerFacts): NewRow => ({
  id: server.id.toLowerCase(),
  digest: createHash('sha256').update(JSON.stringify(server)).digest('base64'),
  facts: server,
});

const seenSql = `insert into known_server (id, subscription_id, facts, digest, seen_at)
  select s.id, $1, s.facts, s.digest, $2 from jsonb_to_recordset($3::jsonb) s (id text, facts jsonb, digest text)
  on conflict (id) do update
    set subscription_id = excluded.subscription_id, facts = excluded.facts, digest = excluded.digest,
        seen_at = excluded.seen_at, reachable = true, gone_at = null`;

/** The reading before this one is when they were listed for the last time. */
const lastListed = `case when reachable then (select at from subscription_read where subscription_id = $1) else seen_at end`;

const unreachableSql = `update known_server set reachable = false, seen_at = ${lastListed} where id = any($2)`;
const goneSql = `update known_server set gone_at = $3, reachable = false, seen_at = ${lastListed} where id = any($2)`;

/** By id: two pages of one list may name the same server, since they are read one after the other. */
async function toRows(seen: readonly ServerFacts[]): Promise<ReadonlyMap<string, NewRow>> {
  const rows = new Map<string, NewRow>();
  for (let from = 0; from < seen.length; from += rowsAtOnce) {
    for (const row of seen.slice(from, from + rowsAtOnce).map(toRow)) rows.set(row.id, row);
    await setImmediate();
  }
  return rows;
}

/** What of a reading differs from what is stored. */
function differences(
  rows: ReadonlyMap<string, NewRow>,
  unreachable: readonly string[],
  stored: readonly StoredState[],
) {
  const before = new Map(stored.map((row) => [row.id, row]));
  const kept = new Set(unreachable.map((id) => id.toLowerCase()));
  const present = stored.filter(({ id, is_gone }) => !is_gone && !rows.has(id));
  return {
    changed: [...rows.values()].filter(({ id, digest }) => {
      const known = before.get(id);
      return !known?.reachable || known.is_gone || known.digest !== digest;
    }),
    newlyUnreachable: present.filter(({ id, reachable }) => reachable && kept.has(id)).map(({ id }) => id),
    newlyGone: present.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
  };
}

export async function saveKnownServers(
  { pool }: Database,
  subscriptionId: string,
  seen: readonly ServerFacts[],
  unreachable: readonly string[],
  at: Instant,
): Promise<void> {
  const subscription = subscriptionId.toLowerCase();
  const read = await toRows(seen);
  await inTransaction(pool, async (client) => {
    if (!(await isNewest(client, subscription, at))) return;
    const { rows } = await client.query<StoredState>(
      'select id, digest, reachable, gone_at is not null as is_gone from known_server where subscription_id = $1',
      [subscription],
    );
    const { changed, newlyUnreachable, newlyGone } = differences(read, unreachable, rows);
    for (let from = 0; from < changed.length; from += rowsAtOnce) {
      const some = JSON.stringify(changed.slice(from, from + rowsAtOnce));
      await client.query(seenSql, [subscription, at, some]);
    }
    if (newlyUnreachable.length > 0) await client.query(unreachableSql, [subscription, newlyUnreachable]);
    if (newlyGone.length > 0) await client.query(goneSql, [subscription, newlyGone, at]);
    await client.query('update subscription_read set at = $2 where subscription_id = $1', [subscription, at]);
  });
}
