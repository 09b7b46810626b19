/**
 * A geo restore whose source was made lately: the first copy of its data takes up to an hour, and sometimes longer, to arrive in the paired region, and
 * Azure says so only when it is asked to restore. Nothing came into being then, so the same approval is used again after a
 * pause, for as long as the patience lasts.
 */
import { plusSeconds } from './restore/instant';
import { problem, type Problem } from './restore/errors';
import { again, failWith, moveOn, type Look } from './looking';
import type { Deps } from './deps';
import type { RequestState } from './restore/state';
import type { RestoreRequest } from './restore/request';

type Waiting = Extract<RequestState, { phase: 'waiting-for-copy' }>;

export const isCopyPending = ({ plan }: RestoreRequest, because: Problem): boolean =>
  plan.mode === 'geo' && because.code === 'GEO_BACKUP_PENDING';

export function putOff(deps: Deps, request: RestoreRequest): Promise<Look> {
  const at = deps.clock.now();
  const askAgainAt = plusSeconds(at, deps.settings.geoCopyPauseSeconds);
  const patienceSeconds = deps.settings.geoCopyPatienceSeconds;
  return moveOn(deps, request, { kind: 'put-off', at, askAgainAt, patienceSeconds });
}

/** Seconds until an instant, at least one. */
const secondsUntil = (now: string, then: string): number =>
  Math.max(1, Math.ceil((Date.parse(then) - Date.parse(now)) / 1000));

export async function waitForCopy(deps: Deps, request: RestoreRequest, state: Waiting): Promise<Look> {
  const now = deps.clock.now();
  const { plan } = request;
  const startBefore = state.giveUpAt;
  const tries = state.run.putOff?.tries ?? 1;
  if (now >= startBefore) {
    const because = problem('GEO_BACKUP_PENDING', { name: plan.source.name, tries });
    return failWith(deps, request, because, (await deps.reader.get(plan.target.id)) !== undefined);
  }
  if (now < state.askAgainAt) return again(secondsUntil(now, state.askAgainAt));
  // The failed try must have left nothing behind: while its name is held, the next one would be refused.
  const [left, name] = await Promise.all([
    deps.reader.get(plan.target.id),
    deps.places.checkName(plan.target.subscriptionId, plan.target.name),
  ]);
  if (left || name.kind !== 'free')
    return again(deps.settings.lookAgainSeconds, `Azure still holds the name ${plan.target.name}`);
  return moveOn(deps, request, { kind: 'resumed', at: now, startBefore });
}
