/** Azure's own check, the one POST of a restore, its operation and its job, over the wire of Azure Backup. */
import { createVaultOrders, type VaultOrderOptions } from '../../../services/azure/vault-orders';
import { exactRequest } from '../../../services/restore/exact-request';
import { restoreRequest } from '../../../services/restore/vault-order-body';
import type { VaultPlan } from '../../../services/restore/vault-plan';
import { codeOf } from './adapter-stage';
import {
  databasePath,
  filesPlan,
  flexibleInstanceJson,
  instancePath,
  jobId,
  jobJson,
  serverPath,
  userFacing,
  vaultPath,
} from './vault-samples';
import { failing, ok, startVaultWire, subscriptionId, type Answer, type VaultWire } from './vault-wire';

let wire: VaultWire;
beforeAll(async () => {
  wire = await startVaultWire();
});
afterEach(() => wire.clear());
afterAll(() => wire?.end());

const orders = (options: VaultOrderOptions = {}) => createVaultOrders(wire.settings, options);
const nothing = async (): Promise<void> => undefined;
const restore = /\/backupInstances\/orders-pg-1\/restore$/;
const validateRestore = /\/backupInstances\/orders-pg-1\/validateRestore$/;
const status = /\/operationStatus\//;
const statusPath = `${vaultPath('vault-shop')}/operationStatus/MTE7MjI=`;
const statusUrl = (): string => `${wire.url}${statusPath}?api-version=2025-07-01&t=1&s=${'x'.repeat(4_000)}`;
/** As little waiting as Azure can ask for. */
const soon = { 'retry-after-ms': '100' };
const accepted = (headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 202,
  headers: { 'azure-asyncoperation': statusUrl(), location: `${wire.url}/result`, ...headers },
});
const crossRegionPlan = filesPlan({ crossRegion: { region: 'canadaeast' }, guardRequests: ['/guard/1'] });
const elsewhere = filesPlan({
  instanceId: instancePath('v', 'i').replace(subscriptionId, '99999999-1111-4111-8111-111111111111'),
});

