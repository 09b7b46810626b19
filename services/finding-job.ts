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
import { writesFiles, type VaultPlan } from './restore/vault-plan';

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

/** Begun after the intent, of the same source: nothing older or of another server can be ours. */
const isYoung = (job: JobFacts, plan: VaultPlan, intent: Intent): boolean =>
  same(job.instanceId, plan.instanceId) &&
  millisBetween(plusSeconds(intent.createdAt, -clockSkewSeconds), job.startedAt) >= 0;

const isOurJob = (job: JobFacts, plan: VaultPlan, intent: Intent): boolean =>
  isYoung(job, plan, intent) && same(job.pointId, plan.point.id) && isSameDestination(job, plan);

/** Azure does not say what the job restores or where to: it may be ours, and nothing is sent while it may. */
const mayBeOurs = (job: JobFacts, plan: VaultPlan, intent: Intent): boolean =>
  isYoung(job, plan, intent) &&
  (job.pointId === undefined ||
    job.destination === undefined ||
    (writesFiles(plan) && job.prefix === undefined)) &&
  (job.pointId === undefined || same(job.pointId, plan.point.id));

export type SoughtJob =
  | { readonly kind: 'ours'; readonly jobId: string }
  /** One is there of which Azure does not tell enough. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'none' };

/**
 * Reads the list anew, and takes the first job that can only be ours: of several (Azure lets a second one fail) the first is the
 * one that works. One that an earlier round of the same request holds is not ours again.
 */
export async function seekJob(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  intent: Intent,
): Promise<SoughtJob> {
  const jobs = await deps.vaultOrders.jobs(placeOf(plan));
  const ours = jobs
    .filter((job) => isOurJob(job, plan, intent))
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  for (const { id } of ours)
    if (await takeJob(deps, request, intent, id, 'adopted')) return { kind: 'ours', jobId: id };
  return jobs.some((job) => mayBeOurs(job, plan, intent)) ? { kind: 'unclear' } : { kind: 'none' };
}

/** Noted before anything else is done with it, with its entry in the journal; false when it is the job of another intent. */
export const takeJob = (
  deps: Deps,
  request: RestoreRequest,
  intent: Intent,
  jobId: string,
  how: 'told' | 'adopted',
): Promise<boolean> =>
  deps.store.change(async (changes) => {
    if (!(await changes.noteJob(intent, jobId))) return false;
    await changes.journal({
      requestId: request.id,
      kind: how === 'adopted' ? 'adopted' : 'job-started',
      actor: 'restore-desk',
      at: deps.clock.now(),
      body: { target: intent.targetId, jobId },
    });
    return true;
  });
