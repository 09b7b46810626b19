/** The PlaceReader port on Azure Resource Manager. Subscriptions outside the configuration have no places to give. */
import type { ResourceGroupFacts } from '../restore/places';
import type { PlaceReader } from '../restore/ports';
import type { NameCheck } from '../restore/servers';
import type { ArmClient, ArmSettings } from './arm';
import { normaliseLocation } from './arm-id';
import { createArmReads, reading } from './arm-reads';
import { readDnsZone, readDnsZones, readSubnet, readSubnets } from './network-reader';
import { readMissingRights } from './own-rights';
import { createPairReader, readQuota, readRegion } from './region-reader';

async function checkName(client: ArmClient | undefined, name: string): Promise<NameCheck> {
  if (!client) return { kind: 'taken' };
  const type = 'Microsoft.DBforPostgreSQL/flexibleServers';
  const answer = await client.nameAvailability.checkGlobally({ name, type });
  if (answer.nameAvailable === true) return { kind: 'free' };
  return answer.reason === 'Invalid' ? { kind: 'invalid', message: answer.message ?? '' } : { kind: 'taken' };
}

const groupVersion = '2021-04-01';

const subscriptionVersion = '2022-12-01';

interface Subscription {
  readonly displayName?: string;
}

interface ResourceGroup {
  readonly name?: string;
  readonly location?: string;
}

const groupFacts = (
  subscriptionId: string,
  { name = '', location = '' }: ResourceGroup,
): ResourceGroupFacts => ({
  ...{ name, subscriptionId, location: normaliseLocation(location) },
});

export function createPlaceReader(settings: ArmSettings): PlaceReader {
  const reads = createArmReads(settings);
  const pair = createPairReader(reads);
  const groupsPath = (subscriptionId: string): string => `/subscriptions/${subscriptionId}/resourcegroups`;
  return {
    subscriptionName: (subscriptionId) =>
      reading(async () => {
        const found = await reads.resource(`/subscriptions/${subscriptionId}`, subscriptionVersion);
        return (found as Subscription | undefined)?.displayName;
      }),
    checkName: (subscriptionId, name) => reading(() => checkName(reads.client(subscriptionId), name)),
    resourceGroup: (subscriptionId, name) =>
      reading(async () => {
        // The name is one segment of the path, whatever a person wrote into it.
        if (name.includes('/')) return undefined;
        const group = await reads.resource(`${groupsPath(subscriptionId)}/${name}`, groupVersion);
        return group === undefined ? undefined : groupFacts(subscriptionId, group as ResourceGroup);
      }),
    resourceGroups: (subscriptionId) =>
      reading(async () => {
        const groups = await reads.list(groupsPath(subscriptionId), { 'api-version': groupVersion });
        return groups.map((group) => groupFacts(subscriptionId, group as ResourceGroup));
      }),
    region: (subscriptionId, location) => reading(() => readRegion(reads.client(subscriptionId), location)),
    pair: (subscriptionId, location) => reading(() => pair(subscriptionId, location)),
    quota: (subscriptionId, location) => reading(() => readQuota(reads.client(subscriptionId), location)),
    missingRights: (scope, actions) => reading(() => readMissingRights(reads, scope, actions)),
    subnet: (id) => reading(() => readSubnet(reads, id)),
    subnets: (subscriptionId, location) => reading(() => readSubnets(reads, subscriptionId, location)),
    dnsZone: (id) => reading(() => readDnsZone(reads, id)),
    dnsZones: (subscriptionId) => reading(() => readDnsZones(reads, subscriptionId)),
  };
}
