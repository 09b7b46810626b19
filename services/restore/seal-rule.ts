/** From a rule of the policy to the rule of one request: who it means now, and what its clocks are. */
import { problem, type Problem } from './errors';
import { eligible } from './policy';
import { matchesPattern } from './policy-patterns';
import type { Policy, PolicyRule } from './policy-schema';
import { promised, type Plan } from './plan';
import { partyKey, type Party } from './party';
import type { Person } from './person';
import type { SealedBreakGlass, SealedRule, SealedStage } from './sealed-rule';

/** By party: who belongs to it now, as far as cards name and call them. */
export type Members = ReadonlyMap<string, readonly Person[]>;

export type SealedOrNot =
  | { readonly kind: 'sealed'; readonly rule: SealedRule }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** All parties of a rule, each once: whose members have to be read before it can be sealed. */
export const partiesToRead = (rule: PolicyRule): Party[] => [
  ...new Map(
    [
      ...rule.stages.flatMap(({ parties }) => parties),
      ...(rule.escalate?.to ?? []),
      ...(rule.breakGlass?.people ?? []),
    ].map((party) => [partyKey(party), party]),
  ).values(),
];

const membersOf = (parties: readonly Party[], members: Members): Person[] => [
  ...new Map(
    parties
      .flatMap((party) => members.get(partyKey(party)) ?? [])
      .map((person) => [person.aadObjectId, person]),
  ).values(),
];

function sealedGlass(
  { breakGlass }: PolicyRule,
  plan: Plan,
  members: Members,
): { breakGlass?: SealedBreakGlass } {
  if (!breakGlass) return {};
  const { people, modes, targets, atMost, reviewWithinMinutes } = breakGlass;
  const target = promised(plan).name;
  if (modes && !modes.includes(plan.mode)) return {};
  if (targets && !targets.some((wildcard) => matchesPattern(target, wildcard))) return {};
  return {
    breakGlass: { parties: people, people: membersOf(people, members), atMost, reviewWithinMinutes },
  };
}

/**
 * Nobody gives two approvals, so stages that share their people need enough of them together: every set of stages has to find
 * as many different people as it needs approvals (Hall's marriage theorem).
 */
function shortage(rule: string, stages: readonly SealedStage[]): Problem[] {
  for (let chosen = 1; chosen < 2 ** stages.length; chosen++) {
    const some = stages.filter((_, index) => (chosen & (1 << index)) !== 0);
    const needed = some.reduce((sum, stage) => sum + stage.needed, 0);
    const left = new Set(some.flatMap(({ people }) => people.map(({ aadObjectId }) => aadObjectId))).size;
    if (left < needed) return [problem('NO_APPROVER_LEFT', { rule, needed, left })];
  }
  return [];
}

/** The sealed rule, or why nobody could ever satisfy it. Pure. */
export function sealRule(
  policy: Policy,
  rule: PolicyRule,
  { plan, requester }: { readonly plan: Plan; readonly requester: Person },
  members: Members,
): SealedOrNot {
  const stages = rule.stages.map(({ name, needed, parties }): SealedStage => {
    const people = eligible(policy, membersOf(parties, members), requester);
    return { name, needed, parties, people };
  });
  const problems = shortage(rule.name, stages);
  if (problems.length > 0) return { kind: 'refused', problems };
  const { escalate, remindAfterMinutes } = rule;
  return {
    kind: 'sealed',
    rule: {
      name: rule.name,
      stages,
      expiresAfterMinutes: rule.expiresAfterMinutes,
      approvalGoodForMinutes: rule.approvalGoodForMinutes,
      ...(remindAfterMinutes === undefined ? {} : { remindAfterMinutes }),
      ...(escalate
        ? {
            escalation: {
              afterMinutes: escalate.afterMinutes,
              parties: escalate.to,
              people: eligible(policy, membersOf(escalate.to, members), requester),
            },
          }
        : {}),
      ...sealedGlass(rule, plan, members),
      aliases: policy.aliases,
    },
  };
}
