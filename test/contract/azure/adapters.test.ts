/** The product's Azure adapters against a real local Azure: the real SDK, the real credential, real https. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPlaceReader } from '../../../services/azure/place-reader';
import { createRestoreOrders } from '../../../services/azure/restore-orders';
import { createServerReader } from '../../../services/azure/server-reader';
import { mainSubscriptionId, secondSubscriptionId } from '../../../infra/local/identities';
import { orderBody } from '../../../services/restore/order-body';
import { rgShop, serverPath } from '../local-azure/arm-client';
import { until } from '../../fixtures/supervisor/processes';
import { aPlan } from '../../fakes/facts';
import { codeOf, startAdapterStage, type AdapterStage } from './adapter-stage';
import type { Fault, JournalEntry } from '../../fixtures/local-teams-client';
import type { Plan } from '../../../services/restore/plan';
import type {
  OperationStatus,
  RestoreOrders,
  ServerReader,
  StartOrder,
} from '../../../services/restore/ports';

jest.setTimeout(60_000);
let stage: AdapterStage;
let reader: ServerReader;
let orders: RestoreOrders;

beforeAll(async () => {
  stage = await startAdapterStage({ LOCAL_PAGE_SIZE: '2', LOCAL_HISTORY_SECONDS: '300' });
  reader = createServerReader(stage.settings);
  orders = createRestoreOrders(stage.settings);
});
afterEach(() => stage.azure.control('DELETE', '/faults'));
afterAll(() => stage?.end());

const fault = (of: Fault) => stage.azure.control('POST', '/faults', of);
const foreignSubscriptionId = '99999999-1111-4111-8111-111111111111';

describe('reading', () => {
  test('all pages of one subscription are one list', async () => {
    const names = (await reader.list(mainSubscriptionId)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['billing-pg', 'orders-pg', 'search-pg']));
    expect(new Set(names).size).toBe(names.length);
    expect(await reader.list(secondSubscriptionId)).toEqual([]);
    expect(await reader.list(foreignSubscriptionId)).toEqual([]);
  });

  test('a server is told as the core knows it', async () => {
    expect(await reader.get(serverPath('orders-pg'))).toMatchObject({
      name: 'orders-pg',
      subscriptionId: mainSubscriptionId,
      resourceGroup: 'rg-shop',
      location: 'canadacentral',
      state: 'Ready',
      sku: 'Standard_D4ads_v5',
      tier: 'GeneralPurpose',
      availabilityZone: '1',
      network: { kind: 'public' },
      geoRedundantBackup: true,
      earliestRestoreAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(Object.keys((await reader.get(serverPath('orders-pg'))) ?? {})).not.toEqual(
      expect.arrayContaining(['storageType']),
    );
    expect(await reader.get(serverPath('billing-pg'))).toMatchObject({
      network: { kind: 'private', delegatedSubnetId: expect.stringContaining('/subnets/') },
      geoRedundantBackup: false,
    });
  });

  test('what is not there, is no server, or is outside the configuration does not exist', async () => {
    const foreign = serverPath('orders-pg').replace(mainSubscriptionId, foreignSubscriptionId);
    for (const id of [serverPath('no-such-pg'), rgShop, 'orders-pg', foreign])
      expect(await reader.get(id)).toBeUndefined();
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
    expect(await reader.backups(serverPath('no-such-pg'))).toEqual([]);
  });

  test('deletions are told once each, newest first, among much that looks alike', async () => {
    const since = new Date(Date.now() - 30 * 86_400_000).toISOString();
    const deletions = await reader.deletions(mainSubscriptionId, since);
    expect(deletions.map(({ name }) => name)).toEqual(['catalog-pg', 'archive-pg']);
    expect(deletions[0]).toMatchObject({
      id: serverPath('catalog-pg'),
      subscriptionId: mainSubscriptionId,
      resourceGroup: 'rg-shop',
      deletedAt: expect.stringMatching(/Z$/),
    });
    const [newest] = deletions;
    expect(Date.parse(newest?.submittedAt ?? '')).toBeGreaterThan(Date.parse(newest?.deletedAt ?? ''));
    const lately = new Date(Date.now() - 2 * 86_400_000).toISOString();
    expect((await reader.deletions(mainSubscriptionId, lately)).map(({ name }) => name)).toEqual([
      'catalog-pg',
    ]);
    // Longer ago than the log goes back.
    expect(await reader.deletions(mainSubscriptionId, '2020-01-01T00:00:00.000Z')).toHaveLength(2);
    expect(await reader.deletions(secondSubscriptionId, since)).toEqual([]);
    expect(await reader.deletions(foreignSubscriptionId, since)).toEqual([]);
  });

  test('who is told to wait for minutes hears at once that Azure does not answer', async () => {
    const headers = { 'retry-after': '372' };
    const body = { error: { code: 'ResourceRequestsThrottled', message: 'Try again later.' } };
    await fault({
      method: 'GET',
      path: '/flexibleServers/orders-pg$',
      answer: { status: 429, headers, body },
    });
    expect(await codeOf(reader.get(serverPath('orders-pg')))).toBe('AZURE_UNREACHABLE');
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
  });
});

const order = (name: string, nonce = `nonce-${name}`, changes: Partial<Plan> = {}): StartOrder => {
  const { target } = aPlan();
  return {
    plan: aPlan({
      source: { id: serverPath('orders-pg'), name: 'orders-pg', location: 'canadacentral' },
      target: { ...target, id: serverPath(name), name },
      geoRedundantBackup: false,
      tags: { team: 'shop' },
      followUps: [],
      ...(changes as object),
    }),
    moment: new Date(Date.now() - 60_000).toISOString(),
    requestId: 'R-1',
    nonce,
    owner: 'aaaaaaa1-0000-4000-8000-000000000001',
  };
};

const accepted = async (name: string): Promise<number> => {
  const { body } = await stage.azure.control<{ entries: JournalEntry[] }>('GET', '/journal');
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
    expect(operation).toMatch(new RegExp(`^${stage.azure.https}/`));
    const statuses = new Set<string>();
    const ended = await until<OperationStatus>(
      'the operation ended',
      async () => {
        const status = await orders.poll(operation, serverPath('adapter-1'));
        statuses.add(status.kind);
        return status.kind !== 'running' && status;
      },
      40,
    );
    expect(ended).toEqual({ kind: 'succeeded' });
    expect(statuses).toContain('running');
    expect(await reader.get(serverPath('adapter-1'))).toMatchObject({
      state: 'Ready',
      tags: {
        team: 'shop',
        'restore-desk-request': 'R-1',
        'restore-desk-nonce': 'nonce-adapter-1',
        'restore-desk-owner': 'aaaaaaa1-0000-4000-8000-000000000001',
      },
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

  test('the body is exactly the one that was approved', async () => {
    const sent = order('adapter-body', 'n', { availabilityZone: '2', storageType: 'PremiumV2_LRS' });
    expect(await orders.send(sent, nothing)).toEqual({ kind: 'accepted' });
    const { body } = await stage.azure.control<{ entries: (JournalEntry & { body: unknown })[] }>(
      'GET',
      '/journal',
    );
    const put = body.entries.findLast(({ path }) => path.endsWith('/adapter-body'));
    expect(put?.body).toEqual(JSON.parse(JSON.stringify(orderBody(sent.plan, sent))));
  });

  test('an acceptance that nobody can read is an acceptance', async () => {
    await fault({
      ...put('adapter-garbled'),
      answer: {
        status: 202,
        headers: { 'content-type': 'application/json', 'azure-asyncoperation': `${stage.azure.https}/o/1` },
        body: '{"operation":',
      },
    });
    const seen: unknown[] = [];
    const answer = await orders.send(order('adapter-garbled'), async (url) => void seen.push(url));
    expect([answer, seen]).toEqual([{ kind: 'accepted' }, [`${stage.azure.https}/o/1`]]);
  });

  test('a redirect is followed nowhere, and clear is only a clear no', async () => {
    await fault({
      ...put('adapter-moved'),
      answer: { status: 307, headers: { location: `${stage.azure.https}/elsewhere` }, body: {} },
    });
    expect((await orders.send(order('adapter-moved'), nothing)).kind).toBe('unclear');
    expect(await accepted('adapter-moved')).toBe(0);
  });

  test('nothing is ordered or deleted in a subscription of others', async () => {
    const foreign = serverPath('adapter-foreign').replace(mainSubscriptionId, foreignSubscriptionId);
    const { target } = aPlan();
    const sent = order('adapter-foreign', 'n', { target: { ...target, id: foreign } });
    const refused = { kind: 'refused', because: { code: 'SUBSCRIPTION_UNKNOWN' } };
    expect(await orders.send(sent, nothing)).toMatchObject(refused);
    expect(await orders.remove(foreign)).toMatchObject(refused);
    expect(await codeOf(orders.remove(`${serverPath('a')}/../orders-pg`))).toBe('INTERNAL');
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
    ['Wed, 21 Oct 2015 07:28:00 GMT', 1],
  ])('429 with retry-after %s is "not now"', async (wait, retryAfterSeconds) => {
    const headers = wait === undefined ? {} : { 'retry-after': wait };
    await fault({
      ...put('adapter-429'),
      answer: { status: 429, headers, body: { error: { code: 'TooManyRequests', message: 'x' } } },
    });
    expect(await orders.send(order('adapter-429'), nothing)).toEqual({ kind: 'not-now', retryAfterSeconds });
    expect(await accepted('adapter-429')).toBe(0);
  });

  test('429 with a date is "not now" until then', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 30_000).toUTCString() };
    await fault({ ...put('adapter-429'), answer: { status: 429, headers, body: {} } });
    const answer = await orders.send(order('adapter-429'), nothing);
    expect(answer).toEqual({ kind: 'not-now', retryAfterSeconds: expect.any(Number) });
    const { retryAfterSeconds } = answer as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(20);
    expect(retryAfterSeconds).toBeLessThanOrEqual(31);
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

describe('deleting', () => {
  test('a server that is still being made is deleted with its operation, and again is as good', async () => {
    let operation = '';
    await orders.send(order('adapter-gone'), async (url) => void (operation = url ?? ''));
    expect(await orders.remove(serverPath('adapter-gone'))).toEqual({ kind: 'accepted' });
    expect(await orders.poll(operation, serverPath('adapter-gone'))).toMatchObject({
      kind: 'failed',
      because: { vendorCode: 'OperationCanceled' },
    });
    const places = createPlaceReader(stage.settings);
    await until('the name is free', async () => {
      return (await places.checkName(mainSubscriptionId, 'adapter-gone')).kind === 'free';
    });
    expect(await orders.remove(serverPath('adapter-gone'))).toEqual({ kind: 'accepted' });
    expect(await orders.remove(serverPath('never-there'))).toEqual({ kind: 'accepted' });
  });

  const gone = { method: 'DELETE', path: '/flexibleServers/orders-pg$' };
  const withCode = (status: number, code: string, headers = {}): Fault['answer'] => ({
    ...{ status, headers },
    body: { error: { code, message: 'Because of a reason.' } },
  });
  test.each<[string, Fault['answer'], number]>([
    ['busy', withCode(409, 'ServerIsBusy'), 10],
    ['throttled', withCode(429, 'TooManyRequests', { 'retry-after': '7' }), 7],
    ['timed out', withCode(408, 'X'), 10],
    ['broken', withCode(503, 'X'), 10],
    ['silent', 'reset', 10],
  ])('when Azure is %s the answer is "not now"', async (_what, answer, retryAfterSeconds) => {
    await fault({ ...gone, answer });
    expect(await orders.remove(serverPath('orders-pg'))).toEqual({ kind: 'not-now', retryAfterSeconds });
  });

  test.each([
    [403, 'AuthorizationFailed', 'AZURE_FORBIDDEN'],
    [409, 'ScopeLocked', 'AZURE_FAILED'],
  ])('HTTP %d %s is a refusal', async (status, code, ours) => {
    await fault({ ...gone, answer: withCode(status, code) });
    expect(await orders.remove(serverPath('orders-pg'))).toMatchObject({
      kind: 'refused',
      because: { code: ours, vendorCode: code },
    });
  });

  test.each([200, 202, 204, 404])('HTTP %d means that it is deleted, or soon will be', async (status) => {
    await fault({ ...gone, answer: { status, body: {} } });
    expect(await orders.remove(serverPath('orders-pg'))).toEqual({ kind: 'accepted' });
  });

  test('nothing of all that deleted anything', async () => {
    expect(await reader.get(serverPath('orders-pg'))).toMatchObject({ state: 'Ready' });
  });
});

describe('following an operation', () => {
  const path = '/subscriptions/1/operations/o-1';
  const poll = async (answer: Fault['answer']): Promise<OperationStatus> => {
    await fault({ method: 'GET', path: `${path}$`, answer });
    return orders.poll(
      `${stage.azure.https}${path}?api-version=2025-08-01&t=1&c=2&s=3&h=4`,
      serverPath('followed-pg'),
    );
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

  test('several are told from one list, until that says that a server is there', async () => {
    const following = createRestoreOrders(stage.settings);
    const names = ['listed-1', 'listed-2', 'listed-3'];
    const listed = (state: string): Fault => ({
      ...{ method: 'GET', path: '/providers/Microsoft.DBforPostgreSQL/flexibleServers$', times: 99 },
      answer: {
        status: 200,
        body: {
          value: names.map((name) => ({ id: serverPath(name), location: 'x', properties: { state } })),
        },
      },
    });
    const operation = (status: string, times: number): Fault => ({
      ...{ method: 'GET', path: `${path}$`, times },
      answer: { status: 200, headers: { 'retry-after': '1' }, body: { status } },
    });
    const pollAll = async () => {
      const statuses: string[] = [];
      for (const name of names)
        statuses.push((await following.poll(`${stage.azure.https}${path}?t=1`, serverPath(name))).kind);
      return statuses;
    };
    await fault(listed('Provisioning'));
    // Asked once, it still goes on; asked again, it would have succeeded.
    await fault(operation('InProgress', 1));
    await fault(operation('Succeeded', 99));
    expect(await pollAll()).toEqual(['running', 'running', 'running']);
    expect(await pollAll()).toEqual(['running', 'running', 'running']);
    await stage.azure.control('DELETE', '/faults');
    await fault(operation('Succeeded', 99));
    await fault(listed('Ready'));
    await until('the list is read again', async () =>
      (await pollAll()).every((kind) => kind === 'succeeded'),
    );
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
      const { port: ours } = new URL(stage.azure.https);
      for (const url of [
        `http://127.0.0.1:${port}/operations/1`,
        `https://127.0.0.1:${port}/`,
        `http://127.0.0.1:${ours}/`,
        `${stage.azure.https}@127.0.0.1:${port}/`,
        'operations/1',
        '',
      ])
        expect(await orders.poll(url, serverPath('followed-pg'))).toEqual({ kind: 'gone' });
      expect(calls).toEqual([]);
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });
});
