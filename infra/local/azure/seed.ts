/** The first start: servers with a past, two deleted ones, the activity log and the roles. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AzureConfig } from './config';
import { startingAssignments } from './roles';
import { seedActivity } from './seed-activity';
import { seedDropped, seedWithHistory, type SeedHistoryDeps } from './seed-history';
import { seedDroppedServers, seedServers } from './seed-servers';
import type { ServerClusters } from './server-clusters';
import { setConfiguration } from './server-configurations';
import type { Store } from './store';
import { emptyVaultState } from './vault-model';

export interface SeedDeps {
  readonly config: AzureConfig;
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly faketimeLibrary: string;
  /** Told what is still being made. */
  readonly waitingFor: Set<string>;
}

const hourMs = 3600_000;
const droppedHoursAgo = { catalog: 24, archive: 9 * 24 };
/** How much of the deleted server's life is really lived. */
const catalogSeconds = 1800;

/** Of the first server, and younger than its seeded backups: a copy made from one of them has the defaults. */
const changedParameters = [
  ['idle_in_transaction_session_timeout', '600000'],
  ['log_min_duration_statement', '500'],
  ['maintenance_work_mem', '65536'],
] as const;

/** A former first start may have been killed half way. */
export async function clearFormerSeed(config: AzureConfig, store: Store): Promise<void> {
  for (const folder of ['servers', 'geo'])
    await rm(join(config.azureDir, folder), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  Object.assign(store.state, emptyVaultState());
  store.state.legacyServers = [];
  store.state.servers = {};
  store.state.roleAssignments = startingAssignments();
}

export async function seed({
  config,
  store,
  clusters,
  faketimeLibrary,
  waitingFor,
}: SeedDeps): Promise<void> {
  const nowMs = Date.now();
  const startMs = nowMs - config.historySeconds * 1000;
  const hoursAgo = (hours: number): Date => new Date(nowMs - hours * hourMs);
  const [first, ...others] = seedServers(new Date(startMs));
  const { catalog, archive } = seedDroppedServers({
    catalog: hoursAgo(droppedHoursAgo.catalog),
    archive: hoursAgo(droppedHoursAgo.archive),
  });
  if (!first) return;
  const living = [first, ...others];
  for (const { name } of [...living, catalog.server]) waitingFor.add(name);
  await clusters.create(first);
  await Promise.all([...others, catalog.server].map((server) => clusters.create(server, first)));
  const deps: SeedHistoryDeps = { clusters, pgBin: config.pgBin, faketimeLibrary, startMs };
  const done = async <T>(name: string, work: Promise<T>): Promise<T> => {
    const result = await work;
    waitingFor.delete(name);
    return result;
  };
  const catalogStartMs = Date.parse(catalog.droppedAt) - (catalogSeconds + 60) * 1000;
  const [lost, ...made] = await Promise.all([
    done(
      catalog.server.name,
      seedDropped({ ...deps, startMs: catalogStartMs }, catalog.server, catalogSeconds),
    ),
    ...living.map((server) => done(server.name, seedWithHistory(deps, server))),
  ]);
  for (const [name, value] of changedParameters) await setConfiguration(clusters, first, name, value);
  for (const server of made) store.putServer({ ...server, port: clusters.asSuperuser(server).port });
  store.state.dropped = [archive, { ...catalog, server: lost }];
  store.state.activity = seedActivity(store.state.dropped, first, nowMs);
  store.state.seeded = true;
  store.save();
}
