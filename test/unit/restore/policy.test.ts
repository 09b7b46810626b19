import { DeskError } from '../../../services/restore/errors';
import {
  eligible,
  isCovered,
  policyProblems,
  probeFor,
  readPolicy,
  ruleFor,
} from '../../../services/restore/policy';
import { restoring } from '../../../services/restore/policy-subject';
import { aServer, divya, emil, ines, martin, now, person, policyOf, ruleDocument } from '../../fakes/facts';
import type { Policy } from '../../../services/restore/policy-schema';

const orders = aServer('orders-pg', { tags: { env: 'prod', owner: 'shop' } });
const someone = (n: number) => ({ id: person(n, '').aadObjectId, name: `Person ${n}` });

function problemsOf(document: unknown): string {
  try {
    readPolicy(document);
    return '';
  } catch (error) {
    return error instanceof DeskError ? error.problem.sentence : String(error);
  }
}

const nameFor = (rules: readonly unknown[], server = orders, mode: 'latest' | 'point-in-time' = 'latest') =>
  ruleFor(policyOf(rules), server, restoring(mode))?.name;

const problemsFor = (policy: Policy) =>
  policyProblems(policy, orders, restoring('latest'), { requester: ines, now });
const leads = [martin, divya];

test('the strictest of several matching rules wins, whatever their order', () => {
  const rules = [
    ruleDocument({ name: 'loose', needed: 1 }),
    ruleDocument({ name: 'strict', needed: 2, approvers: [someone(2), someone(3), someone(4)] }),
    ruleDocument({ name: 'stricter', needed: 2 }),
  ];
  expect(nameFor(rules)).toBe('stricter');
  expect(nameFor([...rules].reverse())).toBe('stricter');
});

test.each([
  ['orders-*', 'orders-pg', true],
  ['*-pg', 'orders-pg', true],
  ['ORDERS-PG', 'orders-pg', true],
  ['*', 'anything', true],
  ['orders', 'orders-pg', false],
  ['rders-pg', 'orders-pg', false],
  ['orders.pg', 'orders-pg', false],
  ['or*ers*pg', 'orders-pg', true],
])('the pattern %s fits %s: %s', (server, name, fits) => {
  expect(nameFor([ruleDocument({ match: { server } })], aServer(name)) !== undefined).toBe(fits);
});

test('a rule for a resource group or for tags needs all of what it names', () => {
  const match = { resourceGroup: 'RG-*', tags: { env: 'prod', owner: 'shop' } };
  expect(nameFor([ruleDocument({ match })])).toBe('orders');
  expect(nameFor([ruleDocument({ match })], aServer('orders-pg', { tags: { env: 'prod' } }))).toBeUndefined();
  expect(nameFor([ruleDocument({ match: { ...match, resourceGroup: 'rg-dr' } })])).toBeUndefined();
});

test('a rule for one mode does not cover the other', () => {
  const rules = [ruleDocument({ match: { server: 'orders-pg', modes: ['latest'] } })];
  expect(nameFor(rules, orders, 'latest')).toBe('orders');
  expect(nameFor(rules, orders, 'point-in-time')).toBeUndefined();
  expect(isCovered(policyOf(rules), orders)).toBe(true);
});

test('no matching rule refuses', () => {
  const policy = policyOf([ruleDocument({ match: { server: 'billing-pg' } })]);
  expect(problemsFor(policy)).toMatchObject([{ code: 'NO_POLICY_RULE' }]);
  expect(isCovered(policy, orders)).toBe(false);
});

test('the requester is left out of the approvers, and a rule that only they could satisfy refuses', () => {
  expect(eligible({ aliases: [] }, [ines, martin], ines)).toEqual([martin]);
  const alone = policyOf([ruleDocument({ approvers: [someone(1)] })]);
  expect(problemsFor(alone)).toMatchObject([
    { code: 'NO_APPROVER_LEFT', sentence: expect.stringContaining('only 0 other people') },
  ]);
});

test('a second account of the requester is the requester, in any spelling', () => {
  const aliases = [[ines.aadObjectId.toUpperCase(), martin.aadObjectId]];
  expect(eligible(policyOf([ruleDocument()], { aliases }), leads, ines)).toEqual([divya]);
});

