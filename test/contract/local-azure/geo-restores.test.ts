import { mainSubscriptionId, secondSubscriptionId } from '../../../infra/local/identities';
import { arm, rgShop, sdkClient, serverPath, type ArmBody } from './arm-client';
import { askServer, readEndpoints, until } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

// A time scale at which the hour of lag is twelve seconds: long enough to see rows that are not copied yet.
jest.setTimeout(60_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '300' });
});
afterAll(() => azure.remove());

const drPath = (name: string) =>
  serverPath(name).replace(mainSubscriptionId, secondSubscriptionId).replace('rg-shop', 'rg-dr');

const order = (properties: object = {}, location = 'canadaeast', source = 'orders-pg') => ({
  body: {
    location,
    properties: {
      createMode: 'GeoRestore',
      sourceServerResourceId: serverPath(source),
      pointInTimeUTC: new Date().toISOString(),
      ...properties,
    },
  },
});

async function finished(path: string, put: ReturnType<typeof order>): Promise<ArmBody> {
  const accepted = await arm(azure, 'PUT', path, put);
  expect([accepted.status, accepted.body.error]).toEqual([202, undefined]);
  const poll = () => arm(azure, 'GET', String(accepted.headers['azure-asyncoperation']));
  return (await until(poll, ({ body }) => body.status !== 'InProgress')).body;
}

const refusal = async (path: string, put: ReturnType<typeof order>) => {
  const { status, body } = await arm(azure, 'PUT', path, put);
  return [status, body.error.code, body.error.message];
};

const region = (location: string, down: boolean) =>
  azure.control<{ servers: string[] }>('POST', '/region', { location, down });
const accident = (sql: string) =>
  azure.control<{ at: string }>('POST', '/accident', { server: 'orders-pg', database: 'shop', sql });
const newest = async (server: string) =>
  (await askServer<{ at: Date }>(azure, server, 'select max(at) as at from heartbeat')).at;
const marks = async (server: string) =>
  Number((await askServer<{ n: string }>(azure, server, 'select count(*) as n from mark')).n);

describe('a geo restore', () => {
  test('has everything up to the last copy and nothing after it, and catches up with the next copy', async () => {
    expect((await finished(serverPath('orders-geo-seeded'), order())).status).toBe('Succeeded');
    const beforeMs = Date.now();
    await accident('create table mark (n int); insert into mark values (1)');
    // Until a copy holds the table, then a row that this copy cannot hold.
    let attempt = 0;
    const held = async () => {
      const name = `orders-geo-${attempt++}`;
      expect((await finished(serverPath(name), order())).status).toBe('Succeeded');
      const seen = await askServer<{ mark: string | null }>(
        azure,
        name,
        "select to_regclass('mark') as mark",
      );
      return { name, has: seen.mark !== null, newest: await newest(name) };
    };
    const copies = [await held()];
    while (!copies.at(-1)?.has) copies.push(await held());
    const [first, last] = [copies[0], copies.at(-1)];
    await accident('insert into mark values (2)');
    expect(await marks(last?.name ?? '')).toBe(1);
    // The first copy is from before the table, also when a later moment was asked for.
    expect(first?.has).toBe(false);
    expect(first?.newest.getTime()).toBeLessThan(beforeMs);
    expect(last?.newest.getTime()).toBeGreaterThan(beforeMs - 1500);
    const server = await sdkClient(azure).servers.get('rg-shop', last?.name ?? '');
    expect(server).toMatchObject({
      ...{ location: 'Canada East', state: 'Ready', administratorLogin: 'pgadmin' },
      backup: { geoRedundantBackup: 'Disabled' },
    });
  });

  test('may go into another subscription, and be geo-redundant itself', async () => {
    const redundant = { backup: { geoRedundantBackup: 'Enabled' } };
    expect((await finished(drPath('orders-dr'), order(redundant))).status).toBe('Succeeded');
    const { body } = await arm(azure, 'GET', drPath('orders-dr'));
    expect(body).toMatchObject({ properties: { state: 'Ready', backup: { geoRedundantBackup: 'Enabled' } } });
    // Its own first copy is an hour of Azure's time away, and the failed attempt leaves no name behind.
    const again = order({ sourceServerResourceId: drPath('orders-dr') }, 'canadacentral');
    const failed = await finished(serverPath('orders-back'), again);
    expect(failed).toMatchObject({
      status: 'Failed',
      error: {
        code: 'GeoBackupsNotAvailable',
        message: "Unable to geo-restore server 'orders-dr' as its geo-backups aren't available yet.",
      },
    });
    expect(await sdkClient(azure).nameAvailability.checkGlobally({ name: 'orders-back' })).toMatchObject({
      nameAvailable: true,
    });
    const tries = async () => (await finished(serverPath('orders-back'), again)).status;
    await until(tries, (status) => status === 'Succeeded');
    expect(await newest('orders-back')).toEqual(expect.any(Date));
  });

  test.each([
    ['a source without geo-redundancy', order({}, 'canadaeast', 'billing-pg'), /no geo-redundant backup/],
    [
      'a region that is not the pair',
      order({}, 'eastus'),
      /paired region of the source server, 'Canada East'/,
    ],
    ['no moment', order({ pointInTimeUTC: undefined }), /pointInTimeUTC/],
    ['a zone the region does not have', order({ availabilityZone: '1' }), /availability zone '1'/],
    [
      'a virtual network for a public source',
      order({
        network: {
          delegatedSubnetResourceId: `${rgShop}/providers/Microsoft.Network/virtualNetworks/vnet-shop-east/subnets/snet-postgres`,
          privateDnsZoneArmResourceId: `${rgShop}/providers/Microsoft.Network/privateDnsZones/shop.private.postgres.database.azure.com`,
        },
      }),
      /public access/,
    ],
  ])('is refused for %s', async (_words, put, message) => {
    const answer = await refusal(serverPath('orders-refused'), put);
    expect(answer).toEqual([400, 'InvalidParameterValue', expect.stringMatching(message)]);
  });
});