describe('ordering', () => {
  test('the address of the operation is stored before anything else happens', async () => {
    wire.on('POST', restore, accepted());
    let stored = (): void => undefined;
    const storing = new Promise<void>((done) => (stored = done));
    let resolved = false;
    const seen: (string | undefined)[] = [];
    let arrived = (): void => undefined;
    const arriving = new Promise<void>((done) => (arrived = done));
    const sending = orders()
      .trigger(filesPlan(), async (operation) => {
        seen.push(operation);
        arrived();
        await storing;
      })
      .then((answer) => {
        resolved = true;
        return answer;
      });
    await arriving;
    // Long enough for the order to go on, if it did not wait.
    await orders().operation(statusUrl());
    expect([seen, resolved]).toEqual([[statusUrl()], false]);
    stored();
    expect(await sending).toEqual({ kind: 'accepted' });
    expect(wire.count('POST', /./)).toBe(1);
  });

  test('what is sent is what was approved, to the instance of the plan', async () => {
    wire.on('POST', restore, accepted());
    const plan = filesPlan({ guardRequests: ['/guard/1'] });
    await orders({ apiVersion: '2025-09-01' }).trigger(plan, nothing);
    const [sent] = wire.heard;
    expect(sent?.body).toEqual(restoreRequest(plan));
    expect(sent?.query).toEqual({ 'api-version': '2025-09-01' });
    expect(sent?.headers).toMatchObject({
      accept: 'application/json',
      authorization: `Bearer ${Buffer.from('https://management.azure.com/.default').toString('base64')}`,
    });
  });

  test('a restore in the secondary region goes there, without the requests of a guard', async () => {
    const path =
      /\/resourceGroups\/rg-shop\/providers\/Microsoft\.DataProtection\/locations\/canadaeast\/crossRegionRestore$/;
    wire.on('POST', path, accepted());
    expect(await orders().trigger(crossRegionPlan, nothing)).toEqual({ kind: 'accepted' });
    expect(wire.heard.map(({ body }) => body)).toEqual([
      {
        restoreRequestObject: restoreRequest(filesPlan()),
        crossRegionRestoreDetails: {
          sourceRegion: 'canadacentral',
          sourceBackupInstanceId: instancePath('vault-shop', 'orders-pg-1'),
        },
      },
    ]);
    // And it is word for word what the approvers were shown.
    const [, ...shown] = exactRequest(crossRegionPlan, 'R-1', 'ines').split('\n');
    expect(JSON.parse(shown.join('\n'))).toEqual(wire.heard[0]?.body);
  });

  test.each([
    [
      'the address of the result stands in',
      { location: 'https://x.example/result' },
      'https://x.example/result',
    ],
    ['there is none to be told', {}, undefined],
  ])('where Azure gives no address of a status %s', async (_what, headers, url) => {
    wire.on('POST', restore, { status: 202, headers });
    const seen: (string | undefined)[] = [];
    expect(await orders().trigger(filesPlan(), async (operation) => void seen.push(operation))).toEqual({
      kind: 'accepted',
    });
    expect(seen).toEqual([url]);
  });

  test('an acceptance that nobody can read is an acceptance', async () => {
    wire.on('POST', restore, { status: 202, body: '{"half":', headers: { location: `${wire.url}/o` } });
    expect(await orders().trigger(filesPlan(), nothing)).toEqual({ kind: 'accepted' });
  });

  test.each<[string, Answer, string]>([
    ['a 500', failing(500, 'InternalServerError'), 'HTTP 500'],
    ['a 502 without a body', { status: 502 }, 'HTTP 502'],
    ['a 503', failing(503, 'ServiceUnavailable'), 'HTTP 503'],
    ['a 503 that asks to come again', { ...failing(503, 'X'), headers: { 'retry-after': '1' } }, 'HTTP 503'],
    ['a 504', failing(504, 'GatewayTimeout'), 'HTTP 504'],
    ['a 408', failing(408, 'RequestTimeout'), 'HTTP 408'],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' } }, 'HTTP 307'],
    ['a connection that breaks', 'reset', 'no answer'],
    ['an answer that is cut off', 'truncate', 'no answer'],
  ])('%s is unclear, and was one POST', async (_what, answer, what) => {
    wire.on('POST', restore, answer);
    const seen: unknown[] = [];
    expect(await orders().trigger(filesPlan(), async (url) => void seen.push(url))).toEqual({
      kind: 'unclear',
      what,
    });
    expect(seen).toEqual([]);
    expect(wire.heard.map(({ method }) => method)).toEqual(['POST']);
  });

  test.each<Answer>(['hang', 'stall'])('an answer that does as %s is unclear', async (answer) => {
    wire.on('POST', restore, answer);
    const impatient = createVaultOrders({ ...wire.settings, timeoutSeconds: 1 });
    expect(await impatient.trigger(filesPlan(), nothing)).toEqual({ kind: 'unclear', what: 'no answer' });
    expect(wire.heard.length).toBeLessThanOrEqual(1);
  });

  test.each<[string, Answer, number]>([
    ['a 429', { ...failing(429, 'TooManyRequests'), headers: { 'retry-after': '7' } }, 7],
    ['a 429 without a word', { status: 429 }, 10],
    ['a 409 of something else under way', failing(409, 'UserErrorOperationInProgress'), 10],
    ['a 409 for the moment', failing(409, 'CloudServiceRetryableError'), 10],
    ['a 503 that is clear', { ...failing(503, 'ServerBusy'), headers: { 'retry-after': '9' } }, 9],
  ])('%s is "not now"', async (_what, answer, retryAfterSeconds) => {
    wire.on('POST', restore, answer);
    expect(await orders().trigger(filesPlan(), nothing)).toEqual({ kind: 'not-now', retryAfterSeconds });
    expect(wire.heard).toHaveLength(1);
  });

  test.each([
    [400, 'BMSUserErrorInvalidInput', 'AZURE_VAULT_INPUT'],
    [403, 'AuthorizationFailed', 'AZURE_VAULT_FORBIDDEN'],
    [403, 'ResourceGuardOperationRequestMissing', 'AZURE_VAULT_GUARDED'],
    [404, 'ResourceNotFound', 'AZURE_VAULT_NOT_FOUND'],
    [409, 'UserErrorDatabaseNameAlreadyInUse', 'AZURE_VAULT_TARGET_TAKEN'],
    [409, 'Conflict', 'AZURE_VAULT_FAILED'],
  ])('HTTP %d %s is a refusal with its own words', async (httpStatus, code, ours) => {
    wire.on('POST', restore, { status: httpStatus, body: { error: userFacing(code) } });
    expect(await orders().trigger(filesPlan(), nothing)).toMatchObject({
      kind: 'refused',
      because: {
        ...{ code: ours, vendorCode: code },
        correlationId: 'bbbbbbbb-0000-4000-8000-000000000002',
      },
    });
  });

  test('a refusal that nobody can read is one', async () => {
    wire.on('POST', restore, { status: 406, headers: { 'x-ms-correlation-request-id': 'c-1' } });
    expect(await orders().trigger(filesPlan(), nothing)).toMatchObject({
      kind: 'refused',
      because: { code: 'AZURE_VAULT_FAILED', correlationId: 'c-1' },
    });
  });

  test('nothing is ordered or checked in a subscription of others, or of what is no instance', async () => {
    const refused = { kind: 'refused', because: { code: 'SUBSCRIPTION_UNKNOWN' } };
    expect(await orders().trigger(elsewhere, nothing)).toMatchObject(refused);
    expect(await orders().validate(elsewhere)).toMatchObject(refused);
    const wrong: VaultPlan = filesPlan({ instanceId: serverPath });
    expect(await codeOf(orders().trigger(wrong, nothing))).toBe('INTERNAL');
    expect(wire.heard).toEqual([]);
  });
});

