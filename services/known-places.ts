/**
 * What a form offers of places: groups, regions, networks. These change in days, and a form must not wait: what was read
 * once is shown at once and read anew behind it. Preflight asks Azure itself, always.
 */
import { millisBetween, type Instant } from './restore/instant';
import { within } from './patience';
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

interface Known<T> {
  readonly value: T;
  readonly readAt: Instant;
}

/** One kind of reading, remembered by what it was asked for. */
function remembering<A extends readonly string[], T>(
  clock: Clock,
  read: (...asked: A) => Promise<T>,
  otherwise: T,
): (...asked: A) => Promise<T> {
  const known = new Map<string, Known<T>>();
  const reading = new Map<string, Promise<T>>();
  const readAnew = (key: string, asked: A): Promise<T> => {
    const already = reading.get(key);
    if (already) return already;
    const now = read(...asked)
      .then((value) => {
        known.set(key, { value, readAt: clock.now() });
        return value;
      })
      .finally(() => reading.delete(key));
    reading.set(key, now);
    return now;
  };
  return async (...asked) => {
    const key = asked.join('/').toLowerCase();
    const last = known.get(key);
    if (last && millisBetween(last.readAt, clock.now()) < freshMillis) return last.value;
    const newer = readAnew(key, asked).catch(() => last?.value ?? otherwise);
    return last ? last.value : within(patienceMillis, newer, () => otherwise);
  };
}

export const createKnownPlaces = (places: PlaceReader, clock: Clock): KnownPlaces => ({
  groups: remembering(clock, (id: string) => places.resourceGroups(id), []),
  region: remembering(
    clock,
    (id: string, location: string): Promise<RegionFacts | undefined> => places.region(id, location),
    undefined,
  ),
  pair: remembering(
    clock,
    (id: string, location: string): Promise<RegionPair | undefined> => places.pair(id, location),
    undefined,
  ),
  subnets: remembering(clock, (id: string, location: string) => places.subnets(id, location), []),
  dnsZones: remembering(clock, (id: string) => places.dnsZones(id), []),
  subscriptionName: remembering(clock, (id: string) => places.subscriptionName(id), undefined),
});