describe('a region that is down', () => {
  beforeAll(async () => {
    const { body } = await region('Canada Central', true);
    expect(body.servers).toContain('orders-pg');
  });
  afterAll(() => region('canadacentral', false));

  test('answers for none of its servers, neither in reading nor in writing, and lists go without them', async () => {
    const calls: [string, string, object?][] = [
      ['GET', serverPath('orders-pg')],
      ['GET', `${serverPath('orders-pg')}/backups`],
      ['PATCH', serverPath('orders-pg'), { tags: {} }],
      ['PUT', serverPath('orders-new'), order({ createMode: 'PointInTimeRestore' }, 'canadacentral').body],
    ];
    for (const [method, path, body] of calls) {
      const answer = await arm(azure, method, path, { body });
      expect([answer.status, answer.body.error.code]).toEqual([503, 'ServiceUnavailable']);
    }
    const list = await arm(azure, 'GET', serverPath('x').replace('/x', ''));
    expect(list.body.value.map(({ name }) => name)).not.toContain('orders-pg');
    expect((await readEndpoints(azure))['orders-pg']?.state).toBe('Inaccessible');
    await expect(newest('orders-pg')).rejects.toThrow(/ECONNREFUSED/);
  });

  test('stays down over a restart, and does not hinder a geo restore from its copy', async () => {
    await azure.end('SIGKILL');
    await azure.again();
    expect((await arm(azure, 'GET', serverPath('orders-pg'))).status).toBe(503);
    expect((await finished(serverPath('orders-rescued'), order())).status).toBe('Succeeded');
    expect(Date.now() - (await newest('orders-rescued')).getTime()).toBeLessThan(40_000);
  });

  test('cannot take its half of a geo-redundant server', async () => {
    const redundant = order({ backup: { geoRedundantBackup: 'Enabled' } });
    const answer = await refusal(serverPath('orders-redundant'), redundant);
    expect(answer).toEqual([
      400,
      'InvalidParameterValue',
      expect.stringMatching(/'canadacentral' is unavailable/),
    ]);
  });

  test('comes back with its servers and their data', async () => {
    await region('canadacentral', false);
    expect((await arm(azure, 'GET', serverPath('orders-pg'))).status).toBe(200);
    const last = await newest('orders-pg');
    await until(
      () => newest('orders-pg'),
      (at) => at > last,
    );
    expect((await region('atlantis', true)).status).toBe(400);
  });
});
