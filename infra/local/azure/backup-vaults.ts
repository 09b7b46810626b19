/** Backup vaults, their instances and their jobs: ids, look-ups, and the JSON that ARM shows of each. */
import { tenantId } from '../identities';
import type { ArmCall } from './arm-route';
import { resourceNotFound } from './arm-error';
import { requireRegionUp } from './outages';
import { findRegion } from './regions';
import type { Store } from './store';
import type { BackupInstance, BackupVault, VaultJob } from './vault-model';

export const vaultType = 'Microsoft.DataProtection/backupVaults';
export const flexibleType = 'Microsoft.DBforPostgreSQL/flexibleServers';
export const singleType = 'Microsoft.DBforPostgreSQL/servers';
const databaseType = `${singleType}/databases`;

export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

type Place = Pick<BackupVault, 'subscriptionId' | 'resourceGroup'>;

export const groupId = ({ subscriptionId, resourceGroup }: Place): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;

export const vaultId = (vault: BackupVault): string =>
  `${groupId(vault)}/providers/${vaultType}/${vault.name}`;

export const instanceId = (vault: BackupVault, instance: Pick<BackupInstance, 'name'>): string =>
  `${vaultId(vault)}/backupInstances/${instance.name}`;

export const jobId = (vault: BackupVault, job: Pick<VaultJob, 'id'>): string =>
  `${vaultId(vault)}/backupJobs/${job.id}`;

export const guardId = (vault: BackupVault): string =>
  `${groupId(vault)}/providers/Microsoft.DataProtection/resourceGuards/${vault.guard ?? ''}`;

const serverIdOf = (vault: BackupVault, { server, database }: BackupInstance): string =>
  `${groupId(vault)}/providers/${database === undefined ? flexibleType : singleType}/${server}`;

/** What the instance protects: a flexible server, or one database of a single server. */
export const dataSourceId = (vault: BackupVault, instance: BackupInstance): string =>
  `${serverIdOf(vault, instance)}${instance.database === undefined ? '' : `/databases/${instance.database}`}`;

export const findVault = (store: Store, name: string): BackupVault | undefined =>
  store.state.vaults.find((vault) => sameName(vault.name, name));

export const vaultOf = (store: Store, { vault }: { readonly vault: string }): BackupVault => {
  const found = findVault(store, vault);
  if (!found) throw new Error(`There is no vault ${vault}.`);
  return found;
};

export const findInstance = (store: Store, name: string): BackupInstance | undefined =>
  store.state.instances.find((instance) => sameName(instance.name, name));

export const instancesOf = (store: Store, vault: BackupVault): readonly BackupInstance[] =>
  store.state.instances.filter((instance) => instance.vault === vault.name);

/** Jobs that can be seen, the newest first. */
export const jobsOf = (store: Store, vault: BackupVault): readonly VaultJob[] =>
  store.state.jobs.filter((job) => job.vault === vault.name && job.visibleAtMs <= Date.now()).reverse();

/** The region that holds the copy of a geo-redundant vault. */
export const secondaryRegion = ({ replicatedRegions }: BackupVault): string | undefined =>
  replicatedRegions[0];

/** The vault that a call names, if it is in that subscription and resource group. */
export function requireVault(store: Store, call: ArmCall): BackupVault {
  const { subscriptionId = '', resourceGroup = '', vaultName = '' } = call.params;
  const vault = findVault(store, vaultName);
  const isThere =
    vault && sameName(vault.subscriptionId, subscriptionId) && sameName(vault.resourceGroup, resourceGroup);
  if (!isThere) throw resourceNotFound(vaultType, vaultName, resourceGroup);
  requireRegionUp(store, vault.location);
  return vault;
}

export function requireInstance(store: Store, call: ArmCall): readonly [BackupVault, BackupInstance] {
  const vault = requireVault(store, call);
  const { instanceName = '', resourceGroup = '' } = call.params;
  const instance = instancesOf(store, vault).find(({ name }) => sameName(name, instanceName));
  if (!instance)
    throw resourceNotFound(`${vaultType}/backupInstances`, `${vault.name}/${instanceName}`, resourceGroup);
  return [vault, instance];
}

