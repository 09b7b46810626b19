/** The private networks of the made-up company, and what a server with private access needs of them. Nobody makes them at run time. */
import { mainSubscriptionId, secondSubscriptionId } from '../identities';

interface Subnet {
  readonly name: string;
  readonly addressPrefix: string;
  /** The service that has the subnet to itself; undefined where anything may live. */
  readonly delegatedTo?: string;
}

export interface VirtualNetwork {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly addressPrefix: string;
  readonly subnets: readonly Subnet[];
}

export interface PrivateZone {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** Names of the virtual networks of the same subscription that can resolve it. */
  readonly linkedTo: readonly string[];
}

export const postgresDelegation = 'Microsoft.DBforPostgreSQL/flexibleServers';
const shop = { subscriptionId: mainSubscriptionId, resourceGroup: 'rg-shop' };
const recovery = { subscriptionId: secondSubscriptionId, resourceGroup: 'rg-dr' };

const network = (
  group: { readonly subscriptionId: string; readonly resourceGroup: string },
  name: string,
  location: string,
  octet: number,
): VirtualNetwork => ({
  ...{ ...group, name, location, addressPrefix: `10.${octet}.0.0/16` },
  subnets: [
    { name: 'snet-postgres', addressPrefix: `10.${octet}.1.0/24`, delegatedTo: postgresDelegation },
    { name: 'snet-postgres-2', addressPrefix: `10.${octet}.2.0/24`, delegatedTo: postgresDelegation },
    { name: 'snet-apps', addressPrefix: `10.${octet}.8.0/22` },
  ],
});

export const virtualNetworks: readonly VirtualNetwork[] = [
  network(shop, 'vnet-shop', 'canadacentral', 10),
  network(shop, 'vnet-shop-east', 'canadaeast', 20),
  network(recovery, 'vnet-dr', 'canadaeast', 30),
];

export const privateZones: readonly PrivateZone[] = [
  {
    ...{ ...shop, name: 'shop.private.postgres.database.azure.com' },
    linkedTo: ['vnet-shop', 'vnet-shop-east'],
  },
  { ...recovery, name: 'dr.private.postgres.database.azure.com', linkedTo: ['vnet-dr'] },
];

interface Placed {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const networkPath = ({ subscriptionId, resourceGroup }: Placed): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Network`;

export const networkId = (placed: Placed): string => `${networkPath(placed)}/virtualNetworks/${placed.name}`;
export const zoneId = (placed: Placed): string => `${networkPath(placed)}/privateDnsZones/${placed.name}`;
export const subnetId = (placed: Placed, subnet: string): string => `${networkId(placed)}/subnets/${subnet}`;

export const sameId = (a: string, b: string): boolean =>
  a.toLowerCase().replace(/\/+$/, '') === b.toLowerCase().replace(/\/+$/, '');

export const findNetwork = (id: string): VirtualNetwork | undefined =>
  virtualNetworks.find((known) => sameId(networkId(known), id));

export function findSubnet(id: string): { network: VirtualNetwork; subnet: Subnet } | undefined {
  return virtualNetworks
    .flatMap((known) => known.subnets.map((subnet) => ({ network: known, subnet })))
    .find((known) => sameId(subnetId(known.network, known.subnet.name), id));
}

export const findZone = (id: string): PrivateZone | undefined =>
  privateZones.find((zone) => sameId(zoneId(zone), id));
