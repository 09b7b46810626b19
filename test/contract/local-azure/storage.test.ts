import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createBlobStore } from '../../../infra/local/azure/blob-store';
import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';
import { arm, fetchToken, rgShop, type ArmBody } from './arm-client';
import { processesOn } from '../../fixtures/supervisor/processes';
import { until } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

const run = promisify(execFile);
jest.setTimeout(120_000);
let azure: TestAzure;
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '600' });
});
afterAll(() => azure.remove());

const subscription = `/subscriptions/${mainSubscriptionId}`;
const accounts = `${rgShop}/providers/Microsoft.Storage/storageAccounts`;
const containers = `${accounts}/shoprestores/blobServices/default/containers`;
const keyVaults = `${rgShop}/providers/Microsoft.KeyVault/vaults`;
const storage = (method: string, path: string, body?: unknown) =>
  arm(azure, method, path, { version: '2023-05-01', ...(body === undefined ? {} : { body }) });
const vault = (method: string, path: string, body?: unknown) =>
  arm(azure, method, path, { version: '2023-07-01', ...(body === undefined ? {} : { body }) });
const namesOf = (body: ArmBody) => body.value.map(({ name }) => name);
const blobQuery = (account: string, container: string, more: Record<string, string> = {}) =>
  new URLSearchParams({ account, container, ...more }).toString();
const plant = (account: string, container: string, name: string, content: string) =>
  fetch(`${azure.http}/local/blob?${blobQuery(account, container, { name })}`, {
    method: 'PUT',
    body: content,
  });
const blobsIn = async (account: string, container: string, prefix = '') =>
  azure.control<{ blobs: { name: string; size: number }[]; error?: string }>(
    'GET',
    `/blobs?${blobQuery(account, container, { prefix })}`,
  );

const statusOf = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((done, failed) => {
    const call = request(url, { ca: azure.ca, agent: false, headers }, (response) => {
      response.resume();
      response.once('end', () => done(response.statusCode));
    });
    call.once('error', failed).end();
  });

describe('storage accounts', () => {
  test('are listed by subscription and by group, and told with what a restore has to know', async () => {
    const inSubscription = await storage(
      'GET',
      `${subscription}/providers/Microsoft.Storage/storageAccounts`,
    );
    expect(namesOf(inSubscription.body)).toEqual(['shoprestores', 'shoprestoreseast']);
    expect(namesOf((await storage('GET', accounts)).body)).toEqual(['shoprestores', 'shoprestoreseast']);
    const recovery = `/subscriptions/${secondSubscriptionId}/resourceGroups/rg-dr/providers/Microsoft.Storage/storageAccounts`;
    expect(namesOf((await storage('GET', recovery)).body)).toEqual(['drrestores']);
    expect((await storage('GET', `${accounts}/ShopRestores`)).body).toMatchObject({
      id: `${accounts}/shoprestores`,
      ...{ name: 'shoprestores', location: 'canadacentral', kind: 'StorageV2' },
      properties: {
        primaryEndpoints: { blob: 'https://shoprestores.blob.core.windows.net/' },
        ...{ allowCrossTenantReplication: true, publicNetworkAccess: 'Enabled' },
        networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' },
      },
    });
    expect((await storage('GET', `${accounts}/shoprestoreseast`)).body).toMatchObject({
      location: 'canadaeast',
    });
    expect((await storage('GET', `${accounts}/nobody`)).body.error.code).toBe('ResourceNotFound');
  });

  test('can be shut and opened; what a PATCH does not name stays', async () => {
    const path = `${accounts}/shoprestoreseast`;
    const shut = {
      ...{ allowCrossTenantReplication: false, publicNetworkAccess: 'Disabled' },
      networkAcls: { bypass: 'None' },
    };
    expect((await storage('PATCH', path, { properties: shut })).status).toBe(200);
    expect((await storage('GET', path)).body).toMatchObject({
      properties: { ...shut, networkAcls: { bypass: 'None', defaultAction: 'Allow' } },
    });
    const refused = await storage('PATCH', path, { properties: { publicNetworkAccess: 'Perhaps' } });
    expect([refused.status, refused.body.error.code]).toEqual([400, 'InvalidParameterValue']);
    await storage('PATCH', path, { properties: { publicNetworkAccess: 'Enabled' } });
    expect((await storage('GET', path)).body).toMatchObject({
      properties: { publicNetworkAccess: 'Enabled', allowCrossTenantReplication: false },
    });
  });

  test('want an api-version that they have', async () => {
    const reply = await arm(azure, 'GET', accounts, { version: '2019-01-01' });
    expect([reply.status, reply.body.error.code]).toEqual([400, 'NoRegisteredProviderFound']);
    for (const version of ['2022-09-01', '2024-01-01'])
      expect((await arm(azure, 'GET', accounts, { version })).status).toBe(200);
  });
});

