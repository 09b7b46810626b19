/** Storage accounts, key vaults and single servers as a restore sees them: where its files or rows shall go. */
import type { AzureState, LegacyServer, RoleAssignment, ServerRecord } from './model';
import { coversScope, findRole, isAllowed } from './roles';
import type { Store } from './store';

interface Placed {
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

export interface TargetAccount extends Placed {
  readonly location: string;
  readonly allowCrossTenantReplication: boolean;
  readonly publicNetworkAccess: string;
  readonly networkAcls: { readonly bypass: string; readonly defaultAction: string };
}

export interface TargetSecret {
  readonly name: string;
  readonly enabled: boolean;
  readonly value: string;
}

export interface TargetKeyVault extends Placed {
  readonly enableRbacAuthorization: boolean;
  readonly accessPolicies: readonly {
    readonly objectId: string;
    readonly permissions: { readonly secrets: readonly string[] };
  }[];
  readonly secrets: readonly TargetSecret[];
}

/** Both lists may be missing in a state that knows nothing of them. */
type Targets = AzureState & {
  storageAccounts?: readonly TargetAccount[];
  keyVaults?: TargetKeyVault[];
};

const named = <T extends Placed>(all: readonly T[] | undefined, name: string): T | undefined =>
  all?.find((known) => known.name.toLowerCase() === name.toLowerCase());

/** Names of storage accounts and of key vaults are unique in the whole world. */
export const findAccount = ({ state }: Store, name: string): TargetAccount | undefined =>
  named((state as Targets).storageAccounts, name);

export const accountId = ({ subscriptionId, resourceGroup, name }: Placed): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/${name}`;

export const findLegacy = ({ state }: Store, name: string): LegacyServer | undefined =>
  state.legacyServers.find(({ server }) => server.name === name.toLowerCase());

/** Changes the record of a single server, if the name is that of one. */
export function patchLegacy(store: Store, name: string, change: Partial<ServerRecord>): void {
  if (!findLegacy(store, name)) return;
  store.state.legacyServers = store.state.legacyServers.map((legacy) =>
    legacy.server.name === name ? { server: { ...legacy.server, ...change } } : legacy,
  );
  store.save();
}

export interface SecretPlace {
  readonly vault: TargetKeyVault | undefined;
  readonly secret: TargetSecret | undefined;
}

/** Looks a secret up by its address, `https://<vault>.vault.azure.net/secrets/<name>[/<version>]`. */
export function findSecret({ state }: Store, uri: string): SecretPlace {
  const [, vaultName = '', name = ''] =
    /^https:\/\/([^./]+)\.vault\.azure\.net\/secrets\/([^/]+)(?:\/|$)/i.exec(uri) ?? [];
  const vault = named((state as Targets).keyVaults, vaultName);
  return { vault, secret: vault?.secrets.find((known) => known.name.toLowerCase() === name.toLowerCase()) };
}

/** Gives a secret its value, in a key vault that is there. */
export function putSecret(store: Store, vaultName: string, name: string, value: string): void {
  const state = store.state as Targets;
  state.keyVaults = (state.keyVaults ?? []).map((vault) =>
    vault.name === vaultName
      ? {
          ...vault,
          secrets: [...vault.secrets.filter((known) => known.name !== name), { name, enabled: true, value }],
        }
      : vault,
  );
  store.save();
}

const keyVaultId = ({ subscriptionId, resourceGroup, name }: Placed): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.KeyVault/vaults/${name}`;

/** A role for data has to be given by its name: that of an owner does not open data. */
export function hasDataRole(
  assignments: readonly RoleAssignment[],
  principalId: string,
  role: string,
  scope: string,
): boolean {
  const wanted = findRole(role)?.id;
  return assignments.some(
    (known) =>
      known.principalId === principalId &&
      known.roleDefinitionId === wanted &&
      coversScope(known.scope, scope),
  );
}

export const mayRead = (
  assignments: readonly RoleAssignment[],
  principalId: string,
  type: string,
  scope: string,
): boolean => isAllowed(assignments, principalId, `${type}/read`, scope);

/** Roles decide where the key vault says so, its access policies elsewhere. */
export function mayReadSecrets({ state }: Store, vault: TargetKeyVault, principalId: string): boolean {
  if (vault.enableRbacAuthorization)
    return hasDataRole(state.roleAssignments, principalId, 'Key Vault Secrets User', keyVaultId(vault));
  return vault.accessPolicies.some(
    ({ objectId, permissions }) =>
      objectId === principalId &&
      ['get', 'list'].every((wanted) =>
        permissions.secrets.some((given) => ['all', wanted].includes(given.toLowerCase())),
      ),
  );
}

/** Azure services get in where the network is open to all, or where the account makes an exception for them. */
export const letsAzureIn = ({ publicNetworkAccess, networkAcls }: TargetAccount): boolean =>
  publicNetworkAccess !== 'Disabled' &&
  (networkAcls.defaultAction === 'Allow' || networkAcls.bypass.includes('AzureServices'));

export interface DatabaseLogin {
  readonly user: string;
  readonly password: string;
}

/** Reads a connection string of the ADO.NET kind; undefined when it is none. */
export function readConnectionString(value: string): DatabaseLogin | undefined {
  const parts = new Map(
    value.split(';').flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 1 ? [] : [[pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()] as const];
    }),
  );
  const user = parts.get('user id') ?? parts.get('userid');
  const password = parts.get('password');
  if (user === undefined || password === undefined || !parts.has('server')) return undefined;
  // Single servers write a login as user@server.
  return { user: user.replace(/@[^@]*$/, ''), password };
}
