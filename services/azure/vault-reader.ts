/** The VaultReader port: Resource Graph for what is in all vaults, the vaults themselves for the rest and in its place. */
import type { Instant } from '../restore/instant';
import type { VaultReader } from '../restore/vault-ports';
import type { InstanceFacts, InstanceList, JobFacts, RecoveryPoint, VaultFacts } from '../restore/vaults';
import { isConfigured, type ArmSettings } from './arm';
import { collect, found } from './arm-reads';
import type { DataProtectionClientOptions } from './data-protection/client';
import type { AzureBackupJobResource, BackupInstanceResource } from './data-protection/models';
import { createResourceGraph, instancesQuery, jobsQuery, type ResourceGraph } from './resource-graph';
import { isRestoreJob, jobFacts, newestFirst } from './job-facts';
import { recoveryPoint } from './point-facts';
import { vaultClients, type VaultClients } from './vault-clients';
import { parseInstanceId, parseVaultId } from './vault-ids';
import { instanceFacts, vaultFacts } from './vault-facts';
import { readingVaults } from './vault-problems';

interface Sources {
  readonly settings: ArmSettings;
  readonly graph: ResourceGraph;
  readonly client: VaultClients;
}

async function readVaults({ settings, client }: Sources): Promise<VaultFacts[]> {
  const lists = settings.subscriptionIds.map(async (id) => {
    const listed = client(id)?.backupVaults.listInSubscription();
    return listed ? (await collect(listed)).flatMap((vault) => vaultFacts(vault) ?? []) : [];
  });
  return (await Promise.all(lists)).flat();
}

async function readVault({ client }: Sources, id: string): Promise<VaultFacts | undefined> {
  const parts = parseVaultId(id);
  const vaults = parts && client(parts.subscriptionId)?.backupVaults;
  const vault = vaults && (await found(vaults.get(parts.resourceGroup, parts.vault)));
  return vault && vaultFacts(vault);
}

async function instancesOf({ client }: Sources, vault: VaultFacts): Promise<InstanceFacts[]> {
  const listed = client(vault.subscriptionId)?.backupInstances.list(vault.resourceGroup, vault.name);
  const instances = listed ? await found(collect(listed)) : undefined;
  return (instances ?? []).flatMap((instance) => instanceFacts(instance, vault) ?? []);
}

const byTitle = (a: InstanceFacts, b: InstanceFacts): number =>
  a.title.localeCompare(b.title) || a.id.localeCompare(b.id);

async function readInstances(sources: Sources): Promise<InstanceList> {
  try {
    const rows = (await sources.graph.rows(instancesQuery)) as readonly BackupInstanceResource[];
    const instances = rows.flatMap((row) => instanceFacts(row) ?? []);
    const ours = instances.filter(({ subscriptionId }) => isConfigured(sources.settings, subscriptionId));
    return { instances: ours.sort(byTitle), knownFrom: 'graph' };
  } catch {
    // Whatever the reason is: the vaults themselves tell the same, or why they do not.
    const lists = (await readVaults(sources)).map((vault) => instancesOf(sources, vault));
    return { instances: (await Promise.all(lists)).flat().sort(byTitle), knownFrom: 'vaults' };
  }
}

async function readInstance(sources: Sources, id: string): Promise<InstanceFacts | undefined> {
  const parts = parseInstanceId(id);
  const instances = parts && sources.client(parts.subscriptionId)?.backupInstances;
  if (!instances) return undefined;
  const [instance, vault] = await Promise.all([
    found(instances.get(parts.resourceGroup, parts.vault, parts.instance)),
    readVault(sources, id),
  ]);
  return instance && instanceFacts(instance, vault);
}

async function readPoints(
  sources: Sources,
  instance: InstanceFacts,
  secondary: string | undefined,
): Promise<RecoveryPoint[]> {
  const parts = parseInstanceId(instance.id);
  const client = parts && sources.client(parts.subscriptionId);
  if (!client) return [];
  const { resourceGroup, vault } = parts;
  const listed =
    secondary === undefined
      ? client.recoveryPoints.list(resourceGroup, vault, parts.instance)
      : client.fetchSecondaryRecoveryPoints.list(resourceGroup, secondary, {
          // The region of the vault: what it protects may have been moved.
          sourceRegion: (await readVault(sources, instance.vaultId))?.location ?? instance.location,
          sourceBackupInstanceId: instance.id,
        });
  const points = (await found(collect(listed))) ?? [];
  return points
    .flatMap((point) => recoveryPoint(point) ?? [])
    .sort((a, b) => b.time.localeCompare(a.time) || a.id.localeCompare(b.id));
}

const restoreJobs = (jobs: readonly AzureBackupJobResource[], vaultId = ''): JobFacts[] => {
  const readAt = new Date().toISOString();
  return jobs.filter(isRestoreJob).flatMap((job) => jobFacts(job, vaultId, readAt) ?? []);
};

async function primaryJobs(
  sources: Sources,
  vaults: readonly VaultFacts[],
  since: Instant,
): Promise<JobFacts[]> {
  try {
    return restoreJobs((await sources.graph.rows(jobsQuery(since))) as readonly AzureBackupJobResource[]);
  } catch {
    const lists = vaults.map(async ({ id, subscriptionId, resourceGroup, name }) => {
      const listed = sources.client(subscriptionId)?.jobs.list(resourceGroup, name);
      return restoreJobs((listed && (await found(collect(listed)))) ?? [], id);
    });
    return (await Promise.all(lists)).flat();
  }
}

/**
 * Jobs in secondary regions. A region that does not answer must not take the jobs of all others from view, so its own are
 * left out then; nothing that has to be sure is decided by this list.
 */
async function secondaryJobs({ client }: Sources, vaults: readonly VaultFacts[]): Promise<JobFacts[]> {
  const lists = vaults.map(async (vault) => {
    const { id, subscriptionId, resourceGroup, location, secondaryRegion } = vault;
    if (!vault.crossRegionRestore || secondaryRegion === undefined) return [];
    const listed = client(subscriptionId)?.fetchCrossRegionRestoreJobs.list(resourceGroup, secondaryRegion, {
      ...{ sourceRegion: location, sourceBackupVaultId: id },
    });
    return listed ? restoreJobs(await collect(listed).catch(() => []), id) : [];
  });
  return (await Promise.all(lists)).flat();
}

async function readJobs(sources: Sources, since: Instant): Promise<JobFacts[]> {
  const vaults = await readVaults(sources);
  const lists = await Promise.all([primaryJobs(sources, vaults, since), secondaryJobs(sources, vaults)]);
  // A cross-region job may stand in both lists; the region where it runs knows it best.
  const jobs = new Map(lists.flat().map((job) => [job.id, job]));
  return newestFirst(
    [...jobs.values()].filter(
      ({ startedAt, vaultId }) =>
        startedAt >= since && isConfigured(sources.settings, parseVaultId(vaultId)?.subscriptionId ?? ''),
    ),
  );
}

export function createVaultReader(
  settings: ArmSettings,
  options: DataProtectionClientOptions = {},
): VaultReader {
  const sources: Sources = {
    settings,
    graph: createResourceGraph(settings),
    client: vaultClients(settings, options),
  };
  return {
    instances: () => readingVaults(() => readInstances(sources)),
    vaults: () => readingVaults(() => readVaults(sources)),
    vault: (id) => readingVaults(() => readVault(sources, id)),
    instance: (id) => readingVaults(() => readInstance(sources, id)),
    points: (instance, secondary) => readingVaults(() => readPoints(sources, instance, secondary)),
    jobs: (since) => readingVaults(() => readJobs(sources, since)),
  };
}