describe("Azure's own check", () => {
  const running = { status: 'Inprogress', endTime: '0001-01-01T00:00:00Z' };

  test('is followed to its end, with the body that will be ordered', async () => {
    wire.on('POST', validateRestore, accepted(soon));
    wire.on('GET', status, (_heard, times) =>
      times < 2 ? ok(running, soon) : ok({ status: 'Succeeded', properties: null }),
    );
    expect(await orders().validate(filesPlan({ guardRequests: ['/guard/1'] }))).toEqual({ kind: 'valid' });
    expect(wire.heard[0]?.body).toEqual({ restoreRequestObject: restoreRequest(filesPlan()) });
    const polls = wire.heard.filter(({ method }) => method === 'GET').map(({ url }) => `${wire.url}${url}`);
    expect(polls).toEqual([statusUrl(), statusUrl(), statusUrl()]);
  });

  test('of a restore in the secondary region is asked for there', async () => {
    wire.on('POST', /\/locations\/canadaeast\/validateCrossRegionRestore$/, accepted(soon));
    wire.on('GET', status, ok({ status: 'Succeeded' }));
    expect(await orders().validate(crossRegionPlan)).toEqual({ kind: 'valid' });
    expect(wire.heard[0]?.body).toMatchObject({
      crossRegionRestoreDetails: { sourceRegion: 'canadacentral' },
    });
  });

  test('that finds something says what, who mends it, and what Azure advises', async () => {
    wire.on('POST', validateRestore, accepted(soon));
    const error = userFacing('UserErrorMSIMissingPermissions', ['Assign Reader', 'Then retry.']);
    wire.on('GET', status, ok({ Status: 'Failed', Error: error }));
    const answer = await orders().validate(filesPlan());
    expect(answer).toMatchObject({
      kind: 'refused',
      because: {
        code: 'AZURE_VAULT_NO_READER',
        hint: expect.stringMatching(/Azure advises: Assign Reader\. Then retry\.$/),
        retryable: false,
        vendorCode: 'UserErrorMSIMissingPermissions',
        correlationId: 'bbbbbbbb-0000-4000-8000-000000000002',
      },
    });
  });

  test.each<[string, Answer]>([
    ['at once', { status: 200, body: { objectType: 'OperationJobExtendedInfo' } }],
    ['without a word', { status: 204 }],
  ])('may be done %s', async (_what, answer) => {
    wire.on('POST', validateRestore, answer);
    expect(await orders().validate(filesPlan())).toEqual({ kind: 'valid' });
  });

  test('that Azure does not even begin is a refusal or no answer', async () => {
    wire.on('POST', validateRestore, { status: 400, body: { error: userFacing('CloudInvalidInputError') } });
    expect(await orders().validate(filesPlan())).toMatchObject({
      kind: 'refused',
      because: { code: 'AZURE_VAULT_INPUT' },
    });
    for (const answer of [failing(500, 'X'), failing(429, 'X'), 'reset', { status: 202 }] as const) {
      wire.on('POST', validateRestore, answer);
      expect(await codeOf(orders().validate(filesPlan()))).toBe('AZURE_UNREACHABLE');
    }
  });

  test.each<[number, string]>([
    [409, 'UserErrorRestoreOperationInProgress'],
    [409, 'ServerBusy'],
    [409, 'CloudServiceRetryableError'],
    [400, 'CloudInternalError'],
  ])('that is turned away for the moment by HTTP %d %s says nothing of the plan', async (of, code) => {
    wire.on('POST', validateRestore, { status: of, body: { error: userFacing(code) } });
    expect(await codeOf(orders().validate(filesPlan()))).toBe('AZURE_UNREACHABLE');
  });

  test.each([
    'CloudServiceRetryableError',
    'CloudInternalError',
    'InternalServerError',
    'ServiceUnavailable',
    'ServerIsBusy',
  ])('that fails with %s has not been made', async (code) => {
    wire.on('POST', validateRestore, accepted(soon));
    wire.on('GET', status, ok({ status: 'Failed', error: userFacing(code) }));
    expect(await codeOf(orders().validate(filesPlan()))).toBe('AZURE_UNREACHABLE');
  });

  test.each(['UserErrorServerConnectionClosed', 'UserErrorBackupOperationInProgress', 'SomethingNew'])(
    'that fails with %s is a refusal, whether or not it could pass',
    async (code) => {
      wire.on('POST', validateRestore, accepted(soon));
      wire.on('GET', status, ok({ status: 'Failed', error: userFacing(code) }));
      expect(await orders().validate(filesPlan())).toMatchObject({
        kind: 'refused',
        because: { vendorCode: code },
      });
    },
  );

  test('bears a lost answer on the way, and not many', async () => {
    wire.on('POST', validateRestore, accepted(soon));
    wire.on('GET', status, (_heard, times) => (times === 0 ? 'reset' : ok({ status: 'Succeeded' })));
    expect(await orders().validate(filesPlan())).toEqual({ kind: 'valid' });
    wire.on('GET', status, 'reset');
    expect(await codeOf(orders().validate(filesPlan()))).toBe('AZURE_UNREACHABLE');
  });

  test.each<[string, Answer, VaultOrderOptions]>([
    ['is forgotten by Azure', failing(404, 'NotFound'), {}],
    ['has no end', ok(running, soon), { checkSeconds: 0.3 }],
    ['is to be asked for in an hour', ok(running, { 'retry-after': '3600' }), { checkSeconds: 0.3 }],
  ])('that %s is as good as unanswered', async (_what, answer, options) => {
    wire.on('POST', validateRestore, accepted(soon));
    wire.on('GET', status, answer);
    expect(await codeOf(orders(options).validate(filesPlan()))).toBe('AZURE_UNREACHABLE');
  });
});

