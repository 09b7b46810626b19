/** What the policy answers beside the rule of a request: logins, freezes, what is offered, and who is left to approve. */
import {
  eligible,
  freezeFor,
  isCovered,
  isLoginAllowed,
  isModeCovered,
  loginsFor,
  policyProblems,
  probeFor,
  proofLoginFor,
  ruleFor,
  strictest,
} from '../../../services/restore/policy';
import { restoring, type Ask, type Destination } from '../../../services/restore/policy-subject';
import { strictestOf } from '../../../services/restore/policy-strictness';
import { aServer, divya, emil, ines, martin, now, person, policyOf, ruleDocument } from '../../fakes/facts';
import type { Person } from '../../../services/restore/person';

const orders = aServer('orders-pg');
const named = ({ aadObjectId: id, name }: Person) => ({ id, name });
const group = { group: '66666666-0000-4000-8000-000000000001', name: 'Leads' };
const team = { team: group.group, name: 'Shop' };
const rule = (name: string, match: object = {}, rest: object = {}) => ruleDocument({ name, match, ...rest });
const staged = (name: string, ...stages: readonly (readonly [readonly unknown[], number])[]) =>
  rule(
    name,
    {},
    {
      ...{ approvers: undefined, needed: undefined },
      stages: stages.map(([approvers, needed], index) => ({ name: `${index}`, approvers, needed })),
    },
  );
const here: Destination = {
  ...{ kind: 'server', subscriptionId: orders.subscriptionId, resourceGroup: 'rg-shop' },
  ...{ region: 'canadacentral', server: 'orders-pg-r1', network: 'public' },
};
const asking = (changes: Partial<Ask> = {}): Ask => ({
  ...{ action: 'restore', mode: 'latest', to: [here], regionChange: false, at: now },
  ...changes,
});
const problemsOf = (rules: readonly unknown[], ask = asking(), rest = {}, by = { requester: ines, now }) =>
  policyProblems(policyOf(rules, rest), orders, ask, by).map(({ code, sentence }) => [code, sentence]);

describe('logins', () => {
  const policy = policyOf([ruleDocument()], {
    logins: [
      { server: 'legacy-*', secret: 'kv-shop/one' },
      { server: 'legacy-srv', secret: 'kv-shop/two' },
      { server: 'other', secret: 'kv-shop/three' },
    ],
    proofLogins: [
      { server: 'orders-*', user: 'prover', secret: 'kv-shop/prover' },
      { server: 'orders-pg', user: 'second', secret: 'kv-shop/second' },
    ],
  });

  test('of a server are all whose pattern fits, and where there are some no other is used', () => {
    expect(loginsFor(policy, 'legacy-srv')).toEqual(['kv-shop/one', 'kv-shop/two']);
    expect(loginsFor(policy, 'free')).toEqual([]);
    expect(isLoginAllowed(policy, 'legacy-srv', 'KV-Shop/TWO')).toBe(true);
    expect(isLoginAllowed(policy, 'legacy-srv', 'kv-shop/three')).toBe(false);
    expect(isLoginAllowed(policy, 'free', 'kv-any/thing')).toBe(true);
  });

  test('for the proof are the first that fits, or that of the product', () => {
    expect(proofLoginFor(policy, 'ORDERS-pg')).toEqual({
      ...{ server: 'orders-*', user: 'prover', secret: 'kv-shop/prover' },
    });
    expect(proofLoginFor(policy, 'billing-pg')).toBeUndefined();
  });

  test('a pattern says every character but the star as itself', () => {
    const fits = (server: string, name: string): boolean =>
      loginsFor(policyOf([ruleDocument()], { logins: [{ server, secret: 'kv-shop/x' }] }), name).length > 0;
    expect(fits('a.b(c)[d]$^+?{2}|\\', 'a.b(c)[d]$^+?{2}|\\')).toBe(true);
    for (const [pattern, name] of [
      ['a.b', 'axb'],
      ['a+', 'aa'],
      ['a|b', 'a'],
      ['*-pg', 'orders-pg-r1'],
      ['a*b', 'a\nb'],
    ] as const)
      expect(fits(pattern, name)).toBe(false);
    expect(fits('a**b', 'ab')).toBe(true);
  });
});

test('of several entries of the proof the first that fits counts', () => {
  const proof = [
    { server: 'billing-*', toleranceSeconds: 1 },
    { server: 'orders-*', toleranceSeconds: 2 },
    { server: 'orders-pg', toleranceSeconds: 3 },
  ];
  expect(probeFor(policyOf([ruleDocument()], { proof }), orders)).toEqual({ toleranceSeconds: 2 });
});

