/** Puts `Microsoft.DataProtection` together, with the single server that only backup vaults have to do with. */
import type { Router } from 'express';
import type { ArmRoute } from './arm-route';
import type { BlobStore } from './blob-store';
import type { AzureConfig } from './config';
import { crossRegionRoutes } from './cross-region-routes';
import { isDown } from './outages';
import { resourceGuardRoutes } from './resource-guard-routes';
import { seedVaults } from './seed-vaults';
import type { ServerClusters } from './server-clusters';
import { singleServerRoutes } from './single-server-routes';
import type { Store } from './store';
import { vaultControlRoutes } from './vault-control-routes';
import { createVaultJobs } from './vault-jobs';
import { createVaultOperations } from './vault-operations';
import { vaultRestoreRoutes } from './vault-restore-routes';
import { vaultRoutes } from './vault-routes';

export interface BackupServiceDeps {
  readonly config: AzureConfig;
  readonly store: Store;
  readonly clusters: ServerClusters;
  /** Where restored files go. */
  readonly blobs: BlobStore;
}

export interface BackupService {
  readonly routes: readonly ArmRoute[];
  readonly control: Router;
  /** Seeds what is not there yet, and starts the single server. */
  bringUp(): Promise<void>;
  /** Goes on with what a former process left. */
  resume(): void;
  close(): void;
}

export function createBackupService({ config, store, clusters, blobs }: BackupServiceDeps): BackupService {
  const { timeScale, pageSize, pgBin, azureDir } = config;
  const parts = { store, clusters, blobs, timeScale };
  const jobs = createVaultJobs({ ...parts, pgBin, azureDir });
  const operations = createVaultOperations(parts);
  const deps = { store, operations, jobs, timeScale, pageSize };
  return {
    routes: [
      ...vaultRoutes(deps),
      ...vaultRestoreRoutes(deps),
      ...crossRegionRoutes(deps),
      ...resourceGuardRoutes(deps),
      ...singleServerRoutes({ store, clusters, pageSize }),
    ],
    control: vaultControlRoutes(store),
    bringUp: async () => {
      if (store.state.vaults.length === 0) return seedVaults({ config, store, clusters });
      const standing = store.state.legacyServers.filter(({ server }) => !isDown(store, server.location));
      await Promise.all(standing.map(({ server }) => clusters.start(server)));
    },
    resume: () => {
      operations.resume();
      jobs.resume();
    },
    close: () => {
      operations.close();
      jobs.close();
    },
  };
}
