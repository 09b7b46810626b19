/** Who may see which servers: what an entry of the policy means is shown only to those whom it names. */
import { belongsToOne } from './sealed-rule';
import { partyKey, type Party, type Standing } from './party';
import { sourceConditions, verdictOf } from './policy-match';
import type { Policy } from './policy-schema';
import type { PolicySubject } from './policy-subject';

/** Whom to look a person up for; nobody is looked up where this is empty. */
export const partiesThatSee = ({ visible }: Pick<Policy, 'visible'>): readonly Party[] => [
  ...new Map(visible.flatMap(({ to }) => to.map((party) => [partyKey(party), party] as const))).values(),
];

/** Where several entries mean a server each of them has to let the person in; a server that may be meant is. */
export const visibleTo =
  (policy: Policy, standing: Standing) =>
  (server: PolicySubject): boolean =>
    policy.visible
      .filter(({ to: _to, ...match }) => verdictOf(sourceConditions(policy, match, server)) !== 'no')
      .every(({ to }) => standing.account === 'member' && belongsToOne(standing, to));
