/** Which rule holds for what is asked, where it goes, how and when. */
import {
  freezeFor,
  isCovered,
  isModeCovered,
  policyProblems,
  ruleFor,
} from '../../../services/restore/policy';
import { restoring, type Ask, type Destination } from '../../../services/restore/policy-subject';
import { looserWarnings } from '../../../services/restore/policy-destination';
import { aServer, ines, now, person, policyOf, ruleDocument } from '../../fakes/facts';

const orders = aServer('orders-pg', { tags: { env: 'prod' } });
const { subscriptionId } = orders;
const otherSubscription = '33333333-3333-4333-8333-333333333333';

const server = (changes: Partial<Extract<Destination, { kind: 'server' }>> = {}): Destination => ({
  ...{ kind: 'server', subscriptionId, resourceGroup: 'rg-shop', region: 'canadacentral' },
  ...{ server: 'orders-pg-r1', network: 'public' },
  ...changes,
});
const container: Destination = {
  ...{ kind: 'container', subscriptionId, resourceGroup: 'rg-shop', region: 'canadacentral' },
  container: 'shoprestores/restores',
};
const asking = (changes: Partial<Ask> = {}): Ask => ({
  ...{ action: 'restore', mode: 'latest', to: [server()], regionChange: false, at: now },
  ...changes,
});

const rule = (name: string, match: object, needed = 1) =>
  ruleDocument({
    name,
    match,
    needed,
    approvers: [2, 3, 4, 5].map((n) => ({ id: person(n, '').aadObjectId, name: `P${n}` })),
  });
const anyone = rule('any', {});
const nameFor = (
  rules: readonly unknown[],
  ask = asking(),
  { subject = orders, rest = {} }: { subject?: typeof orders; rest?: Record<string, unknown> } = {},
) => ruleFor(policyOf(rules, rest), subject, ask)?.name;

describe('where it goes', () => {
  const rules = [
    anyone,
    rule('away', { to: { resourceGroup: 'rg-dr' } }, 2),
    rule('files', { to: { container: '*' } }, 3),
  ];

  test('another place has its own, stricter rule', () => {
    expect(nameFor(rules)).toBe('any');
    expect(nameFor(rules, asking({ to: [server({ resourceGroup: 'RG-DR' })] }))).toBe('away');
    expect(nameFor(rules, asking({ mode: 'vault-files', to: [container] }))).toBe('files');
  });

  test('of several places the strictest counts, and each of them has to be covered', () => {
    expect(nameFor(rules, asking({ mode: 'vault-to-server', to: [server(), container] }))).toBe('files');
    const serversOnly = [rule('servers', { to: { server: '*' } })];
    expect(nameFor(serversOnly)).toBe('servers');
    expect(
      nameFor(serversOnly, asking({ mode: 'vault-to-server', to: [server(), container] })),
    ).toBeUndefined();
  });

  test.each<[object, Partial<Ask>, boolean]>([
    [{ to: { subscription: otherSubscription } }, {}, false],
    [
      { to: { subscription: otherSubscription } },
      { to: [server({ subscriptionId: otherSubscription })] },
      true,
    ],
    [{ to: { server: 'orders-pg-*' } }, {}, true],
    [{ to: { server: 'orders-pg-*' } }, { to: [container] }, false],
    [{ to: { region: 'canadaeast' } }, {}, false],
    [{ to: { network: 'public' } }, {}, true],
    [{ to: { network: 'private' } }, {}, false],
    [{ to: { container: 'shoprestores/*' } }, { to: [container] }, true],
    [{ to: { container: 'drrestores/*' } }, { to: [container] }, false],
    [{ to: { environment: 'production' } }, {}, true],
    [{ to: { environment: 'production' } }, { to: [server({ resourceGroup: 'rg-dr' })] }, false],
    [{ environment: 'production' }, {}, true],
    [{ environment: 'recovery' }, {}, false],
    [{ dataClass: 'personal' }, {}, true],
    [{ network: 'public' }, {}, true],
    [{ network: 'private' }, {}, false],
    [{ subscription: subscriptionId }, {}, true],
    [{ regionChange: true }, {}, false],
    [{ regionChange: true }, { regionChange: true }, true],
    [{ actions: ['delete', 'apply'] }, {}, false],
    [{ actions: ['delete', 'apply'] }, { action: 'apply' }, true],
    [{ actions: ['restore'] }, { action: 'extend' }, false],
    [{}, { action: 'salvage' }, true],
  ])('the match %j of the ask %j: %s', (match, changes, fits) => {
    const rest = {
      environments: { production: [{ resourceGroup: 'rg-shop' }], recovery: [{ resourceGroup: 'rg-dr' }] },
      dataClasses: { personal: [{ server: 'billing-*' }, { server: 'orders-*' }] },
    };
    expect(nameFor([rule('it', match)], asking(changes), { rest }) === 'it').toBe(fits);
  });
});

