/** The whole of a sealed rule: what it takes over from the policy, whom it calls, and who is left out of it. */
import { partiesToRead, sealRule, type Sealing } from '../../../services/restore/seal-rule';
import { partyKey, type Party } from '../../../services/restore/party';
import { aPlan, asUser, divya, emil, ines, martin, person, policyOf, ruleDocument } from '../../fakes/facts';
import type { Person } from '../../../services/restore/person';

const group = (n: number, name: string): Party => ({
  ...{ kind: 'group', id: `66666666-0000-4000-8000-00000000000${n}`, name },
});
const [leads, heads, onCall] = [group(1, 'Leads'), group(2, 'Heads'), group(3, 'On call')];
const written = ({ id, name }: Party) => ({ group: id, name });
const named = ({ aadObjectId: id, name }: Person) => ({ id, name });
const users = [ines, martin, divya, emil].map((one) => [partyKey(asUser(one)), [one]] as const);
const second: Person = person(8, 'Second account');

function seal(
  rule: Record<string, unknown>,
  members: readonly (readonly [Party, readonly Person[]])[] = [],
  { rest = {}, ...sealing }: Partial<Sealing> & { rest?: Record<string, unknown> } = {},
) {
  const policy = policyOf([ruleDocument(rule)], rest);
  const [first] = policy.rules;
  if (!first) throw new Error('no rule');
  const known = new Map([...users, ...members.map(([party, people]) => [partyKey(party), people] as const)]);
  return sealRule(policy, first, { plan: aPlan(), requester: ines, ...sealing }, known);
}
const sealed = (...args: Parameters<typeof seal>) => {
  const result = seal(...args);
  if (result.kind === 'refused') throw new Error(result.problems.map(({ sentence }) => sentence).join());
  return result.rule;
};

test('a rule that asks for nothing more than approvals is sealed with nothing more', () => {
  expect(seal({})).toStrictEqual({
    kind: 'sealed',
    rule: {
      ...{ name: 'orders', expiresAfterMinutes: 60, approvalGoodForMinutes: 30, aliases: [] },
      stages: [
        { name: 'approval', needed: 1, parties: [asUser(martin), asUser(divya)], people: [martin, divya] },
      ],
    },
  });
});

test('clocks, escalation and the accounts of one person are taken over', () => {
  const rule = {
    ...{ remindAfterMinutes: 10, expiresAfterMinutes: 90, approvalGoodForMinutes: 20 },
    escalate: { afterMinutes: 30, to: [written(heads), named(ines)] },
  };
  const aliases = [[ines.aadObjectId, second.aadObjectId]];
  expect(sealed(rule, [[heads, [emil, second]]], { rest: { aliases } })).toMatchObject({
    ...{ remindAfterMinutes: 10, expiresAfterMinutes: 90, approvalGoodForMinutes: 20, aliases },
    // Neither the requester nor their other account is called.
    escalation: { afterMinutes: 30, parties: [heads, asUser(ines)], people: [emil] },
  });
});

describe('a start without approval', () => {
  const glass = (changes: object = {}) => ({ breakGlass: { people: [written(onCall)], ...changes } });
  const members: [Party, Person[]][] = [[onCall, [ines, emil, emil]]];

  test('is for people of the rule, the requester too, as often as the rule says', () => {
    const atMost = { times: 2, hours: 12 };
    expect(sealed(glass({ atMost, reviewWithinMinutes: 60 }), members).breakGlass).toEqual({
      ...{ parties: [onCall], people: [ines, emil], atMost, reviewWithinMinutes: 60 },
    });
    expect(sealed({}, members)).not.toHaveProperty('breakGlass');
  });

  test.each<[boolean, object]>([
    [true, { modes: ['point-in-time'] }],
    [true, { modes: ['geo', 'point-in-time'] }],
    [false, { modes: ['geo'] }],
    [true, { targets: ['orders-pg-*'] }],
    [true, { targets: ['billing-*', 'ORDERS-*'] }],
    [false, { targets: ['billing-*'] }],
    [false, { modes: ['point-in-time'], targets: ['billing-*'] }],
    [false, { modes: ['geo'], targets: ['orders-*'] }],
  ])('is offered (%s) where the rule says %j', (offered, changes) => {
    expect('breakGlass' in sealed(glass(changes), members)).toBe(offered);
  });
});

