import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';
import { arm, rgShop, sdkClient, serverPath, type ArmBody } from './arm-client';
import { askServer, until } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

jest.setTimeout(60_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '600' });
});
afterAll(() => azure.remove());

const inRecovery = (path: string): string =>
  path.replace(mainSubscriptionId, secondSubscriptionId).replace('rg-shop', 'rg-dr');
const networks = `${rgShop}/providers/Microsoft.Network`;
const privateIn = (vnet: string, subnet = 'snet-postgres', zone = 'shop') => ({
  delegatedSubnetResourceId: `${networks}/virtualNetworks/${vnet}/subnets/${subnet}`,
  privateDnsZoneArmResourceId: `${networks}/privateDnsZones/${zone}.private.postgres.database.azure.com`,
});
const order = (source: string, properties: object = {}) => ({
  body: {
    location: 'canadacentral',
    properties: {
      createMode: 'PointInTimeRestore',
      sourceServerResourceId: serverPath(source),
      pointInTimeUTC: new Date().toISOString(),
      ...properties,
    },
  },
});
async function finished(path: string, put: { body: object; version?: string }): Promise<ArmBody> {
  const accepted = await arm(azure, 'PUT', path, put);
  expect([accepted.status, accepted.body.error]).toEqual([202, undefined]);
  const poll = () => arm(azure, 'GET', String(accepted.headers['azure-asyncoperation']));
  return (await until(poll, ({ body }) => body.status !== 'InProgress')).body;
}
const network = (path: string) => arm(azure, 'GET', path, { version: '2024-05-01' });
const namesOf = (body: ArmBody) => body.value.map(({ name }) => name);

describe('networks', () => {
  test('virtual networks, their subnets and private zones can be read, list by list and one by one', async () => {
    expect(namesOf((await network(`${networks}/virtualNetworks`)).body)).toEqual([
      'vnet-shop',
      'vnet-shop-east',
    ]);
    const recovery = inRecovery(`${networks}/virtualNetworks`).replace('/resourceGroups/rg-dr', '');
    expect(namesOf((await network(recovery)).body)).toEqual(['vnet-dr']);
    expect((await network(`${networks}/virtualNetworks/VNET-SHOP`)).body).toMatchObject({
      ...{ name: 'vnet-shop', location: 'canadacentral' },
      properties: { addressSpace: { addressPrefixes: ['10.10.0.0/16'] }, subnets: expect.any(Array) },
    });
    expect((await network(`${networks}/virtualNetworks/vnet-shop/subnets/snet-postgres`)).body).toMatchObject(
      {
        properties: {
          delegations: [{ properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }],
        },
      },
    );
    expect((await network(`${networks}/virtualNetworks/vnet-none`)).status).toBe(404);
    const zone = `${networks}/privateDnsZones/shop.private.postgres.database.azure.com`;
    expect((await network(zone)).body).toMatchObject({ location: 'global' });
    expect(namesOf((await network(`${zone}/virtualNetworkLinks`)).body)).toEqual([
      'vnet-shop',
      'vnet-shop-east',
    ]);
  });

  test('the use of delegated subnets is counted', async () => {
    const usage = await sdkClient(azure).virtualNetworkSubnetUsage.list('canadacentral', {
      virtualNetworkArmResourceId: `${networks}/virtualNetworks/vnet-shop`,
    });
    expect(usage).toMatchObject({
      ...{ location: 'canadacentral', subscriptionId: mainSubscriptionId },
      delegatedSubnetsUsage: [
        { subnetName: 'snet-postgres', usage: 1 },
        { subnetName: 'snet-postgres-2', usage: 0 },
      ],
    });
  });

  test('quota, what a server may become, and replicas are told', async () => {
    const client = sdkClient(azure);
    for await (const usage of client.quotaUsages.list('canadacentral'))
      expect(usage).toMatchObject({ name: { value: 'cores' }, limit: 100, currentValue: 9 });
    for await (const capability of client.capabilitiesByServer.list('rg-shop', 'orders-pg'))
      expect(capability).toMatchObject({ geoBackupSupported: 'Enabled', restricted: 'Disabled' });
    for await (const replica of client.replicas.listByServer('rg-shop', 'orders-pg'))
      throw new Error(`unexpected replica ${replica.name ?? ''}`);
    for await (const { zoneRedundantHaSupported } of client.capabilitiesByLocation.list('canadaeast'))
      expect(zoneRedundantHaSupported).toBe('Disabled');
  });
});