describe('what is not known', () => {
  const { tags: _tags, network: _network, ...unseen } = orders;

  test('makes stricter, and covers nothing', () => {
    const rules = [anyone, rule('tagged', { tags: { env: 'prod' } }, 2)];
    expect(nameFor(rules, asking(), { subject: unseen as typeof orders })).toBe('tagged');
    expect(nameFor(rules.slice(1), asking(), { subject: unseen as typeof orders })).toBeUndefined();
  });

  test('a changed tag leads to no looser rule than those without tags', () => {
    const rules = [
      rule('all', {}, 2),
      rule('prod', { tags: { env: 'prod' } }, 3),
      rule('dev', { tags: { env: 'dev' } }, 1),
    ];
    expect(nameFor(rules)).toBe('prod');
    expect(nameFor(rules, asking(), { subject: { ...orders, tags: { env: 'dev' } } })).toBe('all');
    expect(nameFor(rules, asking(), { subject: { ...orders, tags: {} } })).toBe('all');
  });

  test('a server is offered when it could go somewhere at some hour', () => {
    const hours = { zone: 'UTC', from: '08:00', to: '09:00' };
    const policy = policyOf([rule('away', { modes: ['latest'], to: { resourceGroup: 'rg-dr' }, hours })]);
    expect(isCovered(policy, orders)).toBe(true);
    expect(isModeCovered(policy, orders, 'geo')).toBe(false);
    expect(isCovered(policyOf([rule('no', { actions: ['delete'] })]), orders)).toBe(false);
  });
});

