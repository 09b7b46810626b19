/** Where the new server shall stand: what was typed, completed by what the source and the mode allow only in one way. */
import { modeOf } from './judge-moment';
import type { FormInputs } from './form-inputs';
import type { RegionPair } from './places';
import type { Network, ServerFacts, Source } from './servers';

export interface AskedPlace {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Normalised; absent where nobody knows: a deleted server whose region was not chosen. */
  readonly location?: string;
  /** What the new server must have; ids are absent where somebody has to choose. */
  readonly network:
    | { readonly kind: 'public' }
    | { readonly kind: 'private'; readonly subnetId?: string; readonly dnsZoneId?: string };
}

/** `Canada Central` and `canadacentral` are the same place. */
export const normaliseRegion = (name: string): string => name.toLowerCase().replace(/\s/g, '');

/** What is known of the source's properties: for a deleted server only what the desk saw before. */
export const factsOf = (source: Source): ServerFacts | undefined =>
  source.kind === 'deleted' ? source.server.before : source.server;

function locationFor(inputs: FormInputs, source: Source, pair: RegionPair | undefined): string | undefined {
  const chosen = normaliseRegion(inputs.region);
  if (modeOf(inputs) === 'geo') return chosen || pair?.location;
  if (source.kind === 'deleted') return source.server.before?.location ?? (chosen || undefined);
  return source.server.location;
}

/** A subnet belongs to one region: the source's own can be used in its region only. */
function networkFor(inputs: FormInputs, source: Source): AskedPlace['network'] {
  const subnet = inputs.subnet.trim();
  const zone = inputs.dnsZone.trim();
  const known: Network | undefined = factsOf(source)?.network;
  const isPrivate = known === undefined ? subnet !== '' : known.kind === 'private';
  if (!isPrivate) return { kind: 'public' };
  const own = known?.kind === 'private' && modeOf(inputs) !== 'geo' ? known : undefined;
  const subnetId = subnet || own?.delegatedSubnetId;
  const dnsZoneId = zone || own?.privateDnsZoneId;
  return {
    kind: 'private',
    ...(subnetId === undefined ? {} : { subnetId }),
    ...(dnsZoneId === undefined ? {} : { dnsZoneId }),
  };
}

export function askedPlace(inputs: FormInputs, source: Source, pair: RegionPair | undefined): AskedPlace {
  const location = locationFor(inputs, source, pair);
  return {
    // Azure does not keep to one spelling; the settings are in lower case.
    subscriptionId: (inputs.subscription.trim() || source.server.subscriptionId).toLowerCase(),
    resourceGroup: inputs.resourceGroup.trim() || source.server.resourceGroup,
    network: networkFor(inputs, source),
    ...(location === undefined ? {} : { location }),
  };
}
