/** From a rule of the policy to the rule of one request: who it means now, and what its clocks are. */
import { problem, type Problem } from './errors';
import { eligible } from './policy';
import { matchesPattern } from './policy-patterns';
import type { Policy, PolicyRule } from './policy-schema';
import { promised, type Plan } from './plan';
import { partyKey, type Party } from './party';
import type { Person } from './person';
import { accountsOf, isSamePerson } from './sealed-rule';
import type { SealedBreakGlass, SealedRule, SealedStage } from './sealed-rule';

/** By party: who belongs to it now, as far as cards name and call them. */
export type Members = ReadonlyMap<string, readonly Person[]>;

export type SealedOrNot =
  | { readonly kind: 'sealed'; readonly rule: SealedRule }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** The rule for changing what came out of a restore; `none` where the policy has none. */
export type ApplyRule = PolicyRule | 'none';

const stageParties = (rule: ApplyRule | undefined): Party[] =>
  rule === undefined || rule === 'none' ? [] : rule.stages.flatMap(({ parties }) => parties);

/** All parties of a rule, each once: whose members have to be read before it can be sealed. */
export const partiesToRead = (rule: PolicyRule, applyRule?: ApplyRule): Party[] => [
  ...new Map(
    [
      ...stageParties(applyRule),
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
function shortage(
  { aliases }: Pick<Policy, 'aliases'>,
  rule: string,
  stages: readonly SealedStage[],
): Problem[] {
  // Several accounts of one person are one.
  const oneOf = ({ aadObjectId }: Person): string =>
    accountsOf(aliases, aadObjectId).sort()[0] ?? aadObjectId;
  for (let chosen = 1; chosen < 2 ** stages.length; chosen++) {
    const some = stages.filter((_, index) => (chosen & (1 << index)) !== 0);
    const needed = some.reduce((sum, stage) => sum + stage.needed, 0);
    const left = new Set(some.flatMap(({ people }) => people.map(oneOf))).size;
    if (left < needed) return [problem('NO_APPROVER_LEFT', { rule, needed, left })];
  }
  return [];
}

export interface Sealing {
  readonly plan: Plan;
  readonly requester: Person;
  /** Who asked for it anew since the requester did: they sign it as little. */
  readonly editors?: readonly Person[];
  /** Absent where whoever approves may apply too. */
  readonly applyRule?: ApplyRule | undefined;
}

/** The sealed rule, or why nobody could ever satisfy it. Pure. */
export function sealRule(
  policy: Policy,
  rule: PolicyRule,
  { plan, requester, editors = [], applyRule }: Sealing,
  members: Members,
): SealedOrNot {
  const stages = rule.stages.map(({ name, needed, parties }): SealedStage => {
    const people = eligible(policy, membersOf(parties, members), requester);
    const isEditor = (person: Person): boolean =>
      editors.some((editor) => isSamePerson(policy.aliases, editor, person));
    return { name, needed, parties, people: people.filter((person) => !isEditor(person)) };
  });
  const problems = shortage(policy, rule.name, stages);
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
      ...(applyRule === undefined || applyRule === rule
        ? {}
        : {
            apply: {
              parties: stageParties(applyRule),
              people: eligible(policy, membersOf(stageParties(applyRule), members), requester),
            },
          }),
      aliases: policy.aliases,
    },
  };
}
