/** What vaults protect, as far as the policy lets people see it, and which of it a name on a form means. */
import { isCovered, type PolicySubject } from './restore/policy';
import { nearestNames } from './restore/servers';
import type { Choice } from './restore/messages';
import type { Deps } from './deps';
import type { FormInputs } from './restore/form-inputs';
import type { InstanceFacts } from './restore/vaults';
import type { InstanceMatch } from './restore/vault-facts';

/**
 * What the policy looks at. A database of a single server is matched by `server/database`; the tags of a flexible server
 * are those that it has now, and unknown where it is not there any more.
 */
export function instanceSubject(deps: Pick<Deps, 'servers'>, instance: InstanceFacts): PolicySubject {
  const { title, server, datasource } = instance;
  const known = datasource === 'flexible-server' ? deps.servers.known(server.id)?.server : undefined;
  const [, subscriptionId] = /^\/subscriptions\/([^/]+)/i.exec(server.id) ?? [];
  return {
    name: title,
    resourceGroup: server.resourceGroup,
    ...(subscriptionId === undefined ? {} : { subscriptionId: subscriptionId.toLowerCase() }),
    ...(known ? { tags: known.tags, network: known.network } : {}),
  };
}

const isShown = (deps: Pick<Deps, 'servers' | 'policy'>, instance: InstanceFacts): boolean =>
  isCovered(deps.policy, instanceSubject(deps, instance));

/** Those that the policy covers, from memory. */
export async function coveredInstances(
  deps: Pick<Deps, 'servers' | 'policy' | 'knownVaults'>,
): Promise<readonly InstanceFacts[]> {
  return ((await deps.knownVaults.instances()) ?? []).filter((instance) => isShown(deps, instance));
}

const inVault = ({ title, vaultName }: InstanceFacts): string => `${title} in ${vaultName}`;
const inGroups = (instance: InstanceFacts): string =>
  `${instance.title} of ${instance.server.resourceGroup} in ${instance.vaultName} of ${instance.resourceGroup}`;

const areAllDifferent = (names: readonly string[]): boolean =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length;

/** Of those that have one title: whether the name of its vault tells each of them from the others. */
const isToldByVault = (same: readonly InstanceFacts[]): boolean =>
  areAllDifferent(same.map(({ vaultName }) => vaultName));

/**
 * What can be chosen as a source. Its title is what people know; where two have one title and vaults of one name, only an
 * id means one of them: that of the server if it decides, or else that of its protection.
 */
export function sourceChoices(instances: readonly InstanceFacts[]): Choice[] {
  const byTitle = new Map<string, InstanceFacts[]>();
  for (const instance of instances) {
    const key = instance.title.toLowerCase();
    byTitle.set(key, [...(byTitle.get(key) ?? []), instance]);
  }
  return [...byTitle.values()].flatMap((same) => {
    if (isToldByVault(same)) return same.slice(0, 1).map(({ title }) => ({ title, value: title }));
    const isToldByServer = areAllDifferent(same.map(({ sourceId }) => sourceId));
    return same.map((each) => ({ title: inGroups(each), value: isToldByServer ? each.sourceId : each.id }));
  });
}

/** Of several those that the policy covers; where it covers none a single one is left, to be refused for that and no other reason. */
function tellable(
  deps: Pick<Deps, 'servers' | 'policy'>,
  found: readonly InstanceFacts[],
): readonly InstanceFacts[] {
  const shown = found.filter((instance) => isShown(deps, instance));
  return shown.length > 0 ? shown : found.slice(0, 1);
}

/** Names outside the policy are offered to nobody, but one that is given in full is recognised, to say why not. */
export function matchInstance(
  deps: Pick<Deps, 'servers' | 'policy'>,
  instances: readonly InstanceFacts[],
  { source, vault }: Pick<FormInputs, 'source' | 'vault'>,
): InstanceMatch {
  const wanted = source.trim().toLowerCase();
  const wantedVault = vault.trim().toLowerCase();
  const possible = instances.filter(
    ({ vaultName }) => wantedVault === '' || vaultName.toLowerCase() === wantedVault,
  );
  const exact = possible.filter(({ title, sourceId, id }) =>
    [title, sourceId, id].some((name) => name.toLowerCase() === wanted),
  );
  const begun = possible.filter(
    (instance) => wanted !== '' && instance.title.toLowerCase().startsWith(wanted) && isShown(deps, instance),
  );
  const found = tellable(deps, exact.length > 0 ? exact : begun);
  const [only, ...others] = found;
  if (only && others.length === 0) return { kind: 'one', server: only };
  const titles = [...new Set(found.map(({ title }) => title))];
  if (only)
    return {
      kind: 'several',
      names: (titles.length > 1 ? titles : found.map(isToldByVault(found) ? inVault : inGroups)).slice(0, 5),
    };
  const shown = possible.filter((instance) => isShown(deps, instance)).map(({ title }) => title);
  return { kind: 'none', nearest: nearestNames(wanted, shown) };
}
