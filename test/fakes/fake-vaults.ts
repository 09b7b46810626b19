/** Backup vaults and the places that they restore to as our own ports see them, played by hand. */
import { now } from './facts';
import { vaultRoles } from '../../services/restore/vaults';
import type {
  AccountFacts,
  BlobFacts,
  InstanceFacts,
  JobFacts,
  RecoveryPoint,
  SecretFacts,
  SingleServerFacts,
  VaultFacts,
} from '../../services/restore/vaults';
import type { StartAnswer } from '../../services/restore/ports';
import type { Deps } from '../../services/deps';
import type { Validation, VaultOperation } from '../../services/restore/vault-ports';
import { writesFiles, type VaultPlan } from '../../services/restore/vault-plan';

const subscriptionId = '11111111-1111-4111-8111-111111111111';
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-shop`;

export const aVault = (name = 'vault-shop', changes: Partial<VaultFacts> = {}): VaultFacts => ({
  id: `${group}/providers/Microsoft.DataProtection/backupVaults/${name}`,
  name,
  subscriptionId,
  resourceGroup: 'rg-shop',
  location: 'canadacentral',
  principalId: 'aaaaaaaa-7777-4777-8777-777777777777',
  redundancy: 'geo',
  crossRegionRestore: true,
  crossSubscriptionRestore: 'on',
  immutability: 'off',
  isGuarded: false,
  secondaryRegion: 'canadaeast',
  ...changes,
});

export const anInstance = (title = 'orders-pg', changes: Partial<InstanceFacts> = {}): InstanceFacts => {
  const [server = title, database] = title.split('/');
  const type = database === undefined ? 'flexibleServers' : 'servers';
  const serverId = `${group}/providers/Microsoft.DBforPostgreSQL/${type}/${server}`;
  const name = `${server}-${database ?? server}-instance`;
  return {
    id: `${aVault().id}/backupInstances/${name}`,
    name,
    vaultId: aVault().id,
    vaultName: 'vault-shop',
    subscriptionId,
    resourceGroup: 'rg-shop',
    datasource: database === undefined ? 'flexible-server' : 'single-server-database',
    title,
    server: { id: serverId, name: server, resourceGroup: 'rg-shop' },
    sourceId: database === undefined ? serverId : `${serverId}/databases/${database}`,
    location: 'canadacentral',
    protectionState: 'ProtectionConfigured',
    ...(database === undefined ? {} : { database }),
    ...changes,
  };
};

export const aPoint = (time: string, changes: Partial<RecoveryPoint> = {}): RecoveryPoint => ({
  id: `point-${time.slice(0, 10)}`,
  time,
  store: 'vault',
  isRehydrating: false,
  isComplete: true,
  postgresVersion: '11',
  ...changes,
});

export const anAccount = (name = 'shoprestores', changes: Partial<AccountFacts> = {}): AccountFacts => ({
  id: `${group}/providers/Microsoft.Storage/storageAccounts/${name}`,
  name,
  subscriptionId,
  resourceGroup: 'rg-shop',
  location: 'canadacentral',
  blobEndpoint: `https://${name}.blob.core.windows.net/`,
  allowsCrossTenantReplication: true,
  keepsAzureOut: false,
  containers: ['restores'],
  ...changes,
});

export const aSingleServer = (changes: Partial<SingleServerFacts> = {}): SingleServerFacts => ({
  id: `${group}/providers/Microsoft.DBforPostgreSQL/servers/legacy-srv`,
  name: 'legacy-srv',
  subscriptionId,
  resourceGroup: 'rg-shop',
  location: 'canadacentral',
  version: '11',
  hostName: 'legacy-srv.postgres.database.azure.com',
  databases: ['orders'],
  letsAzureIn: true,
  ...changes,
});

export const aSecret = (changes: Partial<SecretFacts> = {}): SecretFacts => ({
  vaultId: `${group}/providers/Microsoft.KeyVault/vaults/kv-shop`,
  vaultName: 'kv-shop',
  secret: { isEnabled: true },
  access: { kind: 'roles' },
  ...changes,
});

/** The newest point is of the day before `now`. */
export const somePoints: readonly RecoveryPoint[] = [
  aPoint('2026-11-18T03:10:00.000Z'),
  aPoint('2026-11-11T03:10:00.000Z'),
  aPoint('2026-10-10T03:10:00.000Z', { store: 'archive' }),
];

