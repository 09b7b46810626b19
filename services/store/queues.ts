/**
 * The durable queue (pg-boss). It is a queue and nothing more: the state machine is our own table, moved in the same
 * transaction in which the next job is sent. Jobs may run twice; what they do is safe to repeat.
 */
import { PgBoss, type Db } from 'pg-boss';
import type { PoolClient } from 'pg';
import type { DueJob, Job } from '../restore/ports';
import { applicationRole, query, type Database } from './database';

/** Changes whenever the queues below change, so that they are installed again. */
export const queueVersion = 'pg-boss-12.35.0-queues-3';

const kinds = [
  'advance',
  'clock',
  'check-draft',
  'deliver',
  'apply',
] as const satisfies readonly Job['kind'][];

/** Waits at most once per key ("short"), woken by NOTIFY; retried until it works, at most half a minute apart. */
const queueOptions = {
  notify: true,
  retryLimit: 100_000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 30,
  expireInSeconds: 120,
  deleteAfterSeconds: 3_600,
  retentionSeconds: 60 * 24 * 3_600,
} as const;

/** Azure takes its time for each of many items. A dead process's work is found by its request, not by this. */
const longWork = { expireInSeconds: 6 * 3_600 } as const;

/** Creates pg-boss's schema and our queues as the owner of the database. */
export async function installQueues(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, supervise: false, schedule: false, max: 2 });
  await boss.start();
  try {
    for (const kind of kinds) {
      const options = kind === 'apply' ? { ...queueOptions, ...longWork } : queueOptions;
      await boss.createQueue(kind, { policy: 'short', ...options });
      await boss.updateQueue(kind, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

/**
 * The running queue, as the application role. Taking a job and ending it wait for no disk: what a crash of the database
 * forgets of that is a job that runs twice. Sending one is part of the caller's transaction, which does wait.
 */
export function openQueues(url: string, onError: (error: Error) => void): PgBoss {
  const boss = new PgBoss({
    connectionString: url,
    options: `-c role=${applicationRole} -c synchronous_commit=off`,
    application_name: 'restore-desk-queue',
    migrate: false,
    createSchema: false,
    schedule: false,
    reindex: false,
    superviseIntervalSeconds: 5,
    useListenNotify: true,
    max: 4,
  });
  boss.on('error', onError);
  return boss;
}

const jobKey = (job: Job): string => {
  switch (job.kind) {
    case 'advance':
      return job.requestId;
    case 'clock':
      return job.requestId;
    case 'check-draft':
      return job.draftId;
    case 'deliver':
      return job.slot;
    case 'apply':
      return `${job.requestId}/${job.group}`;
  }
};

/**
 * Sends a job inside the caller's transaction: it exists exactly when the change does. One that is due now takes the
 * place of one that waits for later; one that is due later changes nothing while another waits. Only the clock of a request
 * always waits for the time that was said last: an answer may bring it forward by days.
 */
export async function sendJob(boss: PgBoss, client: PoolClient, job: Job, startAt?: string): Promise<void> {
  const db: Db = { executeSql: async (text, values) => client.query(text, values as unknown[]) };
  const options = { singletonKey: jobKey(job), startAfter: startAt ?? 0, db };
  // The usual case in one statement; an upsert looks for its like first, which costs more than all else about a message.
  if (job.kind !== 'clock' && (await boss.send(job.kind, job, options)) !== null) return;
  if (job.kind === 'clock' || startAt === undefined) await boss.upsert(job.kind, job, options);
}

/**
 * Whether the same work waits once more, for no longer than a failed job would. A queue keeps jobs that are to be repeated beside
 * the one that waits: one of them is enough, or they pile up for as long as what they need is away.
 */
export async function waitsBeside({ pool }: Database, job: Job, id: string): Promise<boolean> {
  const found = await query(
    pool,
    `select from pgboss.job where name = $1 and singleton_key = $2 and id <> $3 and state < 'active'
        and start_after < now() + make_interval(secs => $4) limit 1`,
    [job.kind, jobKey(job), id, queueOptions.retryDelayMax],
  );
  return found.length > 0;
}

/**
 * One statement per kind, inside the caller's transaction; jobs whose like is waiting are left out, but for clocks, which are
 * few and may wait for another time than they should.
 */
export async function sendJobs(boss: PgBoss, client: PoolClient, jobs: readonly DueJob[]): Promise<void> {
  const db: Db = { executeSql: async (text, values) => client.query(text, values as unknown[]) };
  for (const { job, startAt } of jobs) if (job.kind === 'clock') await sendJob(boss, client, job, startAt);
  for (const kind of kinds) {
    const ofKind = jobs.filter(({ job }) => job.kind === kind && job.kind !== 'clock');
    if (ofKind.length === 0) continue;
    const inserts = ofKind.map(({ job, startAt }) => ({
      data: job,
      singletonKey: jobKey(job),
      ...(startAt === undefined ? {} : { startAfter: startAt }),
    }));
    await boss.insert(kind, inserts, { db });
  }
}
