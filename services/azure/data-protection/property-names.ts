/**
 * Azure Backup writes the names of properties in more than one way: `resourceId` here, `resourceID` there. Answers are
 * read with the names that the models have, however they are written.
 */

const names = [
  ...['value', 'nextLink', 'id', 'name', 'location', 'identity', 'principalId', 'properties', 'type'],
  ...['status', 'error', 'code', 'message', 'additionalInfo', 'info', 'recommendedAction', 'isRetryable'],
  ...['innerError', 'ActivityId', 'jobId', 'objectType', 'state', 'warning', 'operation'],
  ...['storageSettings', 'isVaultProtectedByResourceGuard', 'securitySettings', 'immutabilitySettings'],
  ...['featureSettings', 'crossSubscriptionRestoreSettings', 'crossRegionRestoreSettings'],
  ...['replicatedRegions', 'friendlyName', 'dataSourceInfo', 'currentProtectionState', 'protectionStatus'],
  ...['backupInstanceExtendedProperties', 'protectedSecondaryRegion', 'datasourceType', 'resourceID'],
  ...['resourceLocation', 'recoveryPointTime', 'recoveryPointState', 'expiryTime', 'metaData', 'visible'],
  ...['recoveryPointDataStoresDetails', 'rehydrationExpiryTime', 'rehydrationStatus'],
  ...['backupInstanceId', 'dataSourceId', 'dataSourceName', 'operationCategory', 'isCrossRegionRestore'],
  ...['startTime', 'endTime', 'errorDetails', 'extendedInfo', 'dataTransferredInBytes'],
  ...['sourceRecoverPoint', 'recoveryDestination', 'subTasks', 'taskId', 'taskName', 'taskStatus'],
  ...['additionalDetails', 'warningDetails', 'resourceName', 'Restore File Prefix', 'postgresVersion'],
  ...['resourceGuardResourceId', 'data', '$skipToken', 'resultTruncated'],
];

/** Two models spell one name in two ways: in a job and in a recovery point, in an instance and in a job. */
const spelledTwice: Readonly<Record<string, readonly string[]>> = {
  recoverypointid: ['recoveryPointId', 'recoveryPointID'],
  datasourcetype: ['datasourceType', 'dataSourceType'],
};

const known = new Map([
  ...names.map((name): [string, readonly string[]] => [name.toLowerCase(), [name]]),
  ...Object.entries(spelledTwice),
]);

const renamed = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      (known.get(name.toLowerCase()) ?? [name]).map((own) => [own, inner as unknown]),
    ),
  );

/** Throws as JSON.parse does. */
export const parseAnyCase = (text: string): unknown =>
  JSON.parse(text, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? renamed(value) : value,
  ) as unknown;
