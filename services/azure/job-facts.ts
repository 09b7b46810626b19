/** Restore jobs of Azure Backup, from Azure's words to the core's. */
import type { Instant } from '../restore/instant';
import type { JobFacts, JobStatus } from '../restore/vaults';
import { azureInstant } from './azure-time';
import type { AzureBackupJob, AzureBackupJobResource } from './data-protection/models';
import { fitToShow } from './fit-to-show';
import {
  datasourceTitle,
  instanceIdOf,
  lastSegment,
  parseDatasourceId,
  parseInstanceId,
  parseVaultId,
  vaultIdOf,
} from './vault-ids';
import { backupProblem, userFacingFault } from './vault-problems';
import { datasourceOf } from './vault-facts';

const statuses: ReadonlyMap<string, JobStatus> = new Map([
  ['completed', 'completed'],
  ['succeeded', 'completed'],
  ['completedwithwarnings', 'completed-with-warnings'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
]);

/** Every word that does not say that it has ended says that it goes on: InProgress, Cancelling, Paused and new ones. */
const jobStatus = (word: string): JobStatus => statuses.get(word.toLowerCase()) ?? 'running';

const restoring = ['restore', 'crossregionrestore'];

/** A restore of PostgreSQL; the lists of a vault hold backups and jobs of other sources too. */
export function isRestoreJob({ properties }: AzureBackupJobResource): boolean {
  const kind = (properties?.operationCategory ?? properties?.operation ?? '').toLowerCase();
  const { dataSourceType } = properties ?? {};
  return restoring.includes(kind) && datasourceOf(dataSourceType) !== undefined;
}

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

const wordOf = (details: Readonly<Record<string, unknown>> | null | undefined, name: string): unknown =>
  Object.entries(details ?? {}).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

function bytesOf({ extendedInfo }: AzureBackupJob): number | undefined {
  const whole = numberOf(extendedInfo?.dataTransferredInBytes);
  if (whole !== undefined) return whole;
  const parts = (extendedInfo?.subTasks ?? []).flatMap(
    ({ additionalDetails }) => numberOf(wordOf(additionalDetails, 'DataTransferredInBytes')) ?? [],
  );
  return parts.length === 0 ? undefined : parts.reduce((sum, part) => sum + part);
}

const subTasksOf = ({ extendedInfo }: AzureBackupJob): JobFacts['subTasks'] =>
  [...(extendedInfo?.subTasks ?? [])]
    .sort((a, b) => (a.taskId ?? 0) - (b.taskId ?? 0))
    .map(({ taskName, taskStatus }) => ({ name: taskName ?? '', status: taskStatus ?? '' }));

const warningsOf = ({ extendedInfo }: AzureBackupJob): string[] =>
  (extendedInfo?.warningDetails ?? []).flatMap(({ resourceName, warning }) => {
    const [message = '', code = ''] = [warning?.message ?? undefined, warning?.code ?? undefined];
    if (message.trim() === '' && code.trim() === '') return [];
    // One whose words may not be shown is still one.
    const shown = fitToShow(message)?.trim() ?? '';
    const text = (shown === '' ? code.trim() : shown).slice(0, 300) || 'a warning that is not shown';
    const name = fitToShow(resourceName ?? '') ?? '';
    return [name === '' ? text : `${name}: ${text}`];
  });

/** Of a failed job; also where Azure keeps the reason to itself. */
const failureOf = (status: JobStatus, { errorDetails }: AzureBackupJob) =>
  status === 'failed'
    ? { failure: backupProblem(userFacingFault(errorDetails?.[0] ?? {}, 'job failed')) }
    : {};

function sourceOf({ dataSourceId, dataSourceName, backupInstanceId }: AzureBackupJob) {
  const [source, instance] = [parseDatasourceId(dataSourceId ?? ''), parseInstanceId(backupInstanceId ?? '')];
  return {
    title: source ? datasourceTitle(source) : (dataSourceName ?? 'unknown'),
    ...(instance ? { instanceId: instanceIdOf(instance) } : {}),
  };
}

const pointOf = ({ extendedInfo }: AzureBackupJob) => {
  const { recoveryPointID, recoveryPointTime } = extendedInfo?.sourceRecoverPoint ?? {};
  const time = azureInstant(recoveryPointTime);
  return {
    ...(recoveryPointID ? { pointId: lastSegment(recoveryPointID) } : {}),
    ...(time === undefined ? {} : { pointTime: time }),
  };
};

const resultOf = (job: AzureBackupJob) => {
  const { recoveryDestination, additionalDetails } = job.extendedInfo ?? {};
  const [prefix, bytes] = [wordOf(additionalDetails, 'Restore File Prefix'), bytesOf(job)];
  return {
    ...(recoveryDestination ? { destination: recoveryDestination } : {}),
    ...(typeof prefix === 'string' ? { prefix } : {}),
    ...(bytes === undefined ? {} : { bytes }),
  };
};

/**
 * Undefined for what has no id. `vaultId` is the vault whose list held it. A job that says nothing of its start has only
 * just begun: `readAt` stands in, so that who looks for a young job finds it.
 */
export function jobFacts(
  { id, name, properties }: AzureBackupJobResource,
  vaultId: string,
  readAt: Instant,
): JobFacts | undefined {
  const job = properties ?? {};
  const jobId = lastSegment(name ?? id ?? '').toLowerCase();
  const vault = parseVaultId(id ?? '') ?? parseVaultId(vaultId);
  if (jobId === '' || !vault) return undefined;
  const statusWord = job.status ?? 'unknown';
  const status = jobStatus(statusWord);
  const endedAt = azureInstant(job.endTime);
  return {
    ...{ id: jobId, vaultId: vaultIdOf(vault), vaultName: vault.vault, status, statusWord },
    ...sourceOf(job),
    isCrossRegion:
      job.isCrossRegionRestore === true || job.operationCategory?.toLowerCase() === 'crossregionrestore',
    startedAt: azureInstant(job.startTime) ?? readAt,
    ...(endedAt === undefined || status === 'running' ? {} : { endedAt }),
    ...pointOf(job),
    ...resultOf(job),
    subTasks: subTasksOf(job),
    warnings: warningsOf(job),
    ...failureOf(status, job),
  };
}

export const newestFirst = (jobs: readonly JobFacts[]): JobFacts[] =>
  [...jobs].sort((a, b) => b.startedAt.localeCompare(a.startedAt) || a.id.localeCompare(b.id));
