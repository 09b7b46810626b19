/**
 * What goes over the wire of Azure Backup, with the names of the official client's models. Only what the desk uses is
 * written down. Every field of an answer may be missing or null, whatever the documents say.
 */

type Told<T> = { readonly [K in keyof T]?: T[K] | null };

export type BackupVaultResource = Told<{
  id: string;
  name: string;
  location: string;
  identity: Told<{ principalId: string }>;
  properties: BackupVault;
}>;

type BackupVault = Told<{
  storageSettings: readonly Told<{ type: string }>[];
  isVaultProtectedByResourceGuard: boolean;
  securitySettings: Told<{ immutabilitySettings: FeatureState }>;
  featureSettings: Told<{
    crossSubscriptionRestoreSettings: FeatureState;
    crossRegionRestoreSettings: FeatureState;
  }>;
  replicatedRegions: readonly string[];
}>;

type FeatureState = Told<{ state: string }>;

export type BackupInstanceResource = Told<{ id: string; name: string; properties: BackupInstance }>;

type BackupInstance = Told<{
  friendlyName: string;
  dataSourceInfo: Datasource;
  currentProtectionState: string;
  protectionStatus: Told<{ status: string }>;
  /** Only in rows of Resource Graph. */
  backupInstanceExtendedProperties: Told<{ protectedSecondaryRegion: string }>;
}>;

type Datasource = Told<{ datasourceType: string; resourceID: string; resourceLocation: string }>;

export type AzureBackupRecoveryPointResource = Told<{
  id: string;
  name: string;
  properties: AzureBackupDiscreteRecoveryPoint;
}>;

type AzureBackupDiscreteRecoveryPoint = Told<{
  recoveryPointId: string;
  recoveryPointTime: string;
  recoveryPointState: string;
  expiryTime: string;
  recoveryPointDataStoresDetails: readonly RecoveryPointDataStoreDetails[];
}>;

export type RecoveryPointDataStoreDetails = Told<{
  type: string;
  expiryTime: string;
  /** JSON as text. It holds a login: nothing but the version of PostgreSQL may be taken from it. */
  metaData: string;
  visible: boolean;
  state: string;
  rehydrationExpiryTime: string;
  rehydrationStatus: string;
}>;

export type AzureBackupJobResource = Told<{ id: string; name: string; properties: AzureBackupJob }>;

export type AzureBackupJob = Told<{
  backupInstanceId: string;
  dataSourceId: string;
  dataSourceName: string;
  dataSourceType: string;
  operation: string;
  operationCategory: string;
  status: string;
  isCrossRegionRestore: boolean;
  startTime: string;
  endTime: string;
  errorDetails: readonly UserFacingError[];
  extendedInfo: JobExtendedInfo;
}>;

type JobExtendedInfo = Told<{
  dataTransferredInBytes: number | string;
  sourceRecoverPoint: Told<{ recoveryPointID: string; recoveryPointTime: string }>;
  recoveryDestination: string;
  subTasks: readonly JobSubTask[];
  additionalDetails: Readonly<Record<string, unknown>>;
  warningDetails: readonly UserFacingWarningDetail[];
}>;

type JobSubTask = Told<{
  taskId: number;
  taskName: string;
  taskStatus: string;
  additionalDetails: Readonly<Record<string, unknown>>;
}>;

type UserFacingWarningDetail = Told<{ resourceName: string; warning: UserFacingError }>;

export type UserFacingError = Told<{
  code: string;
  message: string;
  recommendedAction: readonly string[];
  isRetryable: boolean;
  innerError: Told<{ code: string }>;
  properties: Told<{ ActivityId: string }>;
}>;

/** The envelope of a failed call and of a failed operation. */
export type CloudError = Told<{
  code: string;
  message: string;
  additionalInfo: readonly Told<{ type: string; info: UserFacingError }>[];
}>;

export type OperationResource = Told<{
  status: string;
  error: CloudError;
  properties: OperationJobExtendedInfo;
}> &
  OperationJobExtendedInfo;

type OperationJobExtendedInfo = Told<{ jobId: string; objectType: string }>;

export type ResourceGuardProxyBaseResource = Told<{
  id: string;
  name: string;
  properties: Told<{ resourceGuardResourceId: string }>;
}>;

/** The bare restore: the domain builds it, and it is sent as it is. */
export type AzureBackupRestoreRequestUnion = object;

export interface AzureBackupRehydrationRequest {
  readonly recoveryPointId: string;
  readonly rehydrationPriority: 'Standard' | 'High';
  /** ISO 8601, for example P15D. */
  readonly rehydrationRetentionDuration: string;
}

export interface ValidateRestoreRequestObject {
  readonly restoreRequestObject: AzureBackupRestoreRequestUnion;
}

export interface CrossRegionRestoreRequestObject extends ValidateRestoreRequestObject {
  readonly crossRegionRestoreDetails: object;
}

export interface FetchSecondaryRPsRequestParameters {
  readonly sourceRegion: string;
  readonly sourceBackupInstanceId: string;
}

export interface CrossRegionRestoreJobsRequest {
  readonly sourceRegion: string;
  readonly sourceBackupVaultId: string;
}

export interface CrossRegionRestoreJobRequest extends CrossRegionRestoreJobsRequest {
  readonly jobId: string;
}
