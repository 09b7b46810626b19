/** Where a new server could stand, as the product's adapter reads it from a real local Azure. */
import { createPlaceReader } from '../../../services/azure/place-reader';
import { createServerReader } from '../../../services/azure/server-reader';
import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';
import { arm, rgShop, serverPath } from '../local-azure/arm-client';
import { until } from '../../fixtures/supervisor/processes';
import { codeOf, startAdapterStage, type AdapterStage } from './adapter-stage';
import type { Fault } from '../../fixtures/local-teams-client';
import type { PlaceReader } from '../../../services/restore/ports';

jest.setTimeout(60_000);
let stage: AdapterStage;
let places: PlaceReader;

beforeAll(async () => {
  stage = await startAdapterStage({ LOCAL_PAGE_SIZE: '2', LOCAL_HISTORY_SECONDS: '60' });
  places = createPlaceReader(stage.settings);
});
afterEach(() => stage.azure.control('DELETE', '/faults'));
afterAll(() => stage?.end());

const fault = (of: Fault) => stage.azure.control('POST', '/faults', of);
const foreign = '99999999-1111-4111-8111-111111111111';
const networks = `${rgShop}/providers/Microsoft.Network`;
const shopNetwork = `${networks}/virtualNetworks/vnet-shop`;
const refusal = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } };

test('a name is free, taken or invalid; a foreign subscription has none to give', async () => {
  expect(await places.checkName(mainSubscriptionId, 'a-free-name')).toEqual({ kind: 'free' });
  expect(await places.checkName(mainSubscriptionId, 'orders-pg')).toEqual({ kind: 'taken' });
  expect((await places.checkName(mainSubscriptionId, 'Not_Valid')).kind).toBe('invalid');
  expect((await places.checkName(foreign, 'a-free-name')).kind).toBe('taken');
});

test('resource groups are told with their region', async () => {
  const shop = { name: 'rg-shop', subscriptionId: mainSubscriptionId, location: 'canadacentral' };
  expect(await places.resourceGroup(mainSubscriptionId, 'rg-shop')).toEqual(shop);
  expect(await places.resourceGroups(mainSubscriptionId)).toEqual([shop]);
  for (const name of ['rg-none', '../rg-shop', '..', ''])
    expect(await places.resourceGroup(mainSubscriptionId, name)).toBeUndefined();
  expect(await places.resourceGroup(foreign, 'rg-shop')).toBeUndefined();
  expect(await places.resourceGroups(foreign)).toEqual([]);
  await fault({ method: 'GET', path: '/resourcegroups/rg-shop$', answer: refusal });
  expect(await codeOf(places.resourceGroup(mainSubscriptionId, 'rg-shop'))).toBe('AZURE_FORBIDDEN');
});

test('a region tells versions, sizes with cores and zones, storage and redundancy', async () => {
  const region = await places.region(mainSubscriptionId, 'Canada Central');
  expect(region).toMatchObject({
    ...{ location: 'canadacentral', restricted: false, geoBackup: true },
    versions: expect.arrayContaining(['15', '16']),
    storageTypes: ['Premium_LRS'],
  });
  expect(region.skus).toContainEqual({ name: 'Standard_D4ads_v5', vCores: 4, zones: ['1', '2', '3'] });
  const east = await places.region(mainSubscriptionId, 'canadaeast');
  expect(east.skus).toContainEqual({ name: 'Standard_D4ads_v5', vCores: 4, zones: [] });
  expect(await places.region(mainSubscriptionId, 'qatarcentral')).toMatchObject({ geoBackup: false });
});

test('a region that is closed to a subscription says so, in each of its ways', async () => {
  const closed = { restricted: true, versions: [], skus: [] };
  expect(await places.region(mainSubscriptionId, 'westus3')).toMatchObject(closed);
  expect(await places.region(foreign, 'canadacentral')).toMatchObject(closed);
  const capabilities = { method: 'GET', path: '/locations/uksouth/capabilities$' };
  const refused = { error: { code: 'LocationIsOfferRestricted', message: 'Restricted.' } };
  await fault({ ...capabilities, answer: { status: 400, body: refused } });
  expect(await places.region(mainSubscriptionId, 'uksouth')).toMatchObject(closed);
  await fault({ ...capabilities, answer: { status: 200, body: { value: [{ name: 'x' }] } } });
  expect(await places.region(mainSubscriptionId, 'uksouth')).toMatchObject(closed);
});