/** Every order of the rules. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

test('the strictest rule wins in whatever order they are written', () => {
  const stage = (name: string, n: number) => ({
    name,
    approvers: [{ id: person(n, '').aadObjectId, name: `P${n}` }],
    needed: 1,
  });
  const { approvers: _approvers, needed: _needed, ...bare } = rule('two stages', {});
  const rules = [
    anyone,
    rule('two', {}, 2),
    { ...bare, stages: [stage('a', 2), stage('b', 3)] },
    ruleDocument({
      name: 'two of a group',
      match: {},
      needed: 2,
      approvers: [{ group: person(9, '').aadObjectId, name: 'G' }],
    }),
    rule('elsewhere', { server: 'billing-pg' }, 4),
  ];
  const all = permutations(rules);
  expect(all).toHaveLength(120);
  expect(new Set(all.map((order) => nameFor(order)))).toEqual(new Set(['two stages']));
  const withoutStages = permutations(rules.filter((each) => each['name'] !== 'two stages'));
  expect(new Set(withoutStages.map((order) => nameFor(order)))).toEqual(new Set(['two']));
});

test('among equals the first written wins, also over several places', () => {
  const rules = [rule('first', { to: { container: '*' } }), rule('second', { to: { server: '*' } })];
  expect(nameFor(rules, asking({ to: [server(), container] }))).toBe('first');
  expect(nameFor([...rules].reverse(), asking({ to: [server(), container] }))).toBe('second');
});

describe('hours', () => {
  const office = {
    zone: 'Europe/Berlin',
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sun'],
    from: '08:00',
    to: '18:00',
  };
  const night = { zone: 'Europe/Berlin', days: ['fri'], from: '22:00', to: '06:00' };
  const early = { zone: 'Europe/Berlin', from: '02:00', to: '03:00' };
  const crooked = { zone: 'UTC', from: '08:50', to: '10:10' };

  test.each([
    // Winter: Berlin is an hour ahead of UTC; summer: two.
    [office, '2026-01-12T06:59:59.000Z', false],
    [office, '2026-01-12T07:00:00.000Z', true],
    [office, '2026-07-13T05:59:59.000Z', false],
    [office, '2026-07-13T06:00:00.000Z', true],
    [office, '2026-07-13T15:59:59.000Z', true],
    [office, '2026-07-13T16:00:00.000Z', false],
    [office, '2026-07-11T10:00:00.000Z', false],
    // The Sunday on which the clock is put forward, and that on which it is put back.
    [office, '2026-03-29T06:00:00.000Z', true],
    [office, '2026-03-29T05:59:59.000Z', false],
    [office, '2026-10-25T07:00:00.000Z', true],
    [office, '2026-10-25T06:59:59.000Z', false],
    // Two o'clock does not come on the one day, and comes twice on the other.
    [early, '2026-03-29T00:59:59.000Z', false],
    [early, '2026-03-29T01:00:00.000Z', false],
    [early, '2026-10-25T00:30:00.000Z', true],
    [early, '2026-10-25T01:30:00.000Z', true],
    [early, '2026-10-25T02:00:00.000Z', false],
    // Not on the hour.
    [crooked, '2026-07-10T08:49:59.000Z', false],
    [crooked, '2026-07-10T08:50:00.000Z', true],
    [crooked, '2026-07-10T10:09:59.000Z', true],
    [crooked, '2026-07-10T10:10:00.000Z', false],
    // Friday night ends on Saturday morning.
    [night, '2026-07-10T19:59:59.000Z', false],
    [night, '2026-07-10T20:00:00.000Z', true],
    [night, '2026-07-11T03:59:59.000Z', true],
    [night, '2026-07-11T04:00:00.000Z', false],
    [night, '2026-07-11T20:30:00.000Z', false],
    [night, '2026-07-10T03:00:00.000Z', false],
  ])('%j at %s: %s', (hours, at, fits) => {
    expect(nameFor([rule('timed', { hours })], asking({ at })) === 'timed').toBe(fits);
  });
});

describe('freezes', () => {
  const freezes = [
    {
      name: 'Year end',
      from: '2026-12-20T00:00:00+01:00',
      to: '2027-01-03T00:00:00+01:00',
      match: { server: 'orders-*' },
    },
    {
      name: 'Longer',
      from: '2026-12-31T00:00:00Z',
      to: '2027-01-05T00:00:00Z',
      match: { to: { container: '*' } },
    },
  ];
  const policy = () => policyOf([anyone], { freezes });
  const frozen = (at: string, ask = asking()) => freezeFor(policy(), orders, ask, at)?.name;

  test('hold from their first moment to just before their last', () => {
    expect(frozen('2026-12-19T22:59:59.999Z')).toBeUndefined();
    expect(frozen('2026-12-19T23:00:00.000Z')).toBe('Year end');
    expect(frozen('2027-01-02T22:59:59.999Z')).toBe('Year end');
    expect(frozen('2027-01-02T23:00:00.000Z')).toBeUndefined();
  });

  test('hold for what they mean, and of several the one that ends last is told', () => {
    const at = '2027-01-01T00:00:00.000Z';
    expect(frozen(at, asking({ to: [container] }))).toBe('Longer');
    expect(freezeFor(policy(), aServer('billing-pg'), asking(), at)).toBeUndefined();
    expect(policyProblems(policy(), orders, asking(), { requester: ines, now: at })).toMatchObject([
      { code: 'FROZEN', sentence: expect.stringContaining('2027-01-03T00:00:00+01:00 (Year end)') },
    ]);
    const overFreezes = { requester: ines, now: at, overFreezes: true };
    expect(policyProblems(policy(), orders, asking(), overFreezes)).toEqual([]);
  });
});

test('a place or an hour without a rule is told apart from a way and a server without one', () => {
  const codes = (match: object, ask = asking()) =>
    policyProblems(policyOf([rule('it', match)]), orders, ask, { requester: ines, now }).map(
      ({ code }) => code,
    );
  expect(codes({ server: 'billing-pg' })).toEqual(['NO_POLICY_RULE']);
  expect(codes({ modes: ['geo'] })).toEqual(['WAY_NOT_COVERED']);
  expect(codes({ to: { resourceGroup: 'rg-dr' } })).toEqual(['PLACE_NOT_COVERED']);
  expect(codes({ to: { resourceGroup: 'rg-dr' } }, restoring('latest'))).toEqual([]);
});

test('who gains access is said in a sentence for each way, and nothing where nobody does', () => {
  expect(looserWarnings(orders, [server()])).toEqual([]);
  expect(looserWarnings(orders, [server({ resourceGroup: 'rg-dr' })])).toEqual([
    'Whoever has rights on rg-dr can reach this copy; the source lies in rg-shop.',
  ]);
  expect(
    looserWarnings(orders, [server({ resourceGroup: 'rg-dr', subscriptionId: otherSubscription })]),
  ).toEqual([
    `Whoever has rights on rg-dr in subscription ${otherSubscription} can reach this copy; the source lies in rg-shop.`,
  ]);
  const hidden = { ...orders, network: { kind: 'private' as const } };
  expect(looserWarnings(hidden, [server(), container])).toEqual([
    expect.stringContaining('orders-pg is private and orders-pg-r1 is public'),
    'Whoever may read the container shoprestores/restores can read the data of orders-pg there.',
  ]);
});
