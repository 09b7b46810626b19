/** The places that a vault restores to, over the wire of Azure's management and of its blobs. */
import { createVaultTargetReader } from '../../../services/azure/vault-targets';
import type { AccountFacts } from '../../../services/restore/vaults';
import { codeOf } from './adapter-stage';
import {
  failing,
  ok,
  otherSubscriptionId,
  startVaultWire,
  subscriptionId,
  type Answer,
  type VaultWire,
} from './vault-wire';

let wire: VaultWire;
beforeAll(async () => {
  wire = await startVaultWire();
});
afterEach(() => wire.clear());
afterAll(() => wire?.end());

const targets = () =>
  createVaultTargetReader(wire.settings, { blobEndpointOf: ({ name }) => `${wire.url}/${name}` });
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-shop`;
const otherGroup = `/subscriptions/${otherSubscriptionId}/resourceGroups/rg-dr`;
/** A list of one subscription; the others have none. */
const listOf = (path: RegExp, id: string, value: readonly unknown[]): void =>
  wire.on('GET', path, (heard) => ok({ value: heard.path.includes(id) ? value : [] }));

const accountId = (name: string): string => `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
const accountJson = (name: string, properties: object = {}) => ({
  ...{ id: accountId(name), name, location: 'Canada Central' },
  properties: {
    primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
    allowCrossTenantReplication: true,
    publicNetworkAccess: 'Enabled',
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' },
    ...properties,
  },
});
const account: AccountFacts = {
  id: accountId('shoprestores'),
  name: 'shoprestores',
  subscriptionId,
  resourceGroup: 'rg-shop',
  location: 'canadacentral',
  blobEndpoint: 'https://shoprestores.blob.core.windows.net/',
  allowsCrossTenantReplication: true,
  keepsAzureOut: false,
  containers: ['restores', 'spare'],
};

describe('storage accounts', () => {
  const all = /\/providers\/Microsoft\.Storage\/storageAccounts$/;

  test('are found by name in all subscriptions, with their containers', async () => {
    listOf(all, subscriptionId, [accountJson('shoprestores'), accountJson('another')]);
    wire.on(
      'GET',
      /\/shoprestores\/blobServices\/default\/containers$/,
      ok({ value: [{ name: 'spare' }, { name: 'restores' }] }),
    );
    expect(await targets().account('ShopRestores')).toEqual(account);
    expect(await targets().account('nowhere')).toBeUndefined();
    expect(wire.count('GET', /\/another\//)).toBe(0);
  });

  test('whose containers we may not see are told without any', async () => {
    listOf(all, subscriptionId, [accountJson('shoprestores'), accountJson('another')]);
    wire.on('GET', /\/containers$/, failing(403, 'AuthorizationFailed'));
    expect(await targets().accounts()).toMatchObject([
      { name: 'another', containers: [] },
      { name: 'shoprestores', containers: [] },
    ]);
  });

  test('of a long list only the first are told with containers; one that is asked for by name always is', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `shop${String(index).padStart(2, '0')}`);
    listOf(
      all,
      subscriptionId,
      names.toReversed().map((name) => accountJson(name)),
    );
    wire.on('GET', /\/containers$/, ok({ value: [{ name: 'restores' }] }));
    const told = await targets().accounts();
    expect(told.map(({ name }) => name)).toEqual(names);
    expect(told.filter(({ containers }) => containers.length > 0).map(({ name }) => name)).toEqual(
      names.slice(0, 20),
    );
    expect(wire.count('GET', /\/containers$/)).toBe(20);
    expect((await targets().account('shop29'))?.containers).toEqual(['restores']);
  });

  test.each<[string, object, boolean]>([
    ['open to all', {}, false],
    ['shut for all', { publicNetworkAccess: 'Disabled' }, true],
    ['shut for who is not named', { networkAcls: { bypass: 'None', defaultAction: 'Deny' } }, true],
    [
      'shut, but not for Azure',
      { networkAcls: { bypass: 'Logging, AzureServices', defaultAction: 'deny' } },
      false,
    ],
    ['shut without a word on Azure', { networkAcls: { defaultAction: 'Deny' } }, true],
    ['of no rules', { networkAcls: null, publicNetworkAccess: null }, false],
  ])('%s let Azure Backup in or not', async (_what, properties, keepsAzureOut) => {
    listOf(all, subscriptionId, [accountJson('shoprestores', properties)]);
    expect(await targets().account('shoprestores')).toMatchObject({ keepsAzureOut });
  });

  test('that say nothing of replication do not allow it', async () => {
    listOf(all, subscriptionId, [accountJson('shoprestores', { allowCrossTenantReplication: null })]);
    expect(await targets().account('shoprestores')).toMatchObject({ allowsCrossTenantReplication: false });
  });
});

