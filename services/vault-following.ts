/** Step 3 of a restore from a vault: first which job it is, then how the job goes, until it has ended. */
import { again, failWith, moveOn, readIntent, type Look } from './looking';
import { placeOf, seekJob, takeJob } from './finding-job';
import { mayHaveLeftSomething } from './delivered-things';
import { millisBetween, span } from './restore/instant';
import { problem } from './restore/errors';
import type { Deps } from './deps';
import type { Intent } from './restore/ports';
import type { JobFacts } from './restore/vaults';
import type { RestoreRequest } from './restore/request';
import type { Run } from './restore/state';
import type { VaultPlan } from './restore/vault-plan';

export async function followJob(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  run: Run,
): Promise<Look> {
  const intent = await readIntent(deps, request, run);
  if (intent.jobId === undefined) return nameJob(deps, request, plan, run, intent);
  const job = await deps.vaultOrders.job(placeOf(plan), intent.jobId);
  if (!job) return awaitJob(deps, request, plan, run, 'Azure does not show the job now; looking again');
  switch (job.status) {
    case 'running':
      return stillRunning(deps, request, plan, run, job);
    case 'completed':
    case 'completed-with-warnings': {
      const look = await moveOn(deps, request, {
        kind: 'server-ready',
        at: deps.clock.now(),
        warnings: warningsOf(job),
      });
      deps.faultPoint('server-ready-stored');
      return look;
    }
    case 'failed':
      return failWith(
        deps,
        request,
        job.failure ?? problem('JOB_FAILED', { job: job.id }),
        await mayHaveLeftSomething(deps, plan),
      );
    case 'cancelled':
      return failWith(
        deps,
        request,
        problem('JOB_CANCELLED', { job: job.id }),
        await mayHaveLeftSomething(deps, plan),
      );
  }
}

/** What Azure warns of is kept with the run: nobody may be able to ask for it later. */
function warningsOf({ status, warnings }: JobFacts): readonly string[] {
  if (status !== 'completed-with-warnings' || warnings.length > 0) return warnings;
  return ['Azure ended its job with warnings and names none; the job in the vault may tell more.'];
}

/** The operation tells which job it has made; where it cannot, or not in time, the jobs are looked through. */
async function nameJob(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  run: Run,
  intent: Intent,
): Promise<Look> {
  const told =
    intent.operation === undefined ? undefined : await deps.vaultOrders.operation(intent.operation);
  // Making a job takes seconds: an operation that still runs after the grace period is not waited for.
  const isPatient = waitedMillis(deps, run) < deps.settings.unclearGraceSeconds * 1000;
  if (told?.kind === 'running' && isPatient) return again(told.retryAfterSeconds);
  if (told?.kind === 'failed') return failWith(deps, request, told.because, false);
  if (told?.kind === 'succeeded' && told.jobId !== undefined)
    return (await takeJob(deps, request, intent, told.jobId, 'told'))
      ? again(1)
      : failWith(deps, request, problem('JOB_UNCLEAR', { source: plan.source.name }), true);
  const sought = await seekJob(deps, request, plan, intent);
  return sought.kind === 'ours'
    ? again(1)
    : awaitJob(deps, request, plan, run, 'Azure took the order; looking for its job');
}

const waitedMillis = (deps: Deps, run: Run): number =>
  millisBetween(run.orderedAt ?? run.startedAt, deps.clock.now());

/** Everything ends, a job of which Azure tells nothing too. */
function awaitJob(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  run: Run,
  words: string,
): Promise<Look> | Look {
  return waitedMillis(deps, run) >= deps.settings.giveUpAfterSeconds * 1000
    ? failWith(deps, request, problem('JOB_VANISHED', { source: plan.source.name }), true)
    : again(deps.settings.lookAgainSeconds, words);
}

/** An archived point is on its way for hours; only after that a job that tells nothing new is unusual. */
const archiveFactor = { Standard: 20, High: 4 } as const;

function stalledWords(deps: Deps, plan: VaultPlan, run: Run, job: JobFacts): string | undefined {
  const { stalledAfterSeconds } = deps.settings;
  const isFetching = plan.rehydration !== undefined && run.rehydratedAt === undefined;
  const patience = stalledAfterSeconds * (isFetching ? archiveFactor[plan.rehydration.priority] : 1);
  const waited = millisBetween(run.rehydratedAt ?? run.orderedAt ?? run.startedAt, deps.clock.now());
  return waited < patience * 1000
    ? undefined
    : `Azure has worked on job ${job.id} for ${span(waited)}, which is unusual; it cannot be cancelled. Look at it in the vault, or ask Azure support`;
}

const hasEnded = (status: string): boolean => /^(completed|succeeded)/i.test(status);

/** Whether the part of the job that fetches the point back is over: another part has begun, or it says so itself. */
function isFetched({ subTasks }: JobFacts): boolean {
  const fetching = subTasks.find(({ name }) => /rehydrat/i.test(name));
  return fetching !== undefined && hasEnded(fetching.status);
}

async function stillRunning(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  run: Run,
  job: JobFacts,
): Promise<Look> {
  if (plan.rehydration !== undefined && run.rehydratedAt === undefined && isFetched(job))
    return moveOn(deps, request, { kind: 'rehydrated', at: deps.clock.now() });
  if (waitedMillis(deps, run) >= deps.settings.giveUpAfterSeconds * 1000) {
    const hours = Math.round(deps.settings.giveUpAfterSeconds / 3600);
    return failWith(deps, request, problem('JOB_NEVER_ENDED', { job: job.id, hours }), true);
  }
  return again(deps.settings.lookAgainSeconds, stalledWords(deps, plan, run, job), job);
}
