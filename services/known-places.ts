/**
 * What a form offers of places: groups, regions, networks. These change in days, and a form must not wait: what was read
 * once is shown at once and read anew behind it. Preflight asks Azure itself, always.
 */
import { remembering, type Pace } from './remembering';
import type { Clock, PlaceReader } from './restore/ports';
import type {
  DnsZoneFacts,
  RegionFacts,
  RegionPair,
  ResourceGroupFacts,
  SubnetFacts,
} from './restore/places';

/** What Azure did not tell in time is left out: an empty list, or undefined. */
export interface KnownPlaces {
  groups(subscriptionId: string): Promise<readonly ResourceGroupFacts[]>;
  region(subscriptionId: string, location: string): Promise<RegionFacts | undefined>;
  pair(subscriptionId: string, location: string): Promise<RegionPair | undefined>;
  subnets(subscriptionId: string, location: string): Promise<readonly SubnetFacts[]>;
  dnsZones(subscriptionId: string): Promise<readonly DnsZoneFacts[]>;
  /** Undefined where Azure tells none. */
  subscriptionName(subscriptionId: string): Promise<string | undefined>;
}

const patienceMillis = 600;
const freshMillis = 300_000;

export const createKnownPlaces = (places: PlaceReader, clock: Clock): KnownPlaces =>
  withPace(places, { clock, freshMillis, patienceMillis });

const withPace = (places: PlaceReader, pace: Pace): KnownPlaces => ({
  groups: remembering(pace, (id: string) => places.resourceGroups(id), []),
  region: remembering(
    pace,
    (id: string, location: string): Promise<RegionFacts | undefined> => places.region(id, location),
    undefined,
  ),
  pair: remembering(
    pace,
    (id: string, location: string): Promise<RegionPair | undefined> => places.pair(id, location),
    undefined,
  ),
  subnets: remembering(pace, (id: string, location: string) => places.subnets(id, location), []),
  dnsZones: remembering(pace, (id: string) => places.dnsZones(id), []),
  subscriptionName: remembering(pace, (id: string) => places.subscriptionName(id), undefined),
});
