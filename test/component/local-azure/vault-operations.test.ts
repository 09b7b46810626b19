import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArmAnswer, ArmCall } from '../../../infra/local/azure/arm-route';
import { makePoint } from '../../../infra/local/azure/recovery-points';
import type { ServerClusters } from '../../../infra/local/azure/server-clusters';
import { openStore, type Store } from '../../../infra/local/azure/store';
import type { BackupInstance, BackupVault, RestoreOrder } from '../../../infra/local/azure/vault-model';
import {
  acceptedByVault,
  createVaultOperations,
  operationResult,
  operationStatus,
  requireSigned,
} from '../../../infra/local/azure/vault-operations';
import { mainSubscriptionId, productIdentity } from '../../../infra/local/identities';
import { createBlobFolder } from '../../fixtures/blob-folder';

const folder = mkdtempSync(join(tmpdir(), 'vault-operations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const vault: BackupVault = {
  ...{ name: 'v1', subscriptionId: mainSubscriptionId, resourceGroup: 'rg-shop', location: 'canadacentral' },
  ...{ principalId: 'p1', redundancy: 'GeoRedundant', replicatedRegions: ['canadaeast'] },
  ...{ crossRegionRestore: 'Enabled', crossSubscriptionRestore: 'Enabled', immutability: 'Disabled' },
  changedAt: '2026-05-01T00:00:00Z',
};
const instance: BackupInstance = { name: 'i1', vault: 'v1', server: 'orders-pg', location: 'canadacentral' };
const point = makePoint(instance, {
  ...{ id: 'a'.repeat(32), at: '2020-01-01T00:00:00.000Z', tier: 'VaultStore' },
  ...{ isInSecondary: true, files: [] },
});
const order: RestoreOrder = {
  ...{ pointId: point.id, store: 'VaultStore', restoreLocation: 'canadacentral', guardRequests: [] },
  target: {
    kind: 'files',
    account: 'a',
    container: 'c',
    url: 'https://a.blob.core.windows.net/c',
    prefix: 'p',
  },
};

let files = 0;
const freshStore = (): Store => {
  const store = openStore(join(folder, `${files++}`, 'state.json'));
  Object.assign(store.state, { vaults: [vault], instances: [instance], recoveryPoints: [point] });
  return store;
};
// An expired point is refused before anything else is looked at, so no server and no blob is needed.
const operationsOf = (store: Store, timeScale: number) =>
  createVaultOperations({
    ...{ store, timeScale, blobs: createBlobFolder(folder) },
    clusters: {} as unknown as ServerClusters,
  });

const callFor = (url: string): ArmCall => {
  const { origin, pathname, searchParams } = new URL(url);
  const query = Object.fromEntries(searchParams);
  const caller = { appId: productIdentity.clientId, objectId: productIdentity.principalId };
  return { params: {}, query, body: {}, caller, apiVersion: '2025-07-01', origin, path: pathname };
};
const someCall = callFor('https://127.0.0.1/somewhere?api-version=2025-07-01');
const linksOf = ({ headers = {} }: ArmAnswer) =>
  [headers['azure-asyncoperation'] ?? '', headers['location'] ?? ''] as const;

const slow = 0.001;
const quick = 1_000_000;

test('a running operation says so in the words of the backup service, with a time before all times', () => {
  const store = freshStore();
  const operation = operationsOf(store, slow).validate({
    vault,
    instance,
    point,
    order,
    isCrossRegion: false,
  });
  const accepted = acceptedByVault(store, operation, someCall, slow);
  const [status, result] = linksOf(accepted);
  expect([accepted.status, accepted.body]).toEqual([202, undefined]);
  expect(operationStatus(store, operation, callFor(status), slow)).toMatchObject({
    status: 200,
    body: { name: operation.id, status: 'Inprogress', endTime: '0001-01-01T00:00:00Z' },
    headers: { 'retry-after': '10000' },
  });
  const running = operationResult(store, operation, callFor(result), slow);
  expect([running.status, running.operationId]).toEqual([202, undefined]);
  expect(Buffer.from(operation.id, 'base64').toString()).toMatch(/^[0-9a-f-]{36};[0-9a-f-]{36}$/);
});

test('the links of an operation are long, and count only as they were handed out', () => {
  const store = freshStore();
  const operation = operationsOf(store, slow).validate({
    vault,
    instance,
    point,
    order,
    isCrossRegion: false,
  });
  const links = linksOf(acceptedByVault(store, operation, someCall, slow));
  for (const link of links) {
    expect(link.length).toBeGreaterThan(4096);
    expect(() => requireSigned(operation, callFor(link))).not.toThrow();
    const names = ['t', 'c', 's', 'h'];
    for (const name of names) {
      const url = new URL(link);
      url.searchParams.set(name, `${url.searchParams.get(name)}0`);
      expect(() => requireSigned(operation, callFor(url.href))).toThrow(/signature/);
    }
    const cut = new URL(link);
    for (const name of names) cut.searchParams.delete(name);
    expect(() => requireSigned(operation, callFor(cut.href))).toThrow(/signature/);
  }
});

test('a validation that a former process left without a verdict gets one from the next', async () => {
  const store = freshStore();
  const former = operationsOf(store, quick);
  const operation = former.validate({ vault, instance, point, order, isCrossRegion: false });
  former.close();
  const next = operationsOf(store, quick);
  next.resume();
  const verdict = async (): Promise<unknown> => {
    for (;;) {
      const known = next.find(operation.id) ?? operation;
      const { body } = operationStatus(store, known, someCall, quick);
      if ((body as { status: string }).status !== 'Inprogress') return body;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  expect(await verdict()).toMatchObject({
    status: 'Failed',
    error: { code: 'UserErrorInvalidRecoveryPointInTime', additionalInfo: [{ type: 'UserFacingError' }] },
  });
});
