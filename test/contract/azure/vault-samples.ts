/** What Azure Backup answers, as its documents and recordings show it, with invented names. */
import type { VaultFilesPlan } from '../../../services/restore/vault-plan';
import { subscriptionId } from './vault-wire';

const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-shop`;
export const vaultPath = (vault: string): string =>
  `${group}/providers/Microsoft.DataProtection/backupVaults/${vault}`;
export const instancePath = (vault: string, instance: string): string =>
  `${vaultPath(vault)}/backupInstances/${instance}`;
export const serverPath = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg`;
export const databasePath = `${group}/providers/Microsoft.DBforPostgreSQL/servers/legacy-srv/databases/orders`;

type Json = Readonly<Record<string, unknown>>;

export const vaultJson = (name = 'vault-shop', properties: Json = {}): Json => ({
  // Azure's own list writes the type of a vault in this case.
  id: vaultPath(name).replace('backupVaults', 'BackupVaults').replace('resourceGroups', 'resourcegroups'),
  ...{ name, location: 'Canada Central', type: 'Microsoft.DataProtection/backupVaults' },
  identity: { type: 'SystemAssigned', principalId: 'AAAAAAAA-0000-4000-8000-000000000001' },
  properties: {
    storageSettings: [{ datastoreType: 'VaultStore', type: 'GeoRedundant' }],
    isVaultProtectedByResourceGuard: false,
    securitySettings: { immutabilitySettings: { state: 'Disabled' } },
    featureSettings: {
      crossSubscriptionRestoreSettings: { state: 'Enabled' },
      crossRegionRestoreSettings: { state: 'Enabled' },
    },
    replicatedRegions: ['Canada East'],
    ...properties,
  },
});

export const flexibleInstanceJson = (name = 'orders-pg-1', vault = 'vault-shop'): Json => ({
  ...{ id: instancePath(vault, name), name },
  properties: {
    friendlyName: 'orders-pg',
    dataSourceInfo: {
      resourceID: serverPath,
      datasourceType: 'Microsoft.DBforPostgreSQL/flexibleServers',
      resourceLocation: 'canadacentral',
    },
    dataSourceSetInfo: null,
    datasourceAuthCredentials: null,
    currentProtectionState: 'ProtectionConfigured',
  },
});

export const databaseInstanceJson = (name = 'legacy-srv-orders-1', vault = 'vault-shop'): Json => ({
  ...{ id: instancePath(vault, name), name },
  properties: {
    friendlyName: 'legacy-srv\\orders',
    dataSourceInfo: {
      resourceId: databasePath,
      datasourceType: 'Microsoft.DBforPostgreSQL/servers/databases',
      resourceLocation: 'canadacentral',
    },
    protectionStatus: { status: 'ProtectionStopped' },
    backupInstanceExtendedProperties: { protectedSecondaryRegion: 'Canada East' },
  },
});

export const diskInstanceJson: Json = {
  ...{ id: instancePath('vault-shop', 'disk-1'), name: 'disk-1' },
  properties: {
    dataSourceInfo: {
      resourceID: `${group}/providers/Microsoft.Compute/disks/disk-1`,
      datasourceType: 'Microsoft.Compute/disks',
    },
  },
};

const store = (details: Json): Json => ({
  ...{ type: 'VaultStore', expiryTime: null, metaData: null, visible: true, state: 'COMMITTED' },
  ...{ rehydrationExpiryTime: null, rehydrationStatus: null },
  ...details,
});

export const metaData = JSON.stringify({
  objectType: 'PostgresBackupMetadata',
  postgresVersion: '11',
  dbName: 'orders',
  usernameUsed: 'backup_admin',
  backupToolPath: '/opt/pg/bin/pg_dump',
  backupDumpFormat: 'CUSTOM',
});

export const pointJson = (
  id: string,
  time: string,
  stores: readonly Json[] = [{}],
  more: Json = {},
): Json => ({
  ...{ id: `${instancePath('vault-shop', 'orders-pg-1')}/recoveryPoints/${id}`, name: id },
  properties: {
    objectType: 'AzureBackupDiscreteRecoveryPoint',
    ...{ recoveryPointId: id, recoveryPointTime: time, recoveryPointState: 'Completed', expiryTime: null },
    recoveryPointDataStoresDetails: stores.map(store),
    ...more,
  },
});

export const jobId = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

export const jobJson = (
  index: number,
  status: string,
  properties: Json = {},
  vault = 'vault-shop',
): Json => ({
  id: `${vaultPath(vault)}/backupJobs/${jobId(index)}`,
  name: jobId(index).toUpperCase(),
  properties: {
    backupInstanceId: instancePath(vault, 'orders-pg-1'),
    ...{ dataSourceId: serverPath, dataSourceName: 'orders-pg' },
    dataSourceType: 'Microsoft.DBforPostgreSQL/flexibleServers',
    ...{ operation: 'Restore', operationCategory: 'Restore', status, isCrossRegionRestore: false },
    ...{ startTime: '2026-05-20T18:00:27.1Z', endTime: null, errorDetails: null },
    extendedInfo: {
      dataTransferredInBytes: null,
      sourceRecoverPoint: { recoveryPointID: 'p-1', recoveryPointTime: '2026-05-18T03:10:18Z' },
      recoveryDestination: 'https://shoprestores.blob.core.windows.net/restores',
      subTasks: [{ taskId: 1, taskName: 'Trigger Restore', taskStatus: status, additionalDetails: null }],
      additionalDetails: { 'Restore File Prefix': 'orders_r1' },
      warningDetails: null,
    },
    ...properties,
  },
});

/** The envelope around what Azure Backup writes for people. */
export const userFacing = (code: string, recommendedAction: readonly string[] = []): Json => ({
  ...{ code, message: 'It did not work.' },
  additionalInfo: [
    {
      type: 'UserFacingError',
      info: {
        ...{ message: 'It did not work.', recommendedAction, code, target: '' },
        innerError: { code: 'InnerErrorCodeUnavailable' },
        ...{ isRetryable: false, isUserError: false },
        properties: { ActivityId: 'bbbbbbbb-0000-4000-8000-000000000002' },
      },
    },
  ],
});

export const filesPlan = (changes: Partial<VaultFilesPlan> = {}): VaultFilesPlan => ({
  ...{ version: 1, mode: 'vault-files' },
  source: { id: serverPath, name: 'orders-pg', location: 'canadacentral' },
  vault: { id: vaultPath('vault-shop'), name: 'vault-shop', location: 'canadacentral' },
  instanceId: instancePath('vault-shop', 'orders-pg-1'),
  point: { id: 'p-1', time: '2026-05-18T03:10:18.000Z', store: 'vault' },
  guardRequests: [],
  policy: { version: '1', rule: 'orders' },
  target: {
    id: `${group}/providers/Microsoft.Storage/storageAccounts/shoprestores/blobServices/default/containers/restores`,
    name: 'shoprestores/restores/orders_r1',
    ...{ subscriptionId, resourceGroup: 'rg-shop', location: 'canadacentral' },
    ...{ account: 'shoprestores', container: 'restores', prefix: 'orders_r1' },
    url: 'https://shoprestores.blob.core.windows.net/restores',
  },
  ...changes,
});
