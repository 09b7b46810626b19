/** What the desk reads of Backup vaults, over the wire of Azure Backup and of Resource Graph with all their ways of writing. */
import { createVaultReader } from '../../../services/azure/vault-reader';
import type { InstanceFacts } from '../../../services/restore/vaults';
import { codeOf } from './adapter-stage';
import {
  databaseInstanceJson,
  databasePath,
  diskInstanceJson,
  flexibleInstanceJson,
  instancePath,
  jobId,
  jobJson,
  metaData,
  pointJson,
  serverPath,
  userFacing,
  vaultJson,
  vaultPath,
} from './vault-samples';
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

const graph = /\/providers\/Microsoft\.ResourceGraph\/resources$/;
const vaultList = /\/backupVaults$/;
const reader = (apiVersion?: string) => createVaultReader(wire.settings, { apiVersion });
const rows = (data: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): Answer =>
  ok({ totalRecords: data.length, count: data.length, data, resultTruncated: 'false', ...more });
/** The vaults of the main subscription; the other one has none. */
const listVaults = (...vaults: readonly unknown[]): void =>
  wire.on('GET', vaultList, ({ path }) => ok({ value: path.includes(subscriptionId) ? vaults : [] }));

const flexible: InstanceFacts = {
  id: instancePath('vault-shop', 'orders-pg-1'),
  name: 'orders-pg-1',
  vaultId: vaultPath('vault-shop'),
  vaultName: 'vault-shop',
  subscriptionId,
  resourceGroup: 'rg-shop',
  datasource: 'flexible-server',
  title: 'orders-pg',
  server: { id: serverPath, name: 'orders-pg', resourceGroup: 'rg-shop' },
  sourceId: serverPath,
  location: 'canadacentral',
  protectionState: 'ProtectionConfigured',
};

describe('vaults', () => {
  test('are told as the core knows them, whatever case Azure writes them in', async () => {
    wire.on('GET', /\/backupVaults\/vault-shop$/, ok(vaultJson()));
    expect(await reader().vault(vaultPath('vault-shop'))).toEqual({
      id: vaultPath('vault-shop'),
      name: 'vault-shop',
      subscriptionId,
      resourceGroup: 'rg-shop',
      location: 'canadacentral',
      principalId: 'aaaaaaaa-0000-4000-8000-000000000001',
      redundancy: 'geo',
      crossRegionRestore: true,
      crossSubscriptionRestore: 'on',
      immutability: 'off',
      isGuarded: false,
      secondaryRegion: 'canadaeast',
    });
    const [{ headers, query } = { headers: {}, query: {} }] = wire.heard;
    expect(headers.accept).toBe('application/json');
    expect(query).toEqual({ 'api-version': '2025-07-01' });
  });

  test('that lack everything that may be missing are told all the same', async () => {
    const bare = { id: vaultPath('bare'), identity: null, properties: { featureSettings: null } };
    const strict = vaultJson('strict', {
      storageSettings: [{ type: 'ZoneRedundant' }],
      isVaultProtectedByResourceGuard: true,
      securitySettings: { immutabilitySettings: { state: 'Locked' } },
      featureSettings: { crossSubscriptionRestoreSettings: { state: 'PermanentlyDisabled' } },
      replicatedRegions: [],
    });
    listVaults(bare, strict, { id: '/subscriptions/x' });
    const [first, second, ...others] = await reader('2025-09-01').vaults();
    expect(first).toMatchObject({
      ...{ redundancy: 'local', crossRegionRestore: false, crossSubscriptionRestore: 'off' },
      ...{ immutability: 'off', isGuarded: false },
    });
    expect(Object.keys(first ?? {})).not.toEqual(expect.arrayContaining(['principalId']));
    expect(Object.keys(second ?? {})).not.toEqual(expect.arrayContaining(['secondaryRegion']));
    expect(second).toMatchObject({
      ...{ redundancy: 'zone', crossSubscriptionRestore: 'off-for-ever', immutability: 'locked' },
      ...{ isGuarded: true, crossRegionRestore: false },
    });
    expect(others).toEqual([]);
    expect(wire.heard.map(({ query }) => query)).toEqual([
      { 'api-version': '2025-09-01' },
      { 'api-version': '2025-09-01' },
    ]);
  });

  test('that are not there, are none, or lie outside the configuration do not exist', async () => {
    const foreign = vaultPath('v').replace(subscriptionId, '99999999-1111-4111-8111-111111111111');
    for (const id of [vaultPath('none'), 'vault-shop', foreign, serverPath])
      expect(await reader().vault(id)).toBeUndefined();
    expect(wire.heard).toHaveLength(1);
  });

  test('a next link is followed as it is, and only at Azure', async () => {
    const next = `${wire.url}/elsewhere?x=a%20b&y=%2B+c`;
    wire.on('GET', vaultList, ({ path }) =>
      ok({ value: [vaultJson('one')], ...(path.includes(subscriptionId) ? { nextLink: next } : {}) }),
    );
    wire.on('GET', /^\/elsewhere$/, ok({ VALUE: [vaultJson('two')], nextLink: '' }));
    expect((await reader().vaults()).map(({ name }) => name)).toEqual(['one', 'two', 'one']);
    expect(wire.heard.map(({ url }) => url)).toContain('/elsewhere?x=a%20b&y=%2B+c');
    // Another name of the same machine, which would answer.
    wire.on('GET', vaultList, ok({ value: [], nextLink: `${wire.url.replace('127.0.0.1', 'localhost')}/x` }));
    wire.on('GET', /^\/x$/, ok({ value: [] }));
    expect(await codeOf(reader().vaults())).toBe('AZURE_UNREACHABLE');
    expect(wire.count('GET', /^\/x$/)).toBe(0);
  });

  test.each<[string, Answer, string, number]>([
    ['forbids it', failing(403, 'AuthorizationFailed'), 'AZURE_VAULT_FORBIDDEN', 1],
    ['does not know us', failing(401, 'AuthenticationFailed'), 'AZURE_SIGN_IN', 1],
    ['is broken', failing(500, 'InternalServerError'), 'AZURE_UNREACHABLE', 3],
    ['breaks off', 'reset', 'AZURE_UNREACHABLE', 3],
    [
      'speaks no JSON',
      { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } },
      'AZURE_UNREACHABLE',
      1,
    ],
    ['throttles', { status: 429, body: {}, headers: { 'retry-after': '372' } }, 'AZURE_UNREACHABLE', 1],
    [
      'says it for people',
      { status: 400, body: { error: userFacing('BMSUserErrorInvalidInput') } },
      'AZURE_VAULT_INPUT',
      1,
    ],
  ])('when Azure %s that is said', async (_what, answer, code, times) => {
    wire.on('GET', /\/backupVaults\/vault-shop$/, answer);
    expect(await codeOf(reader().vault(vaultPath('vault-shop')))).toBe(code);
    expect(wire.count('GET', /vault-shop$/)).toBe(times);
  });
});

