/** The ServerReader port on Azure Resource Manager. */
import type { PostgreSQLManagementFlexibleServerClient, Server } from '@azure/arm-postgresql-flexible';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import type { ServerReader } from '../restore/ports';
import type { BackupFacts, NameCheck, Network, ServerFacts } from '../restore/servers';
import { armClient, parseServerId, type ArmSettings } from './arm';
import { failedAnswer, isNotFound, readFailure } from './errors';

type Client = PostgreSQLManagementFlexibleServerClient;

/** Azure answers "Canada Central" for what was asked as canadacentral. */
const normaliseLocation = (location: string): string => location.toLowerCase().replace(/\s/g, '');

function networkOf(server: Server): Network {
  const subnet = server.network?.delegatedSubnetResourceId;
  if (subnet === undefined || subnet === '') return { kind: 'public' };
  const zone = server.network?.privateDnsZoneArmResourceId;
  return {
    kind: 'private',
    delegatedSubnetId: subnet,
    ...(zone === undefined || zone === '' ? {} : { privateDnsZoneId: zone }),
  };
}

function toFacts(server: Server): ServerFacts | undefined {
  const id = server.id === undefined ? undefined : parseServerId(server.id);
  if (!id || server.id === undefined) return undefined;
  const earliest = server.backup?.earliestRestoreDate;
  const createdAt = server.systemData?.createdAt;
  return {
    id: server.id,
    name: server.name ?? id.name,
    subscriptionId: id.subscriptionId,
    resourceGroup: id.resourceGroup,
    location: normaliseLocation(server.location),
    state: server.state ?? 'unknown',
    version: server.version ?? '',
    sku: server.sku?.name ?? '',
    storageGb: server.storage?.storageSizeGB ?? 0,
    tags: server.tags ?? {},
    network: networkOf(server),
    geoRedundantBackup: server.backup?.geoRedundantBackup === 'Enabled',
    retentionDays: server.backup?.backupRetentionDays ?? 7,
    ...(earliest === undefined ? {} : { earliestRestoreAt: earliest.toISOString() }),
    ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt).toISOString() }),
    ...(server.fullyQualifiedDomainName === undefined ? {} : { hostName: server.fullyQualifiedDomainName }),
  };
}

async function collect<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of pages) all.push(item);
  return all;
}

async function backups(client: Client, resourceGroup: string, name: string): Promise<BackupFacts[]> {
  const listed = await collect(client.backupsAutomaticAndOnDemand.listByServer(resourceGroup, name));
  return listed
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

async function checkName(client: Client, name: string): Promise<NameCheck> {
  const type = 'Microsoft.DBforPostgreSQL/flexibleServers';
  const answer = await client.nameAvailability.checkGlobally({ name, type });
  if (answer.nameAvailable === true) return { kind: 'free' };
  return answer.reason === 'Invalid' ? { kind: 'invalid', message: answer.message ?? '' } : { kind: 'taken' };
}

async function resourceGroupExists(
  client: Client,
  settings: ArmSettings,
  subscriptionId: string,
  name: string,
): Promise<boolean> {
  const url = `${settings.endpoint}/subscriptions/${subscriptionId}/resourcegroups/${encodeURIComponent(name)}?api-version=2021-04-01`;
  const answer = await client.sendRequest(createPipelineRequest({ url, method: 'GET' }));
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw failedAnswer(answer);
}

/** A region is restricted when Azure says so, or when it offers this subscription no version at all. */
async function isRegionRestricted(client: Client, location: string): Promise<boolean> {
  const capabilities = await collect(client.capabilitiesByLocation.list(location));
  return capabilities.some(
    ({ restricted, supportedServerVersions }) =>
      restricted === 'Enabled' || supportedServerVersions?.length === 0,
  );
}

export function createServerReader(settings: ArmSettings): ServerReader {
  const clients = new Map(
    settings.subscriptionIds.map((id) => [id.toLowerCase(), armClient(settings, id, 2)]),
  );
  /** Subscriptions outside the configuration do not exist for the desk. */
  const clientFor = (subscriptionId: string): Client | undefined => clients.get(subscriptionId.toLowerCase());
  const reading = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw readFailure(error);
    }
  };
  return {
    list: () =>
      reading(async () => {
        const lists = await Promise.all(
          [...clients.values()].map((client) => collect(client.servers.listBySubscription())),
        );
        return lists.flat().flatMap((server) => toFacts(server) ?? []);
      }),
    get: (id) =>
      reading(async () => {
        const parts = parseServerId(id);
        const client = parts && clientFor(parts.subscriptionId);
        if (!parts || !client) return undefined;
        try {
          return toFacts(await client.servers.get(parts.resourceGroup, parts.name));
        } catch (error) {
          if (isNotFound(error)) return undefined;
          throw error;
        }
      }),
    backups: (id) =>
      reading(async () => {
        const parts = parseServerId(id);
        const client = parts && clientFor(parts.subscriptionId);
        return parts && client ? backups(client, parts.resourceGroup, parts.name) : [];
      }),
    checkName: (subscriptionId, name) =>
      reading(async () => {
        const client = clientFor(subscriptionId);
        return client ? checkName(client, name) : { kind: 'taken' };
      }),
    resourceGroupExists: (subscriptionId, name) =>
      reading(async () => {
        const client = clientFor(subscriptionId);
        return client ? resourceGroupExists(client, settings, subscriptionId, name) : false;
      }),
    isRegionRestricted: (subscriptionId, location) =>
      reading(async () => {
        const client = clientFor(subscriptionId);
        return client ? isRegionRestricted(client, location) : true;
      }),
  };
}
