/** As many servers as a large company has, as Azure lists them. */
import { mainSubscriptionId } from '../../infra/local/identities';

const words = (
  'orders billing search catalog ledger invoices sessions shipping reviews wishlist loyalty payments returns ' +
  'stock pricing partners reports audit identity messages'
).split(' ');
const stages = ['prod', 'test', 'stage', 'demo', 'dev'];

/** Names as people give them: a word, a stage, a number; every one another. */
export const serverNames = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, nth) =>
      `${words[nth % words.length] ?? ''}-${stages[Math.floor(nth / words.length) % stages.length] ?? ''}-${String(nth).padStart(4, '0')}-pg`,
  );

/** A server with everything that a list carries of it: what a page costs to read is part of the measurement. */
export const listedServer = (name: string): object => ({
  id: `/subscriptions/${mainSubscriptionId}/resourceGroups/rg-${name.split('-')[0] ?? ''}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`,
  name,
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  location: 'Canada Central',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  systemData: { createdAt: '2026-01-15T09:30:00.000Z' },
  tags: { env: 'prod', team: name.split('-')[0], costCentre: '4711' },
  properties: {
    ...{ state: 'Ready', version: '16', minorVersion: '8', administratorLogin: 'owner' },
    ...{
      availabilityZone: '1',
      replicationRole: 'Primary',
      replicaCapacity: 5,
      privateEndpointConnections: [],
    },
    fullyQualifiedDomainName: `${name}.postgres.database.azure.com`,
    replica: { role: 'Primary', capacity: 5 },
    storage: { storageSizeGB: 128, autoGrow: 'Disabled', tier: 'P10', iops: 500, type: '' },
    network: { publicNetworkAccess: 'Enabled' },
    dataEncryption: { type: 'SystemManaged' },
    authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled', tenantId: '' },
    backup: {
      ...{ backupRetentionDays: 14, geoRedundantBackup: 'Enabled' },
      earliestRestoreDate: '2026-11-07T02:11:04.1170000+00:00',
    },
    highAvailability: { mode: 'Disabled', state: 'NotEnabled' },
    maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
  },
});