describe('instances', () => {
  test('come from one sorted question to Resource Graph, page after page', async () => {
    wire.on('POST', graph, (_heard, times) =>
      times === 0
        ? rows([flexibleInstanceJson(), diskInstanceJson], { $skipToken: 'page-2', resultTruncated: 'true' })
        : rows([databaseInstanceJson()]),
    );
    const { instances, knownFrom } = await reader().instances();
    expect(knownFrom).toBe('graph');
    expect(instances).toEqual([
      {
        ...flexible,
        id: instancePath('vault-shop', 'legacy-srv-orders-1'),
        name: 'legacy-srv-orders-1',
        datasource: 'single-server-database',
        title: 'legacy-srv/orders',
        server: {
          id: databasePath.replace('/databases/orders', ''),
          name: 'legacy-srv',
          resourceGroup: 'rg-shop',
        },
        database: 'orders',
        sourceId: databasePath,
        protectionState: 'ProtectionStopped',
        secondaryRegion: 'canadaeast',
      },
      flexible,
    ]);
    const asked = wire.heard.map(
      ({ body }) => body as { subscriptions: unknown; query: string; options: object },
    );
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({
      subscriptions: [subscriptionId, otherSubscriptionId],
      query: expect.stringContaining('order by id asc'),
      options: { $top: 1000, $skip: 0, resultFormat: 'objectArray' },
    });
    expect(asked[1]).toMatchObject({ query: asked[0]?.query, options: { $skipToken: 'page-2' } });
  });

  test.each<[string, Answer]>([
    ['forbids it', failing(403, 'AuthorizationFailed')],
    ['throttles', { status: 429, body: {}, headers: { 'x-ms-user-quota-resets-after': '00:00:01' } }],
    ['is broken', failing(503, 'ServiceUnavailable')],
    ['breaks off', 'reset'],
    ['speaks no JSON', { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['tells a part for the whole', rows([flexibleInstanceJson()], { resultTruncated: 'true' })],
    ['has another shape', ok({ data: { columns: [], rows: [] } })],
  ])('come from the vaults when Resource Graph %s', async (_what, answer) => {
    wire.on('POST', graph, answer);
    listVaults(vaultJson(), vaultJson('vault-gone'));
    wire.on(
      'GET',
      /\/vault-shop\/backupInstances$/i,
      ok({ value: [flexibleInstanceJson(), diskInstanceJson] }),
    );
    expect(await reader().instances()).toEqual({
      // The vault tells the region that Resource Graph would have told.
      instances: [{ ...flexible, secondaryRegion: 'canadaeast' }],
      knownFrom: 'vaults',
    });
    expect(wire.count('POST', graph)).toBe(1);
  });

  test('are a failure only when the vaults do not tell them either', async () => {
    wire.on('POST', graph, failing(500, 'X'));
    wire.on('GET', vaultList, failing(403, 'AuthorizationFailed'));
    expect(await codeOf(reader().instances())).toBe('AZURE_VAULT_FORBIDDEN');
  });

  test('of subscriptions outside the configuration do not exist', async () => {
    const foreign = flexibleInstanceJson();
    const id = String(foreign['id']).replace(subscriptionId, '99999999-1111-4111-8111-111111111111');
    wire.on('POST', graph, rows([{ ...foreign, id }]));
    expect((await reader().instances()).instances).toEqual([]);
  });

  test('one is read with its vault, which tells the secondary region', async () => {
    wire.on('GET', /\/backupInstances\/orders-pg-1$/, ok(flexibleInstanceJson()));
    wire.on('GET', /\/backupVaults\/vault-shop$/, ok(vaultJson()));
    expect(await reader().instance(flexible.id)).toEqual({ ...flexible, secondaryRegion: 'canadaeast' });
    expect(await reader().instance(instancePath('vault-shop', 'none'))).toBeUndefined();
    expect(await reader().instance(vaultPath('vault-shop'))).toBeUndefined();
  });
});

describe('recovery points', () => {
  const points = (...value: readonly unknown[]): void =>
    wire.on('GET', /\/recoveryPoints$/, ok({ value, nextLink: null }));

  test('come newest first, with the version and nothing else of the metadata', async () => {
    points(
      pointJson('old', '2026-05-01T03:10:18.1266870Z', [
        { expiryTime: '2026-08-01T00:00:00+00:00', metaData },
      ]),
      pointJson('new', '2026-05-18T03:10:18+00:00', [{ metaData: 'no json' }], {
        recoveryPointState: 'Partial',
      }),
      pointJson('no-time', ''),
    );
    const told = await reader().points(flexible);
    expect(told).toEqual([
      {
        ...{ id: 'new', time: '2026-05-18T03:10:18.000Z', store: 'vault' },
        ...{ isRehydrating: false, isComplete: false },
      },
      {
        ...{ id: 'old', time: '2026-05-01T03:10:18.126Z', store: 'vault', isRehydrating: false },
        ...{ isComplete: true, expiresAt: '2026-08-01T00:00:00.000Z', postgresVersion: '11' },
      },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/backup_admin|pg_dump/);
  });

  test('a version that is none stays in the metadata', async () => {
    const hidden = JSON.stringify({ PostgresVersion: 'backup_admin@legacy' });
    points(pointJson('p', '2026-05-18T03:10:18Z', [{ metaData: hidden }]));
    expect(JSON.stringify(await reader().points(flexible))).not.toContain('backup_admin');
  });

  test.each([
    ['both tiers', [{}, { type: 'ArchiveStore' }], { store: 'vault', isRehydrating: false }],
    ['the archive', [{ type: 'ArchiveStore' }], { store: 'archive', isRehydrating: false }],
    [
      'the archive, the copy in the vault having ended',
      [{ state: 'EXPIRED' }, { type: 'ArchiveStore' }],
      { store: 'archive', isRehydrating: false },
    ],
    [
      'the archive, on its way back',
      [{ type: 'ArchiveStore', rehydrationStatus: 'CREATE_IN_PROGRESS' }],
      { store: 'archive', isRehydrating: true },
    ],
    [
      'the archive and for some days the vault',
      [
        { type: 'VaultStore', rehydrationStatus: 'COMPLETED', rehydrationExpiryTime: '2026-06-01T00:00:00Z' },
        { type: 'ArchiveStore' },
      ],
      { store: 'archive', isRehydrating: false, rehydratedUntil: '2026-06-01T00:00:00.000Z' },
    ],
    [
      'the archive again',
      [{ type: 'ArchiveStore', rehydrationStatus: 'DELETED', rehydrationExpiryTime: '2026-06-01T00:00:00Z' }],
      { store: 'archive', isRehydrating: false },
    ],
  ])('lie in %s', async (_where, stores, facts) => {
    points(pointJson('p', '2026-05-18T03:10:18Z', stores));
    const [point, ...others] = await reader().points(flexible);
    expect(point).toEqual({
      ...{ id: 'p', time: '2026-05-18T03:10:18.000Z', isComplete: true },
      ...facts,
    });
    expect(others).toEqual([]);
  });

  test('that only the source holds are none of the vault', async () => {
    points(pointJson('p', '2026-05-18T03:10:18Z', [{ type: 'OperationalStore' }]));
    expect(await reader().points(flexible)).toEqual([]);
  });

  test('of the secondary region are asked for there, and later pages as the official client does or as Azure wants', async () => {
    const fetch =
      /\/rg-shop\/providers\/Microsoft\.DataProtection\/locations\/canadaeast\/fetchSecondaryRecoveryPoints$/;
    wire.on('GET', /\/backupVaults\/vault-shop$/, ok(vaultJson()));
    wire.on('POST', fetch, ({ query }) =>
      query['page'] === '2'
        ? ok({ value: [pointJson('c', '2026-05-16T00:00:00Z')] })
        : ok({ value: [pointJson('a', '2026-05-18T00:00:00Z')], nextLink: `${wire.url}/next` }),
    );
    wire.on('GET', /^\/next$/, () =>
      ok({
        value: [pointJson('b', '2026-05-17T00:00:00Z')],
        nextLink: `${wire.url}${wire.heard.find(({ path }) => fetch.test(path))?.path ?? ''}?page=2`,
      }),
    );
    expect((await reader().points(flexible, 'canadaeast')).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const posts = wire.heard.filter(({ method }) => method === 'POST').map(({ body }) => body);
    const asked = { sourceRegion: 'canadacentral', sourceBackupInstanceId: flexible.id };
    expect(posts).toEqual([asked, asked]);
  });

  test('of a region where the vault does not restore are none', async () => {
    wire.on('GET', /\/backupVaults\/vault-shop$/, ok(vaultJson()));
    expect(await reader().points(flexible, 'canadaeast')).toEqual([]);
  });
});

describe('jobs', () => {
  const since = '2026-05-20T00:00:00.000Z';
  const crossRegion = /\/locations\/canadaeast\/fetchCrossRegionRestoreJobs$/;

  test('of all vaults and regions are one list, newest first, restores of PostgreSQL only', async () => {
    listVaults(vaultJson());
    wire.on(
      'POST',
      graph,
      rows([
        jobJson(1, 'Completed', { startTime: '2026-05-20T18:00:00Z' }),
        jobJson(2, 'InProgress', { startTime: '2026-05-21T18:00:00Z' }),
        jobJson(3, 'Completed', { operationCategory: 'Backup' }),
        jobJson(4, 'Completed', { dataSourceType: 'Microsoft.Compute/disks' }),
        jobJson(5, 'Completed', { startTime: '2026-05-19T18:00:00Z' }),
        // Stands in both lists.
        jobJson(6, 'InProgress', { operationCategory: 'CrossRegionRestore' }),
      ]),
    );
    const inRegion = jobJson(6, 'Completed', {
      operationCategory: 'CrossRegionRestore',
      isCrossRegionRestore: true,
    });
    wire.on('POST', crossRegion, ok({ value: [inRegion] }));
    const jobs = await reader().jobs(since);
    expect(jobs.map(({ id, status, isCrossRegion }) => [id, status, isCrossRegion])).toEqual([
      [jobId(2), 'running', false],
      [jobId(6), 'completed', true],
      [jobId(1), 'completed', false],
    ]);
    expect(wire.heard.find(({ path }) => crossRegion.test(path))?.body).toEqual({
      ...{ sourceRegion: 'canadacentral', sourceBackupVaultId: vaultPath('vault-shop') },
    });
    const query = (wire.heard.find(({ path }) => graph.test(path))?.body as { query: string }).query;
    expect(query).toContain(`datetime(${since})`);
  });

  test('come from the vaults when Resource Graph does not answer', async () => {
    listVaults(vaultJson('vault-local', { featureSettings: {} }));
    wire.on('POST', graph, 'reset');
    wire.on('GET', /\/backupJobs$/, ok({ value: [jobJson(1, 'Failed', {}, 'vault-local')] }));
    expect(await reader().jobs(since)).toMatchObject([{ id: jobId(1), vaultName: 'vault-local' }]);
  });

  test('of a region that does not answer are left out, those of the others are not', async () => {
    listVaults(vaultJson());
    wire.on('POST', graph, rows([jobJson(1, 'Completed')]));
    wire.on('POST', crossRegion, failing(403, 'AuthorizationFailed'));
    expect(await reader().jobs(since)).toHaveLength(1);
  });
});
