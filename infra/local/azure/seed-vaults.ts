/** First start: the backup vaults of the made-up company, a single server, and recovery points of both kinds of server. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { mainSubscriptionId, secondSubscriptionId, vaultIdentities } from '../identities';
import type { AzureConfig } from './config';
import type { ServerRecord } from './model';
import { accountId, putSecret } from './restore-targets';
import { changeRole } from './roles';
import { legacyContent, seedContents, type SeedContent } from './seed-databases';
import { makeDatabases } from './seed-history';
import {
  ageDatabase,
  liveUntil,
  seedDatabasePoints,
  seedServerPoints,
  type PastDeps,
  type PastPoint,
} from './seed-recovery-points';
import { newPassword, seeded } from './seed-servers';
import { bootstrapServer } from './server-bootstrap';
import type { ServerClusters } from './server-clusters';
import { withSession } from './server-session';
import type { Store } from './store';
import { emptyVaultState, type BackupInstance, type BackupVault, type RecoveryPoint } from './vault-model';

export interface SeedVaultDeps {
  readonly config: AzureConfig;
  readonly store: Store;
  readonly clusters: ServerClusters;
}

const hourMs = 3600_000;
const dayMs = 24 * hourMs;
const resourceGroup = 'rg-shop';
const legacyName = 'legacy-srv';
const backupLogin = 'backup_admin';

const place = { subscriptionId: mainSubscriptionId, resourceGroup };

function seedVaultRecords(now: Date): BackupVault[] {
  const vault = (name: keyof typeof vaultIdentities, change: Partial<BackupVault> = {}): BackupVault => ({
    ...{ ...place, name, location: 'canadacentral', principalId: vaultIdentities[name] },
    ...{ redundancy: 'LocallyRedundant', replicatedRegions: [], crossRegionRestore: 'Disabled' },
    ...{ crossSubscriptionRestore: 'Enabled', immutability: 'Disabled', changedAt: now.toISOString() },
    ...change,
  });
  return [
    vault('vault-shop', {
      ...{ redundancy: 'GeoRedundant', replicatedRegions: ['canadaeast'], crossRegionRestore: 'Enabled' },
      crossRegionSince: new Date(now.getTime() - 60 * dayMs).toISOString(),
    }),
    vault('vault-locked', { guard: 'guard-shop', immutability: 'Unlocked' }),
    vault('vault-local'),
    vault('vault-east', { location: 'canadaeast' }),
  ];
}

const secretUri = 'https://kv-shop.vault.azure.net/secrets/pgconn-legacy';

const instances = {
  orders: {
    ...{ name: 'orders-pg-orders-pg-8f0e6a52-1c1f-4d55-9d35-0a5d0c5e7a01', vault: 'vault-shop' },
    ...{ server: 'orders-pg', location: 'canadacentral' },
  },
  legacyOrders: {
    ...{ name: 'legacy-srv-orders-8f0e6a52-1c1f-4d55-9d35-0a5d0c5e7a02', vault: 'vault-shop' },
    ...{ server: legacyName, database: 'orders', secretUri, location: 'canadacentral' },
  },
  billing: {
    ...{ name: 'billing-pg-billing-pg-8f0e6a52-1c1f-4d55-9d35-0a5d0c5e7a03', vault: 'vault-locked' },
    ...{ server: 'billing-pg', location: 'canadacentral' },
  },
  legacyReports: {
    ...{ name: 'legacy-srv-reports-8f0e6a52-1c1f-4d55-9d35-0a5d0c5e7a04', vault: 'vault-local' },
    ...{ server: legacyName, database: 'reports', secretUri, location: 'canadacentral' },
  },
} as const satisfies Readonly<Record<string, BackupInstance>>;

/** Oldest first; the newest has not reached the paired region yet. */
function pastPoints(nowMs: number, isGeo: boolean, more: readonly number[] = []): PastPoint[] {
  const archived: PastPoint = { atMs: nowMs - 40 * dayMs, tier: 'ArchiveStore', isInSecondary: isGeo };
  const newestMs = nowMs - 26 * hourMs;
  return [
    archived,
    ...[nowMs - 8 * dayMs, ...more, newestMs].map((atMs): PastPoint => ({
      ...{ atMs, tier: 'VaultStore', isInSecondary: isGeo && atMs !== newestMs },
    })),
  ];
}

/** Makes it all anew; a former first start may have been killed half way. */
export async function seedVaults({ config, store, clusters }: SeedVaultDeps): Promise<void> {
  const { azureDir, pgBin } = config;
  const now = new Date();
  await rm(join(azureDir, 'vaults'), { recursive: true, force: true });
  const servers = makeServers(now);
  for (const server of Object.values(servers)) await removeCluster(clusters, server);
  await clusters.create(servers.legacy);
  await Promise.all(
    [servers.orders, servers.billing].map((server) => clusters.create(server, servers.legacy)),
  );
  const pastOf = (server: ServerRecord): PastDeps => ({
    ...{ azureDir, pgBin, session: (database: string) => clusters.asSuperuser(server, database) },
  });
  const flexible = (server: ServerRecord, instance: BackupInstance, points: readonly PastPoint[]) =>
    seedFlexible(clusters, pastOf(server), { server, instance, points });
  const threeDays = now.getTime() - 3 * dayMs;
  const [login, ...points] = await Promise.all([
    seedLegacy(clusters, pastOf(servers.legacy), servers.legacy, now.getTime()),
    flexible(servers.orders, instances.orders, pastPoints(now.getTime(), true, [threeDays])),
    flexible(servers.billing, instances.billing, pastPoints(now.getTime(), false)),
  ]);
  Object.assign(store.state, {
    ...emptyVaultState(),
    vaults: seedVaultRecords(now),
    guards: [{ ...place, name: 'guard-shop', location: 'canadacentral', guardsRestore: false }],
    instances: Object.values(instances),
    recoveryPoints: [...login.points, ...points.flat()],
    legacyServers: [{ server: { ...servers.legacy, port: clusters.asSuperuser(servers.legacy).port } }],
  });
  for (const secret of ['pgconn-legacy', 'pgconn-target']) putSecret(store, 'kv-shop', secret, login.secret);
  grantToVaults(store);
}

