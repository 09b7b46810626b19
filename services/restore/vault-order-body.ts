/**
 * The POST that orders a restore from a vault, as it goes over the wire: one builder for Azure's own check, for what is
 * sent, for the fold of the approval card and for an auditor. Shapes: Azure Backup's REST reference for PostgreSQL.
 */
import type { VaultDatabasePlan, FilesPlan, VaultPlan } from './vault-plan';

const databaseType = 'Microsoft.DBforPostgreSQL/servers/databases';
const serverType = 'Microsoft.DBforPostgreSQL/servers';

function filesTarget({ target }: FilesPlan): object {
  return {
    objectType: 'RestoreFilesTargetInfo',
    recoveryOption: 'FailIfExists',
    restoreLocation: target.location,
    targetDetails: {
      filePrefix: target.prefix,
      restoreTargetLocationType: 'AzureBlobs',
      url: target.url,
      targetResourceArmId: target.id,
    },
  };
}

function databaseTarget({ target }: VaultDatabasePlan): object {
  return {
    objectType: 'RestoreTargetInfo',
    recoveryOption: 'FailIfExists',
    restoreLocation: target.location,
    datasourceInfo: {
      objectType: 'Datasource',
      datasourceType: databaseType,
      resourceID: target.id,
      resourceName: target.database,
      resourceType: databaseType,
      resourceLocation: target.location,
      resourceUri: '',
    },
    datasourceSetInfo: {
      objectType: 'DatasourceSet',
      datasourceType: databaseType,
      resourceID: target.serverId,
      resourceName: target.server,
      resourceType: serverType,
      resourceLocation: target.location,
      resourceUri: '',
    },
    datasourceAuthCredentials: {
      objectType: 'SecretStoreBasedAuthCredentials',
      secretStoreResource: { uri: target.secretUri, secretStoreType: 'AzureKeyVault' },
    },
  };
}

/** The bare request, as `restore` takes it. */
export function restoreRequest(plan: VaultPlan): object {
  const { rehydration, point, guardRequests } = plan;
  const isDatabase = plan.mode === 'vault-database';
  return {
    objectType:
      rehydration === undefined
        ? 'AzureBackupRecoveryPointBasedRestoreRequest'
        : 'AzureBackupRestoreWithRehydrationRequest',
    recoveryPointId: point.id,
    sourceDataStoreType: rehydration === undefined ? 'VaultStore' : 'ArchiveStore',
    ...(isDatabase ? { sourceResourceId: plan.source.id } : {}),
    ...(rehydration === undefined
      ? {}
      : {
          rehydrationPriority: rehydration.priority,
          rehydrationRetentionDuration: `P${rehydration.days}D`,
        }),
    ...(guardRequests.length === 0 ? {} : { resourceGuardOperationRequests: guardRequests }),
    restoreTargetInfo: isDatabase ? databaseTarget(plan) : filesTarget(plan),
  };
}

/** Requests of a resource guard belong to a restore in the vault's own region and to nothing else. */
export const unguardedRequest = (plan: VaultPlan): object => restoreRequest({ ...plan, guardRequests: [] });

/** A restore in the secondary region, as `crossRegionRestore` and its check take it. */
export const crossRegionRequest = (plan: VaultPlan) => ({
  restoreRequestObject: unguardedRequest(plan),
  crossRegionRestoreDetails: {
    sourceRegion: plan.vault.location,
    sourceBackupInstanceId: plan.instanceId,
  },
});
