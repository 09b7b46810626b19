import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ManagedIdentityCredential } from '@azure/identity';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { openTokenIssuer } from '../../../infra/local/azure/tokens';
import {
  mainSubscriptionId,
  productIdentity,
  secondSubscriptionId,
  tenantId,
} from '../../../infra/local/identities';
import { arm, fetchToken, rgShop, sdkClient, serverPath } from './arm-client';
import { startTestAzure, type TestAzure } from './start-local-azure';

const run = promisify(execFile);
jest.setTimeout(60_000);
let azure: TestAzure;

// Two servers a page, so that three servers need a second one; a short past is enough here.
beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_PAGE_SIZE: '2', LOCAL_HISTORY_SECONDS: '120' });
  process.env['IDENTITY_ENDPOINT'] = `${azure.http}/msi/token`;
  process.env['IDENTITY_HEADER'] = azure.identityHeader;
});
afterAll(async () => {
  delete process.env['IDENTITY_ENDPOINT'];
  delete process.env['IDENTITY_HEADER'];
  await azure.remove();
});

const subscription = `/subscriptions/${mainSubscriptionId}`;
const provider = `${subscription}/providers/Microsoft.DBforPostgreSQL`;
const grant = (role: string, given: boolean, scope = subscription) =>
  azure.control('POST', '/roles', { principal: productIdentity.principalId, role, scope, grant: given });

describe('signing in', () => {
  const stockClient = (env: Record<string, string>, ...args: string[]) =>
    run(
      process.execPath,
      ['--import', 'tsx', require.resolve('./stock-client.ts'), azure.https, mainSubscriptionId, ...args],
      { env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: azure.caFile, ...env } },
    );

  test('the stock clients work with the CA file and the App Service variables alone, page after page', async () => {
    const env = { IDENTITY_ENDPOINT: `${azure.http}/msi/token`, IDENTITY_HEADER: azure.identityHeader };
    const { stdout } = await stockClient(env, productIdentity.clientId);
    expect(JSON.parse(stdout)).toEqual(['billing-pg', 'orders-pg', 'search-pg']);
  });

  test('the stock clients work with the Cloud Shell variable alone', async () => {
    const { stdout } = await stockClient({ MSI_ENDPOINT: `${azure.http}/msi/token` });
    expect(JSON.parse(stdout)).toHaveLength(3);
  });

  test('a client that registers this cloud by its address finds where to sign in and what for', async () => {
    const answer = await fetch(`${azure.http}/metadata/endpoints?api-version=2022-09-01`);
    const cloud = (await answer.json()) as {
      resourceManager: string;
      authentication: { audiences: string[]; tenant: string };
    };
    expect(cloud.resourceManager).toBe(`${azure.http}/`);
    expect(cloud.authentication).toMatchObject({
      audiences: ['https://management.azure.com/'],
      tenant: tenantId,
    });
  });

  test('a token carries audience, tenant and identity, and is signed with a published key', async () => {
    const credential = new ManagedIdentityCredential({ clientId: productIdentity.clientId });
    const { token, expiresOnTimestamp } = await credential.getToken('https://storage.azure.com/.default');
    const keys = createRemoteJWKSet(new URL(`${azure.http}/${tenantId}/discovery/keys`));
    const { payload } = await jwtVerify(token, keys, {
      issuer: `https://sts.windows.net/${tenantId}/`,
      audience: 'https://storage.azure.com',
    });
    expect(payload).toMatchObject({
      appid: productIdentity.clientId,
      oid: productIdentity.principalId,
      tid: tenantId,
    });
    expect(expiresOnTimestamp / 1000).toBeCloseTo((payload.iat ?? 0) + 3600, -1);
  });

  test('the identity endpoint wants its header and knows one identity', async () => {
    const ask = (query: string, headers = {}) => fetch(`${azure.http}/msi/token?${query}`, { headers });
    const header = { 'x-identity-header': azure.identityHeader };
    expect((await ask('api-version=2019-08-01&resource=a')).status).toBe(401);
    expect((await ask('api-version=2019-08-01&resource=a&client_id=other', header)).status).toBe(400);
    expect((await ask('api-version=2019-08-01', header)).status).toBe(400);
    expect((await fetch(`${azure.http}/msi/token`, { method: 'POST', body: 'resource=a' })).status).toBe(400);
  });

  test('ARM refuses no token, a broken one, one for another audience and an expired one', async () => {
    const issuer = await openTokenIssuer(join(azure.stateDir, 'azure', 'token-key.json'));
    const expired = await issuer.mint('https://management.azure.com', -10);
    const cases: [string | null, string][] = [
      [null, 'AuthenticationFailed'],
      ['abc', 'InvalidAuthenticationToken'],
      [await fetchToken(azure, 'https://storage.azure.com'), 'InvalidAuthenticationTokenAudience'],
      [expired.token, 'ExpiredAuthenticationToken'],
    ];
    for (const [token, code] of cases) {
      const reply = await arm(azure, 'GET', serverPath('orders-pg'), { token });
      expect([reply.status, reply.body.error.code]).toEqual([401, code]);
      expect(reply.headers['www-authenticate']).toContain('authorization_uri');
    }
  });
});

