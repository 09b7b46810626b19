/** Recovery points, from Azure's words to the core's. */
import type { RecoveryPoint } from '../restore/vaults';
import { azureInstant } from './azure-time';
import type {
  AzureBackupRecoveryPointResource,
  RecoveryPointDataStoreDetails,
} from './data-protection/models';
import { parseAnyCase } from './data-protection/property-names';
import { lastSegment } from './vault-ids';

/**
 * The only thing that may leave the metadata of a backup: it also names the login that the backup was made with. What does
 * not look like a version stays inside too.
 */
function postgresVersion(metaData: string | null | undefined): string | undefined {
  try {
    const { postgresVersion: told } = (parseAnyCase(metaData ?? '') ?? {}) as Record<string, unknown>;
    const version = typeof told === 'number' ? String(told) : told;
    return typeof version === 'string' && /^\d{1,2}(\.\d{1,3}){0,2}$/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

const isOf =
  (store: string) =>
  ({ type, visible, state }: RecoveryPointDataStoreDetails): boolean =>
    type?.toLowerCase() === store && visible !== false && !/delet|expired/i.test(state ?? '');

const wordOf = ({ rehydrationStatus }: RecoveryPointDataStoreDetails): string =>
  (rehydrationStatus ?? '').toUpperCase();

/** A copy in the vault tier that a rehydration made goes away again: the point is still an archived one. */
const isRehydrated = (details: RecoveryPointDataStoreDetails): boolean =>
  wordOf(details) !== '' || azureInstant(details.rehydrationExpiryTime) !== undefined;

function rehydration(all: readonly RecoveryPointDataStoreDetails[]) {
  const done = all.filter((details) => ['', 'COMPLETED'].includes(wordOf(details)));
  const until = done.flatMap((details) => azureInstant(details.rehydrationExpiryTime) ?? []).sort();
  const last = until.at(-1);
  return {
    isRehydrating: all.some((details) => wordOf(details) === 'CREATE_IN_PROGRESS'),
    ...(last === undefined ? {} : { rehydratedUntil: last }),
  };
}

/** Undefined for what has no time, or lies in neither tier that a restore reads from. */
export function recoveryPoint(resource: AzureBackupRecoveryPointResource): RecoveryPoint | undefined {
  const { id, name, properties } = resource;
  const time = azureInstant(properties?.recoveryPointTime);
  const all = properties?.recoveryPointDataStoresDetails ?? [];
  const inVault = all.filter(isOf('vaultstore'));
  const archived = all.find(isOf('archivestore'));
  const lasting = inVault.find((details) => !isRehydrated(details));
  // Where nothing is said of tiers it is the one that every backup goes to first.
  const store = lasting || all.length === 0 ? 'vault' : (archived ?? inVault[0]) ? 'archive' : undefined;
  const pointId = properties?.recoveryPointId ?? name ?? lastSegment(id ?? '');
  if (time === undefined || store === undefined || pointId === '') return undefined;
  const details = lasting ?? archived ?? inVault[0];
  const expiresAt = azureInstant(properties?.expiryTime) ?? azureInstant(details?.expiryTime);
  const version = all.map(({ metaData }) => postgresVersion(metaData)).find((told) => told !== undefined);
  return {
    ...{ id: lastSegment(pointId), time, store },
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(store === 'archive' ? rehydration([...all]) : { isRehydrating: false }),
    isComplete: (properties?.recoveryPointState ?? 'Completed').toLowerCase() === 'completed',
    ...(version === undefined ? {} : { postgresVersion: version }),
  };
}
