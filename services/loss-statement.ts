/** What a restore to a moment would not hold, told before anybody approves it. The source may be what was lost: nobody waits. */
import { isVaultPlan, type Plan } from './restore/plan';
import { within } from './patience';
import type { Deps } from './deps';
import type { Instant } from './restore/instant';
import type { Loss } from './restore/proof-findings';
import type { PlanResult } from './restore/make-plan';

const patienceMillis = 1_000;

/** Ways in which nobody chose a moment lose what Azure has not archived or copied yet; the source cannot tell that. */
function chosenMoment(plan: Plan): Instant | undefined {
  if (isVaultPlan(plan)) return plan.point.time;
  return plan.mode === 'point-in-time' || plan.mode === 'fast' ? plan.moment : undefined;
}

type Planned = Extract<PlanResult, { kind: 'plan' }>;

/** The same plan; what is shown beside it tells more. */
export async function withLoss(deps: Deps, result: Planned): Promise<Planned> {
  const { plan, shown } = result;
  const moment = chosenMoment(plan);
  if (moment === undefined) return result;
  const known = deps.servers.known(plan.source.id);
  const unknown: Loss = { kind: 'unknown' };
  const loss =
    known?.reachable === true
      ? await within(patienceMillis, deps.losses.since(known.server, moment), () => unknown)
      : unknown;
  return { ...result, shown: { ...shown, loss } };
}
