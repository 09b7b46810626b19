/**
 * What stands in a form's fields before anybody typed: the defaults as values of their own, so that a reader sees them;
 * and what of a form stays when its way of restoring or its source changes.
 */
import { factsOf } from './asked-place';
import { isVaultMode } from './plan';
import { modeOf } from './judge-moment';
import type { FormField, FormInputs } from './form-inputs';
import type { RegionPair } from './places';
import type { Source } from './servers';

export interface KnownForDefaults {
  readonly source?: Source;
  readonly pair?: RegionPair;
  /** Region of the resource group of a deleted server: the likeliest region, shown for somebody to change. */
  readonly groupLocation?: string;
}

const or = (typed: string, fallback: string | undefined): string =>
  typed.trim() === '' ? (fallback ?? '') : typed;

function regionDefault(mode: string, { source, pair, groupLocation }: KnownForDefaults): string | undefined {
  if (mode === 'geo') return pair?.location;
  if (mode !== 'dropped' || source?.kind !== 'deleted') return '';
  return source.server.before?.location ?? groupLocation;
}

export function completeInputs(inputs: FormInputs, known: KnownForDefaults): FormInputs {
  const { source } = known;
  const mode = modeOf(inputs);
  const network = source && mode !== 'geo' ? factsOf(source)?.network : undefined;
  const own = network?.kind === 'private' ? network : undefined;
  return {
    ...inputs,
    subscription: or(inputs.subscription, source?.server.subscriptionId),
    resourceGroup: or(inputs.resourceGroup, source?.server.resourceGroup),
    region: or(inputs.region, regionDefault(mode, known)),
    subnet: or(inputs.subnet, own?.delegatedSubnetId),
    dnsZone: or(inputs.dnsZone, own?.privateDnsZoneId),
    availabilityZone: or(inputs.availabilityZone, 'none'),
    storageType: or(inputs.storageType, 'default'),
    geoRedundancy: or(inputs.geoRedundancy, 'default'),
    highAvailability: or(inputs.highAvailability, 'none'),
  };
}

/** Fields whose value followed from the way of restoring or from the source. */
const dependent: readonly FormField[] = [
  'region',
  'subscription',
  'subnet',
  'dnsZone',
  'availabilityZone',
  'storageType',
  'geoRedundancy',
];

/** To a moment, to the latest state and to a backup a server is restored in the same place. */
const placeKind = (inputs: FormInputs): string => {
  const mode = modeOf(inputs);
  if (isVaultMode(mode)) return mode;
  return mode === 'geo' || mode === 'dropped' ? mode : 'same region';
};

/** A server's backup and name mean nothing in a vault, nor the other way round. */
const ofPlace: readonly FormField[] = ['backup', 'target'];
/** What followed from the recovery point and from its region. */
const ofVault: readonly FormField[] = [
  ...(['vault', 'backup', 'container', 'prefix', 'database', 'target', 'secret'] as const),
  ...(['rehydration', 'rehydrationDays'] as const),
];

/** Within one source and region: the name of the files carries the time of the point, and a login belongs to its server. */
function ofVaultChoice(before: FormInputs, typed: FormInputs): FormField[] {
  if (!isVaultMode(modeOf(typed))) return [];
  return [
    ...(before.backup === typed.backup ? [] : (['prefix'] as const)),
    ...(before.target === typed.target ? [] : (['secret'] as const)),
  ];
}

function withoutLeft(gone: readonly FormField[], before: FormInputs, typed: FormInputs): FormInputs {
  const left = gone.filter((field) => typed[field] === before[field]);
  return left.length === 0 ? typed : { ...typed, ...Object.fromEntries(left.map((field) => [field, ''])) };
}

/** What was left as it stood belonged to the old choice and goes with it; what was typed now stays. */
export function carryInputs(before: FormInputs, typed: FormInputs): FormInputs {
  const isSamePlace =
    placeKind(before) === placeKind(typed) && (!isVaultMode(modeOf(typed)) || before.region === typed.region);
  if (isSamePlace && before.source === typed.source)
    return withoutLeft(ofVaultChoice(before, typed), before, typed);
  const own = before.source === typed.source ? [] : (['backup', 'resourceGroup'] as const);
  const isOther = isVaultMode(modeOf(before)) !== isVaultMode(modeOf(typed));
  const gone: FormField[] = [
    ...dependent,
    ...own,
    ...(isOther ? ofPlace : []),
    ...(isVaultMode(modeOf(typed)) ? ofVault : []),
  ];
  return withoutLeft(gone, before, typed);
}
