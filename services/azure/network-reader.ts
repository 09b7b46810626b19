/** Networks as far as a server with private access needs them: delegated subnets, free addresses, private DNS zones. */
import type { DnsZoneFacts, SubnetFacts } from '../restore/places';
import { normaliseLocation, subscriptionOf } from './arm-id';
import type { ArmReads } from './arm-reads';
import { freeAddresses } from './subnet-addresses';

const networkVersion = '2024-05-01';
const zoneVersion = '2020-06-01';
const postgresDelegation = 'microsoft.dbforpostgresql/flexibleservers';
/** Azure puts no server into a zone of another name. */
const zoneEnding = '.postgres.database.azure.com';

interface VirtualNetwork {
  readonly id?: string;
  readonly location?: string;
  readonly properties?: { readonly subnets?: readonly Subnet[] };
}

interface Subnet {
  readonly id?: string;
  readonly name?: string;
  readonly properties?: {
    readonly addressPrefix?: string;
    readonly addressPrefixes?: readonly string[];
    readonly ipConfigurations?: readonly unknown[];
    readonly delegations?: readonly { readonly properties?: { readonly serviceName?: string } }[];
  };
}

const delegationsOf = ({ properties }: Subnet): string[] =>
  (properties?.delegations ?? []).flatMap((delegation) => delegation.properties?.serviceName ?? []);

const isForServers = (subnet: Subnet): boolean =>
  delegationsOf(subnet).some((service) => service.toLowerCase() === postgresDelegation);

/** Servers and what else the provider counts in each delegated subnet, by name in lower case; undefined when it does not tell. */
async function usageOf(
  reads: ArmReads,
  network: VirtualNetwork,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { id = '', location = '' } = network;
  try {
    const answer = await reads
      .client(subscriptionOf(id))
      ?.virtualNetworkSubnetUsage.list(normaliseLocation(location), { virtualNetworkArmResourceId: id });
    return new Map(
      (answer?.delegatedSubnetsUsage ?? []).map(({ subnetName = '', usage = 0 }) => [
        subnetName.toLowerCase(),
        usage,
      ]),
    );
  } catch {
    // Only how full a subnet is stays unknown; the rest is told all the same.
    return undefined;
  }
}

function subnetFacts(
  network: VirtualNetwork,
  subnet: Subnet,
  usage: ReadonlyMap<string, number> | undefined,
): SubnetFacts {
  const { addressPrefix, addressPrefixes, ipConfigurations } = subnet.properties ?? {};
  const { name = '', id = '' } = subnet;
  const free = freeAddresses(addressPrefixes ?? (addressPrefix === undefined ? [] : [addressPrefix]), [
    ipConfigurations?.length,
    usage?.get(name.toLowerCase()),
  ]);
  return {
    ...{ id, name, networkId: network.id ?? '', location: normaliseLocation(network.location ?? '') },
    delegations: delegationsOf(subnet),
    ...(free === undefined ? {} : { freeAddresses: free }),
  };
}

const subnetPattern =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+)\/subnets\/([^/]+)$/i;

/** Read by its network: only that tells the region. */
export async function readSubnet(reads: ArmReads, id: string): Promise<SubnetFacts | undefined> {
  const [, networkId, name] = subnetPattern.exec(id) ?? [];
  if (networkId === undefined || name === undefined) return undefined;
  const network = (await reads.resource(networkId, networkVersion)) as VirtualNetwork | undefined;
  const subnet = network?.properties?.subnets?.find(
    (known) => known.name?.toLowerCase() === name.toLowerCase(),
  );
  if (!network || !subnet) return undefined;
  return subnetFacts(network, subnet, isForServers(subnet) ? await usageOf(reads, network) : undefined);
}

export async function readSubnets(
  reads: ArmReads,
  subscriptionId: string,
  location: string,
): Promise<SubnetFacts[]> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Network/virtualNetworks`;
  const networks = (await reads.list(path, { 'api-version': networkVersion })) as readonly VirtualNetwork[];
  const near = networks.filter(
    (network) => normaliseLocation(network.location ?? '') === normaliseLocation(location),
  );
  const perNetwork = near.map(async (network) => {
    const subnets = (network.properties?.subnets ?? []).filter(isForServers);
    const usage = subnets.length === 0 ? undefined : await usageOf(reads, network);
    return subnets.map((subnet) => subnetFacts(network, subnet, usage));
  });
  return (await Promise.all(perNetwork)).flat();
}

interface DnsZone {
  readonly id?: string;
  readonly name?: string;
}

interface ZoneLink {
  readonly properties?: {
    readonly virtualNetwork?: { readonly id?: string };
    readonly virtualNetworkLinkState?: string;
  };
}

async function zoneFacts(reads: ArmReads, { id = '', name = '' }: DnsZone): Promise<DnsZoneFacts> {
  const links = (await reads.list(`${id}/virtualNetworkLinks`, {
    'api-version': zoneVersion,
  })) as readonly ZoneLink[];
  return {
    ...{ id, name },
    // A link that is still being made does not resolve anything yet.
    linkedNetworks: links.flatMap(({ properties }) =>
      (properties?.virtualNetworkLinkState ?? 'Completed') === 'Completed'
        ? (properties?.virtualNetwork?.id ?? [])
        : [],
    ),
  };
}

const zonePattern =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/privateDnsZones\/[^/]+$/i;

export async function readDnsZone(reads: ArmReads, id: string): Promise<DnsZoneFacts | undefined> {
  if (!zonePattern.test(id)) return undefined;
  const zone = (await reads.resource(id, zoneVersion)) as DnsZone | undefined;
  return zone && zoneFacts(reads, zone);
}

export async function readDnsZones(reads: ArmReads, subscriptionId: string): Promise<DnsZoneFacts[]> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Network/privateDnsZones`;
  const zones = (await reads.list(path, { 'api-version': zoneVersion })) as readonly DnsZone[];
  const usable = zones.filter(({ name = '' }) => name.toLowerCase().endsWith(zoneEnding));
  return Promise.all(usable.map((zone) => zoneFacts(reads, zone)));
}
