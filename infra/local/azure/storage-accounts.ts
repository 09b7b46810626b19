/** The storage accounts of the made-up company, and how ARM tells of one. */
import { mainSubscriptionId, secondSubscriptionId, storageAccountNames } from '../identities';

export interface NetworkAcls {
  readonly bypass: string;
  readonly defaultAction: string;
}

export interface StorageAccount {
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly createdAt: string;
  readonly allowCrossTenantReplication: boolean;
  readonly publicNetworkAccess: string;
  readonly networkAcls: NetworkAcls;
  /** The containers made here and through ARM; which ones there are now, the blob service knows. */
  readonly containers: readonly string[];
}

export const storageType = 'Microsoft.Storage/storageAccounts';

export const openNetwork: NetworkAcls = { bypass: 'AzureServices', defaultAction: 'Allow' };

export function seedStorageAccounts(createdAt: Date): StorageAccount[] {
  const shared = {
    createdAt: createdAt.toISOString(),
    allowCrossTenantReplication: true,
    publicNetworkAccess: 'Enabled',
    networkAcls: openNetwork,
    containers: ['restores'],
  };
  const shop = { ...shared, subscriptionId: mainSubscriptionId, resourceGroup: 'rg-shop' };
  const recovery = { ...shared, subscriptionId: secondSubscriptionId, resourceGroup: 'rg-dr' };
  return [
    { ...shop, name: storageAccountNames.shop, location: 'canadacentral' },
    { ...shop, name: storageAccountNames.shopEast, location: 'canadaeast' },
    // Besides what is restored it keeps what the desk writes down outside.
    {
      ...{ ...recovery, name: storageAccountNames.recovery, location: 'canadacentral' },
      containers: [...shared.containers, 'evidence'],
    },
  ];
}

const storageAccountId = ({
  subscriptionId,
  resourceGroup,
  name,
}: Pick<StorageAccount, 'subscriptionId' | 'resourceGroup' | 'name'>): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${storageType}/${name}`;

const encryptedService = { enabled: true, keyType: 'Account' };

export function storageAccountJson(account: StorageAccount) {
  const { name, location, createdAt, networkAcls } = account;
  return {
    ...{ id: storageAccountId(account), name, type: storageType, location, tags: {} },
    ...{ kind: 'StorageV2', sku: { name: 'Standard_LRS', tier: 'Standard' } },
    properties: {
      provisioningState: 'Succeeded',
      creationTime: createdAt,
      primaryLocation: location,
      statusOfPrimary: 'available',
      accessTier: 'Hot',
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
      allowCrossTenantReplication: account.allowCrossTenantReplication,
      publicNetworkAccess: account.publicNetworkAccess,
      networkAcls: { ...networkAcls, ipRules: [], virtualNetworkRules: [], resourceAccessRules: [] },
      ...{ allowBlobPublicAccess: false, allowSharedKeyAccess: true, minimumTlsVersion: 'TLS1_2' },
      ...{ supportsHttpsTrafficOnly: true, isHnsEnabled: false, privateEndpointConnections: [] },
      encryption: { keySource: 'Microsoft.Storage', services: { blob: encryptedService } },
    },
  };
}

export function containerJson(account: StorageAccount, name: string) {
  const type = `${storageType}/blobServices/containers`;
  return {
    ...{ id: `${storageAccountId(account)}/blobServices/default/containers/${name}`, name, type },
    properties: {
      ...{ publicAccess: 'None', leaseStatus: 'Unlocked', leaseState: 'Available' },
      ...{ hasImmutabilityPolicy: false, hasLegalHold: false, deleted: false },
    },
  };
}