test('accounts of others do not become the requester by being aliases of each other', () => {
  const policy = policyOf([ruleDocument()], { aliases: [[martin.aadObjectId, emil.aadObjectId]] });
  expect(eligible(policy, leads, ines)).toEqual(leads);
});

test('two accounts of one person are one approver, not two', () => {
  const policy = policyOf([ruleDocument({ needed: 2 })], {
    aliases: [[martin.aadObjectId, divya.aadObjectId]],
  });
  expect(problemsFor(policy)).toMatchObject([{ code: 'NO_APPROVER_LEFT' }]);
});

test('no proof is invented for a server that has none', () => {
  const proof = [{ server: 'orders-*', database: 'shop', newestWrite: 'select 1', toleranceSeconds: 5 }];
  const policy = policyOf([ruleDocument()], { proof });
  expect(probeFor(policy, orders)).toEqual({
    database: 'shop',
    newestWrite: 'select 1',
    toleranceSeconds: 5,
  });
  expect(probeFor(policy, aServer('billing-pg'))).toBeUndefined();
});

test('a probe is sealed as the owner wrote it, with nothing added', () => {
  const written = {
    toleranceSeconds: 5,
    timeColumns: [{ database: 'shop', table: 'sales.orders', column: 'placed_at' }],
    requiredTables: [{ database: 'shop', table: 'orders' }],
    checks: [{ name: 'orders', database: 'shop', sql: 'select count(*) > 0 from orders', expect: true }],
    exactCountRows: 1_000,
    amcheck: true,
  };
  const policy = policyOf([ruleDocument()], { proof: [{ server: 'orders-pg', ...written }] });
  expect(probeFor(policy, orders)).toEqual(written);
});

test.each([
  [{ newestWrite: 'select 1' }, /proof\.0\.database/],
  [{ newestWriteUpTo: 'select $1', database: 'shop' }, /proof\.0\.newestWrite/],
  [{ timeColumns: [{ database: 'shop', table: 'a b', column: 'at' }] }, /timeColumns\.0\.table/],
  [{ checks: [{ name: 'x', database: 'shop', sql: 'select 1' }] }, /checks\.0\.expect/],
])('a proof of %j is refused with its path', (entry, sentence) => {
  const proof = [{ server: 'orders-pg', toleranceSeconds: 5, ...entry }];
  expect(problemsOf({ version: '1', rules: [ruleDocument()], proof })).toMatch(sentence);
});

test.each([
  ['an unknown key', [ruleDocument({ aprovers: [] })], /rules\.0: .*aprovers/],
  ['an unknown key in match', [ruleDocument({ match: { sever: 'x' } })], /rules\.0\.match: .*sever/],
  ['no approvers', [ruleDocument({ approvers: [] })], /rules\.0\.approvers: must name at least one/],
  ['more approvals than approvers', [ruleDocument({ needed: 3 })], /rules\.0\.needed: needs more approvals/],
  [
    'the same approver twice',
    [
      ruleDocument({
        needed: 2,
        approvers: [someone(2), { ...someone(2), id: someone(2).id.toUpperCase() }],
      }),
    ],
    /rules\.0\.needed/,
  ],
  ['no approval at all', [ruleDocument({ needed: 0 })], /rules\.0\.needed/],
  [
    'an approver without an object id',
    [ruleDocument({ approvers: [{ id: 'martin@shop', name: 'M' }] })],
    /approvers\.0\.id: must be an Entra object id/,
  ],
  ['an unknown mode', [ruleDocument({ match: { modes: ['teleport'] } })], /rules\.0\.match\.modes\.0/],
  ['no rule', [], /rules: must hold at least one rule/],
  [
    'a ticket pattern that is no regular expression',
    [ruleDocument({ ticketPattern: '(' })],
    /rules\.0\.ticketPattern/,
  ],
])('%s is refused with its path', (_what, rules, sentence) => {
  expect(problemsOf({ version: '1', rules })).toMatch(sentence);
});

test('every problem of a policy is listed at once', () => {
  const said = problemsOf({ version: '', rules: [ruleDocument({ needed: 0 })], alias: [] });
  expect(said).toMatch(/policy version/);
  expect(said).toMatch(/policy rules\.0\.needed/);
  expect(said).toMatch(/policy \(top\).*alias/);
});

test.each([[null], [[]], ['text'], [7]])('%p is no policy', (document) => {
  expect(problemsOf(document)).toMatch(/configuration is not usable/);
});
