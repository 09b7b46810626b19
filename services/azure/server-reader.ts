/** The ServerReader port on Azure Resource Manager. */
import type { ServerReader } from '../restore/ports';
import type { BackupFacts } from '../restore/servers';
import type { ArmClient, ArmSettings } from './arm';
import { parseServerId } from './arm-id';
import { collect, createArmReads, found, reading } from './arm-reads';
import { readDeletions } from './deleted-servers';
import { serverFacts } from './server-facts';

async function backups(client: ArmClient, resourceGroup: string, name: string): Promise<BackupFacts[]> {
  const listed = await found(collect(client.backupsAutomaticAndOnDemand.listByServer(resourceGroup, name)));
  return (listed ?? [])
    .flatMap((backup) =>
      backup.completedTime === undefined
        ? []
        : [
            {
              name: backup.name ?? '',
              kind: backup.backupType === 'Full' ? ('automatic' as const) : ('on-demand' as const),
              completedAt: backup.completedTime.toISOString(),
            },
          ],
    )
    .sort((a, b) => b.completedAt.localeCompare(a.completedAt));
}

export function createServerReader(settings: ArmSettings): ServerReader {
  const reads = createArmReads(settings);
  return {
    list: (subscriptionId) =>
      reading(async () => {
        const client = reads.client(subscriptionId);
        const servers = client ? await collect(client.servers.listBySubscription()) : [];
        return servers.flatMap((server) => serverFacts(server) ?? []);
      }),
    get: (id) =>
      reading(async () => {
        const parts = parseServerId(id);
        const client = parts && reads.client(parts.subscriptionId);
        const server = client && (await found(client.servers.get(parts.resourceGroup, parts.name)));
        return server && serverFacts(server);
      }),
    backups: (id) =>
      reading(async () => {
        const parts = parseServerId(id);
        const client = parts && reads.client(parts.subscriptionId);
        return client ? backups(client, parts.resourceGroup, parts.name) : [];
      }),
    deletions: (subscriptionId, since) => reading(() => readDeletions(reads, subscriptionId, since)),
  };
}
