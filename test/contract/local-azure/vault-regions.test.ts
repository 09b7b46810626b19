import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { productIdentity } from '../../../infra/local/identities';
import { rgShop } from './arm-client';
import { until } from './server-data';
import type { TestAzure } from './start-local-azure';
import {
  blobFolder,
  blobsOf,
  call,
  dataProtection,
  ended,
  filesOrder,
  instanceOf,
  jobEnd,
  jobOf,
  pointsOf,
  restored,
  secondary,
  startVaultAzure,
  toPoint,
  vaultPath,
  type Point,
  type VaultBody,
} from './vault-client';

// A time scale at which the quicker rehydration takes some thirteen seconds: long enough to be seen.
jest.setTimeout(120_000);
let azure: TestAzure;
let orders: string;
let points: readonly Point[];
beforeAll(async () => {
  azure = await startVaultAzure({ LOCAL_PAGE_SIZE: '2', LOCAL_TIME_SCALE: '200' });
  orders = await instanceOf(azure, 'vault-shop', 'orders-pg');
  points = (await allPages('GET', `${orders}/recoveryPoints`)).map(toPoint);
});
afterAll(() => azure.remove());

async function allPages(method: string, path: string, body?: object): Promise<readonly VaultBody[]> {
  const first = (await call(azure, method, path, body)).body;
  const rest = first.nextLink === undefined ? [] : await allPages(method, first.nextLink, body);
  return [...first.value, ...rest];
}

const region = (location: string, down: boolean) => azure.control('POST', '/region', { location, down });

