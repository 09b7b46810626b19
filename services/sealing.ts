/** From a plan to a request that waits for its approvers: one transaction, from the draft or from a failed run. */
import { hashPlan } from './restore/plan';
import { plusSeconds } from './restore/instant';
import { possibleApprovers } from './restore/policy';
import type { Deps } from './deps';
import type { PlanResult } from './restore/make-plan';
import type { Person } from './restore/person';
import type { RestoreRequest } from './restore/request';

type Planned = Extract<PlanResult, { kind: 'plan' }>;

/** Everything about a request that follows from a plan. */
export function sealed(
  deps: Deps,
  planned: Planned,
  requester: Person,
): Pick<RestoreRequest, 'nonce' | 'plan' | 'planHash' | 'rule' | 'shown' | 'state'> {
  const { plan, rule, shown } = planned;
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
    shown,
    state: { phase: 'awaiting-approval', approvals: [], expiresAt },
  };
}

/** What the journal keeps of an approval round: everything that its decisions are about, and who could decide then. */
export const revisionBody = ({
  revision,
  draftId,
  createdAt,
  inputs,
  plan,
  planHash,
  rule,
  shown,
  state,
}: RestoreRequest): Readonly<Record<string, unknown>> => ({
  ...{ revision, draftId, createdAt, inputs, plan, planHash, rule, shown },
  policyVersion: plan.policy.version,
  ...(state.phase === 'awaiting-approval' ? { expiresAt: state.expiresAt } : {}),
});
