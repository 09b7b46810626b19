/** What an owner writes about who signs off, and what of it no single field shows to be wrong. */
import { checkPolicy, problemText } from '../../../services/restore/policy-reading';
import { readPolicy } from '../../../services/restore/policy';
import type { Person } from '../../../services/restore/person';

const person = (n: number, name: string): Person => ({
  aadObjectId: `aaaaaaa${n}-0000-4000-8000-00000000000${n}`,
  name,
});
const [martin, divya] = [person(2, 'Martin Hale'), person(3, 'Divya Rao')];
const asUser = ({ aadObjectId, name }: Person) => ({ kind: 'user', id: aadObjectId, name });

const named = ({ aadObjectId: id, name }: Person) => ({ id, name });
const groupId = '6666666A-0000-4000-8000-000000000001';
const leads = { group: groupId, name: 'Leads' };
const bare = { name: 'orders', match: { server: 'orders-pg' } };
const ruleDocument = (changes: object = {}): Record<string, unknown> => ({
  ...{ ...bare, approvers: [named(martin), named(divya)], needed: 1 },
  ...changes,
});
const stage = (approvers: unknown, needed: unknown = 1) => ({ name: 'leads', approvers, needed });
const policyWith = (...rules: unknown[]) => ({ version: '1', rules });
const said = (...rules: unknown[]): string[] => {
  const reading = checkPolicy(policyWith(...rules));
  return reading.kind === 'wrong' ? reading.problems.map(problemText) : [];
};
const partiesOf = (approvers: readonly unknown[]) =>
  readPolicy(policyWith(ruleDocument({ approvers }))).rules[0]?.stages[0]?.parties;

test('people, groups and teams are known by their ids in lower case; of a team the owners, unless its members are meant', () => {
  const id = groupId.toLowerCase();
  const shouted = { ...named(martin), id: martin.aadObjectId.toUpperCase() };
  expect(partiesOf([shouted, leads])).toEqual([asUser(martin), { kind: 'group', id, name: 'Leads' }]);
  expect(partiesOf([{ team: groupId, name: 'Shop' }])).toEqual([
    { kind: 'team', id, name: 'Shop', who: 'owners' },
  ]);
  expect(partiesOf([{ team: groupId, name: 'Shop', who: 'members' }])).toEqual([
    { kind: 'team', id, name: 'Shop', who: 'members' },
  ]);
});

test('one stage may be written short, and several in their order', () => {
  const [short, long] = readPolicy(
    policyWith(ruleDocument({ needed: 2 }), {
      ...bare,
      name: 'long',
      stages: [stage([named(martin)]), { ...stage([leads], 3), name: 'then' }],
    }),
  ).rules;
  expect(short?.stages).toEqual([{ name: 'approval', needed: 2, parties: [asUser(martin), asUser(divya)] }]);
  expect(long?.stages).toMatchObject([
    { name: 'leads', needed: 1, parties: [asUser(martin)] },
    { name: 'then', needed: 3, parties: [{ kind: 'group' }] },
  ]);
  expect(short).not.toHaveProperty('approvers');
  expect(short).not.toHaveProperty('needed');
});

const oneOf = 'rules.0.approvers.0: must have one of id (a person), group and team.';
const short = 'needs more approvals than it names different approvers.';
const bothOrNone = 'rules.0.approvers: must be given, or stages, and not both.';
const beforeTheEnd = (minutes: number): string =>
  `must be less than the ${minutes} minutes after which it expires.`;