describe('a restore', () => {
  test('of a private server may go into another subnet of its region', async () => {
    const put = order('billing-pg', { network: privateIn('vnet-shop', 'snet-postgres-2') });
    expect((await finished(serverPath('billing-2'), put)).status).toBe('Succeeded');
    const { network: got } = await sdkClient(azure).servers.get('rg-shop', 'billing-2');
    expect(got).toMatchObject({
      ...privateIn('vnet-shop', 'snet-postgres-2'),
      publicNetworkAccess: 'Disabled',
    });
  });

  test.each(['2022-12-01', '2024-08-01'])(
    'may go into another subscription, with api-version %s',
    async (version) => {
      const name = `search-${version}`;
      const put = order('search-pg', { availabilityZone: '1', storage: { type: 'Premium_LRS' } });
      expect((await finished(inRecovery(serverPath(name)), { ...put, version })).status).toBe('Succeeded');
      expect((await arm(azure, 'GET', inRecovery(serverPath(name)), { version })).body).toMatchObject({
        properties: { availabilityZone: '1', storage: { type: 'Premium_LRS' }, state: 'Ready' },
      });
      expect(await askServer(azure, name, 'select count(*) from documents', { database: 'search' })).toEqual({
        count: '300',
      });
    },
  );

  test.each([
    ['public to private', order('orders-pg', { network: privateIn('vnet-shop') }), /public access/],
    [
      'private to public',
      order('billing-pg', { network: { publicNetworkAccess: 'Enabled' } }),
      /public access/,
    ],
    [
      'into a network of another region',
      order('billing-pg', { network: privateIn('vnet-shop-east') }),
      /own location/,
    ],
    [
      'into a subnet of others',
      order('billing-pg', { network: privateIn('vnet-shop', 'snet-apps') }),
      /not delegated/,
    ],
    [
      'with a zone that is not there',
      order('billing-pg', { network: privateIn('vnet-shop', 'snet-postgres', 'none') }),
      /private DNS zone/,
    ],
    [
      'into an unknown availability zone',
      order('orders-pg', { availabilityZone: '7' }),
      /availability zone '7'/,
    ],
    ['onto an unknown storage', order('orders-pg', { storage: { type: 'Floppy' } }), /Floppy/],
    ['onto less storage', order('orders-pg', { storage: { storageSizeGB: 32 } }), /cannot be smaller/],
    [
      'with an unknown redundancy',
      order('orders-pg', { backup: { geoRedundantBackup: 'Perhaps' } }),
      /Perhaps/,
    ],
    [
      'with high availability',
      order('orders-pg', { highAvailability: { mode: 'SameZone' } }),
      /High availability/,
    ],
  ])('is refused %s', async (_words, put, message) => {
    const { status, body } = await arm(azure, 'PUT', serverPath('refused-pg'), put);
    expect([status, body.error.code]).toEqual([400, 'InvalidParameterValue']);
    expect(body.error.message).toMatch(message);
  });

  test('into a subnet needs the right to join it', async () => {
    const grant = (role: string, scope: string, given: boolean) =>
      azure.control('POST', '/roles', { principal: productIdentity.principalId, role, scope, grant: given });
    const subscription = `/subscriptions/${mainSubscriptionId}`;
    const provider = `${rgShop}/providers/Microsoft.DBforPostgreSQL`;
    await grant('Reader', subscription, true);
    await grant('Contributor', provider, true);
    await grant('Contributor', subscription, false);
    const put = order('billing-pg', { network: privateIn('vnet-shop') });
    const { status, body } = await arm(azure, 'PUT', serverPath('joined-pg'), put);
    expect([status, body.error.code]).toEqual([403, 'LinkedAuthorizationFailed']);
    expect(body.error.message).toContain('Microsoft.Network/virtualNetworks/subnets/join/action');
    await grant('Contributor', subscription, true);
    expect((await arm(azure, 'PUT', serverPath('joined-pg'), put)).status).toBe(202);
  });
});

