/** What a form needs to know before it can be shown. A form does not wait: what Azure does not tell in time is left out. */
import { askedPlace, factsOf, type AskedPlace } from './restore/asked-place';
import { isCovered, policySubject, type Policy } from './restore/policy';
import { knownSource } from './preflight';
import { modeOf } from './restore/judge-moment';
import { within } from './patience';
import type { BackupFacts, DeletedServer, ServerFacts, Source, SourceMatch } from './restore/servers';
import type { Choice } from './restore/messages';
import type { Deps } from './deps';
import type {
  DnsZoneFacts,
  RegionFacts,
  RegionPair,
  ResourceGroupFacts,
  SubnetFacts,
} from './restore/places';
import type { FormInputs } from './restore/form-inputs';
import type { PastDuration } from './restore/ports';

export interface FormFacts {
  /** Absent while nothing at all is known of Azure's servers. */
  readonly match?: SourceMatch;
  readonly servers: readonly ServerFacts[];
  readonly deleted: readonly DeletedServer[];
  readonly backups: readonly BackupFacts[];
  readonly groups: readonly ResourceGroupFacts[];
  readonly subnets: readonly SubnetFacts[];
  readonly dnsZones: readonly DnsZoneFacts[];
  readonly region?: RegionFacts;
  readonly pair?: RegionPair;
  readonly durations: readonly PastDuration[];
  readonly subscriptions: readonly Choice[];
  /** Known to be protected by a Backup vault. */
  readonly isProtected: boolean;
}

/** The server of a form as far as it may be told about: one that the policy does not cover stands there as its name only. */
export function toldSource(policy: Policy, { match }: FormFacts): Source | undefined {
  const source = match?.kind === 'one' ? match.server : undefined;
  return source && isCovered(policy, policySubject(source)) ? source : undefined;
}

/** Of a form that is no longer open, or while Azure is silent. */
export const nothingToChoose: FormFacts = {
  match: { kind: 'none', nearest: [] },
  servers: [],
  deleted: [],
  backups: [],
  groups: [],
  subnets: [],
  dnsZones: [],
  durations: [],
  subscriptions: [],
  isProtected: false,
};

const patienceMillis = 600;

const inTime = <T>(work: Promise<T>, otherwise: T): Promise<T> =>
  within(
    patienceMillis,
    work.catch(() => otherwise),
    () => otherwise,
  );

/** A card shows at most this many servers at once; the rest is found by typing. */
export const choiceLimit = 15;

async function readPair(deps: Deps, source: Source): Promise<RegionPair | undefined> {
  const facts = factsOf(source);
  return facts?.geoRedundantBackup === true
    ? deps.knownPlaces.pair(facts.subscriptionId, facts.location)
    : undefined;
}

type PlaceChoices = Pick<FormFacts, 'groups' | 'subnets' | 'dnsZones' | 'region'>;

async function readPlace(
  deps: Deps,
  { subscriptionId, location, network }: AskedPlace,
): Promise<PlaceChoices> {
  if (!deps.settings.subscriptionIds.includes(subscriptionId))
    return { groups: [], subnets: [], dnsZones: [] };
  const { knownPlaces } = deps;
  const isPrivate = network.kind === 'private' && location !== undefined;
  const [groups, region, subnets, dnsZones] = await Promise.all([
    knownPlaces.groups(subscriptionId),
    location === undefined ? undefined : knownPlaces.region(subscriptionId, location),
    isPrivate ? knownPlaces.subnets(subscriptionId, location) : [],
    isPrivate ? knownPlaces.dnsZones(subscriptionId) : [],
  ]);
  return { groups, subnets, dnsZones, ...(region ? { region } : {}) };
}

/** `Shop (11111111…)`: people know the name, and two may have the same. */
async function subscriptionChoices(deps: Deps): Promise<Choice[]> {
  return Promise.all(
    deps.settings.subscriptionIds.map(async (value) => {
      const name = await deps.knownPlaces.subscriptionName(value);
      return { title: name === undefined ? value : `${name} (${value.slice(0, 8)}…)`, value };
    }),
  );
}

async function isProtected(deps: Deps, source: Source): Promise<boolean> {
  const instances = await deps.knownVaults.instances();
  return (
    instances?.some(({ sourceId }) => sourceId.toLowerCase() === source.server.id.toLowerCase()) === true
  );
}

async function aroundSource(deps: Deps, inputs: FormInputs, source: Source): Promise<Partial<FormFacts>> {
  // Nothing is read about a server that the policy does not cover.
  if (!isCovered(deps.policy, policySubject(source))) return {};
  const pair = await readPair(deps, source);
  const [place, backups, inVault] = await Promise.all([
    readPlace(deps, askedPlace(inputs, source, pair)),
    modeOf(inputs) === 'fast' && source.kind !== 'deleted' ? deps.servers.backups(source.server.id) : [],
    isProtected(deps, source),
  ]);
  return { ...place, backups, isProtected: inVault, ...(pair ? { pair } : {}) };
}

export async function formFacts(deps: Deps, inputs: FormInputs): Promise<FormFacts> {
  const [match, deleted, durations, subscriptions] = await Promise.all([
    knownSource(deps, inputs).catch(() => undefined),
    modeOf(inputs) === 'dropped' ? inTime(deps.servers.deleted(), []) : [],
    deps.store.pastDurations(40),
    subscriptionChoices(deps),
  ]);
  const { match: _match, ...nothing } = nothingToChoose;
  if (!match) return nothing;
  const servers = deps.servers.search('', choiceLimit);
  const known = match.kind === 'one' ? await aroundSource(deps, inputs, match.server) : {};
  return { ...nothing, match, servers, deleted, durations, subscriptions, ...known };
}