export const aJob = (plan: VaultPlan, changes: Partial<JobFacts> = {}): JobFacts => ({
  id: '99999999-9999-4999-8999-999999999999',
  vaultId: plan.vault.id,
  vaultName: plan.vault.name,
  instanceId: plan.instanceId,
  title: plan.source.name,
  isCrossRegion: plan.crossRegion !== undefined,
  status: 'running',
  statusWord: 'InProgress',
  startedAt: now,
  pointId: plan.point.id,
  pointTime: plan.point.time,
  destination: writesFiles(plan) ? plan.target.url : plan.target.id,
  ...(writesFiles(plan) ? { prefix: plan.target.prefix } : {}),
  subTasks: [{ name: 'Trigger Restore', status: 'InProgress' }],
  warnings: [],
  ...changes,
});

export class FakeVaults {
  readonly vaults: VaultFacts[] = [aVault(), aVault('vault-east', { location: 'canadaeast' })];
  readonly instances: InstanceFacts[] = [anInstance(), anInstance('legacy-srv/orders')];
  points: readonly RecoveryPoint[] = somePoints;
  secondaryPoints: readonly RecoveryPoint[] = somePoints.slice(1);
  readonly accounts: AccountFacts[] = [anAccount()];
  readonly blobs: BlobFacts[] = [];
  /** The beginnings of blobs by their names. */
  readonly texts = new Map<string, string>();
  server: SingleServerFacts | undefined = aSingleServer();
  secret: SecretFacts | undefined = aSecret();
  /** Ids of roles that the vault's identity has anywhere. */
  roles: readonly string[] = Object.values(vaultRoles).map(({ id }) => id);
  /** Ids of scopes that are gone: nobody has a role there. */
  readonly goneScopes: string[] = [];
  readonly validations: Validation[] = [];
  readonly validated: VaultPlan[] = [];
  readonly sent: VaultPlan[] = [];
  readonly answers: StartAnswer[] = [];
  /** What the acceptance carries; undefined plays a 202 without an address. */
  operation: string | undefined = 'https://azure/operations/7';
  readonly operations: VaultOperation[] = [];
  readonly jobs: JobFacts[] = [];
  failure: Error | undefined;
  /** Counts the lists of jobs that were read. */
  listed = 0;

  read<T>(value: T): T {
    if (this.failure) throw this.failure;
    return value;
  }
}

type Played = { readonly vaults: FakeVaults };

/** The ports, always over what is played now. */
export function vaultDeps(
  played: Played,
): Pick<Deps, 'vaults' | 'vaultTargets' | 'vaultOrders' | 'knownVaults'> {
  const at = (): FakeVaults => played.vaults;
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  const vaults: Deps['vaults'] = {
    instances: async () => at().read({ instances: at().instances, knownFrom: 'graph' as const }),
    vaults: async () => at().read(at().vaults),
    vault: async (id) => at().read(at().vaults.find((vault) => same(vault.id, id))),
    instance: async (id) => at().read(at().instances.find((instance) => same(instance.id, id))),
    points: async (_instance, secondary) =>
      at().read(secondary === undefined ? at().points : at().secondaryPoints),
    jobs: async () => at().read(at().jobs),
  };
  const vaultTargets: Deps['vaultTargets'] = {
    account: async (name) => at().read(at().accounts.find((account) => account.name === name)),
    accounts: async () => at().read(at().accounts),
    blobs: async (_account, _container, prefix) =>
      at().read(at().blobs.filter(({ name }) => name.startsWith(prefix))),
    beginning: async (_account, _container, blob, bytes) =>
      at().read((at().texts.get(blob) ?? '').slice(0, bytes)),
    rolesOf: async (_principal, scope) =>
      at().read(at().goneScopes.some((gone) => same(gone, scope)) ? undefined : at().roles),
    secret: async () => at().read(at().secret),
    singleServer: async (name) => at().read(at().server?.name === name ? at().server : undefined),
  };
  return {
    vaults,
    vaultTargets,
    // Forms of a test see what stands there now.
    knownVaults: {
      instances: async () => (await vaults.instances().catch(() => undefined))?.instances,
      vault: (id) => vaults.vault(id).catch(() => undefined),
      points: (instance, secondary) => vaults.points(instance, secondary).catch(() => []),
      accounts: () => vaultTargets.accounts().catch(() => []),
    },
    vaultOrders: {
      validate: async (plan) => {
        at().validated.push(plan);
        return at().validations.shift() ?? { kind: 'valid' };
      },
      trigger: async (plan, onAccepted) => {
        at().sent.push(plan);
        const answer = at().answers.shift() ?? { kind: 'accepted' };
        if (answer.kind === 'accepted') await onAccepted(at().operation);
        return answer;
      },
      operation: async () => at().operations.shift() ?? { kind: 'running', retryAfterSeconds: 15 },
      job: async (_place, id) => at().read(at().jobs.find((job) => job.id === id)),
      jobs: async () => {
        at().listed += 1;
        return at().read(at().jobs);
      },
    },
  };
}
