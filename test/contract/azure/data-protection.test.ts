/** The client of Azure Backup: where each of its methods goes, and how Resource Graph is asked no more often than it bears. */
import { createDataProtectionClient } from '../../../services/azure/data-protection/client';
import { createResourceGraph } from '../../../services/azure/resource-graph';
import { failing, ok, startVaultWire, subscriptionId, type Answer, type VaultWire } from './vault-wire';

let wire: VaultWire;
beforeAll(async () => {
  wire = await startVaultWire();
});
afterEach(() => wire.clear());
afterAll(() => wire?.end());

type Client = ReturnType<typeof createDataProtectionClient>;

const whole = async (list: AsyncIterable<unknown>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const item of list) all.push(item);
  return all;
};

const group = `/subscriptions/${subscriptionId}/resourceGroups/g`;
const provider = 'providers/Microsoft.DataProtection';
const vault = `${group}/${provider}/backupVaults/v`;
const instance = `${vault}/backupInstances/i`;
const there = `${group}/${provider}/locations/there`;
const body = { restoreRequestObject: { recoveryPointId: 'p' }, crossRegionRestoreDetails: {} };
const filter = "startDate eq '2026-05-01T00:00:00.0000000Z'";

test.each<[string, string, string, (client: Client) => Promise<unknown>]>([
  ['backupVaults.get', 'GET', vault, (c) => c.backupVaults.get('g', 'v')],
  [
    'backupVaults.listInSubscription',
    'GET',
    `/subscriptions/${subscriptionId}/${provider}/backupVaults`,
    (c) => whole(c.backupVaults.listInSubscription()),
  ],
  ['backupInstances.list', 'GET', `${vault}/backupInstances`, (c) => whole(c.backupInstances.list('g', 'v'))],
  ['backupInstances.get', 'GET', instance, (c) => c.backupInstances.get('g', 'v', 'i')],
  [
    'backupInstances.validateForRestore',
    'POST',
    `${instance}/validateRestore`,
    (c) => c.backupInstances.validateForRestore('g', 'v', 'i', body),
  ],
  [
    'backupInstances.triggerRestore',
    'POST',
    `${instance}/restore`,
    (c) => c.backupInstances.triggerRestore('g', 'v', 'i', body),
  ],
  [
    'backupInstances.triggerRehydrate',
    'POST',
    `${instance}/rehydrate`,
    (c) =>
      c.backupInstances.triggerRehydrate('g', 'v', 'i', {
        recoveryPointId: 'p',
        rehydrationPriority: 'Standard',
        rehydrationRetentionDuration: 'P15D',
      }),
  ],
  [
    'backupInstances.validateCrossRegionRestore',
    'POST',
    `${there}/validateCrossRegionRestore`,
    (c) => c.backupInstances.validateCrossRegionRestore('g', 'there', body),
  ],
  [
    'backupInstances.triggerCrossRegionRestore',
    'POST',
    `${there}/crossRegionRestore`,
    (c) => c.backupInstances.triggerCrossRegionRestore('g', 'there', body),
  ],
  [
    'recoveryPoints.list',
    'GET',
    `${instance}/recoveryPoints`,
    (c) => whole(c.recoveryPoints.list('g', 'v', 'i', { filter, skipToken: 't' })),
  ],
  [
    'recoveryPoints.get',
    'GET',
    `${instance}/recoveryPoints/p`,
    (c) => c.recoveryPoints.get('g', 'v', 'i', 'p'),
  ],
  [
    'fetchSecondaryRecoveryPoints.list',
    'POST',
    `${there}/fetchSecondaryRecoveryPoints`,
    (c) =>
      whole(
        c.fetchSecondaryRecoveryPoints.list(
          'g',
          'there',
          { sourceRegion: 'here', sourceBackupInstanceId: instance },
          { filter, skipToken: 't' },
        ),
      ),
  ],
  [
    'fetchCrossRegionRestoreJobs.list',
    'POST',
    `${there}/fetchCrossRegionRestoreJobs`,
    (c) =>
      whole(
        c.fetchCrossRegionRestoreJobs.list('g', 'there', {
          sourceRegion: 'here',
          sourceBackupVaultId: vault,
        }),
      ),
  ],
  [
    'fetchCrossRegionRestoreJob.get',
    'POST',
    `${there}/fetchCrossRegionRestoreJob`,
    (c) =>
      c.fetchCrossRegionRestoreJob.get('g', 'there', {
        ...{ sourceRegion: 'here', sourceBackupVaultId: vault, jobId: 'j' },
      }),
  ],
  ['jobs.list', 'GET', `${vault}/backupJobs`, (c) => whole(c.jobs.list('g', 'v'))],
  ['jobs.get', 'GET', `${vault}/backupJobs/j`, (c) => c.jobs.get('g', 'v', 'j')],
  [
    'operationResult.get',
    'GET',
    `/subscriptions/${subscriptionId}/${provider}/locations/here/operationResults/MTE7MjI=`,
    (c) => c.operationResult.get('MTE7MjI=', 'here'),
  ],
  [
    'operationStatus.get',
    'GET',
    `/subscriptions/${subscriptionId}/${provider}/locations/here/operationStatus/MTE7MjI=`,
    (c) => c.operationStatus.get('here', 'MTE7MjI='),
  ],
  [
    'operationStatusBackupVaultContext.get',
    'GET',
    `${vault}/operationStatus/MTE7MjI=`,
    (c) => c.operationStatusBackupVaultContext.get('g', 'v', 'MTE7MjI='),
  ],
  [
    'dppResourceGuardProxy.list',
    'GET',
    `${vault}/backupResourceGuardProxies`,
    (c) => whole(c.dppResourceGuardProxy.list('g', 'v')),
  ],
  [
    'dppResourceGuardProxy.get',
    'GET',
    `${vault}/backupResourceGuardProxies/p`,
    (c) => c.dppResourceGuardProxy.get('g', 'v', 'p'),
  ],
])('%s is a %s to its place', async (name, method, path, call) => {
  const client = createDataProtectionClient(wire.settings, subscriptionId);
  wire.on(method, /./, ok({ value: [] }));
  await call(client);
  expect(wire.heard.map((one) => [one.method, one.path])).toEqual([[method, path]]);
  const { $filter, $skipToken, ...query } = wire.heard[0]?.query ?? {};
  expect(query).toEqual({ 'api-version': '2025-07-01' });
  const isFiltered = /recoverypoints\.list/i.test(name);
  expect([$filter, $skipToken]).toEqual(isFiltered ? [filter, 't'] : [undefined, undefined]);
});

