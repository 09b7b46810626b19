/** Which of two rules asks for more. */
import { partyKey, type Party } from './party';
import type { PolicyRule } from './policy-schema';

const neededBy = ({ stages }: Pick<PolicyRule, 'stages'>): number =>
  stages.reduce((sum, { needed }) => sum + needed, 0);

/** A group or a team may hold anybody, so any number of named people are fewer. */
const weightOf = ({ kind }: Party): number => (kind === 'user' ? 1 : 1_000);

function breadthOf({ stages }: Pick<PolicyRule, 'stages'>): number {
  const parties = new Map(
    stages.flatMap((stage) => stage.parties.map((party) => [partyKey(party), party] as const)),
  );
  return [...parties.values()].reduce((sum, party) => sum + weightOf(party), 0);
}

/** Most approvals in all, then most stages, then fewest who can give them. Sorting keeps the first written before its equals. */
export const byStrictness = (a: PolicyRule, b: PolicyRule): number =>
  neededBy(b) - neededBy(a) || b.stages.length - a.stages.length || breadthOf(a) - breadthOf(b);

export const strictestOf = (rules: readonly PolicyRule[]): PolicyRule | undefined =>
  [...rules].sort(byStrictness)[0];