describe('permissions', () => {
  const permissions = async (scope: string) => {
    const path = `${scope}/providers/Microsoft.Authorization/permissions`;
    return arm(azure, 'GET', path, { version: '2022-04-01' });
  };
  const contributor = {
    actions: ['*'],
    notActions: ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'],
    ...{ dataActions: [], notDataActions: [] },
  };

  test('are told for a subscription, a group and a resource, and follow the roles', async () => {
    const grant = (given: boolean) =>
      azure.control('POST', '/roles', {
        ...{ principal: productIdentity.principalId, role: 'Backup Reader', scope: rgShop, grant: given },
      });
    const subnet = `${networks}/virtualNetworks/vnet-dr/subnets/snet-postgres`;
    for (const scope of [`/subscriptions/${secondSubscriptionId}`, inRecovery(rgShop), inRecovery(subnet)])
      expect((await permissions(scope)).body.value).toEqual([contributor]);
    const before = (await permissions(serverPath('any-pg'))).body.value.length;
    await grant(true);
    const after = (await permissions(serverPath('any-pg'))).body.value;
    expect([after.length, JSON.stringify(after)]).toEqual([
      before + 1,
      expect.stringContaining('Microsoft.DataProtection/backupVaults/read'),
    ]);
    const above = (await permissions(`/subscriptions/${mainSubscriptionId}`)).body.value;
    expect(JSON.stringify(above)).not.toContain('Microsoft.DataProtection');
    await grant(false);
    expect((await permissions(serverPath('any-pg'))).body.value).toHaveLength(before);
  });

  test('of a group that is not there are none', async () => {
    const { status, body } = await permissions(`${rgShop}-none`);
    expect([status, body.error.code]).toEqual([404, 'ResourceGroupNotFound']);
  });
});

