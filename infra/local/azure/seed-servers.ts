/** The servers of the made-up shop, three living and two deleted ones, as Azure would describe them. */
import { randomBytes } from 'node:crypto';
import { mainSubscriptionId } from '../identities';
import type { DroppedServer, ServerRecord, ServerShape } from './model';

const resourceGroup = 'rg-shop';

const shape: ServerShape = {
  sku: { name: 'Standard_D4ads_v5', tier: 'GeneralPurpose' },
  version: '15',
  storage: { type: '', iops: 500, tier: 'P10', storageSizeGB: 128, autoGrow: 'Disabled' },
  network: { publicNetworkAccess: 'Enabled' },
  retentionDays: 7,
  geoRedundantBackup: 'Disabled',
  availabilityZone: '1',
  authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Enabled' },
};

const network = `/subscriptions/${mainSubscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network`;

/** A password that needs no escaping anywhere. */
export const newPassword = (): string => randomBytes(18).toString('base64url');
/** One for all seeded servers, since their clusters begin as copies of one. */
const seededSuperuserPassword = newPassword();

export function seeded(name: string, change: Partial<ServerRecord>, createdAt: Date): ServerRecord {
  return {
    name,
    folder: name,
    subscriptionId: mainSubscriptionId,
    resourceGroup,
    location: 'canadacentral',
    createdAt: createdAt.toISOString(),
    visibleAtMs: 0,
    administratorLogin: 'pgadmin',
    administratorPassword: newPassword(),
    superuserPassword: seededSuperuserPassword,
    shape,
    tags: {},
    state: 'Ready',
    port: 0,
    backups: [],
    firewallRules: [],
    ...change,
  };
}

/** Deleted ones: the first is still to be revived, of the second nothing is left. */
export function seedDroppedServers(droppedAt: { readonly catalog: Date; readonly archive: Date }) {
  const monthBefore = (date: Date): Date => new Date(date.getTime() - 30 * 86_400_000);
  const of = (name: string, date: Date): DroppedServer => ({
    server: seeded(name, { tags: { team: 'shop' } }, monthBefore(date)),
    droppedAt: date.toISOString(),
  });
  return { catalog: of('catalog-pg', droppedAt.catalog), archive: of('archive-pg', droppedAt.archive) };
}

export function seedServers(createdAt: Date): readonly ServerRecord[] {
  return [
    seeded(
      'orders-pg',
      {
        shape: { ...shape, geoRedundantBackup: 'Enabled' },
        tags: { environment: 'production', team: 'shop' },
        firewallRules: [
          {
            name: 'AllowAllAzureServicesAndResourcesWithinAzureIps',
            startIpAddress: '0.0.0.0',
            endIpAddress: '0.0.0.0',
          },
          { name: 'office', startIpAddress: '203.0.113.0', endIpAddress: '203.0.113.63' },
        ],
      },
      createdAt,
    ),
    seeded(
      'billing-pg',
      {
        shape: {
          ...shape,
          network: {
            publicNetworkAccess: 'Disabled',
            delegatedSubnetResourceId: `${network}/virtualNetworks/vnet-shop/subnets/snet-postgres`,
            privateDnsZoneArmResourceId: `${network}/privateDnsZones/shop.private.postgres.database.azure.com`,
          },
        },
        tags: { environment: 'production', team: 'billing' },
      },
      createdAt,
    ),
    seeded(
      'search-pg',
      {
        shape: {
          ...shape,
          sku: { name: 'Standard_B1ms', tier: 'Burstable' },
          storage: { type: '', iops: 120, tier: 'P4', storageSizeGB: 32, autoGrow: 'Disabled' },
        },
        tags: { environment: 'test', team: 'search' },
      },
      createdAt,
    ),
  ];
}