describe('which of two rules is stricter', () => {
  const order = (...rules: readonly unknown[]) => strictestOf(policyOf(rules).rules)?.name;
  const [m, d, e] = [named(martin), named(divya), named(emil)];
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    [
      'more approvals over more stages',
      rule('strict', {}, { needed: 3, approvers: [m, d, e] }),
      staged('loose', [[m], 1], [[d], 1]),
    ],
    [
      'more stages over fewer people',
      staged('strict', [[m, d, e], 1], [[group], 1]),
      rule('loose', {}, { needed: 2 }),
    ],
    [
      'all approvals of all stages together',
      staged('strict', [[m, d], 2], [[e], 1]),
      staged('loose', [[m], 1], [[d], 1]),
    ],
    ['fewer people', rule('strict', {}, { approvers: [m] }), rule('loose')],
    [
      'any number of names over a group',
      rule('strict', {}, { approvers: [m, d, e] }),
      rule('loose', {}, { approvers: [group] }),
    ],
    [
      'any number of names over a team',
      rule('strict', {}, { approvers: [m, d, e] }),
      rule('loose', {}, { approvers: [team] }),
    ],
    [
      'a group alone over a group and a name',
      rule('strict', {}, { approvers: [group] }),
      rule('loose', {}, { approvers: [group, m] }),
    ],
    [
      'one person twice over two',
      staged('strict', [[m, d], 1], [[d, m], 1]),
      staged('loose', [[m, d], 1], [[e], 1]),
    ],
  ];
  test.each(cases)('%s', (_what, strict, loose) => {
    expect(order(strict, loose)).toBe('strict');
    expect(order(loose, strict)).toBe('strict');
  });

  test('the first of equals, and none of none', () => {
    expect(order(rule('first'), rule('second'))).toBe('first');
    expect(strictestOf([])).toBeUndefined();
  });

  test('of rules of which one is missing none holds', () => {
    const policy = policyOf([rule('one'), rule('two', {}, { needed: 2 })]);
    const [one, two] = policy.rules;
    expect(strictest(policy, one, two)?.name).toBe('two');
    expect(strictest(policy, one)?.name).toBe('one');
    expect(strictest(policy, one, undefined)).toBeUndefined();
  });
});

describe('what is offered', () => {
  test('is what some rule could cover for sure of the source', () => {
    const tagged = policyOf([rule('t', { tags: { env: 'prod' } })]);
    const { tags: _tags, ...unseen } = orders;
    expect(isModeCovered(tagged, unseen, 'latest')).toBe(false);
    expect(isModeCovered(tagged, { ...orders, tags: { env: 'prod' } }, 'latest')).toBe(true);
    expect(isModeCovered(policyOf([rule('d', { actions: ['delete'] })]), orders, 'latest')).toBe(false);
    expect(isModeCovered(policyOf([rule('r', { actions: ['restore'] })]), orders, 'latest')).toBe(true);
    // One rule has to cover all of it.
    const halves = policyOf([rule('a', { server: 'x' }), rule('b', { modes: ['geo'] })]);
    expect(isModeCovered(halves, orders, 'latest')).toBe(false);
  });

  test('a server into which files may be loaded is not shown for that', () => {
    const policy = policyOf([rule('f', { modes: ['files-to-server'] })]);
    expect(isModeCovered(policy, orders, 'files-to-server')).toBe(true);
    expect(isCovered(policy, orders)).toBe(false);
    for (const mode of ['point-in-time', 'latest', 'fast', 'geo', 'dropped', 'vault-files', 'vault-database'])
      expect(isCovered(policyOf([rule('m', { modes: [mode] })]), orders)).toBe(true);
  });

  test('what is not covered is told by what is missing, also of files', () => {
    const files = asking({ mode: 'files-to-server' });
    const codeOf = (...args: Parameters<typeof problemsOf>) => problemsOf(...args).map(([code]) => code);
    expect(codeOf([rule('l', { modes: ['latest'] })], files)).toEqual(['WAY_NOT_COVERED']);
    expect(codeOf([rule('x', { server: 'x' })], files)).toEqual(['WAY_NOT_COVERED']);
    const away = rule('away', { to: { resourceGroup: 'rg-dr' } });
    expect(codeOf([away], files)).toEqual(['PLACE_NOT_COVERED']);
    // While the place is not known it is not held against anybody, unless the way itself has no rule.
    expect(codeOf([away], restoring('latest'))).toHaveLength(0);
    expect(codeOf([rule('g', { modes: ['geo'] })], restoring('latest'))).toEqual(['WAY_NOT_COVERED']);
    for (const match of [{ modes: ['geo'] }, { server: 'x' }, { to: { resourceGroup: 'rg-dr' } }])
      expect(problemsOf([rule('r', match)])[0]?.[1]).toContain('orders-pg');
  });

  test('a place that is known to be none is a place that nobody knows', () => {
    const policy = policyOf([rule('away', { to: { resourceGroup: 'rg-dr' } }), rule('any', {})]);
    expect(ruleFor(policy, orders, asking({ to: [] }))?.name).toBe('away');
    const { to: _to, ...placeless } = asking();
    expect(ruleFor(policy, orders, placeless)?.name).toBe('away');
  });
});

