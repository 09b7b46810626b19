/** Gathers the facts that a plan is judged by, and makes the plan. Read-only; throws only when Azure does not answer. */
import { askedPlace, type AskedPlace } from './restore/asked-place';
import { DeskError } from './restore/errors';
import { isCovered, policySubject } from './restore/policy';
import {
  isServerName,
  matchServer,
  nearestNames,
  serverId,
  type NameCheck,
  type ServerFacts,
  type Source,
  type SourceMatch,
} from './restore/servers';
import { makePlan, type PlanResult, type Wish } from './restore/make-plan';
import { matchDeleted } from './restore/match-deleted';
import { isVaultMode } from './restore/plan';
import { modeOf } from './restore/judge-moment';
import { loadPreflight } from './load-preflight';
import { vaultPreflight } from './vault-preflight';
import { targetNameOf, type MissingRights, type PlaceFacts } from './restore/judge-place';
import type { Deps } from './deps';
import type { FormInputs } from './restore/form-inputs';
import type { RegionPair } from './restore/places';

/** What Azure wants to see allowed on the way to a new server. */
/** Deleting belongs to it: a restore that is stopped half-way must not be left standing. */
const makeServer = [
  'Microsoft.DBforPostgreSQL/flexibleServers/write',
  'Microsoft.DBforPostgreSQL/flexibleServers/delete',
] as const;
const joinSubnet = ['Microsoft.Network/virtualNetworks/subnets/join/action'] as const;
const joinZone = ['Microsoft.Network/privateDnsZones/join/action'] as const;

/** Servers outside the policy are offered to nobody, but one that is named in full is recognised, to say why not. */
export function visibleFirst(
  deps: Pick<Deps, 'policy'>,
  servers: readonly ServerFacts[],
  asked: string,
): readonly ServerFacts[] {
  const wanted = asked.trim().toLowerCase();
  return servers.filter(
    (server) =>
      server.name.toLowerCase() === wanted ||
      server.id.toLowerCase() === wanted ||
      (server.name.toLowerCase().startsWith(wanted) && isCovered(deps.policy, server)),
  );
}

/** Who stands behind a name on a form. The servers of the inventory answer at once; nothing is asked of Azure here. */
export async function knownSource(
  deps: Deps,
  inputs: Pick<FormInputs, 'source' | 'mode'>,
): Promise<SourceMatch> {
  const { servers } = await deps.servers.list();
  const match = matchServer(inputs.source, visibleFirst(deps, servers, inputs.source));
  if (modeOf(inputs) === 'dropped') {
    const deleted = matchDeleted(inputs.source, await deps.servers.deleted());
    if (deleted.kind !== 'none' || match.kind !== 'one') return deleted;
  }
  if (match.kind === 'none') {
    const shown = servers.filter((server) => isCovered(deps.policy, server)).map(({ name }) => name);
    return { kind: 'none', nearest: nearestNames(inputs.source.trim().toLowerCase(), shown) };
  }
  if (match.kind === 'several') return match;
  const known = deps.servers.known(match.server.id);
  const source: Source =
    known?.reachable === false
      ? { kind: 'remembered', server: match.server, seenAt: known.seenAt }
      : { kind: 'live', server: match.server };
  return { kind: 'one', server: source };
}

/** The source as Azure has it now. Where Azure does not answer for it, what was seen last has to do, and is said. */
async function readSource(deps: Deps, inputs: FormInputs): Promise<SourceMatch> {
  const match = await knownSource(deps, inputs);
  if (match.kind !== 'one' || match.server.kind === 'deleted') return match;
  const { id } = match.server.server;
  const known = deps.servers.known(id);
  try {
    const server = await deps.reader.get(id);
    return server ? { kind: 'one', server: { kind: 'live', server } } : { kind: 'none', nearest: [] };
  } catch (error) {
    if (!known || !(error instanceof DeskError) || error.problem.code !== 'AZURE_UNREACHABLE') throw error;
    const { server, seenAt } = known;
    return { kind: 'one', server: { kind: 'remembered', server, seenAt } };
  }
}

async function checkName(
  deps: Deps,
  { subscriptionId, resourceGroup }: AskedPlace,
  name: string,
): Promise<NameCheck> {
  if (!isServerName(name)) return { kind: 'free' };
  const [check, existing] = await Promise.all([
    deps.places.checkName(subscriptionId, name),
    deps.reader.get(serverId(subscriptionId, resourceGroup, name)),
  ]);
  return check.kind === 'free' && existing ? { kind: 'taken' } : check;
}

type NetworkFacts = Pick<PlaceFacts, 'subnet' | 'dnsZone'>;

