import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';
import { arm, rgShop, sdkClient, serverPath, type ArmBody } from './arm-client';
import { askServer, readEndpoints, until } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

jest.setTimeout(60_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure({
    LOCAL_HISTORY_SECONDS: '120',
    LOCAL_TIME_SCALE: '600',
    LOCAL_PAGE_SIZE: '4',
  });
});
afterAll(() => azure.remove());

interface LogEntry {
  readonly resourceId: string;
  readonly caller: string;
  readonly correlationId: string;
  readonly eventTimestamp: string;
  readonly submissionTimestamp: string;
  readonly operationName: { readonly value: string };
  readonly status: { readonly value: string };
}

const logPath = `/subscriptions/${mainSubscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`;
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const askLog = (filter: string) =>
  arm(azure, 'GET', `${logPath}?$filter=${encodeURIComponent(filter)}`, { version: '2015-04-01' });

/** All pages. */
async function log(filter = `eventTimestamp ge '${daysAgo(20)}'`): Promise<LogEntry[]> {
  let reply = await askLog(filter);
  const entries = [...reply.body.value];
  while (reply.body.nextLink) {
    reply = await arm(azure, 'GET', reply.body.nextLink);
    entries.push(...reply.body.value);
  }
  return entries as unknown as LogEntry[];
}
const isDeletion = ({ operationName, status }: LogEntry): boolean =>
  /^microsoft\.dbforpostgresql\/flexibleservers\/delete$/i.test(operationName.value) &&
  status.value === 'Succeeded';
const deletionOf = (entries: LogEntry[], name: string) =>
  entries.find((entry) => isDeletion(entry) && entry.resourceId === serverPath(name));

const order = (source: string, at: string, more: object = {}, location = 'canadacentral') => ({
  body: {
    location,
    properties: {
      createMode: 'ReviveDropped',
      sourceServerResourceId: serverPath(source),
      pointInTimeUTC: at,
      ...more,
    },
  },
});
async function revive(name: string, source: string, at: string, more: object = {}): Promise<ArmBody> {
  const accepted = await arm(azure, 'PUT', serverPath(name), order(source, at, more));
  expect([accepted.status, accepted.body.error]).toEqual([202, undefined]);
  const poll = () => arm(azure, 'GET', String(accepted.headers['azure-asyncoperation']));
  return (await until(poll, ({ body }) => body.status !== 'InProgress')).body;
}
const refusal = async (put: ReturnType<typeof order>, path = serverPath('revived')) => {
  const { status, body } = await arm(azure, 'PUT', path, put);
  return [status, body.error.code, body.error.message];
};

describe('the activity log', () => {
  test('tells deletions among things that look like them, newest first', async () => {
    const entries = await log();
    const times = entries.map(({ eventTimestamp }) => Date.parse(eventTimestamp));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const deleted = entries.filter(isDeletion).map(({ resourceId }) => resourceId.split('/').at(-1));
    expect(deleted).toEqual(['catalog-pg', 'archive-pg']);
    const words = entries.map(({ operationName, status }) => `${operationName.value} ${status.value}`);
    expect(words).toEqual(
      expect.arrayContaining([
        'Microsoft.DBforPostgreSQL/flexibleServers/delete Started',
        'Microsoft.DBforPostgreSQL/flexibleServers/delete Failed',
        'Microsoft.DBforPostgreSQL/flexibleServers/databases/delete Succeeded',
      ]),
    );
    const catalog = deletionOf(entries, 'catalog-pg');
    const ageHours = (Date.now() - Date.parse(catalog?.eventTimestamp ?? '')) / 3600_000;
    expect(ageHours).toBeCloseTo(24, 1);
    expect(catalog?.caller).toContain('@');
  });

  test('is filtered by time, provider, group and resource, and wants to know from when on', async () => {
    const from = `eventTimestamp ge '${daysAgo(20)}'`;
    const count = async (filter: string) => (await log(filter)).length;
    expect(await count(`${from} and resourceProvider eq 'microsoft.dbforpostgresql'`)).toBe(
      await count(from),
    );
    expect(await count(`${from} and resourceProvider eq 'Microsoft.Storage'`)).toBe(0);
    expect(await count(`${from} and resourceGroupName eq 'RG-SHOP'`)).toBe(await count(from));
    expect(await count(`${from} and resourceUri eq '${serverPath('archive-pg')}'`)).toBe(2);
    expect(await count(`eventTimestamp ge '${daysAgo(20)}' and eventTimestamp le '${daysAgo(8)}'`)).toBe(2);
    for (const bad of [
      '',
      `resourceGroupName eq 'rg-shop'`,
      `${from} and colour eq 'red'`,
      `eventTimestamp ge '${daysAgo(200)}'`,
    ])
      expect((await askLog(bad)).status).toBe(400);
    const other = logPath.replace(mainSubscriptionId, secondSubscriptionId);
    const elsewhere = await arm(azure, 'GET', `${other}?$filter=${encodeURIComponent(from)}`, {
      version: '2015-04-01',
    });
    expect(elsewhere.body.value).toEqual([]);
  });
});

