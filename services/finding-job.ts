/**
 * Which of a vault's jobs is ours. Azure gives a restore no key of the caller's, so a job is known by what it does: the
 * same recovery point of the same source, to the same place, begun after our intent. Nobody else's job can be that one: the
 * names of the files (or of the database) are in nobody else's plan, and Azure fails a second job for the same ones.
 */
import { millisBetween, plusSeconds } from './restore/instant';
import type { Deps } from './deps';
import type { Intent } from './restore/ports';
import type { JobFacts } from './restore/vaults';
import type { JobPlace } from './restore/vault-ports';
import type { RestoreRequest } from './restore/request';
import type { VaultPlan } from './restore/vault-plan';

export const placeOf = ({ vault, crossRegion }: VaultPlan): JobPlace => ({
  vaultId: vault.id,
  vaultLocation: vault.location,
  ...(crossRegion ? { crossRegion: crossRegion.region } : {}),
});

/** Azure's clock may be a little behind ours. */
const clockSkewSeconds = 300;

const same = (one: string | undefined, other: string): boolean =>
  one !== undefined && one.replace(/\/+$/, '').toLowerCase() === other.replace(/\/+$/, '').toLowerCase();

function isSameDestination(job: JobFacts, plan: VaultPlan): boolean {
  if (plan.mode === 'vault-database') return same(job.destination, plan.target.id);
  return same(job.destination, plan.target.url) && job.prefix === plan.target.prefix;
}

const isOurJob = (job: JobFacts, plan: VaultPlan, intent: Intent): boolean =>
  same(job.instanceId, plan.instanceId) &&
  same(job.pointId, plan.point.id) &&
  isSameDestination(job, plan) &&
  millisBetween(plusSeconds(intent.createdAt, -clockSkewSeconds), job.startedAt) >= 0;

/** Reads the list anew. Of several (Azure lets a second one fail) the first is the one that works. */
export async function findJob(deps: Deps, plan: VaultPlan, intent: Intent): Promise<JobFacts | undefined> {
  const jobs = await deps.vaultOrders.jobs(placeOf(plan));
  return jobs
    .filter((job) => isOurJob(job, plan, intent))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt))[0];
}

/** Noted before anything else is done with it. */
export async function takeJob(
  deps: Deps,
  request: RestoreRequest,
  intent: Intent,
  jobId: string,
  how: 'told' | 'adopted',
): Promise<void> {
  const at = deps.clock.now();
  await deps.store.noteJob(intent, jobId);
  await deps.store.change((changes) =>
    changes.journal({
      requestId: request.id,
      kind: how === 'adopted' ? 'adopted' : 'job-started',
      actor: 'restore-desk',
      at,
      body: { target: intent.targetId, jobId },
    }),
  );
}
