/** Where the jobs of a vault are read: in the vault, or in its secondary region, which alone knows those that run there. */
import type { JobPlace } from '../restore/vault-ports';
import type { JobFacts } from '../restore/vaults';
import { found } from './arm-reads';
import type { AzureBackupJobResource } from './data-protection/models';
import type { ListOptions, Paged } from './data-protection/wire';
import type { JobSource } from './followed-jobs';
import { jobFacts } from './job-facts';
import { retryAfterSeconds } from './retry-after';
import { parseVaultId, vaultIdOf } from './vault-ids';
import type { VaultClients } from './vault-clients';

export interface PlacedJobs {
  list(options?: ListOptions): Paged<AzureBackupJobResource>;
  get(jobId: string): Promise<AzureBackupJobResource>;
  facts(job: AzureBackupJobResource): JobFacts | undefined;
}

/** Undefined outside the configured subscriptions. */
export function placeJobs(clients: VaultClients, place: JobPlace): PlacedJobs | undefined {
  const { vaultId, vaultLocation, crossRegion } = place;
  const id = parseVaultId(vaultId);
  const client = id && clients(id.subscriptionId);
  if (!client) return undefined;
  const facts = (job: AzureBackupJobResource): JobFacts | undefined =>
    jobFacts(job, vaultId, new Date().toISOString());
  const { resourceGroup, vault } = id;
  if (crossRegion === undefined)
    return {
      list: (options) => client.jobs.list(resourceGroup, vault, options),
      get: (jobId) => client.jobs.get(resourceGroup, vault, jobId),
      facts,
    };
  const source = { sourceRegion: vaultLocation, sourceBackupVaultId: vaultIdOf(id) };
  return {
    list: (options) => client.fetchCrossRegionRestoreJobs.list(resourceGroup, crossRegion, source, options),
    get: (jobId) => client.fetchCrossRegionRestoreJob.get(resourceGroup, crossRegion, { ...source, jobId }),
    facts,
  };
}

/** Less than any wait that Azure asks for. */
const nothingSaid = 0;

/** What follows many of them reads from here. */
export const jobSource = (jobs: PlacedJobs): JobSource => ({
  pages: async function* (onRetryAfter) {
    const onResponse: ListOptions['onResponse'] = ({ headers }) => {
      const seconds = retryAfterSeconds(headers, nothingSaid);
      if (seconds > nothingSaid) onRetryAfter(seconds);
    };
    for await (const page of jobs.list({ onResponse }).byPage())
      yield page.flatMap((job) => jobs.facts(job) ?? []);
  },
  single: async (jobId) => {
    const job = await found(jobs.get(jobId));
    return job && jobs.facts(job);
  },
});
