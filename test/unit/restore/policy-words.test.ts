/** What rules look like in words, and what another policy would have made of a past request. */
import { judgedRules, partyNames, stagesInWords } from '../../../services/restore/policy-words';
import { simulated } from '../../../services/restore/policy-simulate';
import { restoring, type Ask, type Destination } from '../../../services/restore/policy-subject';
import {
  aRequest,
  aRule,
  aServer,
  aStage,
  divya,
  emil,
  martin,
  now,
  policyOf,
  ruleDocument,
  someInputs,
} from '../../fakes/facts';
import type { Person } from '../../../services/restore/person';
import type { Policy } from '../../../services/restore/policy';

const orders = aServer('orders-pg', { tags: { env: 'prod' } });
const named = ({ aadObjectId: id, name }: Person) => ({ id, name });
const leads = { group: '66666666-0000-4000-8000-000000000001', name: 'Leads' };
const owners = { team: '66666666-0000-4000-8000-000000000002', name: 'Shop' };
const stage = (name: string, approvers: readonly unknown[], needed = 1) => ({ name, approvers, needed });
const staged = (name: string, ...stages: readonly unknown[]) => ({ name, match: {}, stages });

const firstOf = (policy: Policy) => {
  const [rule] = policy.rules;
  if (!rule) throw new Error('no rule');
  return rule;
};

const server = (changes: object = {}): Destination => ({
  ...{ kind: 'server', subscriptionId: orders.subscriptionId, resourceGroup: 'rg-shop' },
  ...{ region: 'canadacentral', server: 'orders-pg-r1', network: 'public' },
  ...changes,
});
const asked = (changes: Partial<Ask> = {}) => ({
  subject: orders,
  ask: {
    ...{ action: 'restore', mode: 'latest', to: [server()], regionChange: false, at: now },
    ...changes,
  } as Ask,
});

test('people, groups and teams are told apart', () => {
  const rule = firstOf(
    policyOf([ruleDocument({ approvers: [named(martin), leads, owners, { ...owners, who: 'members' }] })]),
  );
  expect(partyNames(rule.stages.flatMap(({ parties }) => parties))).toBe(
    'Martin Hale, the group Leads, the owners of the team Shop, the members of the team Shop',
  );
});

test('the stages of a rule are a sentence, with the number of all approvals', () => {
  const two = staged('two', stage('data owner', [named(divya)]), stage('lead', [leads, named(emil)], 2));
  expect(stagesInWords(firstOf(policyOf([two])))).toBe(
    '3 approvals: data owner 1 of Divya Rao; then lead 2 of the group Leads, Emil Novak',
  );
  expect(stagesInWords(firstOf(policyOf([ruleDocument()])))).toBe(
    '1 approval: approval 1 of Martin Hale, Divya Rao',
  );
});

describe('rules that are held against a request', () => {
  const rules = [
    ruleDocument({ name: 'elsewhere', match: { server: 'billing-pg', modes: ['geo'] }, needed: 2 }),
    ruleDocument({ name: 'one', match: {} }),
    ruleDocument({ name: 'away', match: { to: { resourceGroup: 'rg-dr' } } }),
    ruleDocument({ name: 'two', match: { server: 'orders-*' }, needed: 2 }),
  ];
  const told = (...asks: Parameters<typeof judgedRules>[1]) => {
    const { holds, rules: judged } = judgedRules(policyOf(rules), asks);
    return [holds?.name, ...judged.map(({ rule, verdict, open }) => [rule.name, verdict, ...open].join(' '))];
  };

  test('those that match come first, the strictest at the head; the others say what does not fit', () => {
    expect(told(asked())).toEqual([
      ...['two', 'two yes', 'one yes', 'elsewhere no server modes', 'away no to.resourceGroup'],
    ]);
  });

  test('what is not known yet is open, and shuts nothing out', () => {
    expect(told({ subject: orders, ask: restoring('latest') })).toEqual([
      ...['two', 'two yes', 'one yes', 'away maybe to', 'elsewhere no server modes'],
    ]);
  });

  test('of several places the one where it fits best speaks', () => {
    const both = asked({ to: [server(), server({ resourceGroup: 'rg-dr' })] });
    expect(told(both)).toContain('away yes');
    expect(told(asked({ to: [server({ resourceGroup: 'rg-dr' }), server()] }))).toContain('away yes');
    const dr = { subject: { ...orders, name: 'billing-pg' }, ask: asked({ to: [server()] }).ask };
    // Of two that do not fit the one with less in its way.
    expect(told(asked(), dr)).toContain('elsewhere no modes');
    expect(told(dr, asked())).toContain('elsewhere no modes');
  });

  test('a place where it may fit speaks before one where it does not, however little is known of it', () => {
    const policy = policyOf([ruleDocument({ match: { to: { region: 'canadaeast', network: 'private' } } })]);
    const unread = server({ region: undefined, network: undefined });
    const wrong = server({ network: 'private' });
    for (const to of [
      [wrong, unread],
      [unread, wrong],
    ])
      expect(judgedRules(policy, [asked({ to })]).rules[0]).toMatchObject({
        ...{ verdict: 'maybe', open: ['to.region', 'to.network'] },
      });
  });

  test('none holds where one of the things that are asked has none', () => {
    const only = policyOf([ruleDocument({ match: { server: 'orders-pg' } })]);
    const other = { ...asked(), subject: { ...orders, name: 'billing-pg' } };
    expect(judgedRules(only, [asked()]).holds?.name).toBe('orders');
    expect(judgedRules(only, [asked(), other]).holds).toBeUndefined();
  });

  test('against nothing no rule matches', () => {
    expect(judgedRules(policyOf(rules), []).rules.map(({ verdict, open }) => [verdict, ...open])).toEqual([
      ...[['no'], ['no'], ['no'], ['no']],
    ]);
  });
});