describe('the pair of a region', () => {
  test('comes from Azure, and for a day from memory', async () => {
    expect(await places.pair(mainSubscriptionId, 'Canada Central')).toEqual({
      location: 'canadaeast',
      knownFrom: 'azure',
    });
    expect(await places.pair(mainSubscriptionId, 'qatarcentral')).toEqual({ knownFrom: 'azure' });
    await fault({ method: 'GET', path: '/locations$', times: 9, answer: { status: 500, body: {} } });
    expect((await places.pair(mainSubscriptionId, 'canadaeast')).knownFrom).toBe('azure');
  });

  test('comes from the list where Azure fails, does not name the region, or is not asked', async () => {
    const unknown = createPlaceReader(stage.settings);
    await fault({ method: 'GET', path: '/locations$', times: 3, answer: { status: 500, body: {} } });
    expect(await unknown.pair(mainSubscriptionId, 'canadacentral')).toEqual({
      location: 'canadaeast',
      knownFrom: 'table',
    });
    expect((await unknown.pair(mainSubscriptionId, 'canadacentral')).knownFrom).toBe('azure');
    expect(await unknown.pair(mainSubscriptionId, 'koreacentral')).toEqual({
      location: 'koreasouth',
      knownFrom: 'table',
    });
    expect(await unknown.pair(mainSubscriptionId, 'nowhere')).toEqual({ knownFrom: 'table' });
    expect((await unknown.pair(foreign, 'canadacentral')).knownFrom).toBe('table');
  });
});

test('the quota of cores is told where Azure names one', async () => {
  expect(await places.quota(mainSubscriptionId, 'canadacentral')).toEqual({ limit: 100, used: 9 });
  expect(await places.quota(foreign, 'canadacentral')).toBeUndefined();
  const other = { value: [{ name: { value: 'servers' }, limit: 5, currentValue: 1 }] };
  await fault({ method: 'GET', path: '/usages$', answer: { status: 200, body: other } });
  expect(await places.quota(mainSubscriptionId, 'canadacentral')).toBeUndefined();
});

describe('our own rights', () => {
  const write = 'Microsoft.DBforPostgreSQL/flexibleServers/write';
  const join = 'Microsoft.Network/virtualNetworks/subnets/join/action';
  const giveRoles = 'Microsoft.Authorization/roleAssignments/write';
  const change = (role: string, scope: string, grant: boolean) =>
    stage.azure.control('POST', '/roles', { principal: productIdentity.principalId, role, scope, grant });

  test('are those of the roles that really are given there or above', async () => {
    expect(await places.missingRights(rgShop, [write, join, giveRoles])).toEqual([giveRoles]);
    const subscription = `/subscriptions/${mainSubscriptionId}`;
    await change('Reader', subscription, true);
    await change('Contributor', `${rgShop}/providers/Microsoft.DBforPostgreSQL`, true);
    await change('Contributor', subscription, false);
    expect(await places.missingRights(rgShop, [write, join])).toEqual([write, join]);
    expect(await places.missingRights(serverPath('new-pg'), [write])).toEqual([]);
    expect(await places.missingRights(`${shopNetwork}/subnets/snet-postgres`, [join])).toEqual([join]);
    await change('Contributor', subscription, true);
    expect(await places.missingRights(`${shopNetwork}/subnets/snet-postgres`, [join])).toEqual([]);
  });

  test('are none where nothing is, where we may not look, and in a foreign subscription', async () => {
    expect(await places.missingRights(`${rgShop}-none`, [write])).toEqual([write]);
    expect(await places.missingRights(`/subscriptions/${foreign}`, [write])).toEqual([write]);
    await change('Contributor', `/subscriptions/${secondSubscriptionId}`, false);
    expect(await places.missingRights(`/subscriptions/${secondSubscriptionId}`, [write])).toEqual([write]);
    await change('Contributor', `/subscriptions/${secondSubscriptionId}`, true);
    await fault({ method: 'GET', path: '/permissions$', times: 9, answer: 'reset' });
    expect(await codeOf(places.missingRights(rgShop, [write]))).toBe('AZURE_UNREACHABLE');
  });
});

