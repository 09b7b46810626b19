/** Finds work that nobody is doing: its replica died. Every replica looks; the queue keeps at most one job per key. */
import type { ApplicableKind } from '../restore/difference-changes';
import { query, type Database } from './database';

export interface OverdueWork {
  readonly requests: readonly string[];
  readonly applies: readonly { readonly requestId: string; readonly group: ApplicableKind }[];
  readonly drafts: readonly string[];
  /** Requests whose clock has something for somebody. */
  readonly clocks: readonly string[];
}

/** `graceSeconds` 0 finds everything unfinished: what a starting process arms again. */
export async function overdueWork(database: Database, graceSeconds: number): Promise<OverdueWork> {
  const { pool } = database;
  const [requests, applies, drafts, clocks] = await Promise.all([
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
    query<{ id: string }>(
      pool,
      'select id from restore_request where next_clock_at <= now() order by next_clock_at limit 500',
    ),
  ]);
  return {
    requests: requests.map(({ id }) => id),
    applies: applies.map(({ id, group }) => ({ requestId: id, group })),
    drafts: drafts.map(({ id }) => id),
    clocks: clocks.map(({ id }) => id),
  };
}
