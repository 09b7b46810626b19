/** The product's Azure adapters against a real local Azure: the real SDK, the real credential, real https. */
import { createServer } from 'node:http';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createRestoreOrders } from '../../../services/azure/restore-orders';
import { createServerReader } from '../../../services/azure/server-reader';
import { productCredential } from '../../../services/azure/credential';
import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';
import { rgShop, serverPath } from '../local-azure/arm-client';
import { startTestAzure, type TestAzure } from '../local-azure/start-local-azure';
import { trustLocalCa } from '../../fakes/trust-local-ca';
import { processesOn, until } from '../../fixtures/supervisor/processes';
import { aPlan } from '../../fakes/facts';
import type { Fault, JournalEntry } from '../../fixtures/local-teams-client';
import type {
  OperationStatus,
  RestoreOrders,
  ServerReader,
  StartOrder,
} from '../../../services/restore/ports';

jest.setTimeout(60_000);
let azure: TestAzure;
let reader: ServerReader;
let orders: RestoreOrders;

beforeAll(async () => {
  azure = await startTestAzure({ LOCAL_PAGE_SIZE: '2', LOCAL_HISTORY_SECONDS: '300' });
  process.env['IDENTITY_ENDPOINT'] = `${azure.http}/msi/token`;
  process.env['IDENTITY_HEADER'] = azure.identityHeader;
  trustLocalCa(azure.ca);
  const settings = {
    credential: productCredential(productIdentity.clientId),
    endpoint: azure.https,
    subscriptionIds: [mainSubscriptionId, secondSubscriptionId],
    timeoutSeconds: 2,
  };
  reader = createServerReader(settings);
  orders = createRestoreOrders(settings);
});
afterEach(() => azure.control('DELETE', '/faults'));
afterAll(async () => {
  delete process.env['IDENTITY_ENDPOINT'];
  delete process.env['IDENTITY_HEADER'];
  if (!azure) return;
  await azure.end('SIGTERM');
  // Restores that were still being copied end a moment after their parent.
  await until('nothing works on the folder any more', () => processesOn(azure.stateDir).length === 0);
  rmSync(azure.stateDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const fault = (of: Fault) => azure.control('POST', '/faults', of);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: { problem?: { code: string } }) => error.problem?.code ?? 'no problem of ours',
  );

describe('reading', () => {
  test('all pages of all subscriptions are one list', async () => {
    const names = (await reader.list()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['billing-pg', 'orders-pg', 'search-pg']));
    expect(new Set(names).size).toBe(names.length);
  });

  test('a server is told as the core knows it', async () => {
    expect(await reader.get(serverPath('orders-pg'))).toMatchObject({
      name: 'orders-pg',
      subscriptionId: mainSubscriptionId,
      resourceGroup: 'rg-shop',
      location: 'canadacentral',
      state: 'Ready',
      network: { kind: 'public' },
      geoRedundantBackup: true,
      earliestRestoreAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(await reader.get(serverPath('billing-pg'))).toMatchObject({
      network: { kind: 'private', delegatedSubnetId: expect.stringContaining('/subnets/') },
      geoRedundantBackup: false,
    });
  });

  test('what is not there, is no server, or is outside the configuration does not exist', async () => {
    const foreign = serverPath('orders-pg').replace(
      mainSubscriptionId,
      '99999999-1111-4111-8111-111111111111',
    );
    for (const id of [serverPath('no-such-pg'), rgShop, 'orders-pg', foreign])
      expect(await reader.get(id)).toBeUndefined();
  });

  test('a name is free, taken or invalid; a foreign subscription has none to give', async () => {
    expect(await reader.checkName(mainSubscriptionId, 'a-free-name')).toEqual({ kind: 'free' });
    expect(await reader.checkName(mainSubscriptionId, 'orders-pg')).toEqual({ kind: 'taken' });
    expect((await reader.checkName(mainSubscriptionId, 'Not_Valid')).kind).toBe('invalid');
    expect((await reader.checkName('99999999-1111-4111-8111-111111111111', 'a-free-name')).kind).toBe(
      'taken',
    );
  });

  test('resource groups and regions are asked, not assumed', async () => {
    expect(await reader.resourceGroupExists(mainSubscriptionId, 'rg-shop')).toBe(true);
    expect(await reader.resourceGroupExists(mainSubscriptionId, 'rg-none')).toBe(false);
    expect(await reader.resourceGroupExists(mainSubscriptionId, '../rg-shop')).toBe(false);
    expect(await reader.isRegionRestricted(mainSubscriptionId, 'canadacentral')).toBe(false);
    expect(await reader.isRegionRestricted(mainSubscriptionId, 'westus3')).toBe(true);
  });

  test('backups come newest first, and a server that is gone has none to show', async () => {
    const backups = await reader.backups(serverPath('orders-pg'));
    expect(backups.length).toBeGreaterThan(0);
    expect(backups.map(({ completedAt }) => completedAt)).toEqual(
      backups
        .map(({ completedAt }) => completedAt)
        .sort()
        .reverse(),
    );
  });

  test('one failure is asked again by itself, a lasting one means that Azure does not answer', async () => {
    const broken = { method: 'GET', path: '/flexibleServers/orders-pg$', answer: { status: 500, body: {} } };
    await fault({ ...broken, times: 1 });
    expect(await codeOf(reader.get(serverPath('orders-pg')))).toBe('answered');
    await fault({ ...broken, times: 10 });
    expect(await codeOf(reader.get(serverPath('orders-pg')))).toBe('AZURE_UNREACHABLE');
  });

  test.each(['reset', 'truncate', 'hang'])(
    'an answer that ends as %s means that Azure does not answer',
    async (answer) => {
      await fault({ method: 'GET', path: '/flexibleServers/orders-pg$', times: 10, answer });
      expect(await codeOf(reader.get(serverPath('orders-pg')))).toBe('AZURE_UNREACHABLE');
    },
  );

  test('a page that is no JSON means that Azure does not answer', async () => {
    await fault({
      method: 'GET',
      path: '/flexibleServers/orders-pg$',
      times: 10,
      answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
    });
    expect(await codeOf(reader.get(serverPath('orders-pg')))).toMatch(/AZURE_UNREACHABLE|answered/);
  });

  test('a role that was taken away is said as such', async () => {
    await fault({
      method: 'GET',
      path: '/flexibleServers/orders-pg$',
      answer: {
        status: 403,
        body: { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } },
      },
    });
    expect(await codeOf(reader.get(serverPath('orders-pg')))).toBe('AZURE_FORBIDDEN');
    await fault({
      method: 'GET',
      path: '/resourcegroups/rg-shop$',
      answer: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
    });
    expect(await codeOf(reader.resourceGroupExists(mainSubscriptionId, 'rg-shop'))).toBe('AZURE_FORBIDDEN');
  });
});

const order = (name: string, nonce = `nonce-${name}`): StartOrder => {
  const { target } = aPlan();
  return {
    plan: aPlan({
      source: { id: serverPath('orders-pg'), name: 'orders-pg', location: 'canadacentral' },
      target: { ...target, id: serverPath(name), name },
      geoRedundantBackup: false,
    }),
    moment: new Date(Date.now() - 60_000).toISOString(),
    requestId: 'R-1',
    nonce,
  };
};

const accepted = async (name: string): Promise<number> => {
  const { body } = await azure.control<{ entries: JournalEntry[] }>('GET', '/journal');
  return body.entries.filter(
    ({ method, path, status }) => method === 'PUT' && path.endsWith(`/${name}`) && status < 300,
  ).length;
};

const put = (name: string) => ({ method: 'PUT', path: `/flexibleServers/${name}$` });
const nothing = async (): Promise<void> => undefined;

describe('ordering', () => {
  test('the address of the operation is stored before anything else happens, then followed to a usable server', async () => {
    let stored = (): void => undefined;
    const storing = new Promise<void>((done) => (stored = done));
    const seen: (string | undefined)[] = [];
    let resolved = false;
    const sending = orders.send(order('adapter-1'), async (operation) => {
      seen.push(operation);
      await storing;
    });
    void sending.then(() => (resolved = true));
    await until('the acceptance arrived', () => seen.length > 0);
    expect(resolved).toBe(false);
    stored();
    expect(await sending).toEqual({ kind: 'accepted' });
    const [operation = ''] = seen;
    expect(operation).toMatch(new RegExp(`^${azure.https}/`));
    const statuses = new Set<string>();
    const ended = await until<OperationStatus>(
      'the operation ended',
      async () => {
        const status = await orders.poll(operation);
        statuses.add(status.kind);
        return status.kind !== 'running' && status;
      },
      40,
    );
    expect(ended).toEqual({ kind: 'succeeded' });
    expect(statuses).toContain('running');
    expect(await reader.get(serverPath('adapter-1'))).toMatchObject({
      state: 'Ready',
      tags: { 'restore-desk-request': 'R-1', 'restore-desk-nonce': 'nonce-adapter-1' },
    });
    expect(await orders.send(order('adapter-1', 'another'), nothing)).toMatchObject({
      kind: 'refused',
      because: { code: 'TARGET_FOREIGN', vendorCode: 'ServerNameAlreadyExists' },
    });
  });

  test('an acceptance that could not be stored is a failure, not an acceptance', async () => {
    await expect(
      orders.send(order('adapter-2'), () => Promise.reject(new Error('the database is away'))),
    ).rejects.toThrow('the database is away');
    expect(await accepted('adapter-2')).toBe(1);
  });

  test.each([
    ['reset', 0],
    ['hang', 0],
    ['accept-then-reset', 1],
    ['accept-then-500', 1],
    ['accept-then-hang', 1],
  ])('after %s nobody knows, and it was sent only once', async (answer, starts) => {
    const name = `adapter-${answer}`;
    await fault({ ...put(name), answer });
    const seen: unknown[] = [];
    expect((await orders.send(order(name), async (operation) => void seen.push(operation))).kind).toBe(
      'unclear',
    );
    expect(seen).toEqual([]);
    expect(await accepted(name)).toBe(starts);
  });

  test('an accepted answer whose body is cut off is never taken for a refusal', async () => {
    await fault({ ...put('adapter-truncate'), answer: 'truncate' });
    const answer = await orders.send(order('adapter-truncate'), nothing);
    expect(['accepted', 'unclear']).toContain(answer.kind);
    expect(await accepted('adapter-truncate')).toBeLessThanOrEqual(1);
  });

  test.each([500, 502, 503, 504, 408])('HTTP %d is unclear', async (status) => {
    await fault({ ...put('adapter-5xx'), answer: { status, body: { error: { code: 'X', message: 'x' } } } });
    expect(await orders.send(order('adapter-5xx'), nothing)).toEqual({
      kind: 'unclear',
      what: `HTTP ${status}`,
    });
  });

  test.each([
    ['7', 7],
    ['0', 1],
    ['soon', 10],
    [undefined, 10],
  ])('429 with retry-after %s is "not now"', async (wait, retryAfterSeconds) => {
    const headers = wait === undefined ? {} : { 'retry-after': wait };
    await fault({
      ...put('adapter-429'),
      answer: { status: 429, headers, body: { error: { code: 'TooManyRequests', message: 'x' } } },
    });
    expect(await orders.send(order('adapter-429'), nothing)).toEqual({ kind: 'not-now', retryAfterSeconds });
    expect(await accepted('adapter-429')).toBe(0);
  });

  test.each([
    [409, 'ServerIsBusy', 'AZURE_BUSY'],
    [400, 'LocationIsOfferRestricted', 'REGION_RESTRICTED'],
    [403, 'AuthorizationFailed', 'AZURE_FORBIDDEN'],
    [400, 'SomethingNew', 'AZURE_FAILED'],
  ])('HTTP %d %s is a refusal with its own words', async (status, code, ours) => {
    await fault({
      ...put('adapter-4xx'),
      answer: { status, body: { error: { code, message: 'Because of a reason.' } } },
    });
    expect(await orders.send(order('adapter-4xx'), nothing)).toMatchObject({
      kind: 'refused',
      because: { code: ours, vendorCode: code },
    });
  });
});

describe('following an operation', () => {
  const path = '/subscriptions/1/operations/o-1';
  const poll = async (answer: Fault['answer']): Promise<OperationStatus> => {
    await fault({ method: 'GET', path: `${path}$`, answer });
    return orders.poll(`${azure.https}${path}?api-version=2025-08-01&t=1&c=2&s=3&h=4`);
  };

  test('a failure keeps the code and the tracking id', async () => {
    const tracking = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const body = {
      status: 'Failed',
      error: {
        code: 'InternalServerError',
        message: `An unexpected error occurred. Tracking ID: '${tracking}'`,
      },
    };
    expect(await poll({ status: 200, body })).toMatchObject({
      kind: 'failed',
      because: { code: 'AZURE_INTERNAL', vendorCode: 'InternalServerError', correlationId: tracking },
    });
  });

  test.each([
    [
      'in progress',
      { status: 200, body: { status: 'InProgress' }, headers: { 'retry-after': '9' } },
      { kind: 'running', retryAfterSeconds: 9 },
    ],
    [
      'an unknown word',
      { status: 200, body: { status: 'Dropping' } },
      { kind: 'running', retryAfterSeconds: 15 },
    ],
    ['accepted', { status: 202, body: {} }, { kind: 'running', retryAfterSeconds: 15 }],
    ['throttled', { status: 429, body: {} }, { kind: 'running', retryAfterSeconds: 15 }],
    ['a fault of Azure', { status: 503, body: {} }, { kind: 'running', retryAfterSeconds: 15 }],
    ['succeeded', { status: 200, body: { status: 'Succeeded' } }, { kind: 'succeeded' }],
    ['no content', { status: 204 }, { kind: 'succeeded' }],
    ['not found', { status: 404, body: {} }, { kind: 'gone' }],
    ['gone', { status: 410, body: {} }, { kind: 'gone' }],
    ['cancelled', { status: 200, body: { status: 'Canceled' } }, { kind: 'failed' }],
  ])('%s is read as such', async (_what, answer, status) => {
    expect(await poll(answer)).toMatchObject(status);
  });

  test('a connection that breaks says nothing about the operation', async () => {
    expect(await codeOf(poll('reset'))).toBe('AZURE_UNREACHABLE');
  });

  test('an operation somewhere else never gets our token, and is not asked at all', async () => {
    const calls: unknown[] = [];
    const stranger = createServer((request, response) => {
      calls.push(request.headers);
      response.end('{"status":"Succeeded"}');
    });
    await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
    try {
      const { port } = stranger.address() as AddressInfo;
      const { port: ours } = new URL(azure.https);
      for (const url of [
        `http://127.0.0.1:${port}/operations/1`,
        `https://127.0.0.1:${port}/`,
        `http://127.0.0.1:${ours}/`,
        `${azure.https}@127.0.0.1:${port}/`,
        'operations/1',
        '',
      ])
        expect(await orders.poll(url)).toEqual({ kind: 'gone' });
      expect(calls).toEqual([]);
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });
});