describe('who is left to approve', () => {
  const second = person(8, 'Second account');

  test('is known without the directory where a stage names people only', () => {
    const ofEach = (...approvers: readonly unknown[]) => rule('r', {}, { approvers, needed: 1 });
    // How many a group holds is not known here.
    const both = rule('r', {}, { approvers: [named(ines), group], needed: 2 });
    expect(problemsOf([both])).toHaveLength(0);
    expect(problemsOf([ofEach(named(ines))])).toEqual([
      ['NO_APPROVER_LEFT', expect.stringMatching(/r.* 1 .*only 0 other/s)],
    ]);
    expect(problemsOf([ofEach(named(ines), group)])).toHaveLength(0);
    expect(problemsOf([ofEach(named(ines), named(martin))])).toHaveLength(0);
    const shouted = { ...named(ines), id: ines.aadObjectId.toUpperCase() };
    expect(problemsOf([ofEach(shouted)])).toHaveLength(1);
  });

  test('is asked of each stage, and told beside a freeze', () => {
    const stages = staged('s', [[named(ines)], 1], [[named(martin)], 1], [[named(ines)], 1]);
    const freezes = [{ name: 'Now', from: '2026-11-19T00:00:00Z', to: '2026-11-20T00:00:00Z' }];
    expect(problemsOf([stages], asking(), { freezes }).map(([code]) => code)).toEqual([
      ...['FROZEN', 'NO_APPROVER_LEFT', 'NO_APPROVER_LEFT'],
    ]);
    expect(problemsOf([stages], asking(), { freezes })[0]?.[1]).toContain('orders-pg');
  });

  test('are the first accounts of people, in lower case, none of them the requester', () => {
    const shouted = { ...martin, aadObjectId: martin.aadObjectId.toUpperCase() };
    const aliases = [[martin.aadObjectId, second.aadObjectId]];
    expect(eligible({ aliases }, [ines, shouted, second, martin, divya], ines)).toEqual([martin, divya]);
    expect(eligible({ aliases }, [second, martin], ines)).toEqual([second]);
    expect(eligible({ aliases }, [martin, divya], second)).toEqual([divya]);
  });
});

describe('a freeze', () => {
  const from = '2026-11-19T00:00:00Z';
  const freeze = (name: string, to: string, match: object = {}) => ({ name, from, to, match });
  const frozen = (freezes: readonly unknown[], ask = asking()) =>
    freezeFor(policyOf([rule('any')], { freezes }), orders, ask, now)?.name;

  test('that ends last is told, in whatever order they are written', () => {
    const all = [
      freeze('b', '2026-11-21T00:00:00+09:00'),
      freeze('c', '2026-11-22T00:00:00Z'),
      freeze('a', '2026-11-20T23:00:00Z'),
    ];
    for (const order of [all, [...all].reverse(), [all[1], all[2], all[0]]]) expect(frozen(order)).toBe('c');
    expect(frozen([all[0], all[2]])).toBe('a');
    expect(frozen([])).toBeUndefined();
  });

  test('of one of several places holds, and so does one that may be meant', () => {
    const away: Destination = { ...here, resourceGroup: 'rg-dr' };
    const dr = [freeze('dr', '2026-11-20T00:00:00Z', { to: { resourceGroup: 'rg-dr' } })];
    expect(frozen(dr)).toBeUndefined();
    expect(frozen(dr, asking({ to: [here, away] }))).toBe('dr');
    expect(frozen(dr, restoring('latest'))).toBe('dr');
  });
});