describe('an operation', () => {
  const bare = jobId(7);
  const armId = `${vaultPath('vault-shop')}/backupJobs/${bare.toUpperCase()}`;

  test.each<[string, Answer, object]>([
    [
      'runs',
      ok({ status: 'Inprogress', endTime: '0001-01-01T00:00:00Z' }, { 'retry-after': '30' }),
      { kind: 'running', retryAfterSeconds: 30 },
    ],
    ['runs under a word of its own', ok({ status: 'Queued' }), { kind: 'running', retryAfterSeconds: 5 }],
    ['runs while its result is not there', { status: 202 }, { kind: 'running', retryAfterSeconds: 5 }],
    [
      'is told to be asked later',
      { status: 429, headers: { 'retry-after': '40' } },
      { kind: 'running', retryAfterSeconds: 40 },
    ],
    ['cannot be told', failing(500, 'X'), { kind: 'running', retryAfterSeconds: 5 }],
    [
      'made a job with an ARM id',
      ok({ status: 'Succeeded', properties: { jobId: armId } }),
      { kind: 'succeeded', jobId: bare },
    ],
    [
      'made a job with a bare id',
      ok({ status: 'Succeeded', Properties: { JobId: bare } }),
      { kind: 'succeeded', jobId: bare },
    ],
    [
      'made a job, as its result says',
      ok({ jobId: bare, objectType: 'OperationJobExtendedInfo' }),
      { kind: 'succeeded', jobId: bare },
    ],
    ['made a job that is not named', ok({ status: 'Succeeded', properties: null }), { kind: 'succeeded' }],
    ['ended without a word', { status: 204 }, { kind: 'succeeded' }],
    ['is unknown', failing(404, 'NotFound'), { kind: 'gone' }],
    ['is unknown by now', failing(410, 'Gone'), { kind: 'gone' }],
    ['has an address that ran out', failing(400, 'InvalidSignature'), { kind: 'gone' }],
    ['is not told to who cannot sign in', failing(401, 'AuthenticationFailed'), { kind: 'gone' }],
    ['is not told to us any more', failing(403, 'AuthorizationFailed'), { kind: 'gone' }],
    [
      'cannot be told for the moment',
      { ...failing(503, 'ServiceUnavailable'), headers: { 'retry-after': '20' } },
      { kind: 'running', retryAfterSeconds: 20 },
    ],
    ['is told too late', failing(408, 'RequestTimeout'), { kind: 'running', retryAfterSeconds: 5 }],
  ])('%s', async (_what, answer, told) => {
    wire.on('GET', status, answer);
    expect(await orders().operation(statusUrl())).toEqual(told);
  });

  test('that failed keeps what Azure said, and that it was cancelled is a failure too', async () => {
    wire.on('GET', status, ok({ status: 'Failed', error: userFacing('UserErrorContainerNotAccessible') }));
    expect(await orders().operation(statusUrl())).toMatchObject({
      kind: 'failed',
      because: { code: 'AZURE_VAULT_CONTAINER', vendorCode: 'UserErrorContainerNotAccessible' },
    });
    wire.on('GET', status, ok({ status: 'Canceled' }, { 'x-ms-correlation-request-id': 'c-2' }));
    expect(await orders().operation(statusUrl())).toMatchObject({
      kind: 'failed',
      because: { code: 'AZURE_VAULT_FAILED', vendorCode: 'operation canceled', correlationId: 'c-2' },
    });
  });

  test('whose answer breaks off is not known', async () => {
    wire.on('GET', status, 'reset');
    expect(await codeOf(orders().operation(statusUrl()))).toBe('AZURE_UNREACHABLE');
  });

  test('somewhere else never gets our token, and is not asked at all', async () => {
    const port = new URL(wire.url).port;
    for (const url of [`http://127.0.0.1:${port}/`, 'https://127.0.0.2/', `${wire.url}@127.0.0.2/`, 'o', ''])
      expect(await orders().operation(url)).toEqual({ kind: 'gone' });
    expect(wire.heard).toEqual([]);
  });
});

