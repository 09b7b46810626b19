/**
 * The steps of a restore from a vault:
 *
 *   1 checked again before the start     preflight once more, Azure's own check included
 *   2 restore job started                intent stored, restore triggered, acceptance stored
 *   3 fetched back from the archive      only of an archived point; hours, in which nothing is sent again
 *   4 Azure writes the files             the job is followed until it has ended
 *   5 files looked at                    what came into being is listed and opened; a chain loads it instead
 *
 * Azure tells no percentage of any of it; what it does tell (parts of the job, transferred bytes) is passed on.
 */
import { rehydrationWords } from './say-vault';
import type { JobFacts } from './vaults';
import { loadingSteps } from './load-steps';
import { writesFiles, type VaultPlan } from './vault-plan';
import type { Instant } from './instant';
import type { RequestState, Run } from './state';
import type { StepOf } from './step-of';

export function vaultSteps(plan: VaultPlan): readonly StepOf[] {
  const { rehydration } = plan;
  const isFiles = writesFiles(plan);
  const isChain = plan.mode === 'vault-to-server';
  return [
    { name: 'checked again before the start', from: (run) => run.startedAt, to: (run) => run.checkedAt },
    { name: 'restore job started', from: (run) => run.checkedAt, to: (run) => run.orderedAt },
    ...(rehydration === undefined
      ? []
      : ([
          {
            name: 'recovery point fetched back from the archive',
            from: (run) => run.orderedAt,
            to: (run) => run.rehydratedAt ?? jobEnd(run),
          },
        ] satisfies StepOf[])),
    {
      name: isFiles ? 'Azure writes the files' : 'Azure restores the database',
      from: (run) => (rehydration === undefined ? run.orderedAt : (run.rehydratedAt ?? jobEnd(run))),
      to: jobEnd,
      ...(rehydration === undefined && !isChain ? { isLong: true as const } : {}),
    },
    ...(isChain
      ? loadingSteps(plan.load, (run) => run.filesAt)
      : [
          {
            name: isFiles ? 'files looked at' : 'database looked at',
            from: (run: Run) => run.readyAt,
            to: () => undefined,
          },
        ]),
  ];
}

const jobEnd = (run: Run): Instant | undefined => run.filesAt ?? run.readyAt;

/** In the words of the job itself. */
function jobWords({ bytes, subTasks }: JobFacts): string {
  const parts = subTasks.map(({ name, status }) => `${name}: ${status}`);
  const moved = bytes === undefined || bytes === 0 ? [] : [`${bytes.toLocaleString('en')} bytes transferred`];
  return [...parts, ...moved].join(' · ');
}

type Running = Extract<RequestState, { run: unknown }>;

export function vaultNote(plan: VaultPlan, state: Running, job: JobFacts | undefined): string {
  switch (state.phase) {
    case 'approved':
      return 'The plan is compared with what Azure says now, and Azure checks it too';
    case 'ordering':
      return 'Waiting for Azure to take the order';
    case 'restoring': {
      const words = job === undefined ? '' : jobWords(job);
      const none = 'Azure gives no percentage for this step';
      const fetching =
        plan.rehydration !== undefined && state.run.rehydratedAt === undefined
          ? [`Fetching takes ${rehydrationWords[plan.rehydration.priority]}; nothing is sent again meanwhile`]
          : [];
      return [...(words === '' ? [] : [words]), ...fetching, none].join(' · ');
    }
    case 'proving':
      return 'The job has ended; what it made is looked at';
    case 'stopping':
    case 'stopped':
      return 'Stopped; no job had been started';
    case 'loading':
    case 'waiting-for-copy':
    case 'completed':
    case 'failed':
      return '';
  }
}