describe('networks', () => {
  const subnet = {
    id: `${shopNetwork}/subnets/snet-postgres`,
    networkId: shopNetwork,
    name: 'snet-postgres',
    location: 'canadacentral',
    delegations: ['Microsoft.DBforPostgreSQL/flexibleServers'],
    // 256 addresses, of which Azure keeps five and one server has one.
    freeAddresses: 250,
  };

  test('a subnet is told with its region, what it is for, and its free addresses', async () => {
    expect(await places.subnet(subnet.id)).toEqual(subnet);
    expect(await places.subnet(`${shopNetwork}/subnets/snet-apps`)).toMatchObject({ delegations: [] });
    for (const id of [
      `${shopNetwork}/subnets/snet-none`,
      `${networks}/virtualNetworks/none/subnets/snet-postgres`,
      subnet.id.replace(mainSubscriptionId, foreign),
      shopNetwork,
      'snet-postgres',
    ])
      expect(await places.subnet(id)).toBeUndefined();
  });

  test('nobody guesses how many addresses are free', async () => {
    await fault({ method: 'POST', path: '/checkVirtualNetworkSubnetUsage$', answer: refusal });
    const { freeAddresses: _told, ...rest } = subnet;
    expect(await places.subnet(subnet.id)).toEqual(rest);
  });

  test('only delegated subnets of the region are offered', async () => {
    const names = (await places.subnets(mainSubscriptionId, 'Canada East')).map(({ id }) => id);
    expect(names).toEqual(
      ['snet-postgres', 'snet-postgres-2'].map(
        (name) => `${networks}/virtualNetworks/vnet-shop-east/subnets/${name}`,
      ),
    );
    expect(await places.subnets(mainSubscriptionId, 'uksouth')).toEqual([]);
    expect(await places.subnets(foreign, 'canadaeast')).toEqual([]);
  });

  test('a private zone is told with the networks that can resolve it', async () => {
    const name = 'shop.private.postgres.database.azure.com';
    const zone = {
      id: `${networks}/privateDnsZones/${name}`,
      name,
      linkedNetworks: [shopNetwork, `${networks}/virtualNetworks/vnet-shop-east`],
    };
    expect(await places.dnsZone(zone.id)).toEqual(zone);
    expect(await places.dnsZones(mainSubscriptionId)).toEqual([zone]);
    expect(await places.dnsZone(`${networks}/privateDnsZones/none.postgres.database.azure.com`)).toBe(
      undefined,
    );
    expect(await places.dnsZone(subnet.id)).toBeUndefined();
    expect(await places.dnsZones(foreign)).toEqual([]);
    const others = { value: [{ id: `${networks}/privateDnsZones/shop.example`, name: 'shop.example' }] };
    await fault({ method: 'GET', path: '/privateDnsZones$', answer: { status: 200, body: others } });
    expect(await places.dnsZones(mainSubscriptionId)).toEqual([]);
  });

  test('a list that leads elsewhere is not followed there', async () => {
    // The same Azure under another name would answer well.
    const elsewhere = stage.azure.https.replace('127.0.0.1', 'localhost');
    const list = `/subscriptions/${mainSubscriptionId}/providers/Microsoft.Network/privateDnsZones`;
    const body = { value: [], nextLink: `${elsewhere}${list}?api-version=2020-06-01` };
    await fault({ method: 'GET', path: '/privateDnsZones$', answer: { status: 200, body } });
    expect(await codeOf(places.dnsZones(mainSubscriptionId))).toBe('AZURE_UNREACHABLE');
  });
});

test('a server with keys of its own, another disk and a zone is told with all of them', async () => {
  const identity = `${rgShop}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keys`;
  const body = {
    location: 'canadacentral',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } },
    properties: {
      ...{ administratorLogin: 'pgadmin', administratorLoginPassword: 'A-pass-word-1', version: '15' },
      ...{ availabilityZone: '2', storage: { type: 'PremiumV2_LRS' } },
      backup: { geoRedundantBackup: 'Enabled' },
      dataEncryption: {
        ...{ type: 'AzureKeyVault', primaryKeyURI: 'https://kv/keys/k/1' },
        ...{ primaryUserAssignedIdentityId: identity, geoBackupKeyURI: 'https://kv-east/keys/k/1' },
        geoBackupUserAssignedIdentityId: identity,
      },
    },
  };
  expect((await arm(stage.azure, 'PUT', serverPath('keys-pg'), { body })).status).toBe(202);
  const reader = createServerReader(stage.settings);
  const seen = await until('the server is seen', () => reader.get(serverPath('keys-pg')));
  expect(seen).toMatchObject({
    ...{ availabilityZone: '2', storageType: 'PremiumV2_LRS' },
    encryption: {
      ...{ primaryKeyUri: 'https://kv/keys/k/1', primaryIdentityId: identity },
      geoBackup: { keyUri: 'https://kv-east/keys/k/1', identityId: identity },
    },
  });
});