describe('jobs', () => {
  const list = /\/vault-shop\/backupJobs$/;
  const place = { vaultId: vaultPath('vault-shop'), vaultLocation: 'canadacentral' };
  const ask = (index: number) => orders().job(place, jobId(index));

  test('one is told in full', async () => {
    wire.on('GET', list, ok({ value: [jobJson(1, 'InProgress', { endTime: '0001-01-01T00:00:00Z' })] }));
    expect(await ask(1)).toEqual({
      ...{ id: jobId(1), vaultId: vaultPath('vault-shop'), vaultName: 'vault-shop' },
      instanceId: instancePath('vault-shop', 'orders-pg-1'),
      ...{ title: 'orders-pg', isCrossRegion: false, status: 'running', statusWord: 'InProgress' },
      ...{ startedAt: '2026-05-20T18:00:27.100Z', pointId: 'p-1', pointTime: '2026-05-18T03:10:18.000Z' },
      destination: 'https://shoprestores.blob.core.windows.net/restores',
      prefix: 'orders_r1',
      subTasks: [{ name: 'Trigger Restore', status: 'InProgress' }],
      warnings: [],
    });
  });

  test('one that ended tells when, how much, what to mind, and why it failed', async () => {
    const { extendedInfo } = jobJson(1, 'Failed')['properties'] as { extendedInfo: object };
    const [{ info }] = userFacing('UserErrorDBUserAuthFailed', ['Update the secret.'])['additionalInfo'] as [
      { info: object },
    ];
    wire.on(
      'GET',
      list,
      ok({
        value: [
          jobJson(1, 'Failed', {
            ...{ dataSourceId: databasePath, endTime: '2026-05-20T18:05:00Z', errorDetails: [info] },
            extendedInfo: {
              ...extendedInfo,
              subTasks: [
                {
                  taskId: 2,
                  taskName: 'Trigger Restore',
                  taskStatus: 'Failed',
                  additionalDetails: { datatransferredinbytes: '7' },
                },
                {
                  taskId: 1,
                  taskName: 'Rehydrate',
                  taskStatus: 'Completed',
                  additionalDetails: { DataTransferredInBytes: 5 },
                },
              ],
              warningDetails: [
                { resourceName: 'orders', warning: { message: 'An extension was left out.' } },
                { resourceName: 'orders', warning: { message: "User 'backup_admin' was left out." } },
                { warning: { code: 'UserWarningLogin', message: 'password=secret was used.' } },
                { warning: { message: 'password=secret was used.' } },
                { resourceName: 'orders', warning: {} },
              ],
            },
          }),
        ],
      }),
    );
    expect(await ask(1)).toMatchObject({
      ...{ title: 'legacy-srv/orders', status: 'failed', endedAt: '2026-05-20T18:05:00.000Z', bytes: 12 },
      subTasks: [{ name: 'Rehydrate' }, { name: 'Trigger Restore' }],
      warnings: [
        'orders: An extension was left out.',
        'orders: User (not shown) was left out.',
        'UserWarningLogin',
        'a warning that is not shown',
      ],
      failure: { code: 'AZURE_VAULT_LOGIN', vendorCode: 'UserErrorDBUserAuthFailed' },
    });
  });

  test.each([
    ['Completed', 'completed'],
    ['succeeded', 'completed'],
    ['CompletedWithWarnings', 'completed-with-warnings'],
    ['Cancelled', 'cancelled'],
    ['Cancelling', 'running'],
    ['Paused', 'running'],
    ['Something new', 'running'],
  ])('that are %s are %s', async (word, told) => {
    wire.on('GET', list, ok({ value: [jobJson(1, word)] }));
    expect(await ask(1)).toMatchObject({ status: told, statusWord: word });
  });

  test('one that ended in the year 1 tells no end', async () => {
    wire.on('GET', list, ok({ value: [jobJson(1, 'Completed', { endTime: '0001-01-01T00:00:00Z' })] }));
    expect(Object.keys((await ask(1)) ?? {})).not.toContain('endedAt');
  });

  test('one that failed for no reason that is told has failed all the same', async () => {
    wire.on('GET', list, ok({ value: [jobJson(1, 'Failed')] }));
    expect(await ask(1)).toMatchObject({ failure: { code: 'AZURE_VAULT_FAILED' } });
  });

  test('one that the list does not hold is asked for itself; one that nobody knows is not there', async () => {
    wire.on('GET', list, ok({ value: [flexibleInstanceJson()] }));
    wire.on('GET', new RegExp(`/backupJobs/${jobId(2)}$`), ok(jobJson(2, 'Completed')));
    expect(await ask(2)).toMatchObject({ id: jobId(2), status: 'completed' });
    expect(await ask(3)).toBeUndefined();
  });

  test('many of one vault are told from one list, however many ask at once', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => index);
    wire.on('GET', list, ok({ value: ids.map((index) => jobJson(index, 'InProgress')) }));
    const following = orders({ jobListSeconds: 3_600 });
    const askAll = () => Promise.all(ids.map((index) => following.job(place, jobId(index).toUpperCase())));
    expect((await askAll()).map((job) => job?.id)).toEqual(ids.map(jobId));
    await askAll();
    expect(wire.heard).toHaveLength(1);
    wire.on('GET', /\/other\/backupJobs$/, ok({ value: [] }));
    // Another vault has a list of its own.
    expect(await following.job({ ...place, vaultId: vaultPath('other') }, jobId(1))).toBeUndefined();
    expect(wire.count('GET', list)).toBe(1);
  });

  test('in a secondary region are asked for there, many by one list and a missing one by itself', async () => {
    const there = { ...place, crossRegion: 'canadaeast' };
    const inRegion = (index: number) =>
      jobJson(index, 'InProgress', { operationCategory: 'CrossRegionRestore', isCrossRegionRestore: true });
    wire.on('POST', /\/canadaeast\/fetchCrossRegionRestoreJobs$/, ok({ value: [1, 2].map(inRegion) }));
    wire.on('POST', /\/canadaeast\/fetchCrossRegionRestoreJob$/, ok(inRegion(3)));
    const following = orders();
    const told = await Promise.all([1, 2, 3].map((index) => following.job(there, jobId(index))));
    expect(told.map((job) => [job?.id, job?.isCrossRegion])).toEqual([1, 2, 3].map((n) => [jobId(n), true]));
    const source = { sourceRegion: 'canadacentral', sourceBackupVaultId: vaultPath('vault-shop') };
    expect(wire.heard.map(({ body }) => body)).toEqual([source, { ...source, jobId: jobId(3) }]);
  });

  test('for an order with a lost answer the whole list is read anew each time', async () => {
    wire.on('GET', list, ({ query }) =>
      query['page'] === '2'
        ? ok({ value: [jobJson(2, 'InProgress', { startTime: null })] })
        : ok({
            value: [jobJson(1, 'Completed'), jobJson(9, 'Completed', { operationCategory: 'Backup' })],
            nextLink: `${wire.url}${vaultPath('vault-shop')}/backupJobs?page=2`,
          }),
    );
    const following = orders();
    for (let turn = 1; turn <= 2; turn++) {
      // One that says nothing of its start has just begun.
      expect((await following.jobs(place)).map(({ id }) => id)).toEqual([jobId(2), jobId(1)]);
      expect(wire.heard).toHaveLength(2 * turn);
    }
    wire.on('GET', list, 'reset');
    expect(await codeOf(following.jobs(place))).toBe('AZURE_UNREACHABLE');
  });

  test('of places outside the configuration do not exist', async () => {
    const foreign = { ...place, vaultId: place.vaultId.replace(subscriptionId, 'x') };
    expect([await orders().job(foreign, jobId(1)), await orders().jobs(foreign)]).toEqual([undefined, []]);
    expect(wire.heard).toEqual([]);
  });
});