describe('customer-managed keys', () => {
  const identities = `${rgShop}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;
  const [keys, keysEast] = [`${identities}/keys`, `${identities}/keys-east`];
  const primary = {
    ...{ type: 'AzureKeyVault', primaryKeyURI: 'https://kv/keys/k/1' },
    primaryUserAssignedIdentityId: keys,
  };
  const both = {
    ...{ ...primary, geoBackupKeyURI: 'https://kv-east/keys/k/1' },
    geoBackupUserAssignedIdentityId: keysEast,
  };
  const identity = { type: 'UserAssigned', userAssignedIdentities: { [keys]: {}, [keysEast]: {} } };
  const fresh = (dataEncryption: object, more: object = { identity }, backup = 'Enabled') => ({
    body: {
      ...{ location: 'canadacentral', ...more },
      properties: {
        ...{ administratorLogin: 'pgadmin', administratorLoginPassword: 'A-pass-word-1' },
        ...{ dataEncryption, backup: { geoRedundantBackup: backup } },
      },
    },
  });
  const geo = (dataEncryption?: object) => ({
    body: {
      ...{ location: 'canadaeast', identity },
      properties: {
        ...{ createMode: 'GeoRestore', sourceServerResourceId: serverPath('keys-pg') },
        pointInTimeUTC: new Date().toISOString(),
        ...(dataEncryption === undefined ? {} : { dataEncryption }),
      },
    },
  });
  const refusal = async (name: string, put: { body: object }) => {
    const { status, body } = await arm(azure, 'PUT', serverPath(name), put);
    return [status, body.error.code, body.error.message];
  };

  test('are taken, kept and shown, and a copy in the same region has them as well', async () => {
    expect((await finished(serverPath('keys-pg'), fresh(both))).status).toBe('Succeeded');
    const seen = await sdkClient(azure).servers.get('rg-shop', 'keys-pg');
    expect(seen).toMatchObject({ dataEncryption: { ...both, primaryEncryptionKeyStatus: 'Valid' } });
    const shown = seen.identity?.userAssignedIdentities ?? {};
    expect(Object.keys(shown)).toEqual([keys, keysEast]);
    expect(shown[keys]?.principalId).toMatch(/^[0-9a-f-]{36}$/);
    expect(shown[keys]?.principalId).not.toBe(shown[keysEast]?.principalId);
    const backups = () => arm(azure, 'GET', `${serverPath('keys-pg')}/backups`);
    await until(backups, ({ body }) => body.value.length > 0);
    const put = order('keys-pg');
    expect((await finished(serverPath('keys-copy'), put)).status).toBe('Succeeded');
    expect(await sdkClient(azure).servers.get('rg-shop', 'keys-copy')).toMatchObject({
      dataEncryption: { type: 'AzureKeyVault', primaryKeyURI: primary.primaryKeyURI },
    });
  });

  test('of another region are wanted by a geo restore', async () => {
    const message = /key and an identity of the target region/;
    const refused = [400, 'InvalidParameterValue', expect.stringMatching(message)];
    expect(await refusal('keys-east', geo())).toEqual(refused);
    expect(await refusal('keys-east', geo(primary))).toEqual(refused);
    const east = {
      ...{ type: 'AzureKeyVault', primaryKeyURI: both.geoBackupKeyURI },
      primaryUserAssignedIdentityId: keysEast,
    };
    expect((await arm(azure, 'PUT', serverPath('keys-east'), geo(east))).status).toBe(202);
  });

  test.each([
    ['a key without an identity', { ...primary, primaryUserAssignedIdentityId: undefined }, /together/],
    ['half a geo key', { ...both, geoBackupKeyURI: undefined }, /together/],
    ['no geo key for a geo-redundant backup', primary, /paired region/],
    ['another kind', { type: 'Rot13' }, /Rot13/],
  ])('are refused with %s', async (_words, dataEncryption, message) => {
    expect(await refusal('no-keys-pg', fresh(dataEncryption))).toEqual([
      ...[400, 'InvalidParameterValue', expect.stringMatching(message)],
    ]);
  });

  test('are refused for an identity that the server does not have', async () => {
    const answer = await refusal('no-keys-pg', fresh(primary, {}, 'Disabled'));
    expect(answer).toEqual([400, 'InvalidParameterValue', expect.stringMatching(/not assigned/)]);
  });
});

test('a restore whose server is deleted meanwhile ends as cancelled, and leaves nothing behind', async () => {
  const free = async () =>
    (await sdkClient(azure).nameAvailability.checkGlobally({ name: 'gone-pg' })).nameAvailable;
  const accepted = await arm(azure, 'PUT', serverPath('gone-pg'), order('orders-pg'));
  expect(accepted.status).toBe(202);
  const deleted = await arm(azure, 'DELETE', serverPath('gone-pg'));
  expect([deleted.status, await free()]).toEqual([202, false]);
  const poll = (of: typeof accepted) => arm(azure, 'GET', String(of.headers['azure-asyncoperation']));
  expect((await poll(accepted)).body).toMatchObject({
    ...{ status: 'Canceled', error: { code: 'OperationCanceled' } },
  });
  const ended = await until(
    () => poll(deleted),
    ({ body }) => body.status !== 'InProgress',
  );
  expect([ended.body.status, await free()]).toEqual(['Succeeded', true]);
  expect((await arm(azure, 'GET', serverPath('gone-pg'))).status).toBe(404);
  expect((await poll(accepted)).body.status).toBe('Canceled');
  expect((await arm(azure, 'DELETE', serverPath('gone-pg'))).status).toBe(204);
  // The name really can be used again.
  expect((await finished(serverPath('gone-pg'), order('orders-pg'))).status).toBe('Succeeded');
});

describe('what hangs below a server', () => {
  test('firewall rules are set, changed and deleted, and every change is in the journal', async () => {
    const { firewallRules } = sdkClient(azure);
    const rule = { startIpAddress: '198.51.100.1', endIpAddress: '198.51.100.9' };
    const made = await firewallRules.beginCreateOrUpdateAndWait('rg-shop', 'search-pg', 'support', rule);
    expect(made).toMatchObject({ name: 'support', ...rule });
    const wider = { ...rule, endIpAddress: '198.51.100.20' };
    await firewallRules.beginCreateOrUpdateAndWait('rg-shop', 'search-pg', 'support', wider);
    expect(await firewallRules.get('rg-shop', 'search-pg', 'support')).toMatchObject(wider);
    await firewallRules.beginDeleteAndWait('rg-shop', 'search-pg', 'support');
    await expect(firewallRules.get('rg-shop', 'search-pg', 'support')).rejects.toMatchObject({
      statusCode: 404,
    });
    const path = `${serverPath('search-pg')}/firewallRules/support`;
    expect((await arm(azure, 'DELETE', path)).status).toBe(204);
    const { body } = await azure.control<{ entries: { path: string; method: string }[] }>('GET', '/journal');
    const lines = body.entries.filter((entry) => entry.path === path).map(({ method }) => method);
    expect(lines.slice(0, 3)).toEqual(['PUT', 'PUT', 'DELETE']);
  });

  test.each([
    ['search-pg', { startIpAddress: '10.0.0.9', endIpAddress: '10.0.0.1' }],
    ['search-pg', { startIpAddress: 'anywhere', endIpAddress: '10.0.0.1' }],
    ['billing-pg', { startIpAddress: '10.0.0.1', endIpAddress: '10.0.0.1' }],
  ])('a firewall rule on %s is refused: %j', async (server, properties) => {
    const path = `${serverPath(server)}/firewallRules/bad`;
    expect((await arm(azure, 'PUT', path, { body: { properties } })).status).toBe(400);
  });

  test('a parameter that can change at once does, another waits for the restart', async () => {
    const { configurations, servers } = sdkClient(azure);
    const own = { source: 'user-override' };
    const set = (name: string, value: string) =>
      configurations.beginUpdateAndWait('rg-shop', 'search-pg', name, { value, ...own });
    expect(await set('work_mem', '8192')).toMatchObject({
      value: '8192',
      ...own,
      isConfigPendingRestart: false,
    });
    const shown = () => askServer(azure, 'search-pg', 'show work_mem', { database: 'search' });
    expect(await until(shown, (row) => (row as { work_mem: string }).work_mem === '8MB')).toBeDefined();
    const libraries = 'auto_explain,pg_stat_statements';
    expect(await set('shared_preload_libraries', libraries)).toMatchObject({
      isConfigPendingRestart: true,
      ...own,
    });
    await servers.beginRestartAndWait('rg-shop', 'search-pg');
    expect(
      await askServer(azure, 'search-pg', 'show shared_preload_libraries', { database: 'search' }),
    ).toEqual({
      shared_preload_libraries: 'auto_explain, pg_stat_statements',
    });
    const put = { value: '', source: 'system-default' };
    const reset = await configurations.beginPutAndWait(
      'rg-shop',
      'search-pg',
      'shared_preload_libraries',
      put,
    );
    expect(reset).toMatchObject({ isConfigPendingRestart: true });
    await expect(set('work_mem', 'a lot')).rejects.toThrow(/InvalidParameterValue/);
    await expect(set('wal_level', 'minimal')).rejects.toMatchObject({ statusCode: 400 });
    await expect(set('no_such_thing', '1')).rejects.toMatchObject({ statusCode: 404 });
  });

  test('databases are made and deleted', async () => {
    const { databases } = sdkClient(azure);
    expect(await databases.beginCreateAndWait('rg-shop', 'search-pg', 'scratch', {})).toMatchObject({
      charset: 'UTF8',
    });
    await databases.beginDeleteAndWait('rg-shop', 'search-pg', 'scratch');
    await expect(databases.get('rg-shop', 'search-pg', 'scratch')).rejects.toMatchObject({ statusCode: 404 });
  });
});