describe('containers', () => {
  test('that ARM tells of are there to take blobs, the seeded ones and new ones', async () => {
    expect(namesOf((await storage('GET', containers)).body)).toContain('restores');
    for (const account of ['shoprestores', 'shoprestoreseast', 'drrestores'])
      expect(await blobsIn(account, 'restores')).toEqual({ status: 200, body: { blobs: [] } });
    expect((await storage('GET', `${containers}/drill`)).body.error.code).toBe('ContainerNotFound');
    expect((await blobsIn('shoprestores', 'drill')).status).toBe(404);
    expect((await storage('PUT', `${containers}/drill`, {})).status).toBe(201);
    expect((await storage('PUT', `${containers}/drill`, {})).status).toBe(200);
    expect((await storage('GET', `${containers}/drill`)).body).toMatchObject({
      id: `${containers}/drill`,
      name: 'drill',
    });
    expect(await blobsIn('shoprestores', 'drill')).toEqual({ status: 200, body: { blobs: [] } });
    expect(namesOf((await storage('GET', containers)).body)).toEqual(['drill', 'restores']);
    const refused = await storage('PUT', `${containers}/-bad-`, {});
    expect([refused.status, refused.body.error.code]).toEqual([400, 'InvalidParameterValue']);
  });

  test('take planted blobs, and tell their names, sizes and bytes', async () => {
    const name = "drills/it's <50%> & more ü.txt";
    expect((await plant('drrestores', 'restores', name, 'twelve bytes')).status).toBe(201);
    expect((await plant('drrestores', 'restores', 'other', '')).status).toBe(201);
    expect((await blobsIn('drrestores', 'restores')).body.blobs).toHaveLength(2);
    expect((await blobsIn('drrestores', 'restores', "drills/it's")).body.blobs).toEqual([{ name, size: 12 }]);
    const read = (wanted: string) =>
      fetch(`${azure.http}/local/blob?${blobQuery('drrestores', 'restores', { name: wanted })}`);
    expect(await (await read(name)).text()).toBe('twelve bytes');
    expect((await read('none')).status).toBe(404);
    expect((await plant('drrestores', 'nowhere', 'x', 'y')).status).toBe(404);
    expect((await fetch(`${azure.http}/local/blobs?account=drrestores`)).status).toBe(400);
  });
});

