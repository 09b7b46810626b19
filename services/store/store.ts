/** The Store port on PostgreSQL. */
import type { PgBoss } from 'pg-boss';
import type { EvidenceSigner } from '../restore/evidence-ports';
import { restoreModes } from '../restore/restore-modes';
import type { PastDuration, Store, Versioned } from '../restore/ports';
import type { RestoreMode } from '../restore/plan';
import type { Draft, RestoreRequest } from '../restore/request';
import { inChange } from './changes';
import { away, inTransaction, query, type Database } from './database';
import { createIntentStore } from './intents';
import { readHistory } from './journal';
import { knownServers, saveKnownServers } from './inventory';

interface BodyRow<T> {
  body: T;
  version: number;
}

async function one<T>(
  database: Database,
  table: 'restore_request' | 'draft',
  id: string,
): Promise<Versioned<T> | undefined> {
  const [row] = await query<BodyRow<T>>(database.pool, `select body, version from ${table} where id = $1`, [
    id,
  ]);
  return row && { value: row.body, version: row.version };
}

/** At most `limit` of each mode, so that a common mode does not push a rare one out. */
async function pastDurations(database: Database, limit: number): Promise<PastDuration[]> {
  const rows = await query<{ mode: RestoreMode; took: string }>(
    database.pool,
    `select modes.mode, past.took_millis as took from unnest($1::text[]) modes (mode)
      cross join lateral (
        select took_millis, updated_at from restore_request
         where took_millis is not null and body -> 'plan' ->> 'mode' = modes.mode
         order by updated_at desc limit $2) past
      order by past.updated_at desc`,
    [restoreModes, limit],
  );
  return rows.map(({ mode, took }) => ({ mode, millis: Number(took) }));
}

async function brokenGlass(
  database: Database,
  accounts: readonly string[],
  since: string,
): Promise<{ times: number; owed?: string }> {
  const [row] = await query<{ times: string; owed: string | null }>(
    database.pool,
    `select (select count(*) from journal
              where kind = 'glass-broken' and at > $2 and actor ->> 'aadObjectId' = any($1)) as times,
            (select min(id) from restore_request where review_owed_by = any($1)) as owed`,
    [accounts, since],
  );
  return { times: Number(row?.times ?? 0), ...(row?.owed ? { owed: row.owed } : {}) };
}

/**
 * Runs `work` while holding an advisory lock on a connection of its own; the lock dies with the process. Should it die
 * before, with its connection, `work` is told by the signal: somebody else may hold it then.
 */
async function exclusively<T>(
  database: Database,
  name: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<{ readonly done: T } | undefined> {
  const lost = new AbortController();
  const client = await database.locks.connect().catch((error: unknown) => {
    throw away(error);
  });
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
    lost.abort();
  };
  client.on('error', onError);
  try {
    const { rows } = await client
      .query<{ held: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as held', [name])
      .catch((error: Error) => {
        broken = error;
        throw away(error);
      });
    if (rows[0]?.held !== true) return undefined;
    try {
      return { done: await work(lost.signal) };
    } finally {
      await client
        .query('select pg_advisory_unlock(hashtextextended($1, 0))', [name])
        .catch((error: Error) => (broken = error));
    }
  } finally {
    client.off('error', onError);
    client.release(broken ?? false);
  }
}

export function createStore(database: Database, boss: PgBoss, signer: EvidenceSigner): Store {
  return {
    change: (work) => inTransaction(database.pool, (client) => inChange(client, boss, signer, work)),
    request: (id) => one<RestoreRequest>(database, 'restore_request', id),
    draft: (id) => one<Draft>(database, 'draft', id),
    requests: async (limit) => {
      const rows = await query<{ body: RestoreRequest }>(
        database.pool,
        'select body from restore_request order by is_open desc, number desc limit $1',
        [limit],
      );
      return rows.map(({ body }) => body);
    },
    openRequestForTarget: async (targetName) => {
      const [row] = await query<{ id: string }>(
        database.pool,
        'select id from restore_request where is_open and target_name = $1',
        [targetName],
      );
      return row?.id;
    },
    brokenGlass: (accounts, since) => brokenGlass(database, accounts, since),
    ...createIntentStore(database, signer),
    history: (requestId) => readHistory(database, requestId),
    pastDurations: (limit) => pastDurations(database, limit),
    knownServers: () => knownServers(database),
    saveKnownServers: (subscriptionId, seen, unreachable, at) =>
      saveKnownServers(database, subscriptionId, seen, unreachable, at),
    exclusively: (name, work) => exclusively(database, name, work),
  };
}
