/** Recovery points: making a record, looking them up, and the JSON that ARM shows. */
import { randomBytes, randomUUID } from 'node:crypto';
import { instanceId, policyName, vaultType } from './backup-vaults';
import type { ArmCall } from './arm-route';
import { isRehydrated } from './restore-checks';
import type { Store } from './store';
import type { BackupInstance, BackupVault, PointFile, RecoveryPoint, Rehydrated } from './vault-model';

const dayMs = 24 * 3600 * 1000;
/** Data time, never scaled. */
const keptDays = { VaultStore: 90, ArchiveStore: 365 } as const;

export const newPointId = (): string => randomBytes(16).toString('hex');

export interface NewPoint {
  readonly id: string;
  readonly at: string;
  readonly tier: RecoveryPoint['tier'];
  readonly isInSecondary: boolean;
  readonly files: readonly PointFile[];
}

export function makePoint(instance: BackupInstance, point: NewPoint): RecoveryPoint {
  const stamp = point.at.slice(0, 19).replace(/\D/g, '');
  return {
    ...point,
    ...{ instance: instance.name, storeId: randomUUID(), backupName: `${instance.server}_${stamp}` },
    expiresAt: new Date(Date.parse(point.at) + keptDays[point.tier] * dayMs).toISOString(),
  };
}

/** Newest first. */
export const pointsOf = (store: Store, instance: BackupInstance): readonly RecoveryPoint[] =>
  store.state.recoveryPoints
    .filter((point) => point.instance === instance.name)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));

export const findPoint = (store: Store, instance: BackupInstance, id: string): RecoveryPoint | undefined =>
  pointsOf(store, instance).find((point) => point.id === id.toLowerCase());

export function patchPoint(store: Store, id: string, rehydrated: Rehydrated): void {
  store.state.recoveryPoints = store.state.recoveryPoints.map((point) =>
    point.id === id ? { ...point, rehydrated } : point,
  );
  store.save();
}

/** Of the filter only the window counts; both ends are written with `eq`. */
export function inWindow(points: readonly RecoveryPoint[], { query }: Pick<ArmCall, 'query'>) {
  const filter = query['$filter'] ?? '';
  const end = (name: string): number =>
    Date.parse(new RegExp(`${name}\\s+eq\\s+'([^']+)'`, 'i').exec(filter)?.[1] ?? '');
  const [from, to] = [end('startDate'), end('endDate')];
  return points.filter(({ at }) => !(Date.parse(at) < from) && !(Date.parse(at) > to));
}

/** Azure gives seven decimals here. */
const azureTime = (iso: string): string => iso.replace(/Z$/, '0000Z');

export function pointJson(vault: BackupVault, instance: BackupInstance, point: RecoveryPoint) {
  const { id, at, expiresAt, tier } = point;
  return {
    ...{ id: `${instanceId(vault, instance)}/recoveryPoints/${id}`, name: id },
    type: `${vaultType}/backupInstances/recoveryPoints`,
    properties: {
      ...{ objectType: 'AzureBackupDiscreteRecoveryPoint', recoveryPointId: id, friendlyName: id },
      ...{ recoveryPointTime: azureTime(at), recoveryPointType: 'Full', recoveryPointState: 'Completed' },
      ...{
        policyName,
        policyVersion: null,
        retentionTagName: 'Default',
        retentionTagVersion: '638000000000000000',
      },
      expiryTime: null,
      recoveryPointDataStoresDetails: [
        {
          ...{ id: point.storeId, type: tier, creationTime: at, expiryTime: expiresAt },
          metaData: JSON.stringify(metaData(instance, point)),
          ...{ visible: true, state: 'COMMITTED', ...rehydrationJson(point) },
        },
      ],
    },
  };
}

function rehydrationJson(point: RecoveryPoint) {
  const { rehydrated } = point;
  const isOver = rehydrated?.status === 'COMPLETED' && !isRehydrated(point);
  return {
    rehydrationStatus: isOver ? 'DELETED' : (rehydrated?.status ?? null),
    rehydrationExpiryTime: rehydrated?.expiresAt ?? null,
  };
}

/** What the backup service notes for itself; it is not meant for people. */
function metaData({ server, database }: BackupInstance, { files }: RecoveryPoint) {
  const isFlexible = database === undefined;
  return {
    ...{ objectType: 'PostgresBackupMetadata', version: '1.0', postgresVersion: isFlexible ? '15' : '11' },
    ...{
      dbName: database ?? server,
      serverName: server,
      serverFQDN: `${server}.postgres.database.azure.com`,
    },
    usernameUsed: isFlexible ? 'azure_backup_ltr' : `backup_admin@${server}`,
    backupToolPath: '/opt/azurebackup/postgresql/bin/pg_dump',
    ...{ backupType: 'Full', backupDumpFormat: 'CUSTOM' },
    backupToolArgsFormat: isFlexible
      ? '-Fc --host={0} --username={1} --dbname={2}'
      : '-Fc --no-acl --no-owner --no-tablespaces --quote-all-identifiers --host={0} --username={1} --dbname={2}',
    dataSourceSize: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
