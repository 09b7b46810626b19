/** What Azure offers a subscription in a region: versions, sizes, zones, cores, and the region it is paired with. */
import type { Capability } from '@azure/arm-postgresql-flexible';
import type { Quota, RegionFacts, RegionPair, SkuFacts } from '../restore/places';
import type { ArmClient } from './arm';
import { normaliseLocation } from './arm-id';
import { collect, type ArmReads } from './arm-reads';
import { readFailure } from './errors';
import { listedPair } from '../restore/region-pairs';

/** Capabilities name kinds of disks where servers name types of storage. */
const storageTypeOf: Readonly<Record<string, string>> = {
  ManagedDisk: 'Premium_LRS',
  ManagedDiskV2: 'PremiumV2_LRS',
  UltraDisk: 'UltraSSD_LRS',
};

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

function skuFacts(capabilities: readonly Capability[]): SkuFacts[] {
  const skus = new Map<string, SkuFacts>();
  for (const { supportedServerEditions } of capabilities)
    for (const { supportedServerSkus } of supportedServerEditions ?? [])
      for (const { name = '', vCores = 0, supportedZones = [] } of supportedServerSkus ?? []) {
        // Where Azure tells of one region in several parts, a size is in all the zones that any of them tells.
        const zones = unique([...(skus.get(name)?.zones ?? []), ...supportedZones]).sort();
        skus.set(name, { name, vCores, zones });
      }
  return [...skus.values()];
}

function regionFacts(location: string, capabilities: readonly Capability[]): RegionFacts {
  const versions = unique(
    capabilities.flatMap(({ supportedServerVersions }) =>
      (supportedServerVersions ?? []).flatMap(({ name }) => name ?? []),
    ),
  );
  const editions = capabilities.flatMap(({ supportedServerEditions }) => supportedServerEditions ?? []);
  const disks = editions.flatMap(({ supportedStorageEditions }) =>
    (supportedStorageEditions ?? []).flatMap(({ name }) => name ?? []),
  );
  return {
    location,
    // A region that offers no version at all is closed as well, whatever it says.
    restricted: versions.length === 0 || capabilities.some(({ restricted }) => restricted === 'Enabled'),
    versions,
    skus: skuFacts(capabilities),
    storageTypes: unique(disks.map((name) => storageTypeOf[name] ?? name)),
    geoBackup: capabilities.some(({ geoBackupSupported }) => geoBackupSupported === 'Enabled'),
  };
}

/** Undefined client: a subscription that the desk does not work in gets nothing anywhere. */
export async function readRegion(client: ArmClient | undefined, location: string): Promise<RegionFacts> {
  const name = normaliseLocation(location);
  const closed = regionFacts(name, []);
  if (!client) return closed;
  try {
    return regionFacts(name, await collect(client.capabilitiesByLocation.list(name)));
  } catch (error) {
    const failure = readFailure(error);
    if (failure.problem.code === 'REGION_RESTRICTED') return closed;
    throw failure;
  }
}

export async function readQuota(client: ArmClient | undefined, location: string): Promise<Quota | undefined> {
  if (!client) return undefined;
  const usages = await collect(client.quotaUsages.list(normaliseLocation(location)));
  const cores = usages.find(({ name }) => name?.value?.toLowerCase() === 'cores');
  if (cores?.limit === undefined || cores.currentValue === undefined) return undefined;
  return { limit: cores.limit, used: cores.currentValue };
}

interface Location {
  readonly name?: string;
  readonly metadata?: { readonly pairedRegion?: readonly { readonly name?: string }[] | null };
}

/** Pairs change once in years; asking again every day is plenty. */
const keptMillis = 86_400_000;

/** By name of the region; an empty text where Azure says that there is no pair. */
type Pairs = ReadonlyMap<string, string>;

async function readPairs(reads: ArmReads, subscriptionId: string): Promise<Pairs> {
  const locations = (await reads.list(`/subscriptions/${subscriptionId}/locations`, {
    'api-version': '2022-12-01',
  })) as readonly Location[];
  return new Map(
    locations.map(({ name = '', metadata }) => [
      normaliseLocation(name),
      normaliseLocation(metadata?.pairedRegion?.[0]?.name ?? ''),
    ]),
  );
}

const asPair = (location: string | undefined, knownFrom: RegionPair['knownFrom']): RegionPair =>
  location === undefined || location === '' ? { knownFrom } : { location, knownFrom };

export function createPairReader(reads: ArmReads, nowMillis: () => number = Date.now) {
  const known = new Map<string, { readonly pairs: Pairs; readonly readAt: number }>();
  const pairsOf = async (subscriptionId: string): Promise<Pairs> => {
    const key = subscriptionId.toLowerCase();
    const last = known.get(key);
    if (last && nowMillis() - last.readAt < keptMillis) return last.pairs;
    const pairs = await readPairs(reads, subscriptionId);
    known.set(key, { pairs, readAt: nowMillis() });
    return pairs;
  };
  return async (subscriptionId: string, location: string): Promise<RegionPair> => {
    const name = normaliseLocation(location);
    // A region in trouble must not hide where its backups are: where Azure fails, the list answers.
    const pairs = await pairsOf(subscriptionId).catch(() => undefined);
    const byAzure = pairs?.get(name);
    return byAzure === undefined ? asPair(listedPair(name), 'table') : asPair(byAzure, 'azure');
  };
}
