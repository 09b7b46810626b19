/** Where a plan puts data, as rules look at it; and who gains access there, in words. */
import { isFilesPlan, isVaultPlan, loadTerms, type Plan } from './plan';
import type { Ask, Destination, PolicyAction, PolicySubject, ServerDestination } from './policy-subject';
import type { AskedPlace } from './asked-place';
import type { Instant } from './instant';
import type { LoadServer } from './load-plan';
import type { ServerFacts } from './servers';

export const newServer = (
  { subscriptionId, resourceGroup, location, network }: AskedPlace,
  server: string,
): ServerDestination => ({
  ...{ kind: 'server', subscriptionId, resourceGroup, server, network: network.kind },
  ...(location === undefined ? {} : { region: location }),
});

/** A server that stands already. What network it is in is known only of one that was read. */
export const standingServer = ({
  subscriptionId,
  resourceGroup,
  location,
  name,
  network,
}: LoadServer & Partial<Pick<ServerFacts, 'network'>>): ServerDestination => ({
  ...{ kind: 'server', subscriptionId, resourceGroup, region: location, server: name },
  ...(network ? { network: network.kind } : {}),
});

/** Every place that a plan puts data in; of a chain both. */
export function destinationsOf(plan: Plan): readonly Destination[] {
  if (isFilesPlan(plan)) return [standingServer(plan.target)];
  const { subscriptionId, resourceGroup, location: region } = plan.target;
  const place = { subscriptionId, resourceGroup, region };
  if (!isVaultPlan(plan))
    return [{ ...place, kind: 'server', server: plan.target.name, network: plan.network.kind }];
  if (plan.mode === 'vault-database') return [{ ...place, kind: 'server', server: plan.target.name }];
  const { account, container } = plan.target;
  const loaded = loadTerms(plan);
  return [
    { ...place, kind: 'container', container: `${account}/${container}` },
    ...(loaded ? [standingServer(loaded.server)] : []),
  ];
}

/** What is asked for when something is done about a plan, or about what came out of it. */
export const askAbout = (plan: Plan, action: PolicyAction, at: Instant): Ask => ({
  ...{ action, at, mode: plan.mode, to: destinationsOf(plan) },
  regionChange: destinationsOf(plan).some(({ region }) => region !== plan.source.location),
});

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function looserPlace({ subscriptionId, resourceGroup }: PolicySubject, to: Destination): string[] {
  const moved = subscriptionId !== undefined && !same(subscriptionId, to.subscriptionId);
  if (!moved && same(resourceGroup, to.resourceGroup)) return [];
  const where = moved ? `${to.resourceGroup} in subscription ${to.subscriptionId}` : to.resourceGroup;
  const what = to.kind === 'server' ? 'this copy' : 'these files';
  return [`Whoever has rights on ${where} can reach ${what}; the source lies in ${resourceGroup}.`];
}

function looserReach({ name, network }: PolicySubject, to: Destination): string[] {
  if (to.kind === 'container')
    return [`Whoever may read the container ${to.container} can read the data of ${name} there.`];
  return network?.kind === 'private' && to.network === 'public'
    ? [
        `${name} is private and ${to.server} is public: whoever its firewall lets through can reach this data.`,
      ]
    : [];
}

/** One sentence for each way in which others than before can reach the data. */
export const looserWarnings = (subject: PolicySubject, to: readonly Destination[]): readonly string[] => [
  ...new Set(to.flatMap((each) => [...looserPlace(subject, each), ...looserReach(subject, each)])),
];

const partsOfId = (id: string): { readonly subscriptionId?: string; readonly resourceGroup: string } => {
  const [, subscriptionId, resourceGroup] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)/i.exec(id) ?? [];
  return {
    resourceGroup: resourceGroup ?? '',
    ...(subscriptionId === undefined ? {} : { subscriptionId: subscriptionId.toLowerCase() }),
  };
};

/** What rules look at in a plan that was made before; tags and network are not in it, and come from who knows them. */
export const subjectOf = (plan: Plan, known: Pick<PolicySubject, 'tags' | 'network'> = {}): PolicySubject => {
  const of = isFilesPlan(plan) ? plan.target : plan.source;
  return {
    name: of.name,
    ...partsOfId(of.id),
    ...(known.tags ? { tags: known.tags } : {}),
    ...(known.network ? { network: known.network } : {}),
  };
};

/** The rule under which a past request would be planned: of a chain the server that is loaded has its word too. */
export const subjectsOf = (
  plan: Plan,
  at: Instant,
  known: Pick<PolicySubject, 'tags' | 'network'> = {},
): readonly { readonly subject: PolicySubject; readonly ask: Ask }[] => {
  const own = { subject: subjectOf(plan, known), ask: askAbout(plan, 'restore', at) };
  if (plan.mode !== 'vault-to-server') return [own];
  const { server } = plan.load;
  const to = [standingServer(server)];
  return [own, { subject: server, ask: { ...own.ask, mode: 'files-to-server', to } }];
};
