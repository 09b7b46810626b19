/** From a rule of the policy to the rule of one request. */
import { partiesToRead, sealRule, type ApplyRule } from '../../../services/restore/seal-rule';
import { partyKey, type Party } from '../../../services/restore/party';
import { aPlan, asUser, divya, emil, ines, martin, policyOf, ruleDocument } from '../../fakes/facts';
import type { Person } from '../../../services/restore/person';

const leads: Party = { kind: 'group', id: '66666666-0000-4000-8000-000000000001', name: 'Leads' };
const owners: Party = {
  kind: 'team',
  id: '66666666-0000-4000-8000-000000000002',
  name: 'Shop',
  who: 'owners',
};
const group = { group: leads.id, name: leads.name };
const team = { team: owners.id, name: owners.name };

interface Setting {
  readonly rest?: Record<string, unknown>;
  readonly members?: readonly (readonly [Party, readonly Person[]])[];
  readonly requester?: Person;
  readonly applyRule?: ApplyRule;
}

function seal(
  rule: Record<string, unknown>,
  { rest = {}, members = [], requester = ines, applyRule }: Setting = {},
) {
  const policy = policyOf([ruleDocument(rule)], rest);
  const [first] = policy.rules;
  if (!first) throw new Error('no rule');
  const users = [ines, martin, divya, emil].map((person) => [asUser(person), [person]] as const);
  const known = new Map([...users, ...members].map(([party, people]) => [partyKey(party), people]));
  return sealRule(policy, first, { plan: aPlan(), requester, applyRule }, known);
}

const named = (person: Person) => ({ id: person.aadObjectId, name: person.name });
const stage = (approvers: readonly unknown[], needed = 1) => ({
  name: `of ${approvers.length}`,
  approvers,
  needed,
});
const inStages = (...stages: readonly unknown[]) => ({ approvers: undefined, needed: undefined, stages });

test('a person in two groups counts once', () => {
  const both = {
    members: [
      [leads, [martin, divya]],
      [owners, [martin]],
    ] as const,
  };
  expect(seal({ approvers: [group, team, named(martin)], needed: 2 }, both)).toMatchObject({
    kind: 'sealed',
    rule: { stages: [{ people: [martin, divya], parties: [leads, owners, asUser(martin)] }] },
  });
  expect(
    seal(
      { approvers: [group, team], needed: 2 },
      {
        members: [
          [leads, [martin]],
          [owners, [martin]],
        ],
      },
    ),
  ).toMatchObject({
    problems: [{ code: 'NO_APPROVER_LEFT' }],
  });
});

test.each<[string, readonly Person[]]>([
  ['an empty group', []],
  ['a group with nobody but the requester', [ines]],
])('%s refuses', (_what, people) => {
  expect(seal({ approvers: [group] }, { members: [[leads, people]] })).toMatchObject({
    problems: [{ code: 'NO_APPROVER_LEFT', sentence: expect.stringContaining('only 0 other people') }],
  });
});

test('stages that share their people need enough of them together, whoever has several accounts', () => {
  const twice = inStages(stage([named(martin)]), stage([named(martin)]));
  expect(seal(twice)).toMatchObject({ problems: [{ code: 'NO_APPROVER_LEFT' }] });
  const two = inStages(stage([named(martin)]), stage([named(divya)]));
  expect(seal(two).kind).toBe('sealed');
  const aliases = [[martin.aadObjectId, divya.aadObjectId]];
  expect(seal(two, { rest: { aliases } })).toMatchObject({ problems: [{ code: 'NO_APPROVER_LEFT' }] });
});

test('who may apply is sealed where that is another rule, and nobody where there is none', () => {
  const [others] = policyOf([ruleDocument({ approvers: [named(emil), named(ines)] })]).rules;
  expect(others && partiesToRead(others, others)).toEqual([asUser(emil), asUser(ines)]);
  expect(others && seal({}, { applyRule: others })).toMatchObject({
    rule: { apply: { people: [emil], parties: [asUser(emil), asUser(ines)] } },
  });
  expect(seal({}, { applyRule: 'none' })).toMatchObject({ rule: { apply: { people: [], parties: [] } } });
  expect(seal({})).not.toHaveProperty('rule.apply');
});