describe('the front door', () => {
  test('a path is the same in any letter case and with a slash at the end', async () => {
    const spelled = serverPath('Orders-PG').toUpperCase() + '/';
    const reply = await arm(azure, 'GET', spelled);
    expect([reply.status, reply.body.name]).toEqual([200, 'orders-pg']);
  });

  test('every answer carries the headers of ARM, and echoes what the caller sent', async () => {
    const headers = {
      'x-ms-correlation-request-id': 'corr-1',
      'x-ms-client-request-id': 'client-1',
      'x-ms-return-client-request-id': 'true',
    };
    const found = await arm(azure, 'GET', serverPath('orders-pg'), { headers });
    expect(found.headers).toMatchObject({
      'x-ms-correlation-request-id': 'corr-1',
      'x-ms-client-request-id': 'client-1',
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-ms-routing-request-id': expect.stringMatching(/^[A-Z]+:\d{8}T\d{6}Z:[0-9a-f-]{36}$/),
      'x-ms-ratelimit-remaining-subscription-reads': expect.stringMatching(/^\d+$/),
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'cache-control': 'no-cache',
    });
    const missing = await arm(azure, 'GET', serverPath('nobody'));
    expect(missing.headers['x-ms-failure-cause']).toBe('gateway');
  });

  test.each([
    ['GET', serverPath('nobody'), 404, 'ResourceNotFound'],
    ['GET', serverPath('orders-pg').replace('rg-shop', 'rg-none'), 404, 'ResourceGroupNotFound'],
    [
      'GET',
      serverPath('orders-pg').replace(mainSubscriptionId, secondSubscriptionId.replace('33', '99')),
      404,
      'SubscriptionNotFound',
    ],
    ['GET', `${serverPath('orders-pg')}?api-version=2001-01-01`, 400, 'NoRegisteredProviderFound'],
    ['GET', `${serverPath('orders-pg')}?api-version=`, 400, 'MissingApiVersionParameter'],
    ['GET', `${provider}/nonsense`, 404, 'InvalidResourceType'],
    ['DELETE', serverPath('nobody'), 204, undefined],
  ])('%s %s answers %i %s', async (method, path, status, code) => {
    const reply = await arm(azure, method, path);
    expect([reply.status, reply.body?.error.code]).toEqual([status, code]);
  });

  test('a role that is taken away closes the door, and opens it when it is given again', async () => {
    const tags = { body: { tags: { a: 'b' } } };
    await grant('Reader', true);
    await grant('Contributor', false);
    expect((await arm(azure, 'GET', serverPath('search-pg'))).status).toBe(200);
    const refused = await arm(azure, 'PATCH', serverPath('search-pg'), tags);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'AuthorizationFailed']);
    expect(refused.body.error.message).toContain(
      `The client '${productIdentity.clientId}' with object id '${productIdentity.principalId}' does not have authorization to perform action 'Microsoft.DBforPostgreSQL/flexibleServers/write' over scope '${serverPath('search-pg')}'`,
    );
    await grant('Reader', false);
    expect((await arm(azure, 'GET', serverPath('search-pg'))).status).toBe(403);
    expect((await arm(azure, 'GET', '/subscriptions', { version: '2022-12-01' })).body.value).toHaveLength(1);
    await grant('Contributor', true);
    const accepted = await arm(azure, 'PATCH', serverPath('search-pg'), tags);
    expect(accepted.status).toBe(202);
    const busy = await arm(azure, 'PATCH', serverPath('search-pg'), tags);
    expect([busy.status, busy.body.error.code]).toEqual([409, 'ServerIsBusy']);
  });

  test('role assignments can be asked for by principal, above and below the scope', async () => {
    await grant('Reader', true, `${rgShop}/providers/Microsoft.Storage/storageAccounts/shoprestores`);
    const ask = async (scope: string, filter: string) => {
      const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?$filter=${encodeURIComponent(filter)}`;
      return (await arm(azure, 'GET', path, { version: '2022-04-01' })).body.value;
    };
    expect(await ask(rgShop, `principalId eq '${productIdentity.principalId}'`)).toHaveLength(2);
    // Of the other subscription, where a vault has a role below the group.
    const rgDr = `/subscriptions/${secondSubscriptionId}/resourceGroups/rg-dr`;
    expect(await ask(rgDr, 'atScope()')).toMatchObject([
      { properties: { principalId: productIdentity.principalId } },
    ]);
    expect(await ask(subscription, `principalId eq '${tenantId}'`)).toEqual([]);
  });
});

describe('what is there', () => {
  test('servers are described as the SDK expects them', async () => {
    const client = sdkClient(azure);
    expect(await client.servers.get('rg-shop', 'orders-pg')).toMatchObject({
      location: 'Canada Central',
      sku: { tier: 'GeneralPurpose' },
      backup: { geoRedundantBackup: 'Enabled', earliestRestoreDate: expect.any(Date) },
      network: { publicNetworkAccess: 'Enabled' },
      state: 'Ready',
    });
    expect(await client.servers.get('rg-shop', 'billing-pg')).toMatchObject({
      network: {
        publicNetworkAccess: 'Disabled',
        delegatedSubnetResourceId: expect.stringContaining('/subnets/'),
      },
      backup: { geoRedundantBackup: 'Disabled' },
    });
    expect((await client.servers.get('rg-shop', 'search-pg')).sku?.tier).toBe('Burstable');
  });

  test('databases, firewall rules, parameters and backups are listed', async () => {
    const client = sdkClient(azure);
    const all = async (list: AsyncIterable<{ name?: string }>) => {
      const names: string[] = [];
      for await (const { name } of list) names.push(name ?? '');
      return names;
    };
    expect(await all(client.databases.listByServer('rg-shop', 'orders-pg'))).toEqual([
      'ledger',
      'postgres',
      'shop',
    ]);
    expect(await all(client.firewallRules.listByServer('rg-shop', 'orders-pg'))).toHaveLength(2);
    expect(await all(client.firewallRules.listByServer('rg-shop', 'search-pg'))).toEqual([]);
    expect(await all(client.configurations.listByServer('rg-shop', 'orders-pg'))).toContain('work_mem');
    expect(await all(client.backupsAutomaticAndOnDemand.listByServer('rg-shop', 'orders-pg'))).toHaveLength(
      2,
    );
    expect((await client.databases.get('rg-shop', 'orders-pg', 'shop')).charset).toBe('UTF8');
  });

  test('a taken, a bad and a free name are told apart', async () => {
    const { nameAvailability } = sdkClient(azure);
    const type = 'Microsoft.DBforPostgreSQL/flexibleServers';
    expect(await nameAvailability.checkGlobally({ name: 'orders-pg', type })).toMatchObject({
      nameAvailable: false,
      reason: 'AlreadyExists',
    });
    expect(await nameAvailability.checkGlobally({ name: 'Orders_', type })).toMatchObject({
      nameAvailable: false,
      reason: 'Invalid',
    });
    expect(
      await nameAvailability.checkWithLocation('canadacentral', { name: 'orders-new', type }),
    ).toMatchObject({ nameAvailable: true, message: '' });
  });

  test('a restricted region says so, and refuses a server', async () => {
    for await (const capability of sdkClient(azure).capabilitiesByLocation.list('westus3'))
      expect(capability).toMatchObject({ restricted: 'Enabled', supportedServerVersions: [] });
    const reply = await arm(azure, 'PUT', serverPath('west-pg'), {
      body: { location: 'westus3', properties: {} },
    });
    expect([reply.status, reply.body.error.code]).toEqual([400, 'LocationIsOfferRestricted']);
  });

  test('regions tell their pairs; tenants, subscriptions and resource groups are there', async () => {
    const get = async (path: string) => (await arm(azure, 'GET', path, { version: '2022-12-01' })).body.value;
    const locations = (await get(`${subscription}/locations`)) as {
      name: string;
      metadata: { pairedRegion?: { name: string }[] };
    }[];
    const pairOf = (name: string) =>
      locations.find((known) => known.name === name)?.metadata.pairedRegion?.[0]?.name;
    expect([pairOf('canadacentral'), pairOf('uksouth'), pairOf('qatarcentral')]).toEqual([
      'canadaeast',
      'ukwest',
      undefined,
    ]);
    expect(await get('/tenants')).toMatchObject([{ tenantId }]);
    expect(await get('/subscriptions')).toHaveLength(2);
    expect(await get(`/subscriptions/${secondSubscriptionId}/resourceGroups`)).toMatchObject([
      { name: 'rg-dr' },
    ]);
  });

  test('a link of a second page is absolute and carries the host of the request', async () => {
    const overHttps = await arm(azure, 'GET', `${provider}/flexibleServers`);
    expect(overHttps.body.value).toHaveLength(2);
    expect(overHttps.body.nextLink).toMatch(new RegExp(`^${azure.https}/subscriptions/.*skiptoken=`));
    expect((await arm(azure, 'GET', overHttps.body.nextLink)).body.value).toHaveLength(1);
  });
});

test('who calls too often is told to wait, by class of call', async () => {
  const path = `/subscriptions/${secondSubscriptionId}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability`;
  const token = await fetchToken(azure, 'https://management.azure.com');
  const body = { name: 'free-name' };
  let last = await arm(azure, 'POST', path, { body, token });
  for (let calls = 0; calls < 600 && last.status === 200; calls += 20)
    last =
      (await Promise.all(Array.from({ length: 20 }, () => arm(azure, 'POST', path, { body, token })))).at(
        -1,
      ) ?? last;
  expect([last.status, last.body.error.code, last.headers['retry-after']]).toEqual([
    429,
    'TooManyRequests',
    '1',
  ]);
  const read = await arm(azure, 'GET', `/subscriptions/${secondSubscriptionId}/resourceGroups`, {
    version: '2021-04-01',
    token,
  });
  expect(read.status).toBe(200);
});
