/** Writes of one change; all of them share the transaction of `client`. */
import type { PgBoss } from 'pg-boss';
import type { PoolClient } from 'pg';
import { isApplying } from '../restore/applied-differences';
import { DeskError, problem } from '../restore/errors';
import { promised } from '../restore/plan';
import { clockOf } from '../restore/request';
import { isOpen, isRunning } from '../restore/state';
import type { EvidenceSigner } from '../restore/evidence-ports';
import type { Changes, Intent, Job, JournalEntry, OutboxMessage } from '../restore/ports';
import type { Draft, RestoreRequest } from '../restore/request';
import { appendJournal } from './journal';
import { sendJob, sendJobs } from './queues';

/** From the start of the run to a usable server, in milliseconds; only restores that got there count. */
function tookMillis(request: RestoreRequest): number | null {
  const { state } = request;
  if (state.phase !== 'completed' || state.run.readyAt === undefined) return null;
  // One that had to wait for its copy, or for a point from the archive, says nothing of how long a restore takes.
  if (state.run.putOff !== undefined || state.run.rehydratedAt !== undefined) return null;
  return Date.parse(state.run.readyAt) - Date.parse(state.run.startedAt);
}

const owedBy = ({ review }: RestoreRequest): string | null =>
  review?.kind === 'due' ? review.by.aadObjectId : null;

const requestColumns = (request: RestoreRequest): unknown[] => [
  request.state.phase,
  isOpen(request.state),
  promised(request.plan).name,
  JSON.stringify(request),
  tookMillis(request),
  clockOf(request) ?? null,
  owedBy(request),
];

/** Two requests raced for one target name; the database let one of them through. */
function nameTaken(error: unknown, target: string): never {
  const { code, constraint } = error as { code?: string; constraint?: string };
  if (code !== '23505' || constraint !== 'one_open_request_per_target') throw error;
  throw new DeskError(problem('DUPLICATE_OPEN', { id: 'another request', target }), error);
}

async function saveRequest(
  client: PoolClient,
  request: RestoreRequest,
  readVersion: number,
): Promise<boolean> {
  const { rowCount } = await client
    .query(
      `update restore_request
        set phase = $3, is_open = $4, target_name = $5, body = $6, took_millis = $7,
            next_clock_at = $8, review_owed_by = $9,
            version = version + 1, updated_at = now(),
            next_look_at = case when $10 then now() end
      where id = $1 and version = $2`,
      [
        request.id,
        readVersion,
        ...requestColumns(request),
        isRunning(request.state) || isApplying(request.state),
      ],
    )
    .catch((error: unknown) => nameTaken(error, promised(request.plan).name));
  return rowCount === 1;
}

async function addRequest(
  client: PoolClient,
  build: (id: string) => RestoreRequest,
): Promise<RestoreRequest> {
  const { rows } = await client.query<{ last: string }>(
    'update request_counter set last = last + 1 returning last',
  );
  const number = Number(rows[0]?.last);
  const request = build(`R-${number}`);
  await client
    .query(
      `insert into restore_request (id, number, phase, is_open, target_name, body, took_millis, next_clock_at,
                                  review_owed_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [request.id, number, ...requestColumns(request), request.createdAt],
    )
    .catch((error: unknown) => nameTaken(error, promised(request.plan).name));
  return request;
}

async function saveDraft(client: PoolClient, draft: Draft, readVersion: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'update draft set phase = $3, body = $4, version = version + 1 where id = $1 and version = $2',
    [draft.id, readVersion, draft.state.phase, JSON.stringify(draft)],
  );
  return rowCount === 1;
}

async function addIntent(client: PoolClient, intent: Intent): Promise<void> {
  await client.query(
    `insert into start_intent (request_id, revision, attempt, nonce, target_id, moment, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      intent.requestId,
      intent.revision,
      intent.attempt,
      intent.nonce,
      intent.targetId,
      intent.moment,
      intent.createdAt,
    ],
  );
}

/** The job of another intent stays what it is; one that this intent has already is a yes. */
async function noteJob(client: PoolClient, intent: Intent, jobId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `update start_intent set job_id = $4
      where request_id = $1 and revision = $2 and attempt = $3 and coalesce(job_id, $4) = $4
        and not exists (select from start_intent other
                         where other.job_id = $4 and (other.request_id, other.revision, other.attempt) <> ($1, $2, $3))`,
    [intent.requestId, intent.revision, intent.attempt, jobId],
  );
  return rowCount === 1;
}

/** A new slot is a new message; a known one gets a newer version, and whatever was not sent yet is overtaken. */
async function post(client: PoolClient, boss: PgBoss, out: OutboxMessage): Promise<void> {
  await client.query(
    `insert into outbox (slot, request_id, destination, message, pace) values ($1, $2, $3, $4, $5)
     on conflict (slot) do update
       set message = excluded.message, pace = excluded.pace, wanted = outbox.wanted + 1, changed_at = now(),
           request_id = coalesce(excluded.request_id, outbox.request_id)`,
    [out.slot, out.requestId, JSON.stringify(out.destination), JSON.stringify(out.message), out.pace],
  );
  await sendJob(boss, client, { kind: 'deliver', slot: out.slot });
}

async function enqueue(client: PoolClient, boss: PgBoss, job: Job, startAt?: string): Promise<void> {
  if (job.kind === 'advance' && startAt !== undefined) {
    await client.query('update restore_request set next_look_at = $2 where id = $1', [
      job.requestId,
      startAt,
    ]);
  }
  await sendJob(boss, client, job, startAt);
}

function changesIn(client: PoolClient, boss: PgBoss, entries: JournalEntry[]): Changes {
  return {
    journal: async (entry) => void entries.push(entry),
    post: (message) => post(client, boss, message),
    enqueue: (job, startAt) => enqueue(client, boss, job, startAt),
    enqueueAll: (jobs) => sendJobs(boss, client, jobs),
    saveRequest: (request, readVersion) => saveRequest(client, request, readVersion),
    addRequest: (build) => addRequest(client, build),
    saveDraft: (draft, readVersion) => saveDraft(client, draft, readVersion),
    addDraft: async (draft) => {
      await client.query('insert into draft (id, phase, body, created_at) values ($1, $2, $3, $4)', [
        draft.id,
        draft.state.phase,
        JSON.stringify(draft),
        draft.createdAt,
      ]);
    },
    addIntent: (intent) => addIntent(client, intent),
    noteJob: (intent, jobId) => noteJob(client, intent, jobId),
    isFirstDelivery: async (activityKey) => {
      const { rowCount } = await client.query(
        'insert into delivery (activity_key) values ($1) on conflict do nothing',
        [activityKey],
      );
      return rowCount === 1;
    },
  };
}

/**
 * Does the work, and writes its journal entries after everything else: writers of the chain wait for each other until they
 * commit, so whoever holds that lock must not wait for anything more.
 */
export async function inChange<T>(
  client: PoolClient,
  boss: PgBoss,
  signer: EvidenceSigner,
  work: (changes: Changes) => Promise<T>,
): Promise<T> {
  const entries: JournalEntry[] = [];
  const result = await work(changesIn(client, boss, entries));
  await appendJournal(client, signer, entries);
  return result;
}