test.each<[string, unknown, readonly string[]]>([
  ['a party that is nobody', ruleDocument({ approvers: [{ name: 'X' }] }), [oneOf]],
  ['a party that is two', ruleDocument({ approvers: [{ ...leads, ...named(martin) }] }), [oneOf]],
  ['a party that is a group and a team', ruleDocument({ approvers: [{ ...leads, team: groupId }] }), [oneOf]],
  [
    'owners of a group',
    ruleDocument({ approvers: [{ ...leads, who: 'owners' }] }),
    ['rules.0.approvers.0: who belongs to a team.'],
  ],
  [
    'a party that is wrong in itself, of which nothing else is made',
    ruleDocument({ approvers: [{ id: 'me', name: 'M', who: 'owners' }] }),
    ['rules.0.approvers.0.id: must be an Entra object id.'],
  ],
  ['neither approvers nor stages', bare, [bothOrNone]],
  [
    'approvers and stages',
    { ...ruleDocument({ needed: undefined }), stages: [stage([leads])] },
    [bothOrNone],
  ],
  [
    'a number beside stages',
    { ...bare, needed: 1, stages: [stage([leads])] },
    ['rules.0.needed: belongs into each stage where there are stages.'],
  ],
  [
    'all of them together, with too few people',
    { ...ruleDocument({ needed: 3 }), stages: [stage([leads])] },
    [bothOrNone, 'rules.0.needed: belongs into each stage where there are stages.'],
  ],
  ['more approvals than people', ruleDocument({ needed: 3 }), [`rules.0.needed: ${short}`]],
  [
    'one person named twice',
    ruleDocument({ needed: 2, approvers: [named(martin), named(martin)] }),
    [`rules.0.needed: ${short}`],
  ],
  ['as many approvals as people', ruleDocument({ needed: 2 }), []],
  ['a group, which may hold any number', ruleDocument({ needed: 20, approvers: [named(martin), leads] }), []],
  [
    'a short stage',
    { ...bare, stages: [stage([leads]), stage([named(martin)], 2)] },
    [`rules.0.stages.1.needed: ${short}`],
  ],
  ['a rule without a number, which is one', { ...bare, approvers: [named(martin)] }, []],
  [
    'a reminder at the end',
    ruleDocument({ remindAfterMinutes: 60 }),
    [`rules.0.remindAfterMinutes: ${beforeTheEnd(60)}`],
  ],
  ['a reminder just before the end', ruleDocument({ remindAfterMinutes: 59 }), []],
  [
    'an escalation after the end',
    ruleDocument({ expiresAfterMinutes: 30, escalate: { afterMinutes: 31, to: [leads] } }),
    [`rules.0.escalate.afterMinutes: ${beforeTheEnd(30)}`],
  ],
  [
    'an escalation before the end',
    ruleDocument({ expiresAfterMinutes: 90, escalate: { afterMinutes: 61, to: [leads] } }),
    [],
  ],
])('%s', (_what, rule, sentences) => {
  expect(said(rule)).toEqual(sentences);
});

test.each<[string, Record<string, unknown>, string]>([
  ['stages that are no list', { ...bare, stages: 'leads' }, 'rules.0.stages'],
  ['a stage that is nothing', { ...bare, stages: [null] }, 'rules.0.stages.0'],
  ['an escalation that is nothing', ruleDocument({ escalate: null }), 'rules.0.escalate'],
  ['a reminder that is a word', ruleDocument({ remindAfterMinutes: 'soon' }), 'rules.0.remindAfterMinutes'],
  [
    'an end that is a word',
    ruleDocument({ remindAfterMinutes: 10, expiresAfterMinutes: 'late' }),
    'rules.0.expiresAfterMinutes',
  ],
  [
    'a reminder that is a text of digits',
    ruleDocument({ remindAfterMinutes: '70' }),
    'rules.0.remindAfterMinutes',
  ],
  [
    'an end that is a text of digits',
    ruleDocument({ remindAfterMinutes: 10, expiresAfterMinutes: '5' }),
    'rules.0.expiresAfterMinutes',
  ],
  ['a number that is a word', ruleDocument({ needed: 'many' }), 'rules.0.needed'],
  ['approvers that are no list', ruleDocument({ approvers: 'Martin' }), 'rules.0.approvers'],
  [
    'no list of approvers and too many approvals',
    ruleDocument({ approvers: [], needed: 2 }),
    'rules.0.approvers',
  ],
])('%s is told once, where it stands', (_what, rule, path) => {
  expect(said(rule)).toEqual([expect.stringMatching(new RegExp(`^${path}: `))]);
});

