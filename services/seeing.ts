/** What one person may see of servers, vaults and requests: what the policy keeps to some is left out for the others. */
import { approversOf } from './restore/sealed-rule';
import { instanceSubject } from './protected';
import { isSameAccount } from './restore/person';
import { partiesThatSee, visibleTo } from './restore/policy-visible';
import { policySubject, type PolicySubject } from './restore/policy';
import type { Deps } from './deps';
import type { InstanceFacts } from './restore/vaults';
import type { KnownServers } from './known-servers';
import type { RestoreRequest } from './restore/request';
import type { Store } from './restore/ports';
import type { Person } from './restore/person';
import type { Standing } from './restore/party';

const nobody: Standing = { account: 'unknown', belongsTo: [] };

type Sees = (subject: PolicySubject) => boolean;

const seenServers = (servers: KnownServers, sees: Sees): KnownServers => ({
  list: async () => {
    const known = await servers.list();
    return { ...known, servers: known.servers.filter(sees) };
  },
  known: (id) => servers.known(id),
  // Left out first and counted afterwards: a full page of hidden ones hides nobody else's.
  search: (query, limit) => servers.search(query, Number.MAX_SAFE_INTEGER).filter(sees).slice(0, limit),
  deleted: async () =>
    (await servers.deleted()).filter((server) => sees(policySubject({ kind: 'deleted', server }))),
  backups: (id) => servers.backups(id),
  refresh: () => servers.refresh(),
  start: () => servers.start(),
  stop: () => servers.stop(),
});

function seenVaults({ vaults, knownVaults }: Deps, seesInstance: (instance: InstanceFacts) => boolean) {
  return {
    vaults: {
      instances: async () => {
        const known = await vaults.instances();
        return { ...known, instances: known.instances.filter(seesInstance) };
      },
      vaults: () => vaults.vaults(),
      vault: (id) => vaults.vault(id),
      instance: (id) => vaults.instance(id),
      points: (instance, secondary) => vaults.points(instance, secondary),
      jobs: (since) => vaults.jobs(since),
    } satisfies Deps['vaults'],
    knownVaults: {
      instances: async () => (await knownVaults.instances())?.filter(seesInstance),
      vault: (id) => knownVaults.vault(id),
      points: (instance, secondary) => knownVaults.points(instance, secondary),
      accounts: () => knownVaults.accounts(),
    } satisfies Deps['knownVaults'],
  };
}

/**
 * What a request is about, as the policy looks at it: its source, or the server that files are loaded into. What is not known of
 * it any more may be meant.
 */
function subjectOf({ servers }: Deps, { plan }: RestoreRequest): PolicySubject {
  const source = plan.mode === 'files-to-server' ? plan.target : plan.source;
  const [, subscriptionId, resourceGroup = ''] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)/i.exec(source.id) ?? [];
  const known = servers.known(source.id)?.server;
  return {
    ...{ name: source.name, resourceGroup },
    ...(subscriptionId === undefined ? {} : { subscriptionId: subscriptionId.toLowerCase() }),
    ...(known ? { tags: known.tags, network: known.network } : {}),
  };
}

/** Who asked for it or is asked about it has its cards; an escalation asks those whom it called. */
const isInvolved = (
  { requester, editors = [], rule, toldDirectly = [] }: RestoreRequest,
  person: Person,
): boolean =>
  [requester, ...editors, ...approversOf(rule), ...toldDirectly].some((other) =>
    isSameAccount(other, person),
  );

/** More than are shown, so that hidden ones leave room for nobody's gap. */
const readFor = (shown: number): number => shown * 10;

function seenRequests(
  deps: Deps,
  person: Person | undefined,
  sees: Sees,
): Pick<Store, 'request' | 'requests'> {
  const isSeen = (request: RestoreRequest): boolean =>
    (person !== undefined && isInvolved(request, person)) || sees(subjectOf(deps, request));
  return {
    request: async (id) => {
      const read = await deps.store.request(id);
      return read && isSeen(read.value) ? read : undefined;
    },
    requests: async (limit) => (await deps.store.requests(readFor(limit))).filter(isSeen).slice(0, limit),
  };
}

/**
 * The same desk with what `person` may see. Nobody is looked up where everybody may see everything; where the directory does not
 * answer, or nobody is named, what is kept to some is left out.
 */
export async function seenBy(deps: Deps, person: Person | undefined): Promise<Deps> {
  const parties = partiesThatSee(deps.policy);
  if (parties.length === 0) return deps;
  const standing = person
    ? await deps.directory.standing(person.aadObjectId, parties).catch(() => nobody)
    : nobody;
  const sees = visibleTo(deps.policy, standing);
  return {
    ...deps,
    servers: seenServers(deps.servers, sees),
    ...seenVaults(deps, (instance) => sees(instanceSubject(deps, instance))),
    store: { ...deps.store, ...seenRequests(deps, person, sees) },
  };
}
