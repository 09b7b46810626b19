/** From a plan to a request that waits for its approvers: one transaction, from the draft or from a failed run. */
import { factsOf } from './restore/asked-place';
import { hashPlan } from './restore/plan';
import { plusSeconds } from './restore/instant';
import { possibleApprovers } from './restore/policy';
import type { Deps } from './deps';
import type { PlanResult } from './restore/make-plan';
import type { Person } from './restore/person';
import type { RestoreRequest, ShownFacts } from './restore/request';
import type { Source } from './restore/servers';

type Planned = Extract<PlanResult, { kind: 'plan' }>;

/** Everything about a request that follows from a plan. */
export function sealed(
  deps: Deps,
  planned: Planned,
  requester: Person,
): Pick<RestoreRequest, 'nonce' | 'plan' | 'planHash' | 'rule' | 'shown' | 'state'> {
  const { plan, rule, source } = planned;
  const expiresAt = plusSeconds(deps.clock.now(), rule.expiresAfterMinutes * 60);
  return {
    nonce: deps.ids.nonce(),
    plan,
    planHash: hashPlan(plan, deps.digest),
    rule: {
      name: rule.name,
      needed: rule.needed,
      approvers: possibleApprovers(deps.policy, rule, requester),
      expiresAfterMinutes: rule.expiresAfterMinutes,
      approvalGoodForMinutes: rule.approvalGoodForMinutes,
    },
    shown: shownFacts(source),
    state: { phase: 'awaiting-approval', approvals: [], expiresAt },
  };
}

/** Of a deleted server that the desk never saw nothing is known. */
function shownFacts(source: Source): ShownFacts {
  const facts = factsOf(source);
  return {
    sku: facts?.sku ?? '',
    storageGb: facts?.storageGb ?? 0,
    postgresVersion: facts?.version ?? '',
    ...(facts?.earliestRestoreAt === undefined ? {} : { earliestRestoreAt: facts.earliestRestoreAt }),
    ...(source.kind === 'remembered' ? { knownSince: source.seenAt } : {}),
  };
}