describe('a policy as a whole', () => {
  const hours = { zone: 'UTC', from: '08:00', to: '08:00' };
  const freeze = { name: 'f', from: '2026-12-20T00:00:00Z', to: '2026-12-21T00:00:00Z' };
  const wholeSaid = (
    rest: Record<string, unknown>,
    rules: readonly unknown[] = [ruleDocument()],
  ): string[] => {
    const reading = checkPolicy({ version: '1', rules, ...rest });
    return reading.kind === 'wrong' ? reading.problems.map(problemText) : [];
  };

  test('names a rule once: each later one of the same name is told', () => {
    const rules = ['a', 'b', 'a', 'a'].map((name) => ruleDocument({ name }));
    expect(wholeSaid({}, rules)).toEqual([
      'rules.2.name: is the name of another rule already: a.',
      'rules.3.name: is the name of another rule already: a.',
    ]);
    expect(wholeSaid({}, rules.slice(0, 2))).toEqual([]);
  });

  test('with rules that have no name says that, and not that they are called alike', () => {
    const nameless = ruleDocument({ name: undefined });
    expect(wholeSaid({}, [nameless, nameless])).toEqual([
      expect.stringMatching(/^rules\.0\.name: (?!is the name)/),
      expect.stringMatching(/^rules\.1\.name: (?!is the name)/),
    ]);
  });

  test('uses no name that it does not describe, and may use those that it does', () => {
    const match = { environment: 'prod', dataClass: 'personal', to: { environment: 'prod' } };
    const visible = [{ environment: 'prod', to: [leads] }];
    const places = {
      environments: { prod: [{ server: 'x' }] },
      dataClasses: { personal: [{ server: 'x' }] },
    };
    const rules = [ruleDocument({ match })];
    expect(wholeSaid({ visible, freezes: [{ ...freeze, match }], ...places }, rules)).toEqual([]);
    const said = ['environment', 'to.environment', 'dataClass'].map(
      (field) =>
        `${field}: ${field === 'dataClass' ? 'personal is not described under dataClasses' : 'prod is not described under environments'}.`,
    );
    expect(wholeSaid({ visible, freezes: [{ ...freeze, match }] }, rules)).toEqual([
      ...said.map((each) => `rules.0.match.${each}`),
      ...said.map((each) => `freezes.0.match.${each}`),
      'visible.0.environment: prod is not described under environments.',
    ]);
    // The one kind of name is not the other.
    const crossed = { environments: places.dataClasses, dataClasses: places.environments };
    expect(wholeSaid({ visible, ...crossed }, rules)).toHaveLength(4);
  });

  test('has no hours and no freeze without length', () => {
    expect(wholeSaid({ freezes: [{ ...freeze, to: freeze.from, match: { hours } }] })).toEqual([
      'freezes.0.to: must be after from.',
      'freezes.0.match.hours.to: must not be the same time as from.',
    ]);
    const earlier = { ...freeze, to: '2026-12-20T00:00:00+01:00' };
    expect(wholeSaid({ freezes: [freeze, earlier] })).toEqual(['freezes.1.to: must be after from.']);
    expect(wholeSaid({ freezes: [{ ...freeze, to: '2026-12-20T00:00:01Z' }] })).toEqual([]);
  });

  test('of a freeze whose ends cannot be read only that is told', () => {
    expect(
      wholeSaid({
        freezes: [
          { ...freeze, from: 'now' },
          { ...freeze, to: 'then' },
        ],
      }),
    ).toEqual([expect.stringMatching(/^freezes\.0\.from: /), expect.stringMatching(/^freezes\.1\.to: /)]);
  });

  test.each([
    ['rules', { rules: 'none' }, 'rules'],
    ['freezes', { freezes: {} }, 'freezes'],
    ['visible', { visible: 7 }, 'visible'],
    ['environments', { environments: ['prod'] }, 'environments'],
    ['a match', { rules: [ruleDocument({ match: ['x'] })] }, 'rules.0.match'],
    ['a match that is nothing', { rules: [ruleDocument({ match: null })] }, 'rules.0.match'],
    ['a rule', { rules: [[]] }, 'rules.0'],
  ])('whose %s are of another kind tells that, and what else it can', (_what, rest, path) => {
    const [first, ...others] = wholeSaid(rest);
    expect(first).toMatch(new RegExp(`^${path}: `));
    // Of a list that is none nothing is said item by item.
    if (!path.includes('.')) expect(others).toHaveLength(0);
  });

  test('tells where an unknown key stands, and its path is that of the map around it', () => {
    const reading = checkPolicy({ version: '1', rules: [ruleDocument()], colour: 1, match: {} });
    expect(reading).toEqual({
      kind: 'wrong',
      problems: [
        { path: [], message: 'does not know the key colour', at: ['colour'] },
        { path: [], message: 'does not know the key match', at: ['match'] },
      ],
    });
  });

  test('that is wrong is refused with every problem in one sentence', () => {
    expect(() => readPolicy({ version: '', rules: [bare] })).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          code: 'CONFIGURATION',
          sentence: expect.stringMatching(/policy version: .*policy rules\.0\.approvers: must be given/s),
        }),
      }),
    );
  });
});
