/** What rules and their matching look like in words, for the command line and for answers in chat. */
import { conditionsOf, ruleFor, strictest } from './policy';
import { verdictOf } from './policy-match';
import { byStrictness } from './policy-strictness';
import type { Ask, Destination, PolicySubject } from './policy-subject';
import type { Party } from './party';
import type { Policy, PolicyRule } from './policy-schema';

export interface Asked {
  readonly subject: PolicySubject;
  readonly ask: Ask;
}

const wayOf = (party: Party): string => {
  if (party.kind === 'user') return party.name;
  return party.kind === 'group' ? `the group ${party.name}` : `the ${party.who} of the team ${party.name}`;
};

export const partyNames = (parties: readonly Party[]): string => parties.map(wayOf).join(', ');

const neededIn = ({ stages }: PolicyRule): number => stages.reduce((sum, { needed }) => sum + needed, 0);

/** `2 approvals: data owner 1 of Divya Rao; then lead 1 of the group Leads`. */
export function stagesInWords(rule: PolicyRule): string {
  const approvals = neededIn(rule);
  const stages = rule.stages.map(
    ({ name, needed, parties }) => `${name} ${needed} of ${partyNames(parties)}`,
  );
  return `${approvals} ${approvals === 1 ? 'approval' : 'approvals'}: ${stages.join('; then ')}`;
}

export interface JudgedRule {
  readonly rule: PolicyRule;
  readonly verdict: 'yes' | 'maybe' | 'no';
  /** Conditions that do not hold, or that nobody knows of. */
  readonly open: readonly string[];
}

const order = { yes: 0, maybe: 1, no: 2 } as const;

/** One rule over every place that it is held against: the place where it fits best speaks. */
function judged(policy: Policy, rule: PolicyRule, asked: readonly Asked[]): JudgedRule {
  const looks = asked.flatMap(({ subject, ask }) => {
    const places: readonly (Destination | undefined)[] = ask.to ?? [undefined];
    return places.map((to) => conditionsOf(policy, rule.match, subject, ask, to));
  });
  const told = looks.map((conditions) => ({
    verdict: verdictOf(conditions),
    open: conditions.filter(({ verdict }) => verdict !== 'yes').map(({ key }) => key),
  }));
  const [best] = told.sort((a, b) => order[a.verdict] - order[b.verdict] || a.open.length - b.open.length);
  return { rule, verdict: best?.verdict ?? 'no', open: best?.open ?? [] };
}

/** The rule that holds, and what each rule says; those that match first, the strictest of them at their head. */
export function judgedRules(
  policy: Policy,
  asked: readonly Asked[],
): { readonly holds: PolicyRule | undefined; readonly rules: readonly JudgedRule[] } {
  const holds = strictest(policy, ...asked.map(({ subject, ask }) => ruleFor(policy, subject, ask)));
  const rules = policy.rules.map((rule) => judged(policy, rule, asked));
  const isOut = ({ verdict }: JudgedRule): number => (verdict === 'no' ? 1 : 0);
  return {
    holds,
    rules: [...rules].sort((a, b) => isOut(a) - isOut(b) || byStrictness(a.rule, b.rule)),
  };
}