const eTag = (changedAt: string): string => `W/"datetime'${encodeURIComponent(changedAt)}'"`;

export function vaultJson(vault: BackupVault) {
  const { name, location, principalId, redundancy, guard, changedAt } = vault;
  const isGeo = redundancy === 'GeoRedundant';
  return {
    ...{ id: vaultId(vault), name, type: vaultType, location, tags: {}, eTag: eTag(changedAt) },
    identity: { type: 'SystemAssigned', principalId, tenantId },
    properties: {
      provisioningState: 'Succeeded',
      storageSettings: [{ datastoreType: 'VaultStore', type: redundancy }],
      isVaultProtectedByResourceGuard: guard !== undefined,
      securitySettings: {
        softDeleteSettings: { state: 'On', retentionDurationInDays: 14 },
        immutabilitySettings: { state: vault.immutability },
      },
      featureSettings: {
        crossSubscriptionRestoreSettings: { state: vault.crossSubscriptionRestore },
        // Azure leaves the setting away where it was never enabled.
        ...(isGeo ? { crossRegionRestoreSettings: { state: vault.crossRegionRestore } } : {}),
      },
      ...{ secureScore: 'Adequate', bcdrSecurityLevel: isGeo ? 'Excellent' : 'Fair' },
      ...(isGeo ? { replicatedRegions: vault.replicatedRegions } : {}),
    },
  };
}

export function instanceJson(vault: BackupVault, instance: BackupInstance) {
  const { name, database, server, secretUri, location } = instance;
  const isFlexible = database === undefined;
  const datasourceType = isFlexible ? flexibleType : databaseType;
  const common = { resourceUri: '', datasourceType, resourceLocation: location };
  return {
    ...{ id: instanceId(vault, instance), name, type: `${vaultType}/backupInstances` },
    properties: {
      ...{ friendlyName: isFlexible ? server : `${server}\\${database}`, objectType: 'BackupInstance' },
      dataSourceInfo: {
        ...{ resourceID: dataSourceId(vault, instance), ...common, objectType: 'Datasource' },
        ...{ resourceName: database ?? server, resourceType: datasourceType },
      },
      dataSourceSetInfo: isFlexible
        ? null
        : {
            ...{ resourceID: serverIdOf(vault, instance), ...common, objectType: 'DatasourceSet' },
            ...{ resourceName: server, resourceType: singleType },
          },
      datasourceAuthCredentials:
        secretUri === undefined
          ? null
          : {
              objectType: 'SecretStoreBasedAuthCredentials',
              secretStoreResource: { uri: secretUri, secretStoreType: 'AzureKeyVault', value: null },
            },
      policyInfo: { policyId: `${vaultId(vault)}/backupPolicies/${policyName}`, policyVersion: '' },
      protectionStatus: { status: 'ProtectionConfigured' },
      ...{ currentProtectionState: 'ProtectionConfigured', provisioningState: 'Succeeded' },
    },
  };
}

/** The one policy of all instances: a backup a day, archived after a month. */
export const policyName = 'daily';

export function jobJson(store: Store, job: VaultJob) {
  const vault = vaultOf(store, job);
  const id = job.isCrossRegion
    ? jobId(vault, job).replace('backupVaults', 'BackupVaults')
    : jobId(vault, job);
  const whole = {
    ...{ activityID: job.activityId, subscriptionId: vault.subscriptionId, policyId: null, policyName: null },
    ...sourceOf(store, vault, job),
    ...{ sourceDataStoreName: null, sourceDataStoreType: null, destinationDataStoreName: null },
    ...{ operation: job.kind, operationCategory: category(job), restoreType: null },
    ...{ status: job.status, isUserTriggered: true, isCrossRegionRestore: job.isCrossRegion },
    ...{ startTime: job.startTime, endTime: job.endTime ?? null, duration: duration(job) },
    ...{ progressEnabled: false, progressUrl: null },
    ...{ rehydrationPriority: job.rehydration?.priority ?? null, supportedActions: [''] },
    ...{ etag: eTag(job.changedAt), errorDetails: job.error ? [job.error] : null },
    extendedInfo: extendedInfo(store, job),
  };
  const type = `${vaultType}/backupJobs`;
  return { id, name: job.id, type, properties: job.isCrossRegion ? withoutNulls(whole) : whole };
}

