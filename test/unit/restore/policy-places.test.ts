/** What rules look at: the source, every place that data comes to lie in, and what of it is known. */
import {
  askAbout,
  destinationsOf,
  looserWarnings,
  newServer,
  standingServer,
  subjectOf,
  subjectsOf,
} from '../../../services/restore/policy-destination';
import { conditionsOf } from '../../../services/restore/policy';
import {
  policySubject,
  type Ask,
  type Destination,
  type PolicySubject,
} from '../../../services/restore/policy-subject';
import { verdictOf } from '../../../services/restore/policy-match';
import { aDeletedServer, aPlan, aServer, now, policyOf, ruleDocument } from '../../fakes/facts';
import type { Plan } from '../../../services/restore/plan';

const orders = aServer('orders-pg', { tags: { env: 'prod' } });
const { subscriptionId } = orders;
const otherSubscription = '33333333-3333-4333-8333-333333333333';
const place = { subscriptionId, resourceGroup: 'rg-shop', region: 'canadacentral' };
const server = (changes: object = {}): Destination => ({
  ...{ ...place, kind: 'server', server: 'orders-pg-r1', network: 'public' },
  ...changes,
});
const container: Destination = { ...place, kind: 'container', container: 'shoprestores/restores' };

describe('where a plan puts data', () => {
  const standing = {
    id: '/s',
    name: 'orders-dr',
    subscriptionId,
    resourceGroup: 'rg-dr',
    location: 'canadaeast',
  };
  const loaded = {
    kind: 'server',
    subscriptionId,
    resourceGroup: 'rg-dr',
    region: 'canadaeast',
    server: 'orders-dr',
  };
  const load = { server: standing, databases: [], choices: {}, extras: [] };
  const inVault = (mode: string, target: object = {}): Plan =>
    ({ ...aPlan(), mode, load, target: { ...aPlan().target, ...target } }) as unknown as Plan;
  const files = { ...aPlan(), mode: 'files-to-server', target: standing, load } as unknown as Plan;
  const chain = inVault('vault-to-server', { account: 'a', container: 'c' });

  test('is its new server, with its network', () => {
    expect(destinationsOf(aPlan())).toEqual([server()]);
  });

  test('is the server that files are loaded into, whose network nobody has read', () => {
    expect(destinationsOf(files)).toEqual([loaded]);
  });

  test('is the database, or the container, or the container and the server at the end of a chain', () => {
    expect(destinationsOf(inVault('vault-database', { name: 'legacy-srv/orders_r1' }))).toEqual([
      { ...place, kind: 'server', server: 'legacy-srv/orders_r1' },
    ]);
    expect(destinationsOf(inVault('vault-files', { account: 'a', container: 'c' }))).toEqual([
      { ...place, kind: 'container', container: 'a/c' },
    ]);
    expect(destinationsOf(chain)).toEqual([{ ...place, kind: 'container', container: 'a/c' }, loaded]);
  });

  test('changes the region when one of the places lies in another', () => {
    expect(askAbout(aPlan(), 'restore', now)).toEqual({
      ...{ action: 'restore', at: now, mode: 'point-in-time', to: [server()], regionChange: false },
    });
    expect(askAbout(chain, 'delete', now)).toMatchObject({ action: 'delete', regionChange: true });
  });

  test('of a server that stands or is asked for is as much as is known', () => {
    const network = { kind: 'private', delegatedSubnetId: 's' } as const;
    expect(standingServer({ ...standing, network })).toEqual({ ...loaded, network: 'private' });
    expect(standingServer(standing)).toEqual(loaded);
    const asked = { subscriptionId, resourceGroup: 'rg-shop', network };
    expect(newServer(asked, 'x')).toStrictEqual({
      ...{ kind: 'server', subscriptionId, resourceGroup: 'rg-shop', server: 'x', network: 'private' },
    });
    expect(newServer({ ...asked, location: 'canadaeast' }, 'x')).toMatchObject({ region: 'canadaeast' });
  });

  test('is asked about as a chain for its source and for its server', () => {
    const subject = { name: 'orders-pg', resourceGroup: 'rg-shop', subscriptionId };
    expect(subjectsOf(aPlan(), now, { tags: { env: 'prod' } })).toEqual([
      { subject: { ...subject, tags: { env: 'prod' } }, ask: askAbout(aPlan(), 'restore', now) },
    ]);
    const own = askAbout(chain, 'restore', now);
    expect(subjectsOf(chain, now)).toEqual([
      { subject, ask: own },
      { subject: standing, ask: { ...own, mode: 'files-to-server', to: [loaded] } },
    ]);
  });

  test('comes from a source whose subscription is read from its id, in lower case', () => {
    const id = '/SUBSCRIPTIONS/ABC/resourcegroups/RG-Shop/providers/x';
    const of = (source: object): PolicySubject =>
      subjectOf(aPlan({ source: { ...aPlan().source, ...source } }));
    expect(of({ id })).toEqual({ name: 'orders-pg', resourceGroup: 'RG-Shop', subscriptionId: 'abc' });
    for (const wrong of ['', '/subscriptions/abc', `x${id}`])
      expect(of({ id: wrong })).toEqual({ name: 'orders-pg', resourceGroup: '' });
    const { tags, network } = orders;
    expect(subjectOf(aPlan(), { tags, network })).toMatchObject({ tags, network });
    expect(subjectOf({ ...files, target: { ...standing, id: orders.id } } as Plan)).toEqual({
      ...{ name: 'orders-dr', resourceGroup: 'rg-shop', subscriptionId },
    });
  });
});

