/** What vaults protect, as far as the policy lets people see it, and which of it a name on a form means. */
import { isCovered, type PolicySubject } from './restore/policy';
import { nearestNames } from './restore/servers';
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
  const tags = datasource === 'flexible-server' ? deps.servers.known(server.id)?.server.tags : undefined;
  return { name: title, resourceGroup: server.resourceGroup, ...(tags ? { tags } : {}) };
}

const isShown = (deps: Pick<Deps, 'servers' | 'policy'>, instance: InstanceFacts): boolean =>
  isCovered(deps.policy, instanceSubject(deps, instance));

/** Those that the policy covers, from memory. */
export async function coveredInstances(
  deps: Pick<Deps, 'servers' | 'policy' | 'knownVaults'>,
): Promise<readonly InstanceFacts[]> {
  return (await deps.knownVaults.instances()).filter((instance) => isShown(deps, instance));
}

const inVault = ({ title, vaultName }: InstanceFacts): string => `${title} in ${vaultName}`;

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
  const exact = possible.filter(
    ({ title, sourceId }) => title.toLowerCase() === wanted || sourceId.toLowerCase() === wanted,
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
      names: (titles.length === 1 ? found.map(inVault) : titles).slice(0, 5),
    };
  const shown = possible.filter((instance) => isShown(deps, instance)).map(({ title }) => title);
  return { kind: 'none', nearest: nearestNames(wanted, shown) };
}
