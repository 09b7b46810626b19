/**
 * A thin client for `Microsoft.DataProtection` with the operation groups and methods of the official
 * @azure/arm-dataprotection 4, which is not to be had here: taking that in means changing this folder only.
 *
 * It differs in one thing on purpose. A call that Azure works on for longer resolves with Azure's first answer and is never
 * followed or repeated from here: who calls stores the address of the operation first, and reads its failures whole.
 */
import type { ArmSettings } from '../arm';
import { backupInstances } from './backup-instances';
import type * as models from './models';
import { createPaths, type Paths } from './paths';
import { createWire, type ListOptions, type Paged, type Wire } from './wire';

export interface DataProtectionClientOptions {
  /** 2025-07-01 unless said otherwise. */
  readonly apiVersion?: string | undefined;
}

const defaultApiVersion = '2025-07-01';

interface FilterOptions extends ListOptions {
  readonly filter?: string;
  readonly skipToken?: string;
}

const pageQuery = ({ filter, skipToken }: FilterOptions) => ({ $filter: filter, $skipToken: skipToken });

const backupVaults = (wire: Wire, paths: Paths) => ({
  get: (resourceGroup: string, vault: string) =>
    wire.get<models.BackupVaultResource>(paths.vault(resourceGroup, vault)),
  listInSubscription: (options?: ListOptions): Paged<models.BackupVaultResource> =>
    wire.list([...paths.provider, 'backupVaults'], {}, options),
});

const recoveryPoints = (wire: Wire, paths: Paths) => ({
  list: (
    resourceGroup: string,
    vault: string,
    instance: string,
    options: FilterOptions = {},
  ): Paged<models.AzureBackupRecoveryPointResource> =>
    wire.list(
      [...paths.instance(resourceGroup, vault, instance), 'recoveryPoints'],
      pageQuery(options),
      options,
    ),
  get: (resourceGroup: string, vault: string, instance: string, recoveryPointId: string) =>
    wire.get<models.AzureBackupRecoveryPointResource>([
      ...[...paths.instance(resourceGroup, vault, instance), 'recoveryPoints', recoveryPointId],
    ]),
});

const jobs = (wire: Wire, paths: Paths) => ({
  list: (resourceGroup: string, vault: string, options?: ListOptions): Paged<models.AzureBackupJobResource> =>
    wire.list([...paths.vault(resourceGroup, vault), 'backupJobs'], {}, options),
  get: (resourceGroup: string, vault: string, jobId: string) =>
    wire.get<models.AzureBackupJobResource>([...paths.vault(resourceGroup, vault), 'backupJobs', jobId]),
});

/** What is asked of a secondary region. */
const secondaryRegions = (wire: Wire, paths: Paths) => ({
  fetchSecondaryRecoveryPoints: {
    list: (
      resourceGroup: string,
      location: string,
      parameters: models.FetchSecondaryRPsRequestParameters,
      options: FilterOptions = {},
    ): Paged<models.AzureBackupRecoveryPointResource> =>
      wire.askList(
        [...paths.regionOfGroup(resourceGroup, location), 'fetchSecondaryRecoveryPoints'],
        parameters,
        pageQuery(options),
        options,
      ),
  },
  fetchCrossRegionRestoreJobs: {
    list: (
      resourceGroup: string,
      location: string,
      parameters: models.CrossRegionRestoreJobsRequest,
      options: FilterOptions = {},
    ): Paged<models.AzureBackupJobResource> =>
      wire.askList(
        [...paths.regionOfGroup(resourceGroup, location), 'fetchCrossRegionRestoreJobs'],
        parameters,
        pageQuery(options),
        options,
      ),
  },
  fetchCrossRegionRestoreJob: {
    get: (resourceGroup: string, location: string, parameters: models.CrossRegionRestoreJobRequest) =>
      wire.ask<models.AzureBackupJobResource>(
        [...paths.regionOfGroup(resourceGroup, location), 'fetchCrossRegionRestoreJob'],
        parameters,
      ),
  },
});

const operations = (wire: Wire, paths: Paths) => ({
  operationResult: {
    get: (operationId: string, location: string) =>
      wire.get<models.OperationResource>([...paths.region(location), 'operationResults', operationId]),
  },
  operationStatus: {
    // The official client takes these two the other way round than those of a result.
    get: (location: string, operationId: string) =>
      wire.get<models.OperationResource>([...paths.region(location), 'operationStatus', operationId]),
  },
  operationStatusBackupVaultContext: {
    get: (resourceGroup: string, vault: string, operationId: string) =>
      wire.get<models.OperationResource>([
        ...[...paths.vault(resourceGroup, vault), 'operationStatus', operationId],
      ]),
  },
});

const dppResourceGuardProxy = (wire: Wire, paths: Paths) => ({
  list: (resourceGroup: string, vault: string): Paged<models.ResourceGuardProxyBaseResource> =>
    wire.list([...paths.vault(resourceGroup, vault), 'backupResourceGuardProxies'], {}),
  get: (resourceGroup: string, vault: string, proxy: string) =>
    wire.get<models.ResourceGuardProxyBaseResource>([
      ...[...paths.vault(resourceGroup, vault), 'backupResourceGuardProxies', proxy],
    ]),
});

export type DataProtectionClient = ReturnType<typeof createDataProtectionClient>;

export function createDataProtectionClient(
  settings: ArmSettings,
  subscriptionId: string,
  { apiVersion = defaultApiVersion }: DataProtectionClientOptions = {},
) {
  const wire = createWire(settings, apiVersion);
  const paths = createPaths(subscriptionId);
  return {
    backupVaults: backupVaults(wire, paths),
    backupInstances: backupInstances(wire, paths),
    recoveryPoints: recoveryPoints(wire, paths),
    jobs: jobs(wire, paths),
    dppResourceGuardProxy: dppResourceGuardProxy(wire, paths),
    ...secondaryRegions(wire, paths),
    ...operations(wire, paths),
  };
}