describe('another policy for a past request', () => {
  const request = aRequest();
  const changesOf = (rules: readonly unknown[], past = request, rest: Record<string, unknown> = {}) =>
    simulated(policyOf(rules, rest), past, [asked()]);

  test('changes nothing where it says the same', () => {
    expect(changesOf([ruleDocument()])).toEqual({ rule: 'orders', changes: [] });
  });

  test('refuses it where no rule matches', () => {
    expect(changesOf([ruleDocument({ match: { server: 'billing-pg' } })])).toEqual({
      rule: undefined,
      changes: ['refused: no rule matches'],
    });
  });

  test('tells more and fewer approvals and stages', () => {
    const two = staged('two', stage('a', [named(martin)]), stage('b', [named(divya)]));
    expect(changesOf([two])).toEqual({
      rule: 'two',
      changes: ['more approvals: 2 instead of 1', '2 stages instead of 1'],
    });
    const rule = aRule({ stages: [aStage([martin], 2), aStage([divya])] });
    expect(changesOf([ruleDocument()], aRequest({ rule })).changes).toEqual([
      ...['fewer approvals: 1 instead of 3', '1 stages instead of 2'],
    ]);
  });

  test('tells who may approve as well and who no longer, each once', () => {
    const approvers = [named(divya), leads, named(emil), named(emil)];
    expect(changesOf([ruleDocument({ approvers })]).changes).toEqual([
      ...['may approve as well: Leads, Emil Novak', 'may approve no longer: Martin Hale'],
    ]);
  });

  test('refuses it where it has no reason, or a ticket of another form', () => {
    const strict = ruleDocument({ reasonRequired: true, ticketPattern: 'INC-\\d+' });
    const with_ = (ticket: string, reason = 'down') => aRequest({ inputs: someInputs({ ticket, reason }) });
    expect(changesOf([strict], with_(' INC-4711 ')).changes).toEqual([]);
    const ticket = 'refused: its ticket does not look as it has to';
    for (const wrong of ['', 'INC-4711 and more', 'see INC-4711', 'INC-'])
      expect(changesOf([strict], with_(wrong)).changes).toEqual([ticket]);
    expect(changesOf([strict], with_('x', ' ')).changes).toEqual(['refused: it has no reason', ticket]);
    const loose = ruleDocument({ reasonRequired: false });
    expect(changesOf([loose], with_('', '')).changes).toEqual([]);
    // Each half of an alternative has to be the whole ticket.
    const either = ruleDocument({ ticketPattern: 'INC-1|CHG-2' });
    expect(changesOf([either], with_('CHG-2')).changes).toEqual([]);
    expect(changesOf([either], with_('INC-1x')).changes).toEqual([ticket]);
  });

  test('refuses it where a freeze held when it was asked, and names one of them', () => {
    const freeze = (name: string, to: string) => ({ name, from: '2026-11-19T00:00:00Z', to, match: {} });
    const day = freeze('Day', '2026-11-20T00:00:00Z');
    const over = freeze('Over', '2026-11-19T13:00:00Z');
    expect(changesOf([ruleDocument()], request, { freezes: [over] }).changes).toEqual([]);
    expect(changesOf([ruleDocument()], request, { freezes: [over, day] }).changes).toEqual([
      ...['refused: frozen (Day)'],
    ]);
    const twice = simulated(policyOf([ruleDocument()], { freezes: [day] }), request, [asked(), asked()]);
    expect(twice.changes).toEqual(['refused: frozen (Day)']);
    const timeless = simulated(policyOf([ruleDocument()], { freezes: [day] }), request, [
      asked({ at: undefined as never }),
    ]);
    expect(timeless.changes).toEqual([]);
  });
});