describe('an archived point', () => {
  const archive = (prefix: string, more: object = {}) =>
    filesOrder(points.at(-1)?.id ?? '', prefix, {}, { sourceDataStoreType: 'ArchiveStore', ...more });
  const withRehydration = {
    objectType: 'AzureBackupRestoreWithRehydrationRequest',
    ...{ rehydrationPriority: 'High', rehydrationRetentionDuration: 'P12D' },
  };
  const store = async () =>
    toPoint((await call(azure, 'GET', `${orders}/recoveryPoints/${points.at(-1)?.id}`)).body).store;

  test('is fetched first and restored then, and lies ready for a while', async () => {
    const order = archive('fetched', withRehydration);
    expect(await store()).toMatchObject({ type: 'ArchiveStore', rehydrationStatus: null });
    const path = await jobOf(azure, await call(azure, 'POST', `${orders}/restore`, order));
    const { body: running } = await call(azure, 'GET', path);
    expect(running.properties).toMatchObject({
      ...{ status: 'InProgress', rehydrationPriority: 'High' },
      extendedInfo: {
        dataTransferredInBytes: null,
        subTasks: [
          { taskId: 1, taskName: 'Rehydrate', taskStatus: 'InProgress' },
          { taskId: 2, taskName: 'Trigger Restore', taskStatus: 'NotStarted' },
        ],
      },
    });
    expect(await store()).toMatchObject({ rehydrationStatus: 'CREATE_IN_PROGRESS' });
    expect(blobsOf(azure, 'fetched')).toEqual([]);
    const job = await jobEnd(azure, path);
    expect(job.properties).toMatchObject({
      status: 'Completed',
      extendedInfo: { subTasks: [{ taskStatus: 'Completed' }, { taskStatus: 'Completed' }] },
    });
    expect(blobsOf(azure, 'fetched')).toHaveLength(6);
    const marker = blobsOf(azure, 'fetched').find((name) => name.endsWith('_timestamp.txt')) ?? '';
    expect(readFileSync(join(blobFolder(azure), marker), 'utf8').slice(0, 19)).toBe(
      points.at(-1)?.at.slice(0, 19),
    );
    const ready = await store();
    expect(ready['rehydrationStatus']).toBe('COMPLETED');
    const days = (Date.parse(String(ready['rehydrationExpiryTime'])) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(12);
    // Now it can be restored without being fetched again.
    expect((await restored(azure, orders, archive('ready'))).properties.status).toBe('Completed');
  });

  test('can be fetched alone', async () => {
    const legacy = await instanceOf(azure, 'vault-local', 'legacy-srv-reports');
    const [oldest] = (await allPages('GET', `${legacy}/recoveryPoints`)).map(toPoint).reverse();
    const fetching = (more: object) =>
      call(azure, 'POST', `${legacy}/rehydrate`, {
        ...{ recoveryPointId: oldest?.id, rehydrationPriority: 'High', rehydrationRetentionDuration: 'P10D' },
        ...more,
      });
    expect((await fetching({ rehydrationRetentionDuration: 'P9D' })).status).toBe(400);
    expect((await fetching({ rehydrationPriority: 'Invalid' })).status).toBe(400);
    const job = await jobEnd(azure, await jobOf(azure, await fetching({})));
    expect(job.properties).toMatchObject({
      ...{ status: 'Completed', operation: 'Rehydrate' },
      extendedInfo: { subTasks: [{ taskName: 'Rehydrate', taskStatus: 'Completed' }] },
    });
    const [, , after] = (await allPages('GET', `${legacy}/recoveryPoints`)).map(toPoint);
    expect(after?.store).toMatchObject({ rehydrationStatus: 'COMPLETED' });
  });
});

describe('a guarded vault', () => {
  test('shows its guard, and refuses a restore without a request only when told to', async () => {
    const vault = vaultPath('vault-locked');
    const guard = `${dataProtection}/resourceGuards/guard-shop`;
    const { body } = await call(azure, 'GET', vault);
    expect(body.properties).toMatchObject({
      isVaultProtectedByResourceGuard: true,
      securitySettings: { immutabilitySettings: { state: 'Unlocked' } },
    });
    const proxy = await call(azure, 'GET', `${vault}/backupResourceGuardProxies/DppResourceGuardProxy`);
    expect(proxy.body.properties['resourceGuardResourceId']).toBe(guard);
    const billing = await instanceOf(azure, 'vault-locked', 'billing-pg');
    const [point] = await pointsOf(azure, billing);
    const order = (prefix: string, more: object = {}) => filesOrder(point?.id ?? '', prefix, {}, more);
    expect((await restored(azure, billing, order('unguarded'))).properties.status).toBe('Completed');
    await azure.control('POST', '/guard', { vault: 'vault-locked', guardsRestore: true });
    const refused = await call(azure, 'POST', `${billing}/restore`, order('guarded'));
    expect([refused.status, refused.body.error.code]).toEqual([403, 'UserErrorResourceGuardRequestMissing']);
    const strange = { resourceGuardOperationRequests: [`${guard}-of-others/restoreRequests/default`] };
    expect((await call(azure, 'POST', `${billing}/restore`, order('guarded', strange))).status).toBe(403);
    const request = await call(azure, 'GET', `${guard}/restoreRequests/default`);
    const allowed = order('guarded', { resourceGuardOperationRequests: [request.body.id] });
    expect((await restored(azure, billing, allowed)).properties.status).toBe('Completed');
    await azure.control('POST', '/guard', { vault: 'vault-locked', guardsRestore: false });
    expect((await call(azure, 'GET', `${guard}/restoreRequests/default`)).status).toBe(404);
  });
});

describe('a cross-region restore', () => {
  const east = { url: 'https://shoprestoreseast.blob.core.windows.net/restores' };
  const details = () => ({ sourceRegion: 'canadacentral', sourceBackupInstanceId: orders });
  const vault = () => ({ sourceRegion: 'canadacentral', sourceBackupVaultId: vaultPath('vault-shop') });
  const order = (point: string, prefix: string) => {
    const wish = filesOrder(point, prefix, east);
    const restoreRequestObject = {
      ...wish,
      restoreTargetInfo: { ...wish.restoreTargetInfo, restoreLocation: 'canadaeast' },
    };
    return { restoreRequestObject, crossRegionRestoreDetails: details() };
  };
  const post = (verb: string, body: object) => call(azure, 'POST', `${secondary}/${verb}`, body);

  test('sees all points but the newest, and restores while the region of the vault is down', async () => {
    const seen = (await allPages('POST', `${secondary}/fetchSecondaryRecoveryPoints`, details())).map(
      toPoint,
    );
    expect(seen.map(({ id }) => id)).toEqual(points.slice(1).map(({ id }) => id));
    await region('canadacentral', true);
    expect((await call(azure, 'GET', vaultPath('vault-shop'))).status).toBe(503);
    const wish = order(seen[0]?.id ?? '', 'far');
    expect(await ended(azure, await post('validateCrossRegionRestore', wish))).toMatchObject({
      status: 'Succeeded',
    });
    const accepted = await post('crossRegionRestore', wish);
    expect(String(accepted.headers['azure-asyncoperation'])).toContain(
      '/locations/canadaeast/operationStatus/',
    );
    const jobId = await jobOf(azure, accepted);
    expect(jobId).toMatch(/^[0-9a-f-]{36}$/);
    const read = async () => (await post('fetchCrossRegionRestoreJob', { ...vault(), jobId })).body;
    const job = await until(read, ({ properties }) => properties.status !== 'InProgress');
    expect(job.id).toContain('/BackupVaults/vault-shop/');
    expect(job.properties).toMatchObject({
      ...{ status: 'Completed', isCrossRegionRestore: true, operationCategory: 'CrossRegionRestore' },
    });
    expect(job.properties).not.toHaveProperty('errorDetails');
    expect(blobsOf(azure, 'far', 'shoprestoreseast')).toHaveLength(6);
    const all = await post('fetchCrossRegionRestoreJobs', vault());
    const { body: journal } = await azure.control<{ entries: { path: string }[] }>('GET', '/journal');
    const own = journal.entries.map(({ path }) => path).filter((path) => path.startsWith(secondary));
    expect(own).toEqual([`${secondary}/crossRegionRestore`]);
    expect(all.body.value.map(({ name }) => name)).toEqual([jobId]);
    await region('canadacentral', false);
    expect((await call(azure, 'GET', `${vaultPath('vault-shop')}/backupJobs/${jobId}`)).status).toBe(404);
  });

  test('is refused for the newest point, and for a place in the primary region', async () => {
    const why = async (wish: object) =>
      (await ended(azure, await post('validateCrossRegionRestore', wish))).error.code;
    expect(await why(order(points[0]?.id ?? '', 'none'))).toBe('UserErrorInvalidRecoveryPointInTime');
    const primary = {
      ...order(points[1]?.id ?? '', 'none'),
      restoreRequestObject: filesOrder(points[1]?.id ?? '', 'none'),
    };
    expect(await why(primary)).toBe('BMSUserErrorInvalidInput');
  });

  test('is not found where it is off or from another region, and shows nothing soon after it was enabled', async () => {
    const fetch = (location: string, body: object) =>
      call(azure, 'POST', `${dataProtection}/locations/${location}/fetchSecondaryRecoveryPoints`, body);
    const local = await instanceOf(azure, 'vault-local', 'legacy-srv-reports');
    const off = { sourceRegion: 'canadacentral', sourceBackupInstanceId: local };
    const answers = [await fetch('canadaeast', off), await fetch('westus', details())];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    const enable = (name: string, state: string) =>
      call(azure, 'PATCH', vaultPath(name), {
        properties: { featureSettings: { crossRegionRestoreSettings: { state } } },
      });
    expect((await enable('vault-local', 'Enabled')).status).toBe(400);
    await enable('vault-shop', 'Disabled');
    expect((await fetch('canadaeast', details())).status).toBe(404);
    await enable('vault-shop', 'Enabled');
    expect((await fetch('canadaeast', details())).body.value).toEqual([]);
  });
});

test('jobs come in pages, the newest first, and every one of them once', async () => {
  const jobs = await allPages('GET', `${vaultPath('vault-shop')}/backupJobs`);
  const prefixes = jobs.map(
    ({ properties }) =>
      (properties['extendedInfo'] as { additionalDetails: Record<string, string> }).additionalDetails[
        'Restore File Prefix'
      ],
  );
  expect(prefixes).toEqual(['ready', 'fetched']);
  expect(jobs[0]?.id).toContain(
    `${rgShop}/providers/Microsoft.DataProtection/backupVaults/vault-shop/backupJobs/`,
  );
});

describe('rights', () => {
  test('an operator of backups restores, and does not see jobs without being a reader too', async () => {
    const { principalId } = productIdentity;
    const scope = rgShop.replace(/\/resourceGroups\/.*/, '');
    const change = (role: string, grant: boolean) =>
      azure.control('POST', '/roles', { principal: principalId, role, scope, grant });
    await change('Backup Operator', true);
    await change('Contributor', false);
    try {
      const accepted = await call(
        azure,
        'POST',
        `${orders}/restore`,
        filesOrder(points[0]?.id ?? '', 'operator'),
      );
      const path = await jobOf(azure, accepted);
      const hidden = await call(azure, 'GET', path);
      expect([hidden.status, hidden.body.error.code]).toEqual([403, 'AuthorizationFailed']);
      const order = { recoveryPointId: points.at(-1)?.id };
      expect((await call(azure, 'POST', `${orders}/rehydrate`, order)).status).toBe(403);
      await change('Reader', true);
      expect((await jobEnd(azure, path)).properties.status).toBe('Completed');
    } finally {
      await change('Contributor', true);
    }
  });
});
