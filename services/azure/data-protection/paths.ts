/** Where things stand in the addresses of one subscription's `Microsoft.DataProtection`. */
import type { Path } from './wire';

export interface Paths {
  /** Of all groups together. */
  readonly provider: Path;
  vault(resourceGroup: string, vault: string): Path;
  instance(resourceGroup: string, vault: string, instance: string): Path;
  /** A region as the vaults of a group see it: where its cross-region calls go. */
  regionOfGroup(resourceGroup: string, location: string): Path;
  region(location: string): Path;
}

export function createPaths(subscriptionId: string): Paths {
  const subscription = ['subscriptions', subscriptionId];
  const provider = ['providers', 'Microsoft.DataProtection'];
  const inGroup = (resourceGroup: string): Path => [
    ...[...subscription, 'resourceGroups', resourceGroup],
    ...provider,
  ];
  const vaultIn = (resourceGroup: string, vault: string): Path => [
    ...[...inGroup(resourceGroup), 'backupVaults', vault],
  ];
  return {
    provider: [...subscription, ...provider],
    vault: vaultIn,
    instance: (resourceGroup, vault, instance) => [
      ...[...vaultIn(resourceGroup, vault), 'backupInstances', instance],
    ],
    regionOfGroup: (resourceGroup, location) => [...inGroup(resourceGroup), 'locations', location],
    region: (location) => [...subscription, ...provider, 'locations', location],
  };
}
