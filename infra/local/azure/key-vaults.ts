/** The key vaults of the made-up company, and how ARM tells of one: never with the value of a secret. */
import { mainSubscriptionId, tenantId } from '../identities';
import { openNetwork, type NetworkAcls } from './storage-accounts';

export interface AccessPolicy {
  readonly objectId: string;
  readonly permissions: { readonly secrets: readonly string[] };
}

export interface KeyVaultSecret {
  readonly name: string;
  readonly enabled: boolean;
  readonly value: string;
}

export interface KeyVault {
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly createdAt: string;
  /** True: roles decide about secrets; false: the access policies do. */
  readonly enableRbacAuthorization: boolean;
  readonly accessPolicies: readonly AccessPolicy[];
  readonly publicNetworkAccess: string;
  readonly networkAcls: NetworkAcls;
  readonly secrets: readonly KeyVaultSecret[];
}

export const keyVaultType = 'Microsoft.KeyVault/vaults';

const placeholder = (name: string): KeyVaultSecret => ({ name, enabled: true, value: 'not-set' });

export const seedKeyVaults = (createdAt: Date): KeyVault[] => [
  {
    ...{ name: 'kv-shop', subscriptionId: mainSubscriptionId, resourceGroup: 'rg-shop' },
    ...{ location: 'canadacentral', createdAt: createdAt.toISOString() },
    ...{ enableRbacAuthorization: true, accessPolicies: [] },
    ...{ publicNetworkAccess: 'Enabled', networkAcls: openNetwork },
    secrets: ['pgconn-legacy', 'pgconn-target'].map(placeholder),
  },
];

const keyVaultId = ({ subscriptionId, resourceGroup, name }: KeyVault): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${keyVaultType}/${name}`;

const keyVaultAddress = ({ name }: KeyVault): string => `https://${name}.vault.azure.net/`;

export function keyVaultJson(vault: KeyVault) {
  const { name, location, enableRbacAuthorization, accessPolicies, publicNetworkAccess, networkAcls } = vault;
  return {
    ...{ id: keyVaultId(vault), name, type: keyVaultType, location, tags: {} },
    properties: {
      ...{ tenantId, sku: { family: 'A', name: 'standard' }, vaultUri: keyVaultAddress(vault) },
      accessPolicies: accessPolicies.map(({ objectId, permissions }) => ({
        ...{ tenantId, objectId },
        permissions: { keys: [], certificates: [], ...permissions },
      })),
      ...{ enableRbacAuthorization, publicNetworkAccess },
      networkAcls: { ...networkAcls, ipRules: [], virtualNetworkRules: [] },
      ...{ enabledForDeployment: false, enableSoftDelete: true, softDeleteRetentionInDays: 90 },
      provisioningState: 'Succeeded',
    },
  };
}

export function secretJson(vault: KeyVault, { name, enabled }: KeyVaultSecret) {
  const created = Math.floor(Date.parse(vault.createdAt) / 1000);
  const address = `${keyVaultAddress(vault)}secrets/${name}`;
  return {
    ...{ id: `${keyVaultId(vault)}/secrets/${name}`, name, type: `${keyVaultType}/secrets` },
    ...{ location: vault.location, tags: {} },
    properties: {
      attributes: { enabled, created, updated: created },
      ...{ contentType: '', secretUri: address, secretUriWithVersion: address },
    },
  };
}
