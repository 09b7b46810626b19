/** From a plan to a request that waits for its approvers: from the draft, from a failed run, or from an edit. */
import { hashPlan } from './restore/plan';
import { partyKey } from './restore/party';
import { partiesToRead, sealRule } from './restore/seal-rule';
import { approversOf } from './restore/sealed-rule';
import { waitingSince, type Waiting } from './restore/waiting';
import type { Deps } from './deps';
import type { PlanResult } from './restore/make-plan';
import type { Person } from './restore/person';
import type { Problem } from './restore/errors';
import type { RestoreRequest } from './restore/request';

type Planned = Extract<PlanResult, { kind: 'plan' }>;

/** Everything about a request that follows from a plan. */
export type SealedParts = Pick<
  RestoreRequest,
  'nonce' | 'plan' | 'planHash' | 'rule' | 'shown' | 'toldDirectly'
> & {
  readonly state: Waiting;
};

export type Sealed =
  | { readonly kind: 'sealed'; readonly parts: SealedParts }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** So many people of one party are named on cards and called; whoever else belongs to it may decide as well. */
const mostPeople = 100;

/** Teams gives sixty people a view of their own; one of them is the requester. Who comes after is asked directly. */
const mostPersonalViews = 59;

/** Throws only when the directory does not answer. */
export async function sealed(deps: Deps, planned: Planned, requester: Person): Promise<Sealed> {
  const { plan, rule, applyRule, shown } = planned;
  const members = await Promise.all(
    partiesToRead(rule, applyRule).map(
      async (party) => [partyKey(party), await deps.directory.people(party, mostPeople)] as const,
    ),
  );
  const read = sealRule(deps.policy, rule, { plan, requester, applyRule }, new Map(members));
  if (read.kind === 'refused') return read;
  return {
    kind: 'sealed',
    parts: {
      nonce: deps.ids.nonce(),
      plan,
      planHash: hashPlan(plan, deps.digest),
      rule: read.rule,
      shown,
      state: waitingSince(read.rule, deps.clock.now()),
      toldDirectly: approversOf(read.rule).slice(mostPersonalViews),
    },
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