describe('who signs', () => {
  test('is nobody who asked for it anew, under whatever account', () => {
    const rule = { approvers: [named(martin), named(divya), named(emil)] };
    const aliases = [[divya.aadObjectId, second.aadObjectId]];
    const { stages } = sealed(rule, [], { editors: [martin, second], rest: { aliases } });
    expect(stages[0]).toMatchObject({ people: [emil] });
    expect(stages[0]?.parties).toHaveLength(3);
  });

  test('is somebody even where the rule could do with more, and what is left is told', () => {
    const rule = { approvers: [named(martin), named(divya)], needed: 2 };
    expect(seal(rule, [], { editors: [divya] })).toEqual({
      kind: 'refused',
      problems: [
        expect.objectContaining({
          code: 'NO_APPROVER_LEFT',
          sentence: expect.stringMatching(/orders.*2.*1 other/s),
        }),
      ],
    });
  });

  test('is nobody of a group that was not read', () => {
    expect(seal({ approvers: [written(leads)] })).toMatchObject({
      problems: [{ code: 'NO_APPROVER_LEFT', sentence: expect.stringContaining('only 0 other') }],
    });
  });

  const inStages = (...stages: readonly (readonly [readonly Person[], number])[]) => ({
    ...{ approvers: undefined, needed: undefined },
    stages: stages.map(([people, needed], index) => ({
      ...{ name: `stage ${index}`, approvers: people.map(named), needed },
    })),
  });

  test.each<[string, boolean, Record<string, unknown>]>([
    ['three stages of three people', true, inStages([[martin], 1], [[divya], 1], [[emil], 1])],
    ['a first and a last stage of one person', false, inStages([[martin], 1], [[divya], 1], [[martin], 1])],
    ['two of three stages of one person', false, inStages([[martin], 1], [[divya, emil], 1], [[martin], 1])],
    ['two later stages of one person', false, inStages([[martin], 1], [[divya], 1], [[divya], 1])],
    [
      'stages that can be shared out',
      true,
      inStages([[martin, divya], 1], [[divya, emil], 1], [[martin, emil], 1]),
    ],
    [
      'three stages of two people',
      false,
      inStages([[martin, divya], 1], [[divya, martin], 1], [[martin, divya], 1]),
    ],
    [
      'a stage that needs two of what another needs one of',
      false,
      inStages([[martin, divya], 2], [[divya], 1]),
    ],
  ])('%s: %s', (_what, possible, rule) => {
    expect(seal(rule).kind).toBe(possible ? 'sealed' : 'refused');
  });
});

describe('who may change what came out of it', () => {
  test('is not told apart where the same rule holds for it', () => {
    const policy = policyOf([ruleDocument()]);
    const [rule] = policy.rules;
    if (!rule) throw new Error('no rule');
    const sealing = { plan: aPlan(), requester: ines, applyRule: rule };
    expect(sealRule(policy, rule, sealing, new Map(users))).not.toHaveProperty('rule.apply');
  });

  test('is read beside all that the rule itself names, each party once', () => {
    const glass = { people: [written(onCall), written(leads)] };
    const escalate = { afterMinutes: 1, to: [written(heads)] };
    const [rule, applying] = policyOf([
      ruleDocument({ approvers: [written(leads), named(martin)], escalate, breakGlass: glass }),
      ruleDocument({ name: 'apply', approvers: [named(divya), written(leads)] }),
    ]).rules;
    if (!rule) throw new Error('no rule');
    expect(partiesToRead(rule, applying)).toEqual([asUser(divya), leads, asUser(martin), heads, onCall]);
    expect(partiesToRead(rule, 'none')).toEqual([leads, asUser(martin), heads, onCall]);
    expect(partiesToRead(rule)).toEqual([leads, asUser(martin), heads, onCall]);
  });
});