describe('blobs', () => {
  const container = /^\/shoprestores\/restores$/;
  const page = (names: readonly string[], marker = ''): Answer => ({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?><EnumerationResults ContainerName="restores"><Blobs>${names
      .map(
        (name) =>
          `<Blob><Name>${name}</Name><Properties><Content-Length>${name.length}</Content-Length></Properties></Blob>`,
      )
      .join('')}</Blobs><NextMarker>${marker}</NextMarker></EnumerationResults>`,
  });

  test('are listed by prefix, page after page, with a token for storage and nothing else', async () => {
    wire.on('GET', container, ({ query }) =>
      query['marker'] === undefined ? page(['r1/a.sql'], 'm-2') : page(['r1/b&amp;c.sql']),
    );
    expect(await targets().blobs(account, 'restores', 'r1/')).toEqual([
      { name: 'r1/a.sql', bytes: 8 },
      { name: 'r1/b&c.sql', bytes: 14 },
    ]);
    const token = Buffer.from('https://storage.azure.com/.default').toString('base64');
    expect(wire.heard.map(({ headers, query }) => [headers.authorization, query['prefix']])).toEqual([
      [`Bearer ${token}`, 'r1/'],
      [`Bearer ${token}`, 'r1/'],
    ]);
  });

  test('of a container that is not there are none', async () => {
    wire.on('GET', container, failing(404, 'ContainerNotFound'));
    expect(await targets().blobs(account, 'restores', '')).toEqual([]);
  });

  test('that we may not read are said to be so', async () => {
    wire.on('GET', container, {
      ...{ status: 403, headers: { 'x-ms-error-code': 'AuthorizationPermissionMismatch' } },
    });
    expect(await codeOf(targets().blobs(account, 'restores', ''))).toBe('AZURE_BLOBS_FORBIDDEN');
  });

  test('that nobody answers for are not known', async () => {
    wire.on('GET', container, failing(500, 'InternalError'));
    expect(await codeOf(targets().blobs(account, 'restores', ''))).toBe('AZURE_UNREACHABLE');
  });

  test('begin as they do, byte for byte, and no more is asked for', async () => {
    wire.on('GET', /^\/shoprestores\/restores\/r1\/a\.sql$/, {
      ...{ status: 206, body: 'PGDMP' },
      headers: { 'content-type': 'application/octet-stream', 'content-length': '5', etag: '"1"' },
    });
    expect(await targets().beginning(account, 'restores', 'r1/a.sql', 5)).toBe('PGDMP');
    expect(wire.heard[0]?.headers).toMatchObject({ 'x-ms-range': 'bytes=0-4' });
  });

  test('of no bytes, or gone by now, begin with nothing', async () => {
    wire.on('GET', /\/empty$/, { status: 416, headers: { 'x-ms-error-code': 'InvalidRange' } });
    expect(await targets().beginning(account, 'restores', 'empty', 5)).toBe('');
    expect(await targets().beginning(account, 'restores', 'gone', 5)).toBe('');
  });
});

describe('roles', () => {
  const principal = 'aaaaaaaa-0000-4000-8000-000000000001';
  const scope = `${accountId('shoprestores')}/blobServices/default/containers/restores`;
  const role = (index: number): string => `ba92f5b4-2d11-453d-a403-00000000000${index}`;
  const assignment = (index: number, at: string, principalId = principal) => ({
    properties: {
      roleDefinitionId: `/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/${role(index).toUpperCase()}`,
      ...{ principalId, scope: at },
    },
  });

  test('count at the place and above it, not below it, beside it, or of somebody else', async () => {
    wire.on(
      'GET',
      /\/containers\/restores\/providers\/Microsoft\.Authorization\/roleAssignments$/,
      ok({
        value: [
          assignment(1, scope.toUpperCase(), principal.toUpperCase()),
          assignment(2, `${accountId('shoprestores')}/`),
          assignment(3, group),
          assignment(4, `/subscriptions/${subscriptionId}`),
          assignment(5, '/providers/Microsoft.Management/managementGroups/root'),
          assignment(6, '/'),
          assignment(6, group),
          assignment(7, `${scope}/blobs/x`),
          assignment(8, group.slice(0, -2)),
          assignment(9, group, 'cccccccc-0000-4000-8000-000000000001'),
        ],
      }),
    );
    expect(await targets().rolesOf(principal, scope)).toEqual([1, 2, 3, 4, 5, 6].map(role));
    expect(wire.heard[0]?.query).toEqual({
      'api-version': '2022-04-01',
      $filter: `principalId eq '${principal}'`,
    });
  });

  test('of a place that is gone are not none: nobody can tell them', async () => {
    expect(await targets().rolesOf(principal, group)).toBeUndefined();
    wire.on('GET', /roleAssignments$/, ok({ value: [] }));
    expect(await targets().rolesOf(principal, group)).toEqual([]);
  });

  test('of what is no identity are none', async () => {
    expect(await targets().rolesOf("x' or 'a' eq 'a", group)).toEqual([]);
    expect(wire.heard).toEqual([]);
  });

  test('that we may not look at are no roles that are missing', async () => {
    wire.on('GET', /roleAssignments$/, failing(403, 'AuthorizationFailed'));
    expect(await codeOf(targets().rolesOf(principal, group))).toBe('AZURE_FORBIDDEN');
  });
});

describe('key vault secrets', () => {
  const vaults = /\/providers\/Microsoft\.KeyVault\/vaults$/;
  const id = `${otherGroup}/providers/Microsoft.KeyVault/vaults/kv-shop`;
  const keyVault = (properties: object) => ({
    ...{ id, name: 'kv-shop' },
    properties: { vaultUri: 'https://kv-shop.vault.azure.net/', ...properties },
  });
  const secret = (name: string, enabled?: boolean) => ({
    name,
    properties: { attributes: enabled === undefined ? null : { enabled }, value: 'postgres://not-for-us' },
  });
  const uri = 'https://kv-shop.vault.azure.net/secrets/pgconn';

  test('are told with who may read them, and never with what they hold', async () => {
    listOf(vaults, otherSubscriptionId, [keyVault({ enableRbacAuthorization: true })]);
    wire.on('GET', /\/kv-shop\/secrets\/pgconn$/, ok(secret('pgconn', true)));
    const facts = await targets().secret(uri);
    expect(facts).toEqual({
      ...{ vaultId: id, vaultName: 'kv-shop', secret: { isEnabled: true }, access: { kind: 'roles' } },
    });
    expect(await targets().secret(`${uri}/0123abcd`)).toEqual(facts);
    expect(wire.heard.every(({ path }) => path.includes('/providers/Microsoft.KeyVault/'))).toBe(true);
  });

  test('of a key vault with access policies name those who may get and list', async () => {
    const policy = (objectId: string, ...secrets: string[]) => ({ objectId, permissions: { secrets } });
    listOf(vaults, otherSubscriptionId, [
      keyVault({
        accessPolicies: [
          policy('A-1', 'Get', 'List'),
          policy('A-2', 'get'),
          policy('A-3', 'all'),
          policy('A-4'),
          { objectId: 'A-5' },
        ],
      }),
    ]);
    wire.on('GET', /\/secrets\/pgconn$/, ok(secret('pgconn', false)));
    expect(await targets().secret(uri)).toMatchObject({
      secret: { isEnabled: false },
      access: { kind: 'policies', readers: ['a-1', 'a-3'] },
    });
  });

  test('that are not there, in a key vault that is or is not', async () => {
    listOf(vaults, otherSubscriptionId, [keyVault({})]);
    const facts = await targets().secret(uri);
    expect(Object.keys(facts ?? {})).toEqual(['vaultId', 'vaultName', 'access']);
    for (const none of [uri.replace('kv-shop', 'kv-other'), 'pgconn', `${uri}/a/b`, 'http://kv-shop/x'])
      expect(await targets().secret(none)).toBeUndefined();
  });
});

describe('single servers', () => {
  const id = `${group}/providers/Microsoft.DBforPostgreSQL/servers/legacy-srv`;
  const rule = (startIpAddress: string, endIpAddress: string) => ({
    properties: { startIpAddress, endIpAddress },
  });
  const serve = (...rules: object[]): void => {
    listOf(/\/providers\/Microsoft\.DBforPostgreSQL\/servers$/, subscriptionId, [
      {
        ...{ id, name: 'legacy-srv', location: 'Canada Central' },
        properties: { version: '11', fullyQualifiedDomainName: 'legacy-srv.postgres.database.azure.com' },
      },
    ]);
    wire.on('GET', /\/legacy-srv\/databases$/, ok({ value: [{ name: 'orders' }, { name: 'reports' }] }));
    wire.on('GET', /\/legacy-srv\/firewallRules$/, ok({ value: rules }));
  };

  test('are told with their databases', async () => {
    serve(rule('10.0.0.1', '10.0.0.9'), rule('0.0.0.0', '0.0.0.0'));
    expect(await targets().singleServer('Legacy-Srv')).toEqual({
      ...{ id, name: 'legacy-srv', subscriptionId, resourceGroup: 'rg-shop', location: 'canadacentral' },
      ...{ version: '11', hostName: 'legacy-srv.postgres.database.azure.com' },
      ...{ databases: ['orders', 'reports'], letsAzureIn: true },
    });
    expect(await targets().singleServer('none')).toBeUndefined();
    expect(new Set(wire.heard.map(({ query }) => query['api-version']))).toEqual(new Set(['2017-12-01']));
  });

  test.each([
    ['nobody', [], false],
    ['some', [rule('0.0.0.0', '10.0.0.9')], false],
    ['everybody', [rule('0.0.0.0', '255.255.255.255')], true],
  ])('that let %s in let Azure in or not', async (_who, rules, letsAzureIn) => {
    serve(...rules);
    expect(await targets().singleServer('legacy-srv')).toMatchObject({ letsAzureIn });
  });

  test('of a region that has forgotten the kind are none', async () => {
    expect(await targets().singleServer('legacy-srv')).toBeUndefined();
    wire.on('GET', /servers$/, failing(500, 'X'));
    expect(await codeOf(targets().singleServer('legacy-srv'))).toBe('AZURE_UNREACHABLE');
  });
});
