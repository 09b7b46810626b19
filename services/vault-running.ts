/**
 * Carries an approved restore from a vault out, one look at a time. The call that starts it has no key of the caller's and
 * makes a new job each time it is accepted, so after an unclear answer the jobs are searched, over the grace period, before
 * anything is sent again; the fence behind that is Azure's own: a job whose files or database exist already fails.
 */
import { approvalStale, checkAgain, isMineToSend } from './ordering';
import { again, failWith, moveOn, readIntent, type Look } from './looking';
import { seekJob } from './finding-job';
import { followJob } from './vault-following';
import { leftovers } from './delivered-things';
import { lookAtDelivery } from './vault-proving';
import { millisBetween } from './restore/instant';
import { noteUnclear, orderAnswered, orderFound, orderTurnedAway } from './order-entries';
import { problem } from './restore/errors';
import { stop } from './stopping';
import type { Deps } from './deps';
import type { Intent } from './restore/ports';
import type { Running, Run } from './restore/state';
import type { RestoreRequest } from './restore/request';
import type { VaultPlan } from './restore/vault-plan';

export async function lookAtVault(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  state: Running,
): Promise<Look | undefined> {
  switch (state.phase) {
    case 'approved':
      return checkAgain(deps, request, state.run);
    case 'ordering':
      return order(deps, request, plan, state.run);
    case 'restoring':
      return followJob(deps, request, plan, state.run);
    case 'proving':
      return lookAtDelivery(deps, request, plan, state.run);
    case 'stopping':
      return stop(deps, request, state);
    case 'loading':
    case 'waiting-for-copy':
      return undefined;
  }
}

async function order(deps: Deps, request: RestoreRequest, plan: VaultPlan, run: Run): Promise<Look> {
  const intent = await readIntent(deps, request, run);
  if (intent.acceptedAt !== undefined || intent.jobId !== undefined)
    return moveOn(deps, request, { kind: 'order-accepted', at: intent.acceptedAt ?? deps.clock.now() });
  if (intent.sendings > 0) {
    const found = await findOut(deps, request, plan, intent);
    if (found !== 'send-again') return found;
  }
  if (deps.clock.now() >= run.startBefore)
    return failWith(deps, request, approvalStale(run), intent.sendings > 0);
  return trigger(deps, request, plan, intent);
}

/** After an unclear answer the jobs are looked through, more than once and over the grace period. */
async function findOut(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  intent: Intent,
): Promise<Look | 'send-again'> {
  const { lookAgainSeconds, unclearGraceSeconds, giveUpAfterSeconds } = deps.settings;
  const now = deps.clock.now();
  const sought = await seekJob(deps, request, plan, intent);
  if (sought.kind === 'ours') {
    await deps.store.noteAccepted(intent, undefined, now, orderFound(intent, now));
    return moveOn(deps, request, { kind: 'order-accepted', at: now });
  }
  // Everything ends: what nobody could find out for so long is said as such.
  if (millisBetween(intent.lastSentAt ?? intent.createdAt, now) >= giveUpAfterSeconds * 1000)
    return failWith(deps, request, problem('JOB_UNCLEAR', { source: plan.source.name }), true);
  if (sought.kind === 'unclear') {
    if (intent.absentSince !== undefined) await deps.store.noteAbsent(intent, null);
    return again(
      lookAgainSeconds,
      'The answer of Azure was lost; there is a job that may be this one, so nothing is sent again',
    );
  }
  const absentSince = intent.absentSince ?? now;
  if (intent.absentSince === undefined) await deps.store.noteAbsent(intent, now);
  if (millisBetween(absentSince, now) < unclearGraceSeconds * 1000)
    return again(
      lookAgainSeconds,
      'The answer of Azure was lost; looking for the job before anything is sent again',
    );
  switch (await leftovers(deps, plan)) {
    case 'none':
      return 'send-again';
    case 'some':
      // Something wrote there: a job that is not listed is at work, and a second one would only fail.
      return failWith(deps, request, problem('JOB_UNCLEAR', { source: plan.source.name }), true);
    case 'unknown':
      return again(
        lookAgainSeconds,
        'The answer of Azure was lost; nothing is sent again before the destination can be looked at',
      );
  }
}

async function trigger(deps: Deps, request: RestoreRequest, plan: VaultPlan, intent: Intent): Promise<Look> {
  const { lookAgainSeconds } = deps.settings;
  if (!(await isMineToSend(deps, request, intent))) return again(lookAgainSeconds);
  const answer = await deps.vaultOrders.trigger(plan, async (operation) => {
    deps.faultPoint('order-sent');
    const at = deps.clock.now();
    await deps.store.noteAccepted(intent, operation, at, orderAnswered(deps, intent, at, operation));
    deps.faultPoint('operation-stored');
  });
  switch (answer.kind) {
    case 'accepted': {
      const look = await moveOn(deps, request, { kind: 'order-accepted', at: deps.clock.now() });
      deps.faultPoint('order-accepted-stored');
      return look;
    }
    case 'refused':
      // A no to a second sending does not say that the first one was not taken.
      return failWith(deps, request, answer.because, intent.sendings > 0);
    case 'not-now':
      await deps.store.noteTurnedAway(intent, orderTurnedAway(deps, intent));
      return again(answer.retryAfterSeconds, 'Azure asks to wait before the restore is started');
    case 'unclear':
      await noteUnclear(deps, intent, answer.what);
      return again(
        lookAgainSeconds,
        `Azure did not answer the order (${answer.what}); looking whether its job was made`,
      );
  }
}
