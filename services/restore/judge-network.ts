/**
 * Public stays public and private stays private in a restore. A private server needs a subnet in its region that is
 * delegated to flexible servers and has room, and a private DNS zone linked to that subnet's network.
 */
import { factsOf } from './asked-place';
import { problem, type Problem } from './errors';
import type { DnsZoneFacts, SubnetFacts } from './places';
import type { FormInputs } from './form-inputs';
import type { Network, Source } from './servers';
import type { PlaceFacts } from './judge-place';

const delegation = 'microsoft.dbforpostgresql/flexibleservers';
const zoneSuffix = '.postgres.database.azure.com';

const isDelegated = ({ delegations }: SubnetFacts): boolean =>
  delegations.some((service) => service.toLowerCase() === delegation);

export const canHoldServers = (zoneName: string): boolean => zoneName.toLowerCase().endsWith(zoneSuffix);

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Words for people: a full id of 200 characters tells nobody anything. */
const shortSubnet = ({ networkId, name }: SubnetFacts): string =>
  `${networkId.split('/').at(-1) ?? ''}/${name}`;

function subnetProblems(subnet: SubnetFacts, location: string | undefined): Problem[] {
  const name = shortSubnet(subnet);
  if (location !== undefined && subnet.location !== location)
    return [problem('SUBNET_ELSEWHERE', { name, is: subnet.location, location })];
  if (!isDelegated(subnet)) return [problem('SUBNET_NOT_DELEGATED', { id: subnet.id, name })];
  return subnet.freeAddresses === 0 ? [problem('SUBNET_FULL', { name })] : [];
}

function zoneProblems(zone: DnsZoneFacts, subnet: SubnetFacts | undefined): Problem[] {
  if (!canHoldServers(zone.name)) return [problem('DNS_ZONE_NAME_WRONG', { name: zone.name })];
  if (!subnet || zone.linkedNetworks.some((id) => same(id, subnet.networkId))) return [];
  const group = /\/resourceGroups\/([^/]+)\//i.exec(zone.id)?.[1] ?? '';
  return [problem('DNS_ZONE_NOT_LINKED', { zone: zone.name, networkId: subnet.networkId, group })];
}

export function networkProblems(inputs: FormInputs, source: Source, facts: PlaceFacts): Problem[] {
  const { asked, subnet, dnsZone } = facts;
  const { name } = source.server;
  if (asked.network.kind === 'public') {
    const isPublic = factsOf(source)?.network.kind === 'public';
    return isPublic && (inputs.subnet.trim() !== '' || inputs.dnsZone.trim() !== '')
      ? [problem('NETWORK_IS_PUBLIC', { name })]
      : [];
  }
  const { subnetId, dnsZoneId } = asked.network;
  const wanted = {
    name,
    location: asked.location ?? 'its region',
    group: asked.resourceGroup,
    subscriptionId: asked.subscriptionId,
  };
  return [
    ...(subnetId === undefined
      ? [problem('SUBNET_MISSING', wanted)]
      : subnet
        ? subnetProblems(subnet, asked.location)
        : [problem('SUBNET_UNKNOWN', { id: subnetId })]),
    ...(dnsZoneId === undefined
      ? [problem('DNS_ZONE_MISSING', wanted)]
      : dnsZone
        ? zoneProblems(dnsZone, subnet)
        : [problem('DNS_ZONE_UNKNOWN', { id: dnsZoneId })]),
  ];
}

/** The network of the plan; undefined while a part of it has to be chosen. */
export function plannedNetwork({ asked }: PlaceFacts): Network | undefined {
  if (asked.network.kind === 'public') return asked.network;
  const { subnetId, dnsZoneId } = asked.network;
  if (subnetId === undefined || dnsZoneId === undefined) return undefined;
  return { kind: 'private', delegatedSubnetId: subnetId, privateDnsZoneId: dnsZoneId };
}
