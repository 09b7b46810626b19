/** Takes jobs from the queue and gives them to whoever does them; arms again what a dead process left behind. */
import type { PgBoss } from 'pg-boss';
import type { DueJob, Job } from './restore/ports';
import { forgetOld } from './store/housekeeping';
import { overdueWork } from './store/overdue';
import { waitsBeside } from './store/queues';
import type { Applying } from './applying';
import type { Database } from './store/database';
import type { Decisions } from './deciding';
import type { Drafting } from './drafting';
import type { Log } from './deps';
import type { Notifier } from './notifier';
import type { Outbox } from './store/outbox';
import type { Running } from './running';
import type { Store } from './restore/ports';

export interface WorkerDeps {
  readonly boss: PgBoss;
  readonly database: Database;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly drafting: Drafting;
  readonly decisions: Decisions;
  readonly running: Running;
  readonly applying: Applying;
  readonly notifier: Notifier;
  readonly log: Log;
}

export interface Worker {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Work left by a dead replica is taken over after this long. */
const takeOverSeconds = 10;
const lookMillis = 5_000;
const forgetMillis = 3_600_000;

async function doJob(deps: WorkerDeps, job: Job): Promise<void> {
  switch (job.kind) {
    case 'advance':
      return deps.running.advance(job.requestId);
    case 'clock':
      return deps.decisions.clock(job.requestId);
    case 'check-draft':
      await deps.drafting.check(job.draftId);
      return;
    case 'deliver':
      return deps.notifier.deliver(job.slot);
    case 'apply':
      return deps.applying.work(job.requestId, job.group);
  }
}

/** How many jobs of a kind one process does at once. Each may hold one lock connection. */
const concurrency: Readonly<Record<Job['kind'], number>> = {
  advance: 4,
  clock: 2,
  'check-draft': 2,
  deliver: 4,
  apply: 2,
};

async function armAgain(deps: WorkerDeps, graceSeconds: number): Promise<void> {
  const [work, slots] = await Promise.all([
    overdueWork(deps.database, graceSeconds),
    deps.outbox.overdue(graceSeconds),
  ]);
  const jobs: DueJob[] = [
    ...work.requests.map((requestId): DueJob => ({ job: { kind: 'advance', requestId } })),
    ...work.applies.map(({ requestId, group }): DueJob => ({ job: { kind: 'apply', requestId, group } })),
    ...work.drafts.map((draftId): DueJob => ({ job: { kind: 'check-draft', draftId } })),
    ...work.clocks.map((requestId): DueJob => ({ job: { kind: 'clock', requestId } })),
    ...slots.map((slot): DueJob => ({ job: { kind: 'deliver', slot } })),
  ];
  if (jobs.length > 0) await deps.store.change((changes) => changes.enqueueAll(jobs));
}

export function createWorker(deps: WorkerDeps): Worker {
  const timers: NodeJS.Timeout[] = [];
  const look = (graceSeconds: number): Promise<void> =>
    armAgain(deps, graceSeconds).catch((error: unknown) =>
      deps.log.warn({ error }, 'unfinished work could not be looked for'),
    );
  const forget = (): Promise<void> =>
    forgetOld(deps.database).catch((error: unknown) =>
      deps.log.warn({ error }, 'old deliveries could not be forgotten'),
    );
  return {
    start: async () => {
      for (const kind of Object.keys(concurrency) as Job['kind'][]) {
        await deps.boss.work<Job>(
          kind,
          { localConcurrency: concurrency[kind], pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 },
          async (jobs) => {
            for (const { data, id } of jobs) {
              await doJob(deps, data).catch(async (error: unknown) => {
                deps.log.warn({ job: data, error }, 'a job failed and will be repeated');
                if (!(await waitsBeside(deps.database, data, id).catch(() => false))) throw error;
              });
            }
          },
        );
      }
      await look(0);
      timers.push(setInterval(() => void look(takeOverSeconds), lookMillis));
      timers.push(setInterval(() => void forget(), forgetMillis));
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await deps.boss.stop({ graceful: true, timeout: 5_000 });
    },
  };
}
