/** Whether the new server can stand where it is asked for: name, subscription, group, region, size, rights. */
import { factsOf, normaliseRegion, type AskedPlace } from './asked-place';
import { problem, type Problem } from './errors';
import { isServerName, nextName, type NameCheck, type Source } from './servers';
import { modeOf } from './judge-moment';
import type { FormInputs } from './form-inputs';
import type { DnsZoneFacts, Quota, RegionFacts, RegionPair, ResourceGroupFacts, SubnetFacts } from './places';

/** What had to be read from Azure about the place; each is a fact of one moment, absent where it could not be asked for. */
export interface PlaceFacts {
  readonly asked: AskedPlace;
  /** Subscriptions that the desk works in, in lower case. */
  readonly subscriptions: readonly string[];
  /** Of the source's region. */
  readonly pair?: RegionPair;
  readonly targetName: NameCheck;
  readonly resourceGroup?: ResourceGroupFacts;
  readonly region?: RegionFacts;
  readonly quota?: Quota;
  readonly missingRights: readonly MissingRights[];
  readonly subnet?: SubnetFacts;
  readonly dnsZone?: DnsZoneFacts;
  /** An open request of the desk for the same target name, if there is one. */
  readonly openForTarget?: string;
}

export interface MissingRights {
  /** Client id of the identity that lacks them. */
  readonly assignee: string;
  readonly scope: string;
  readonly actions: readonly string[];
}

export const targetNameOf = (inputs: FormInputs): string => inputs.target.trim().toLowerCase();

/** What is wrong with a name whatever Azure says. */
export function spellingProblems(inputs: FormInputs): Problem[] {
  const name = targetNameOf(inputs);
  if (name === '') return [problem('TARGET_MISSING')];
  return isServerName(name) ? [] : [problem('TARGET_NAME_INVALID', { name })];
}

/** Of several things wrong with a name only the first is said: the others go with it. */
export function nameProblems(inputs: FormInputs, source: Source, facts: PlaceFacts): Problem[] {
  const name = targetNameOf(inputs);
  if (name !== '' && name === source.server.name.toLowerCase())
    return [
      problem(source.kind === 'deleted' ? 'TARGET_IS_OLD_NAME' : 'TARGET_IS_SOURCE', {
        name,
        suggestion: nextName(name),
      }),
    ];
  const misspelt = spellingProblems(inputs);
  if (misspelt.length > 0) return misspelt;
  if (facts.targetName.kind === 'invalid') return [problem('TARGET_NAME_INVALID', { name })];
  if (facts.openForTarget !== undefined)
    return [problem('DUPLICATE_OPEN', { id: facts.openForTarget, target: name })];
  if (facts.targetName.kind === 'taken')
    return [problem('TARGET_NAME_TAKEN', { name, suggestion: nextName(name) })];
  return [];
}

function regionChoiceProblems(inputs: FormInputs, source: Source, { pair }: PlaceFacts): Problem[] {
  const region = normaliseRegion(inputs.region);
  const location = factsOf(source)?.location;
  if (location === undefined)
    return region === '' ? [problem('REGION_MISSING', { name: source.server.name })] : [];
  if (modeOf(inputs) === 'geo') {
    const paired = pair?.location;
    return paired === undefined || region === '' || region === paired
      ? []
      : [problem('REGION_NOT_PAIRED', { region, location, pair: paired })];
  }
  return region === '' || region === location ? [] : [problem('REGION_NOT_POSSIBLE', { region, location })];
}

function subscriptionProblems(source: Source, { asked, subscriptions }: PlaceFacts): Problem[] {
  const { subscriptionId } = asked;
  if (!subscriptions.includes(subscriptionId))
    return [problem('SUBSCRIPTION_UNKNOWN', { subscription: subscriptionId })];
  return source.kind === 'deleted' && subscriptionId !== source.server.subscriptionId.toLowerCase()
    ? [problem('SUBSCRIPTION_FIXED', { name: source.server.name })]
    : [];
}

/** Azure's rule for names of groups; the name stands in a command that somebody will copy. */
const isGroupName = (name: string): boolean => /^[\w.()-]{1,90}$/.test(name) && !name.endsWith('.');

function groupProblems({ asked, resourceGroup, missingRights }: PlaceFacts, location: string): Problem[] {
  const { resourceGroup: name, subscriptionId } = asked;
  if (!isGroupName(name)) return [problem('CHOICE_UNKNOWN', { field: 'resource group', value: name })];
  return [
    ...(resourceGroup === undefined
      ? [problem('RESOURCE_GROUP_MISSING', { name, subscriptionId, location })]
      : []),
    ...missingRights.map((missing) => problem('RIGHTS_MISSING', missing)),
  ];
}

/** What the source has and the copy will have too: version and compute size. */
function sizeProblems(source: Source, region: RegionFacts, quota: Quota | undefined): Problem[] {
  const { location } = region;
  const facts = factsOf(source);
  if (!facts) return [];
  const version = facts.version.split('.')[0] ?? '';
  const sku = region.skus.find(({ name }) => name.toLowerCase() === facts.sku.toLowerCase());
  const free = quota === undefined ? undefined : quota.limit - quota.used;
  return [
    ...(region.versions.includes(version) ? [] : [problem('VERSION_NOT_OFFERED', { version, location })]),
    ...(sku ? [] : [problem('SKU_NOT_OFFERED', { sku: facts.sku, location })]),
    ...(sku && quota && free !== undefined && sku.vCores > free
      ? [
          problem('QUOTA_EXCEEDED', {
            location,
            needed: sku.vCores,
            free: Math.max(0, free),
            limit: quota.limit,
          }),
        ]
      : []),
  ];
}

function regionProblems(source: Source, { region, quota }: PlaceFacts): Problem[] {
  if (!region) return [];
  // A restricted region offers nothing at all; one sentence says it.
  if (region.restricted) return [problem('REGION_RESTRICTED', { location: region.location })];
  return sizeProblems(source, region, quota);
}

/** `source` is known here; a request without one is refused for that alone. */
export const placeProblems = (inputs: FormInputs, source: Source, facts: PlaceFacts): Problem[] => [
  ...regionChoiceProblems(inputs, source, facts),
  ...subscriptionProblems(source, facts),
  ...(facts.subscriptions.includes(facts.asked.subscriptionId)
    ? groupProblems(facts, facts.asked.location ?? 'the region of the source')
    : []),
  ...regionProblems(source, facts),
];