test('the store that vault restores write to lists page by page, takes files, and never writes over one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'restore-desk-files-'));
  try {
    const { body } = await azure.control<{ blobs: Record<string, string> }>('GET', '/endpoints');
    const endpoint = new URL(String(body.blobs['shoprestoreseast'])).origin;
    const store = createBlobStore({
      endpoint: async () => endpoint,
      token: () => fetchToken(azure, 'https://storage.azure.com'),
      ...{ ca: azure.ca, pageSize: 2 },
    });
    const [account, container] = ['shoprestoreseast', 'restores'];
    const file = join(folder, 'a dump');
    const content = randomBytes(9_000_000);
    writeFileSync(file, content);
    for (const name of ['r/1 & 1', 'r/2', 'r/3', 'other']) await store.put(account, container, name, file);
    const size = content.length;
    const expected = ['r/1 & 1', 'r/2', 'r/3'].map((name) => ({ name, size }));
    expect(await store.list(account, container, 'r/')).toEqual(expected);
    const read = await store.read(account, container, 'r/1 & 1');
    expect(read?.equals(content)).toBe(true);
    writeFileSync(file, 'something else');
    await expect(store.put(account, container, 'r/2', file)).rejects.toMatchObject({
      ...{ status: 409, code: 'BlobAlreadyExists' },
    });
    expect(await store.list(account, container, 'r/')).toEqual(expected);
    await expect(store.put(account, 'nowhere', 'r/2', file)).rejects.toMatchObject({
      code: 'ContainerNotFound',
    });
    expect([
      await store.hasContainer(account, container),
      await store.hasContainer(account, 'nowhere'),
    ]).toEqual([true, false]);
    expect(await store.hasContainer('nobody', container)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('official clients', () => {
  const endpoints = async () =>
    (await azure.control<{ blobs: Record<string, string>; servers: object }>('GET', '/endpoints')).body;

  test('the control route names an address for each account, beside the servers', async () => {
    const told = await endpoints();
    expect(Object.keys(told.blobs)).toEqual(['shoprestores', 'shoprestoreseast', 'drrestores']);
    expect(told.blobs['shoprestores']).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/shoprestores$/);
    expect(told.servers).toHaveProperty('orders-pg');
  });

  test('the stock storage client signs in as the managed identity with the CA file and the variables alone', async () => {
    const { blobs } = await endpoints();
    const program = require.resolve('./stock-storage-client.ts');
    const { stdout } = await run(
      process.execPath,
      ['--import', 'tsx', program, String(blobs['shoprestores']), productIdentity.clientId],
      {
        env: {
          PATH: process.env['PATH'],
          NODE_EXTRA_CA_CERTS: azure.caFile,
          IDENTITY_ENDPOINT: `${azure.http}/msi/token`,
          IDENTITY_HEADER: azure.identityHeader,
        },
      },
    );
    expect(JSON.parse(stdout)).toEqual({
      listed: [{ name: 'stock/hello.txt', size: 5 }],
      read: 'hello',
      again: 'BlobAlreadyExists',
      missing: 'ContainerNotFound',
    });
    expect((await blobsIn('shoprestores', 'restores', 'stock/')).body.blobs).toEqual([
      { name: 'stock/hello.txt', size: 5 },
    ]);
  });

  test.each([
    ['a token for storage', 'https://storage.azure.com', 200],
    ['a token for storage, as older clients ask for it', 'https://storage.azure.com/', 200],
    ['a token for this account', 'https://shoprestores.blob.core.windows.net', 200],
    ['a token for another account', 'https://drrestores.blob.core.windows.net', 403],
    ['a token for ARM', 'https://management.azure.com', 403],
  ])('%s is answered as Azure would', async (_what, resource, status) => {
    const { blobs } = await endpoints();
    const token = await fetchToken(azure, resource);
    const url = `${blobs['shoprestores']}/restores?restype=container`;
    expect(await statusOf(url, { authorization: `Bearer ${token}`, 'x-ms-version': '2023-11-03' })).toBe(
      status,
    );
  });

  test('the keys of the accounts are for the owner of the state folder alone', () => {
    const file = join(azure.stateDir, 'blob-account-keys.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toEqual([
      'shoprestores',
      'shoprestoreseast',
      'drrestores',
    ]);
  });
});

describe('key vaults', () => {
  test('are listed, and tell of their secrets everything but the value', async () => {
    expect(namesOf((await vault('GET', keyVaults)).body)).toEqual(['kv-shop']);
    const all = await vault('GET', `${subscription}/providers/Microsoft.KeyVault/vaults`);
    expect(namesOf(all.body)).toEqual(['kv-shop']);
    expect((await vault('GET', `${keyVaults}/KV-Shop`)).body).toMatchObject({
      location: 'canadacentral',
      properties: {
        ...{ enableRbacAuthorization: true, accessPolicies: [], publicNetworkAccess: 'Enabled' },
        networkAcls: { bypass: 'AzureServices' },
      },
    });
    const secrets = await vault('GET', `${keyVaults}/kv-shop/secrets`);
    expect(namesOf(secrets.body)).toEqual(['pgconn-legacy', 'pgconn-target']);
    const one = await vault('GET', `${keyVaults}/kv-shop/secrets/pgconn-target`);
    expect(one.body).toMatchObject({
      name: 'pgconn-target',
      properties: {
        attributes: { enabled: true },
        secretUri: 'https://kv-shop.vault.azure.net/secrets/pgconn-target',
      },
    });
    expect(JSON.stringify([secrets.body, one.body])).not.toMatch(/value":"|not-set/);
    expect((await vault('GET', `${keyVaults}/kv-shop/secrets/none`)).status).toBe(404);
    expect((await vault('GET', `${keyVaults}/kv-none/secrets`)).status).toBe(404);
  });

  test('can be turned to access policies, which come and go by principal', async () => {
    const objectId = '77777777-7777-4777-8777-777777777777';
    const policy = { objectId, permissions: { secrets: ['get', 'list'] } };
    const path = `${keyVaults}/kv-shop`;
    const policies = async () =>
      (
        (await vault('GET', path)).body as unknown as {
          properties: { accessPolicies: { objectId: string; permissions: { secrets: string[] } }[] };
        }
      ).properties.accessPolicies.map(({ objectId: id, permissions }) => [id, permissions.secrets]);
    await vault('PATCH', path, { properties: { enableRbacAuthorization: false } });
    const named = (how: string) =>
      vault('PUT', `${path}/accessPolicies/${how}`, { properties: { accessPolicies: [policy] } });
    expect((await named('add')).status).toBe(200);
    expect((await named('add')).status).toBe(200);
    expect(await policies()).toEqual([[objectId, ['get', 'list']]]);
    await named('remove');
    expect(await policies()).toEqual([]);
    expect((await named('perhaps')).status).toBe(400);
    await vault('PATCH', path, { properties: { enableRbacAuthorization: true } });
  });
});

test('accounts, containers and blobs are still there after a kill and a restart', async () => {
  await storage('PATCH', `${accounts}/shoprestores`, { properties: { allowCrossTenantReplication: false } });
  await storage('PUT', `${containers}/kept`, {});
  await azure.end('SIGKILL');
  // The blob service that local Azure ran must not outlive it, or two would write the same files.
  await until(
    async () => processesOn(azure.stateDir),
    (left) => left.length === 0,
  );
  await azure.again();
  expect((await storage('GET', `${accounts}/shoprestores`)).body).toMatchObject({
    properties: { allowCrossTenantReplication: false },
  });
  expect((await storage('GET', `${containers}/kept`)).status).toBe(200);
  await plant('shoprestores', 'kept', 'a', 'blob');
  await azure.end('SIGTERM');
  await azure.again();
  expect((await blobsIn('shoprestores', 'kept')).body.blobs).toEqual([{ name: 'a', size: 4 }]);
});