/** Asked for only where something stands: of what is not there that alone is said. */
async function missingRights(
  deps: Deps,
  { subscriptionId, resourceGroup }: AskedPlace,
  { subnet, dnsZone }: NetworkFacts,
): Promise<readonly MissingRights[]> {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  const wanted: [string | undefined, readonly string[]][] = [
    [group, makeServer],
    [subnet?.id, joinSubnet],
    [dnsZone?.id, joinZone],
  ];
  const missing = await Promise.all(
    wanted.map(async ([scope, actions]) =>
      scope === undefined
        ? undefined
        : {
            assignee: deps.settings.azureClientId,
            scope,
            actions: await deps.places.missingRights(scope, actions),
          },
    ),
  );
  return missing.flatMap((entry) => (entry && entry.actions.length > 0 ? [entry] : []));
}

async function readNetwork(deps: Deps, { network }: AskedPlace): Promise<NetworkFacts> {
  if (network.kind === 'public') return {};
  const [subnet, dnsZone] = await Promise.all([
    network.subnetId === undefined ? undefined : deps.places.subnet(network.subnetId),
    network.dnsZoneId === undefined ? undefined : deps.places.dnsZone(network.dnsZoneId),
  ]);
  return { ...(subnet ? { subnet } : {}), ...(dnsZone ? { dnsZone } : {}) };
}

/** Everything that is asked of a subscription the desk works in; of any other nothing is asked. */
async function readPlace(
  deps: Deps,
  asked: AskedPlace,
): Promise<Omit<PlaceFacts, 'asked' | 'subscriptions' | 'targetName'>> {
  const { subscriptionId, location } = asked;
  const group = await deps.places.resourceGroup(subscriptionId, asked.resourceGroup);
  const inNetwork = readNetwork(deps, asked);
  const [region, quota, rights, network] = await Promise.all([
    location === undefined ? undefined : deps.places.region(subscriptionId, location),
    location === undefined ? undefined : deps.places.quota(subscriptionId, location),
    group ? inNetwork.then((found) => missingRights(deps, asked, found)) : [],
    inNetwork,
  ]);
  return {
    missingRights: rights,
    ...network,
    ...(group ? { resourceGroup: group } : {}),
    ...(region ? { region } : {}),
    ...(quota ? { quota } : {}),
  };
}

const pairFor = (deps: Deps, source: Source, inputs: FormInputs): Promise<RegionPair | undefined> =>
  modeOf(inputs) === 'geo' && source.kind !== 'deleted'
    ? deps.places.pair(source.server.subscriptionId, source.server.location)
    : Promise.resolve(undefined);

/** `self` is the request that is being judged again; its own name is not in its own way. */
async function placeFacts(
  deps: Deps,
  inputs: FormInputs,
  source: Source,
  self: string | undefined,
): Promise<PlaceFacts> {
  const pair = await pairFor(deps, source, inputs);
  const asked = askedPlace(inputs, source, pair);
  const subscriptions = deps.settings.subscriptionIds;
  const name = targetNameOf(inputs);
  const isOurs = subscriptions.includes(asked.subscriptionId);
  const [targetName, open, place] = await Promise.all([
    isOurs ? checkName(deps, asked, name) : ({ kind: 'free' } as const),
    deps.store.openRequestForTarget(name),
    isOurs ? readPlace(deps, asked) : { missingRights: [] },
  ]);
  return {
    asked,
    subscriptions,
    targetName,
    ...place,
    ...(pair ? { pair } : {}),
    ...(open === undefined || open === self ? {} : { openForTarget: open }),
  };
}

export async function preflight(deps: Deps, wish: Wish, self?: string): Promise<PlanResult> {
  const { inputs } = wish;
  if (modeOf(inputs) === 'files-to-server') return loadPreflight(deps, wish, self);
  if (isVaultMode(modeOf(inputs))) return vaultPreflight(deps, wish, self);
  const match = await readSource(deps, inputs);
  if (match.kind !== 'one')
    return makePlan(wish, { source: match, backups: [], now: deps.clock.now() }, deps.policy);
  const source = match.server;
  // A server that the policy does not cover is refused for that; nothing about it is asked for.
  const isCoveredSource = isCovered(deps.policy, policySubject(source));
  const [place, backups] = await Promise.all([
    isCoveredSource ? placeFacts(deps, inputs, source, self) : undefined,
    modeOf(inputs) === 'fast' && source.kind === 'live' ? deps.reader.backups(source.server.id) : [],
  ]);
  const facts = { source: match, backups, now: deps.clock.now(), ...(place ? { place } : {}) };
  return makePlan(wish, facts, deps.policy);
}
