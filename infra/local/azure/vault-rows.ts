/** Rows of Resource Graph for backup vaults, and in its table of recovery services for their instances and jobs. */
import { instanceJson, jobJson, secondaryRegion, vaultJson, vaultOf } from './backup-vaults';
import type { ResourceRow, ResourceRows } from './resource-graph';
import type { Store } from './store';
import type { BackupInstance, BackupVault } from './vault-model';

type Described = Pick<ResourceRow, 'id' | 'name' | 'type'> & { readonly properties: object };

const row = (
  { location, resourceGroup, subscriptionId }: BackupVault,
  described: Described,
  since: number,
) => ({
  ...described,
  ...{ location, resourceGroup, subscriptionId, since },
});

/** What only Resource Graph tells of an instance: where else it can be restored to. */
function extended(vault: BackupVault, instance: BackupInstance): Described {
  const described = instanceJson(vault, instance);
  const secondary = vault.crossRegionRestore === 'Enabled' ? secondaryRegion(vault) : undefined;
  return {
    ...described,
    properties: {
      ...described.properties,
      backupInstanceExtendedProperties: {
        allowedOperations: [
          ...['BackupNow', 'Restore'],
          ...(secondary === undefined ? [] : ['ViewSecondaryRecoveryPoint', 'RestoreToSecondaryRegion']),
        ],
        protectedPrimaryRegion: vault.location,
        ...(secondary === undefined ? {} : { protectedSecondaryRegion: secondary }),
      },
    },
  };
}

export const vaultRows =
  (store: Store): ResourceRows =>
  (table) => {
    const { vaults, instances, jobs } = store.state;
    if (table === 'resources')
      return vaults.map((vault) => row(vault, vaultJson(vault), Date.parse(vault.changedAt)));
    const protectedOnes = instances.map((instance) => {
      const vault = vaultOf(store, instance);
      return row(vault, extended(vault, instance), 0);
    });
    const started = jobs.map((job) => row(vaultOf(store, job), jobJson(store, job), job.visibleAtMs));
    return [...protectedOnes, ...started];
  };
