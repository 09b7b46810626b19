/**
 * Backup jobs: what a vault does after a trigger was accepted. A job is stored before it begins; a process that starts
 * again goes on with the unfinished ones, and with a rehydration where it stands.
 */
import { randomUUID } from 'node:crypto';
import { checkRestore } from './restore-checks';
import { jobWork, type JobWorkDeps } from './vault-job-work';
import { vaultOf } from './backup-vaults';
import { patchPoint } from './recovery-points';
import { BackupRefused, orderedError, userFacing } from './vault-errors';
import type { BackupInstance, RecoveryPoint, Rehydrated, RestoreOrder, VaultJob } from './vault-model';
import { until } from './vault-waiting';

export interface NewJob {
  readonly kind: VaultJob['kind'];
  readonly instance: BackupInstance;
  readonly isCrossRegion: boolean;
  readonly point?: RecoveryPoint;
  readonly order?: RestoreOrder;
  readonly rehydration?: RestoreOrder['rehydration'];
}

export interface VaultJobs {
  start(job: NewJob): VaultJob;
  resume(): void;
  /** From now on nothing is recorded any more. */
  close(): void;
}

/** Azure's times, in seconds. */
const azureSeconds = { trigger: 2, transfer: 180, Standard: 10 * 3600, High: 45 * 60, failure: 20 } as const;

export interface JobDeps extends JobWorkDeps {
  readonly timeScale: number;
}

export function createVaultJobs(deps: JobDeps): VaultJobs {
  const { store } = deps;
  let closed = false;
  const patch = (id: string, change: Partial<VaultJob>): void => {
    if (closed) return;
    const changedAt = new Date().toISOString();
    store.state.jobs = store.state.jobs.map((job) =>
      job.id === id ? { ...job, ...change, changedAt } : job,
    );
    store.save();
  };
  const carryOut = createCarrier(deps, patch);
  return {
    start: (wish) => {
      const job = newJob(deps, wish);
      store.state.jobs = [...store.state.jobs, job];
      store.save();
      void carryOut(job);
      return job;
    },
    resume: () => {
      for (const job of store.state.jobs) if (job.status === 'InProgress') void carryOut(job);
    },
    close: () => {
      closed = true;
    },
  };
}

function newJob({ store, timeScale }: JobDeps, wish: NewJob): VaultJob {
  const nowMs = Date.now();
  const inReal = (seconds: number): number => (seconds * 1000) / timeScale;
  const { kind, instance, isCrossRegion, point, order, rehydration } = wish;
  const transferFromMs = nowMs + (rehydration ? inReal(azureSeconds[rehydration.priority]) : 0);
  const transferMs = kind === 'Rehydrate' ? 0 : inReal(azureSeconds.transfer);
  const [shape, ...later] = store.state.nextJobs[instance.vault] ?? [];
  store.state.nextJobs[instance.vault] = later;
  return {
    ...{ id: randomUUID(), vault: instance.vault, instance: instance.name, kind, isCrossRegion },
    ...{ activityId: randomUUID(), status: 'InProgress', startTime: new Date(nowMs).toISOString() },
    visibleAtMs: nowMs + inReal(azureSeconds.trigger),
    ...{ transferFromMs, endsAtMs: transferFromMs + transferMs, hasBegun: false, bytes: 0 },
    changedAt: new Date(nowMs).toISOString(),
    ...(point ? { pointId: point.id } : {}),
    ...(order ? { order } : {}),
    ...(rehydration ? { rehydration: { ...rehydration, untilMs: transferFromMs, isDone: false } } : {}),
    ...(shape ? { shape } : {}),
  };
}

function createCarrier(deps: JobDeps, patch: (id: string, change: Partial<VaultJob>) => void) {
  const work = jobWork(deps, patch);
  const finish = (job: VaultJob, change: Partial<VaultJob>): void =>
    patch(job.id, { ...change, endTime: new Date().toISOString() });
  return async (job: VaultJob): Promise<void> => {
    const { shape, activityId } = job;
    try {
      await check(deps, job);
      await rehydrate(deps, job, patch);
      if (shape?.stuck === true) return;
      await work(job);
      await until(job.endsAtMs);
      const warning = { code: 'UserErrorPartialRestore', message: 'Some objects were left out.' };
      const error = shape?.status && orderedError(shape.error ?? warning, activityId);
      finish(job, { status: shape?.status ?? 'Completed', ...(error ? { error } : {}) });
    } catch (error) {
      const failsAtMs = Date.parse(job.startTime) + (azureSeconds.failure * 1000) / deps.timeScale;
      await until(Math.min(failsAtMs, job.endsAtMs));
      if (!(error instanceof BackupRefused)) console.error(`The job ${job.id} failed:`, error);
      const known =
        error instanceof BackupRefused ? error : new BackupRefused('CloudInternalError', String(error));
      finish(job, { status: 'Failed', error: userFacing(known, activityId) });
    }
  };
}

async function check(deps: JobDeps, job: VaultJob): Promise<void> {
  const { store } = deps;
  const { order, isCrossRegion, hasBegun } = job;
  const instance = store.state.instances.find(({ name }) => name === job.instance);
  const point = store.state.recoveryPoints.find(({ id }) => id === job.pointId);
  if (!order || !instance || !point) return;
  await checkRestore(deps, { vault: vaultOf(store, job), instance, point, order, isCrossRegion, hasBegun });
}

async function rehydrate(
  { store }: JobDeps,
  { id, pointId, rehydration }: VaultJob,
  patch: (id: string, change: Partial<VaultJob>) => void,
): Promise<void> {
  if (!rehydration || rehydration.isDone || pointId === undefined) return;
  const mark = (state: Rehydrated): void => patchPoint(store, pointId, state);
  mark({ status: 'CREATE_IN_PROGRESS' });
  await until(rehydration.untilMs);
  const expiresAt = new Date(Date.now() + rehydration.days * 24 * 3600 * 1000).toISOString();
  patch(id, { rehydration: { ...rehydration, isDone: true } });
  mark({ status: 'COMPLETED', expiresAt });
}
