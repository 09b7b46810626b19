/** The choices that a restore leaves: zone, storage, redundancy, keys, tags, expiry, and what is left for afterwards. */
import { DateTime } from 'luxon';
import { factsOf } from './asked-place';
import { modeOf } from './judge-moment';
import { problem, type Problem } from './errors';
import { readTags } from './tags';
import type { Encryption, HighAvailability, Source, StorageType } from './servers';
import type { FollowUp, ServerPlan } from './plan';
import type { FormInputs } from './form-inputs';
import type { Instant } from './instant';
import type { PlaceFacts } from './judge-place';

export type PlannedOptions = Pick<
  ServerPlan,
  'geoRedundantBackup' | 'availabilityZone' | 'storageType' | 'encryption' | 'tags' | 'expires' | 'followUps'
>;

/** A copy that nobody remembers for longer than this is better asked for again. */
const longestLifeDays = 366;

const storageTypes: readonly StorageType[] = ['Premium_LRS', 'PremiumV2_LRS', 'UltraSSD_LRS'];
const highAvailabilityModes: readonly HighAvailability[] = ['SameZone', 'ZoneRedundant'];

const find = <T extends string>(known: readonly T[], typed: string): T | undefined =>
  known.find((value) => value.toLowerCase() === typed.trim().toLowerCase());

/** The words that a form shows for what nobody chose. */
const isNone = (typed: string): boolean => ['', 'none', 'default'].includes(typed.trim().toLowerCase());

function zoneProblems({ availabilityZone }: FormInputs, source: Source, { region }: PlaceFacts): Problem[] {
  if (isNone(availabilityZone) || !region || region.restricted) return [];
  const zone = availabilityZone.trim();
  const sku = factsOf(source)?.sku;
  const offered =
    sku === undefined
      ? [...new Set(region.skus.flatMap(({ zones }) => zones))]
      : (region.skus.find(({ name }) => name.toLowerCase() === sku.toLowerCase())?.zones ?? []);
  if (offered.includes(zone)) return [];
  return [problem('ZONE_NOT_OFFERED', { zone, sku: sku ?? 'this size', location: region.location, offered })];
}

/** What follows the source has to be offered too: a paired region may lack the newer kinds of storage. */
function storageProblems({ storageType }: FormInputs, source: Source, { region }: PlaceFacts): Problem[] {
  const type = isNone(storageType) ? factsOf(source)?.storageType : find(storageTypes, storageType);
  if (type === undefined && isNone(storageType)) return [];
  if (type === undefined) return [problem('CHOICE_UNKNOWN', { field: 'storage type', value: storageType })];
  if (!region || region.restricted || region.storageTypes.includes(type)) return [];
  const offered = region.storageTypes;
  return [problem('STORAGE_TYPE_NOT_OFFERED', { type, location: region.location, offered })];
}

/** Geo-restored servers are locally redundant unless somebody asks; all others are as the source was. */
function wantsGeoRedundancy(inputs: FormInputs, source: Source): boolean {
  const asked = inputs.geoRedundancy.trim().toLowerCase();
  if (!isNone(asked)) return asked === 'on';
  return modeOf(inputs) !== 'geo' && factsOf(source)?.geoRedundantBackup === true;
}

/** Geo-redundant storage is laid out in both regions of a pair, so both have to be there. */
function redundancyProblems(inputs: FormInputs, source: Source, facts: PlaceFacts): Problem[] {
  const value = inputs.geoRedundancy.trim();
  if (!isNone(value) && !['on', 'off'].includes(value.toLowerCase()))
    return [problem('CHOICE_UNKNOWN', { field: 'backup redundancy', value })];
  const location = facts.asked.location;
  if (!wantsGeoRedundancy(inputs, source) || location === undefined) return [];
  const refused = (why: string): Problem[] => [problem('GEO_REDUNDANCY_NOT_OFFERED', { location, why })];
  if (source.kind === 'remembered' && modeOf(inputs) === 'geo')
    return refused(`its paired region ${source.server.location} does not answer now`);
  if (facts.region && !facts.region.restricted && !facts.region.geoBackup)
    return refused('the region does not offer it');
  return [];
}

function expiryProblems(inputs: FormInputs, now: Instant): Problem[] {
  const text = inputs.expires.trim();
  if (text === '') return [];
  const day = DateTime.fromFormat(text, 'yyyy-MM-dd', { zone: 'utc' });
  if (!day.isValid) return [problem('EXPIRES_UNREADABLE', { text })];
  const today = DateTime.fromISO(now, { zone: 'utc' }).startOf('day');
  const [from, until] = [today.plus({ days: 1 }), today.plus({ days: longestLifeDays })];
  if (day >= from && day <= until) return [];
  return [
    problem('EXPIRES_OUT_OF_RANGE', {
      day: text,
      from: from.toFormat('yyyy-MM-dd'),
      until: until.toFormat('yyyy-MM-dd'),
    }),
  ];
}

function wishProblems(inputs: FormInputs): Problem[] {
  const tags = readTags(inputs.tags);
  const value = inputs.highAvailability;
  return [
    ...(tags.kind === 'refused' ? tags.problems : []),
    ...(isNone(value) || find(highAvailabilityModes, value) !== undefined
      ? []
      : [problem('CHOICE_UNKNOWN', { field: 'high availability', value })]),
  ];
}

export const optionProblems = (
  inputs: FormInputs,
  source: Source,
  facts: PlaceFacts,
  now: Instant,
): Problem[] => [
  ...zoneProblems(inputs, source, facts),
  ...storageProblems(inputs, source, facts),
  ...redundancyProblems(inputs, source, facts),
  ...wishProblems(inputs),
  ...expiryProblems(inputs, now),
];

/** In the paired region the two keys change places: the one of that region becomes the first (reference 1.5). */
function plannedEncryption(inputs: FormInputs, source: Source): Encryption | undefined {
  const own = factsOf(source)?.encryption;
  if (modeOf(inputs) !== 'geo' || !own?.geoBackup) return undefined;
  return {
    primaryKeyUri: own.geoBackup.keyUri,
    primaryIdentityId: own.geoBackup.identityId,
    geoBackup: { keyUri: own.primaryKeyUri, identityId: own.primaryIdentityId },
  };
}

function followUps(inputs: FormInputs): FollowUp[] {
  const mode = find(highAvailabilityModes, inputs.highAvailability);
  return mode === undefined ? [] : [{ kind: 'high-availability', mode }];
}

/** Only called when there are no problems. */
export function plannedOptions(inputs: FormInputs, source: Source): PlannedOptions {
  const storageType = find(storageTypes, inputs.storageType);
  const encryption = plannedEncryption(inputs, source);
  const tags = readTags(inputs.tags);
  const expires = inputs.expires.trim();
  return {
    geoRedundantBackup: wantsGeoRedundancy(inputs, source),
    tags: tags.kind === 'tags' ? tags.tags : {},
    followUps: followUps(inputs),
    ...(isNone(inputs.availabilityZone) ? {} : { availabilityZone: inputs.availabilityZone.trim() }),
    ...(storageType === undefined ? {} : { storageType }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(expires === '' ? {} : { expires }),
  };
}
