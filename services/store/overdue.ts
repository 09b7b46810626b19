/** Finds work that nobody is doing: its replica died. Every replica looks; the queue keeps at most one job per key. */
import type { ApplicableKind } from '../restore/difference-changes';
import { query, type Database } from './database';

export interface OverdueWork {
  readonly requests: readonly string[];
  readonly applies: readonly { readonly requestId: string; readonly group: ApplicableKind }[];
  readonly drafts: readonly string[];
  readonly expiries: readonly {
    readonly requestId: string;
    readonly revision: number;
    readonly at: string;
  }[];
}

/** `graceSeconds` 0 finds everything unfinished: what a starting process arms again. */
export async function overdueWork(database: Database, graceSeconds: number): Promise<OverdueWork> {
  const { pool } = database;
  const [requests, applies, drafts, expiries] = await Promise.all([
    query<{ id: string }>(
      pool,
      `select id from restore_request
        where next_look_at is not null and next_look_at < now() - make_interval(secs => $1) and phase <> 'completed'
        order by next_look_at limit 10000`,
      [graceSeconds],
    ),
    query<{ id: string; group: ApplicableKind }>(
      pool,
      `select id, applied.key as "group"
         from restore_request cross join lateral jsonb_each(body -> 'state' -> 'applied') applied
        where next_look_at is not null and next_look_at < now() - make_interval(secs => $1) and phase = 'completed'
          and applied.value ->> 'kind' = 'at-work' limit 10000`,
      [graceSeconds],
    ),
    query<{ id: string }>(pool, `select id from draft where phase = 'checking' limit 1000`),
    query<{ id: string; revision: number; expires_at: string }>(
      pool,
      `select id, (body ->> 'revision')::int as revision, body -> 'state' ->> 'expiresAt' as expires_at
         from restore_request where phase = 'awaiting-approval'
          and (body -> 'state' ->> 'expiresAt')::timestamptz < now() + interval '1 minute' limit 10000`,
    ),
  ]);
  return {
    requests: requests.map(({ id }) => id),
    applies: applies.map(({ id, group }) => ({ requestId: id, group })),
    drafts: drafts.map(({ id }) => id),
    expiries: expiries.map((row) => ({ requestId: row.id, revision: row.revision, at: row.expires_at })),
  };
}