function sourceOf(store: Store, vault: BackupVault, job: VaultJob) {
  const instance = findInstance(store, job.instance);
  if (!instance) return {};
  const { database, server, location } = instance;
  return {
    backupInstanceId: instanceId(vault, instance),
    ...{ dataSourceId: dataSourceId(vault, instance), dataSourceName: database ?? server },
    ...{ dataSourceSetName: server, dataSourceType: database === undefined ? flexibleType : databaseType },
    ...{ dataSourceLocation: findRegion(location)?.name ?? location, vaultName: vault.name },
    backupInstanceFriendlyName: database === undefined ? server : `${server}\\${database}`,
    ...{ sourceResourceGroup: vault.resourceGroup, sourceSubscriptionID: vault.subscriptionId },
  };
}

function category({ kind, isCrossRegion }: VaultJob): string {
  if (kind === 'Backup') return 'Backup';
  return isCrossRegion ? 'CrossRegionRestore' : 'Restore';
}

/** `PT0S` while it runs. */
function duration({ startTime, endTime }: VaultJob): string {
  if (endTime === undefined) return 'PT0S';
  const seconds = Math.max(0, Date.parse(endTime) - Date.parse(startTime)) / 1000;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = Number((seconds % 60).toFixed(3));
  return `PT${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${rest}S`;
}

function extendedInfo(store: Store, job: VaultJob) {
  const { target } = job.order ?? {};
  const point = store.state.recoveryPoints.find(({ id }) => id === job.pointId);
  const about = point && { recoveryPointID: point.id, recoveryPointTime: point.at };
  return {
    ...{ backupInstanceState: null, dataTransferredInBytes: job.bytes > 0 ? job.bytes : null },
    targetRecoverPoint: job.kind === 'Backup' ? (about ?? null) : null,
    sourceRecoverPoint: job.kind === 'Backup' ? null : (about ?? null),
    recoveryDestination: target && (target.kind === 'files' ? target.url : target.databaseId),
    subTasks: subTasks(job),
    additionalDetails: target?.kind === 'files' ? { 'Restore File Prefix': target.prefix } : null,
    warningDetails:
      job.status === 'CompletedWithWarnings' && job.error
        ? [{ resourceName: target?.kind === 'files' ? target.container : job.instance, warning: job.error }]
        : null,
  };
}

const taskNames = { Backup: 'Trigger Backup', Restore: 'Trigger Restore', Rehydrate: undefined } as const;

function subTasks(job: VaultJob) {
  const rehydrate = job.rehydration && {
    ...{ taskName: 'Rehydrate', isDone: job.rehydration.isDone, waits: false },
    additionalDetails: null,
  };
  const taskName = taskNames[job.kind];
  const main = taskName && {
    ...{ taskName, isDone: false, waits: rehydrate?.isDone === false },
    additionalDetails: job.bytes > 0 ? { DataTransferredInBytes: String(job.bytes) } : null,
  };
  return [rehydrate, main]
    .filter((task) => task !== undefined)
    .map(({ taskName: name, isDone, waits, additionalDetails }, index) => ({
      ...{ taskId: index + 1, taskName: name, taskProgress: null, additionalDetails },
      taskStatus: isDone ? 'Completed' : waits && job.status === 'InProgress' ? 'NotStarted' : job.status,
    }));
}

const withoutNulls = (body: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
