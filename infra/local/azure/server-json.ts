/** A flexible server as ARM shows it, and the pieces around it: ids, visibility, the earliest restore point. */
import { ceilToMillisecond, nowMicros, toBackupTime, type Micros } from './instants';
import type { BackupRecord, ServerRecord } from './model';
import { displayLocation } from './regions';
import { encryptionJson, identityJson } from './server-encryption';

export const serverType = 'Microsoft.DBforPostgreSQL/flexibleServers';

export const serverId = (server: Pick<ServerRecord, 'subscriptionId' | 'resourceGroup' | 'name'>): string =>
  `/subscriptions/${server.subscriptionId}/resourceGroups/${server.resourceGroup}/providers/${serverType}/${server.name}`;

/** An accepted server cannot be seen for a while, though its name is taken. */
export const isVisible = (server: ServerRecord): boolean => server.visibleAtMs <= Date.now();

const dayMicros = 24 * 3600 * 1_000_000;

/** The oldest moment this server can go back to: its oldest backup that retention still keeps. */
function earliestRestorePoint(server: ServerRecord): Micros | undefined {
  const kept = keptBackups(server).map(({ completedAt }) => completedAt);
  return kept.length === 0 ? undefined : Math.min(...kept);
}

export function keptBackups(server: ServerRecord): readonly BackupRecord[] {
  const oldest = nowMicros() - server.shape.retentionDays * dayMicros;
  return server.backups.filter(({ completedAt }) => completedAt >= oldest);
}

export function toServerJson(server: ServerRecord) {
  const { shape } = server;
  const earliest = earliestRestorePoint(server);
  return {
    sku: shape.sku,
    systemData: { createdAt: server.createdAt },
    properties: {
      replica: { role: 'Primary', capacity: 5 },
      storage: shape.storage,
      network: shape.network,
      ...encryptionJson(shape.customerKeys),
      authConfig: shape.authConfig,
      fullyQualifiedDomainName: `${server.name}.postgres.database.azure.com`,
      backup: {
        backupRetentionDays: shape.retentionDays,
        geoRedundantBackup: shape.geoRedundantBackup,
        ...(earliest === undefined ? {} : { earliestRestoreDate: toBackupTime(ceilToMillisecond(earliest)) }),
      },
      highAvailability: { mode: 'Disabled', state: 'NotEnabled' },
      maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
      replicationRole: 'Primary',
      replicaCapacity: 5,
      minorVersion: '18',
      version: shape.version,
      administratorLogin: server.administratorLogin,
      state: server.state,
      availabilityZone: shape.availabilityZone,
      privateEndpointConnections: [],
    },
    ...identityJson(shape.customerKeys),
    location: displayLocation(server.location),
    tags: server.tags,
    id: serverId(server),
    name: server.name,
    type: serverType,
  };
}

export function toBackupJson(server: ServerRecord, backup: BackupRecord) {
  return {
    name: backup.name,
    type: `${serverType}/backups`,
    id: `${serverId(server)}/backups/${backup.name}`,
    properties: {
      backupType: backup.kind,
      source: backup.kind === 'Full' ? 'Automatic' : 'Customer Initiated',
      completedTime: toBackupTime(backup.completedAt),
    },
  };
}