describe('a deleted server', () => {
  test('that was seeded comes back under another name, with its rows to the end', async () => {
    const deletion = deletionOf(await log(), 'catalog-pg');
    const done = await revive('catalog-back', 'catalog-pg', deletion?.submissionTimestamp ?? '');
    expect(done.status).toBe('Succeeded');
    const seen = await askServer<{ rows: string; newest: Date }>(
      azure,
      'catalog-back',
      'select count(*) as rows, max(changed_at) as newest from catalog',
      { database: 'catalog' },
    );
    expect(Number(seen.rows)).toBe(430);
    const goneMs = Date.parse(deletion?.eventTimestamp ?? '');
    expect(seen.newest.getTime()).toBeLessThan(goneMs);
    expect(seen.newest.getTime()).toBeGreaterThan(goneMs - 5 * 60_000);
    expect(await sdkClient(azure).servers.get('rg-shop', 'catalog-back')).toMatchObject({
      ...{ state: 'Ready', administratorLogin: 'pgadmin', location: 'Canada Central' },
    });
  });

  test('of today is logged once it is gone, keeps its name for a while, and comes back with its last commit', async () => {
    const sql = "insert into documents (title, body, indexed_at) values ('the last one', '', now())";
    await azure.control('POST', '/accident', { server: 'search-pg', database: 'search', sql });
    await sdkClient(azure).servers.beginDeleteAndWait('rg-shop', 'search-pg');
    expect(Object.keys(await readEndpoints(azure))).not.toContain('search-pg');
    expect(await sdkClient(azure).nameAvailability.checkGlobally({ name: 'search-pg' })).toMatchObject({
      nameAvailable: false,
    });
    const fresh = { body: { location: 'canadacentral', properties: {} } };
    expect((await arm(azure, 'PUT', serverPath('search-pg'), fresh)).body.error.message).toContain(
      'dropping state',
    );

    const entry = await until(
      async () => deletionOf(await log(), 'search-pg'),
      (found) => found !== undefined,
    );
    expect(entry?.caller).toBe(productIdentity.principalId);
    expect(Date.parse(entry?.submissionTimestamp ?? '')).toBeGreaterThan(
      Date.parse(entry?.eventTimestamp ?? ''),
    );
    const started = (await log()).find(
      ({ correlationId, status }) => correlationId === entry?.correlationId && status.value === 'Started',
    );
    expect(started?.operationName).toEqual(entry?.operationName);

    expect((await revive('search-back', 'search-pg', entry?.submissionTimestamp ?? '')).status).toBe(
      'Succeeded',
    );
    const seen = await askServer(
      azure,
      'search-back',
      "select count(*) as n from documents where title = 'the last one'",
      {
        database: 'search',
      },
    );
    expect(seen).toEqual({ n: '1' });
    await until(
      async () =>
        (await sdkClient(azure).nameAvailability.checkGlobally({ name: 'search-pg' })).nameAvailable,
      (free) => free === true,
    );
  });

  test('with private access is told its network anew', async () => {
    await sdkClient(azure).servers.beginDeleteAndWait('rg-shop', 'billing-pg');
    const at = new Date().toISOString();
    expect(await refusal(order('billing-pg', at))).toEqual([
      400,
      'InvalidParameterValue',
      expect.stringContaining('needs a delegated subnet'),
    ]);
    const networks = `${rgShop}/providers/Microsoft.Network`;
    const network = {
      delegatedSubnetResourceId: `${networks}/virtualNetworks/vnet-shop/subnets/snet-postgres-2`,
      privateDnsZoneArmResourceId: `${networks}/privateDnsZones/shop.private.postgres.database.azure.com`,
    };
    expect((await revive('billing-back', 'billing-pg', at, { network })).status).toBe('Succeeded');
    expect((await sdkClient(azure).servers.get('rg-shop', 'billing-back')).network).toMatchObject({
      ...network,
      publicNetworkAccess: 'Disabled',
    });
  });

  test.each([
    ['more than five days later', order('archive-pg', daysAgo(9)), 400, /more than five days ago/],
    ['that still lives', order('orders-pg', daysAgo(0)), 400, /has not been dropped/],
    ['that never was', order('nobody-pg', daysAgo(0)), 404, /was not found/],
    [
      'into another region',
      order('catalog-pg', daysAgo(1), {}, 'canadaeast'),
      400,
      /own subscription and location/,
    ],
    ['with no moment', order('catalog-pg', 'yesterday'), 400, /pointInTimeUTC/],
  ])('cannot be revived %s', async (_words, put, status, message) => {
    expect(await refusal(put)).toEqual([status, expect.any(String), expect.stringMatching(message)]);
  });

  test('cannot be revived under its old name or in another subscription', async () => {
    const put = order('catalog-pg', daysAgo(1));
    expect(await refusal(put, serverPath('catalog-pg'))).toEqual([
      409,
      'ServerNameAlreadyExists',
      expect.any(String),
    ]);
    const elsewhere = serverPath('revived')
      .replace(mainSubscriptionId, secondSubscriptionId)
      .replace('rg-shop', 'rg-dr');
    expect(await refusal(put, elsewhere)).toEqual([400, 'InvalidParameterValue', expect.any(String)]);
  });

  test('can still be revived after a restart', async () => {
    await azure.end('SIGTERM');
    await azure.again();
    expect((await revive('catalog-again', 'catalog-pg', daysAgo(0))).status).toBe('Succeeded');
  });
});
