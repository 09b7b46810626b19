/** Who may see which servers. */
import { partiesThatSee, visibleTo } from '../../../services/restore/policy-visible';
import { aServer, asUser, divya, emil, martin, policyOf, ruleDocument, standingOf } from '../../fakes/facts';
import type { Person } from '../../../services/restore/person';
import type { PolicySubject } from '../../../services/restore/policy-subject';

const orders = aServer('orders-pg');
const named = ({ aadObjectId: id, name }: Person) => ({ id, name });
const policyWith = (visible: readonly unknown[]) => policyOf([ruleDocument()], { visible });
const policy = policyWith([
  { server: 'orders-*', to: [named(martin), named(divya)] },
  { resourceGroup: 'rg-shop', to: [named(divya)] },
  { subscription: 'elsewhere', to: [named(emil)] },
]);

test('a server that no entry means is shown to everybody, also to guests', () => {
  const other = aServer('billing-pg', { resourceGroup: 'rg-billing' });
  expect(visibleTo(policy, standingOf(emil))(other)).toBe(true);
  expect(visibleTo(policy, standingOf(emil, 'guest'))(other)).toBe(true);
});

test('a server that entries mean is shown to whom each of them names, with an account that counts', () => {
  expect(visibleTo(policy, standingOf(divya))(orders)).toBe(true);
  expect(visibleTo(policy, standingOf(martin))(orders)).toBe(false);
  expect(visibleTo(policy, standingOf(emil))(orders)).toBe(false);
  for (const account of ['guest', 'disabled', 'unknown'] as const)
    expect(visibleTo(policy, standingOf(divya, account))(orders)).toBe(false);
});

test('a server that may be meant is', () => {
  const { subscriptionId: _unknown, ...known } = orders;
  const unplaced: PolicySubject = { ...known, name: 'x', resourceGroup: 'y' };
  expect(visibleTo(policy, standingOf(divya))(unplaced)).toBe(false);
  expect(visibleTo(policy, standingOf(emil))(unplaced)).toBe(true);
});

test('who has to be looked up is each party once, and nobody where nothing is hidden', () => {
  expect(partiesThatSee(policy)).toEqual([asUser(martin), asUser(divya), asUser(emil)]);
  expect(partiesThatSee(policyWith([]))).toEqual([]);
});