test('a deleted server is what it was when it was seen; one that nobody saw has neither tags nor network', () => {
  expect(policySubject({ kind: 'live', server: orders })).toBe(orders);
  const deleted = aDeletedServer('orders-pg');
  const known = { name: 'orders-pg', resourceGroup: 'rg-shop', subscriptionId };
  expect(policySubject({ kind: 'deleted', server: deleted })).toEqual(known);
  expect(policySubject({ kind: 'deleted', server: { ...deleted, before: orders } })).toEqual({
    ...{ ...known, tags: { env: 'prod' }, network: { kind: 'public' } },
  });
});

describe('who gains access', () => {
  const rights = 'Whoever has rights on';
  const hidden: PolicySubject = { ...orders, network: { kind: 'private' } };

  test.each<[string, PolicySubject, Destination, readonly string[]]>([
    [
      'the same place in another spelling',
      orders,
      server({ resourceGroup: 'RG-Shop', subscriptionId: subscriptionId.toUpperCase() }),
      [],
    ],
    [
      'the same group of another subscription',
      orders,
      server({ subscriptionId: otherSubscription }),
      [
        `${rights} rg-shop in subscription ${otherSubscription} can reach this copy; the source lies in rg-shop.`,
      ],
    ],
    [
      'a source whose subscription nobody knows',
      { name: 'orders-pg', resourceGroup: 'rg-shop' },
      server({ subscriptionId: otherSubscription, resourceGroup: 'rg-dr' }),
      [`${rights} rg-dr can reach this copy; the source lies in rg-shop.`],
    ],
    [
      'files elsewhere',
      orders,
      { ...container, resourceGroup: 'rg-dr' },
      [
        `${rights} rg-dr can reach these files; the source lies in rg-shop.`,
        'Whoever may read the container shoprestores/restores can read the data of orders-pg there.',
      ],
    ],
    [
      'a public copy of a private server',
      hidden,
      server(),
      [
        'orders-pg is private and orders-pg-r1 is public: whoever its firewall lets through can reach this data.',
      ],
    ],
    ['a private copy of a private server', hidden, server({ network: 'private' }), []],
    ['a private copy of a public server', orders, server({ network: 'private' }), []],
    ['a copy of a server that nobody saw', { name: 'orders-pg', resourceGroup: 'rg-shop' }, server(), []],
  ])('%s', (_what, subject, to, sentences) => {
    expect(looserWarnings(subject, [to])).toEqual(sentences);
    // Each sentence once, however many places it is about.
    expect(looserWarnings(subject, [to, to])).toEqual(sentences);
  });
});

