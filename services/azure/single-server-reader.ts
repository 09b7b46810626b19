/** Single servers, the retired kind: a database of one can be restored to another one of them. */
import type { SingleServerFacts } from '../restore/vaults';
import { normaliseLocation, subscriptionOf } from './arm-id';
import type { ArmReads } from './arm-reads';
import { isNotFound } from './errors';
import { parseDatasourceId } from './vault-ids';

const apiVersion = { 'api-version': '2017-12-01' };

interface SingleServer {
  readonly id?: string;
  readonly name?: string;
  readonly location?: string;
  readonly properties?: { readonly version?: string; readonly fullyQualifiedDomainName?: string };
}

interface FirewallRule {
  readonly properties?: { readonly startIpAddress?: string; readonly endIpAddress?: string };
}

const nobody = '0.0.0.0';
const lastOfAll = '255.255.255.255';

/** The rule from 0.0.0.0 to 0.0.0.0 stands for Azure's own services; the one for everybody holds them too. */
const isForAzure = ({ properties }: FirewallRule): boolean =>
  properties?.startIpAddress === nobody && [nobody, lastOfAll].includes(properties.endIpAddress ?? '');

async function serverFacts(reads: ArmReads, server: SingleServer): Promise<SingleServerFacts> {
  const { id = '', name = '', location = '', properties = {} } = server;
  const [databases, rules] = await Promise.all([
    reads.list(`${id}/databases`, apiVersion) as Promise<readonly { name?: string }[]>,
    reads.list(`${id}/firewallRules`, apiVersion) as Promise<readonly FirewallRule[]>,
  ]);
  return {
    ...{ id, name, subscriptionId: subscriptionOf(id) },
    resourceGroup: parseDatasourceId(id)?.resourceGroup ?? '',
    location: normaliseLocation(location),
    version: properties.version ?? '',
    hostName: properties.fullyQualifiedDomainName ?? `${name}.postgres.database.azure.com`,
    databases: databases.flatMap((database) => database.name ?? []),
    letsAzureIn: rules.some(isForAzure),
  };
}

/** A region that has forgotten the kind answers with nothing, which is no failure. */
async function listServers(reads: ArmReads, subscriptionId: string): Promise<readonly SingleServer[]> {
  try {
    const path = `/subscriptions/${subscriptionId}/providers/Microsoft.DBforPostgreSQL/servers`;
    return (await reads.list(path, apiVersion)) as readonly SingleServer[];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

export async function readSingleServer(
  reads: ArmReads,
  subscriptionIds: readonly string[],
  wanted: string,
): Promise<SingleServerFacts | undefined> {
  const lists = await Promise.all(subscriptionIds.map((id) => listServers(reads, id)));
  const server = lists.flat().find(({ name }) => name?.toLowerCase() === wanted.toLowerCase());
  return server && serverFacts(reads, server);
}