test('what stands in a name stays in it', async () => {
  const client = createDataProtectionClient(wire.settings, subscriptionId);
  wire.on('GET', /./, ok({}));
  await client.backupInstances.get('g', 'v', 'a/b?c#d');
  expect(wire.heard[0]?.url).toContain('/backupInstances/a%2Fb%3Fc%23d?api-version=');
});

test.each(['restore', 'rehydrate', 'crossRegionRestore'])(
  'a 500 after an acceptance makes exactly one POST: %s',
  async (call) => {
    wire.on('POST', /./, failing(500, 'InternalServerError'));
    const { backupInstances } = createDataProtectionClient(wire.settings, subscriptionId);
    const calls: Readonly<Record<string, () => Promise<{ status: number } | undefined>>> = {
      restore: () => backupInstances.triggerRestore('g', 'v', 'i', {}),
      rehydrate: () =>
        backupInstances.triggerRehydrate('g', 'v', 'i', {
          ...{ recoveryPointId: 'p', rehydrationPriority: 'High', rehydrationRetentionDuration: 'P10D' },
        }),
      crossRegionRestore: () => backupInstances.triggerCrossRegionRestore('g', 'there', body),
    };
    expect((await calls[call]?.())?.status).toBe(500);
    expect(wire.heard).toHaveLength(1);
  },
);

describe('the quota of Resource Graph', () => {
  const page = (remaining: string, more: object = {}): Answer =>
    ok(
      { data: [], ...more },
      { 'x-ms-user-quota-remaining': remaining, 'x-ms-user-quota-resets-after': '00:00:05' },
    );
  let millis = 0;
  const waits: number[] = [];
  const graph = () => {
    millis = 0;
    waits.length = 0;
    return createResourceGraph(wire.settings, {
      now: () => millis,
      wait: async (wait) => {
        waits.push(wait);
        millis += wait;
      },
    });
  };

  test('is waited for when it is spent, and only then', async () => {
    wire.on('POST', /resources$/, (_heard, times) =>
      page(times === 1 ? '0' : '7', times < 3 ? { $skipToken: `t-${times}` } : {}),
    );
    await graph().rows('q | order by id asc');
    expect(wire.heard).toHaveLength(4);
    expect(waits).toEqual([5_000]);
  });

  test('is one for all who ask at the same time', async () => {
    wire.on('POST', /resources$/, page('0'));
    const asked = graph();
    await Promise.all(['a', 'b', 'c'].map((query) => asked.rows(query)));
    expect(waits).toEqual([5_000, 5_000]);
  });

  test('that was overdrawn is not drawn on before it is filled up', async () => {
    wire.on('POST', /resources$/, (_heard, times) =>
      times === 0 ? { status: 429, headers: { 'x-ms-user-quota-resets-after': '00:00:04' } } : page('9'),
    );
    const asked = graph();
    await expect(asked.rows('a')).rejects.toThrow('HTTP 429');
    expect(await asked.rows('b')).toEqual([]);
    expect(waits).toEqual([4_000]);
  });

  test('that is far from being filled up is not waited for', async () => {
    wire.on('POST', /resources$/, { status: 429, headers: { 'retry-after': '300' } });
    const asked = graph();
    await expect(asked.rows('a')).rejects.toThrow('HTTP 429');
    await expect(asked.rows('b')).rejects.toThrow('AZURE_UNREACHABLE');
    expect(wire.heard).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  test('a token that leads in a circle ends somewhere', async () => {
    wire.on('POST', /resources$/, page('9', { $skipToken: 'again' }));
    await expect(graph().rows('a')).rejects.toThrow('AZURE_UNREACHABLE');
    expect(wire.heard.length).toBeLessThan(1_000);
  }, 60_000);
});