function makeServers(now: Date) {
  const createdAt = new Date(now.getTime() - 400 * dayMs);
  const superuserPassword = newPassword();
  const scratch = (name: string) => seeded(name, { superuserPassword }, createdAt);
  const rule = { name: 'AllowAllWindowsAzureIps', startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' };
  const legacy = { superuserPassword, administratorLogin: 'legacyadmin', firewallRules: [rule] };
  return {
    legacy: seeded(legacyName, { ...legacy, tags: { environment: 'production' } }, createdAt),
    orders: scratch('past-of-orders-pg'),
    billing: scratch('past-of-billing-pg'),
  };
}

async function removeCluster(clusters: ServerClusters, server: ServerRecord): Promise<void> {
  await clusters.stop(server.name);
  // A postmaster of a killed process may still be writing its last there.
  const { root } = clusters.folders(server);
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

async function makeContent(
  clusters: ServerClusters,
  server: ServerRecord,
  content: SeedContent,
): Promise<void> {
  // It is not restored from its log: nothing needs to be archived.
  await clusters.start(server, { settings: { archive_command: 'true' } });
  await bootstrapServer(clusters, server);
  await makeDatabases(clusters, server, content);
}

interface FlexiblePast {
  readonly server: ServerRecord;
  readonly instance: BackupInstance;
  readonly points: readonly PastPoint[];
}

/** A cluster that only lives to be dumped. */
async function seedFlexible(
  clusters: ServerClusters,
  past: PastDeps,
  { server, instance, points }: FlexiblePast,
): Promise<RecoveryPoint[]> {
  const content = seedContents[instance.server];
  if (!content) throw new Error(`There is no content for the past of ${instance.server}.`);
  await makeContent(clusters, server, content);
  for (const { name } of content.databases) await ageDatabase(past.session(name), points[0]?.atMs ?? 0);
  const made = await seedServerPoints(past, instance, content.databases, points);
  await removeCluster(clusters, server);
  return made;
}

/** The single server lives through its own past, and goes on living. */
async function seedLegacy(clusters: ServerClusters, past: PastDeps, server: ServerRecord, nowMs: number) {
  await makeContent(clusters, server, legacyContent);
  const password = newPassword();
  await withSession(clusters.asSuperuser(server), (client) =>
    client.query(
      `create role ${backupLogin} login createdb password ${escapeLiteral(password)};
       grant azure_pg_admin to ${backupLogin};
       -- Who makes a role can look into what it owns.
       grant ${backupLogin} to ${escapeIdentifier(server.administratorLogin)}`,
    ),
  );
  const protectedBy = { orders: instances.legacyOrders, reports: instances.legacyReports };
  const points = await Promise.all(
    legacyContent.databases.map(async (database) => {
      const instance = protectedBy[database.name as keyof typeof protectedBy];
      const ages = pastPoints(nowMs, instance.vault === 'vault-shop');
      await ageDatabase(past.session(database.name), ages[0]?.atMs ?? 0);
      const made = await seedDatabasePoints(past, instance, database, ages);
      await liveUntil(past.session(database.name), database, nowMs);
      return made;
    }),
  );
  const host = `${legacyName}.postgres.database.azure.com`;
  const secret = `Server=${host};Database=postgres;Port=5432;User Id=${backupLogin}@${legacyName};Password=${password};Ssl Mode=Require;`;
  return { points: points.flat(), secret };
}

/** What the vaults' identities need for a restore; each of it can be taken away. */
function grantToVaults(store: Store): void {
  const group = `/subscriptions/${mainSubscriptionId}/resourceGroups/${resourceGroup}`;
  const dataRole = 'Storage Blob Data Contributor';
  const grant = (principal: string, role: string, scope: string): unknown =>
    changeRole(store, { principal, role, scope, grant: true });
  for (const vault of ['vault-shop', 'vault-locked', 'vault-local'] as const) {
    const principal = vaultIdentities[vault];
    for (const name of ['shoprestores', 'shoprestoreseast'])
      grant(principal, dataRole, accountId({ ...place, name }));
    grant(principal, 'Reader', group);
    grant(principal, 'Key Vault Secrets User', `${group}/providers/Microsoft.KeyVault/vaults/kv-shop`);
  }
  const elsewhere = { subscriptionId: secondSubscriptionId, resourceGroup: 'rg-dr', name: 'drrestores' };
  grant(vaultIdentities['vault-shop'], dataRole, accountId(elsewhere));
}
