/** The Store port on PostgreSQL. */
import type { PgBoss } from 'pg-boss';
import type { Intent, Store, Versioned } from '../restore/ports';
import type { Draft, RestoreRequest } from '../restore/request';
import { changesIn } from './changes';
import { away, inTransaction, query, type Database } from './database';

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

interface IntentRow {
  nonce: string;
  target_id: string;
  moment: Date;
  created_at: Date;
  sendings: number;
  last_sent_at: Date | null;
  operation_url: string | null;
  accepted_at: Date | null;
  absent_since: Date | null;
  name_seen_taken: boolean;
}

const optional = <K extends string>(key: K, value: Date | null): Partial<Record<K, string>> =>
  (value === null ? {} : { [key]: value.toISOString() }) as Partial<Record<K, string>>;

async function readIntent(
  database: Database,
  requestId: string,
  revision: number,
  attempt: number,
): Promise<Intent | undefined> {
  const [row] = await query<IntentRow>(
    database.pool,
    'select * from start_intent where request_id = $1 and revision = $2 and attempt = $3',
    [requestId, revision, attempt],
  );
  if (!row) return undefined;
  return {
    requestId,
    revision,
    attempt,
    nonce: row.nonce,
    targetId: row.target_id,
    moment: row.moment.toISOString(),
    createdAt: row.created_at.toISOString(),
    sendings: row.sendings,
    nameSeenTaken: row.name_seen_taken,
    ...optional('lastSentAt', row.last_sent_at),
    ...optional('acceptedAt', row.accepted_at),
    ...optional('absentSince', row.absent_since),
    ...(row.operation_url === null ? {} : { operation: row.operation_url }),
  };
}

async function noteIntent(
  database: Database,
  intent: Intent,
  set: string,
  values: readonly unknown[],
): Promise<void> {
  await query(
    database.pool,
    `update start_intent set ${set} where request_id = $1 and revision = $2 and attempt = $3`,
    [intent.requestId, intent.revision, intent.attempt, ...values],
  );
}

/** Runs `work` while holding an advisory lock on a connection of its own; the lock dies with the process. */
async function exclusively<T>(
  database: Database,
  name: string,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | undefined> {
  const client = await database.locks.connect().catch((error: unknown) => {
    throw away(error);
  });
  let broken: Error | undefined;
  const onError = (error: Error): void => void (broken = error);
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
      return { done: await work() };
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

export function createStore(database: Database, boss: PgBoss): Store {
  return {
    change: (work) => inTransaction(database.pool, (client) => work(changesIn(client, boss))),
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
    intent: (requestId, revision, attempt) => readIntent(database, requestId, revision, attempt),
    noteSending: (intent, at) =>
      noteIntent(database, intent, 'sendings = sendings + 1, last_sent_at = $4, absent_since = null', [at]),
    noteAccepted: (intent, operation, at) =>
      noteIntent(
        database,
        intent,
        'operation_url = coalesce(operation_url, $4), accepted_at = coalesce(accepted_at, $5)',
        [operation ?? null, at],
      ),
    noteTurnedAway: (intent) => noteIntent(database, intent, 'sendings = sendings - 1', []),
    noteNameTaken: (intent) =>
      noteIntent(database, intent, 'name_seen_taken = true, absent_since = null', []),
    noteAbsent: (intent, since) => noteIntent(database, intent, 'absent_since = $4', [since]),
    pastDurations: async (limit) => {
      const rows = await query<{ took: string }>(
        database.pool,
        'select took_millis as took from restore_request where took_millis is not null order by updated_at desc limit $1',
        [limit],
      );
      return rows.map(({ took }) => Number(took));
    },
    exclusively: (name, work) => exclusively(database, name, work),
  };
}