describe('each condition of a rule', () => {
  const policy = policyOf([ruleDocument()], {
    environments: {
      production: [{ subscription: subscriptionId }, { resourceGroup: 'rg-prod' }],
      strict: [{ subscription: subscriptionId, server: 'orders-*' }],
    },
    dataClasses: { personal: [{ server: 'orders-*' }] },
  });
  const unseen: PolicySubject = { name: 'orders-pg', resourceGroup: 'rg-shop' };
  const ask: Ask = { action: 'restore', mode: 'latest', regionChange: false, at: now };
  const verdict = (match: object, subject: PolicySubject, to?: Destination, asked: Ask = ask) => {
    const conditions = conditionsOf(policy, match, subject, asked, to);
    return [
      verdictOf(conditions),
      ...conditions.filter((each) => each.verdict !== 'yes').map(({ key }) => key),
    ];
  };

  test('has its name, whatever it asks for', () => {
    expect(conditionsOf(policy, {}, orders, ask, server()).map(({ key }) => key)).toEqual([
      ...['server', 'resourceGroup', 'subscription', 'environment', 'dataClass', 'network', 'tags'],
      ...['actions', 'modes', 'regionChange', 'hours'],
      ...['to.subscription', 'to.resourceGroup', 'to.region', 'to.server', 'to.container', 'to.network'],
      'to.environment',
    ]);
  });

  test.each<[object, PolicySubject, readonly string[]]>([
    [{}, unseen, ['yes']],
    [{ server: 'x' }, orders, ['no', 'server']],
    [{ resourceGroup: 'x' }, orders, ['no', 'resourceGroup']],
    [{ subscription: 'x' }, orders, ['no', 'subscription']],
    [{ subscription: subscriptionId }, unseen, ['maybe', 'subscription']],
    [{ environment: 'production' }, orders, ['yes']],
    [{ environment: 'production' }, unseen, ['maybe', 'environment']],
    [{ environment: 'production' }, { ...unseen, resourceGroup: 'rg-prod' }, ['yes']],
    [{ environment: 'production' }, { ...orders, subscriptionId: 'x' }, ['no', 'environment']],
    [{ environment: 'strict' }, unseen, ['maybe', 'environment']],
    [{ environment: 'strict' }, { ...unseen, name: 'billing-pg' }, ['no', 'environment']],
    [{ environment: 'nowhere' }, orders, ['no', 'environment']],
    [{ dataClass: 'personal' }, unseen, ['yes']],
    [{ dataClass: 'personal' }, { ...orders, name: 'billing-pg' }, ['no', 'dataClass']],
    [{ dataClass: 'production' }, orders, ['no', 'dataClass']],
    [{ network: 'private' }, orders, ['no', 'network']],
    [{ network: 'private' }, unseen, ['maybe', 'network']],
    [{ tags: {} }, unseen, ['yes']],
    [{ tags: { env: 'prod' } }, orders, ['yes']],
    [{ tags: { env: 'prod' } }, unseen, ['maybe', 'tags']],
    [{ tags: { env: 'dev' } }, orders, ['no', 'tags']],
    [{ tags: { env: 'prod', owner: 'shop' } }, orders, ['no', 'tags']],
    [{ tags: { env: 'dev' }, network: 'private' }, unseen, ['maybe', 'network', 'tags']],
    [{ server: 'x', network: 'private' }, unseen, ['no', 'server', 'network']],
  ])('of the source %j', (match, subject, expected) => {
    expect(verdict(match, subject, server())).toEqual(expected);
  });

  const { network: _network, ...unread } = server() as Extract<Destination, { kind: 'server' }>;
  const { region: _region, ...somewhere } = server();
  test.each<[object, Destination | undefined, readonly string[]]>([
    [{ to: {} }, undefined, ['yes']],
    [{}, undefined, ['yes']],
    [{ to: { region: 'canadaeast' } }, undefined, ['maybe', 'to']],
    [{ to: { region: 'canadaeast' } }, server(), ['no', 'to.region']],
    [{ to: { region: 'canada*' } }, server(), ['yes']],
    [{ to: { region: 'canada*' } }, somewhere, ['maybe', 'to.region']],
    [{ to: { subscription: 'x' } }, server(), ['no', 'to.subscription']],
    [{ to: { resourceGroup: 'x' } }, server(), ['no', 'to.resourceGroup']],
    [{ to: { server: 'x' } }, server(), ['no', 'to.server']],
    [{ to: { server: '*' } }, container, ['no', 'to.server']],
    [{ to: { container: '*' } }, container, ['yes']],
    [{ to: { container: 'x' } }, container, ['no', 'to.container']],
    [{ to: { container: '*' } }, server(), ['no', 'to.container']],
    [{ to: { network: 'public' } }, server(), ['yes']],
    [{ to: { network: 'private' } }, server(), ['no', 'to.network']],
    [{ to: { network: 'private' } }, unread, ['maybe', 'to.network']],
    // Who reaches a storage account is not known.
    [{ to: { network: 'public' } }, container, ['maybe', 'to.network']],
    [{ to: { environment: 'production' } }, container, ['yes']],
    [{ to: { environment: 'strict' } }, server(), ['yes']],
    // A place that asks for a server means no container.
    [{ to: { environment: 'strict' } }, container, ['no', 'to.environment']],
    [{ to: { environment: 'strict' } }, server({ server: 'billing-r1' }), ['no', 'to.environment']],
    [{ to: { environment: 'personal' } }, server(), ['no', 'to.environment']],
  ])('of the place %j', (match, to, expected) => {
    expect(verdict(match, orders, to)).toEqual(expected);
  });

  const night = { zone: 'UTC', from: '22:00', to: '06:00' };
  const unasked: Ask = { action: 'restore', mode: 'latest' };
  test.each<[object, Ask, readonly string[]]>([
    [{ actions: ['delete'] }, ask, ['no', 'actions']],
    [{ actions: ['delete', 'restore'] }, ask, ['yes']],
    [{ modes: ['geo'] }, ask, ['no', 'modes']],
    [{ modes: ['geo', 'latest'] }, ask, ['yes']],
    [{ regionChange: true }, ask, ['no', 'regionChange']],
    [{ regionChange: false }, ask, ['yes']],
    [{ regionChange: false }, unasked, ['maybe', 'regionChange']],
    [{ hours: { ...night, days: ['thu'] } }, ask, ['no', 'hours']],
    [{ hours: { ...night, days: ['thu'] } }, unasked, ['maybe', 'hours']],
  ])('of what is asked %j', (match, asked, expected) => {
    expect(verdict(match, orders, server(), asked)).toEqual(expected);
  });
});
