/** `Microsoft.KeyVault`: vaults, who may open them, and what their secrets are called. Values never leave. */
import { ArmError, resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import { part, text, type Json } from './json-parts';
import { keyVaultJson, keyVaultType, secretJson, type AccessPolicy, type KeyVault } from './key-vaults';
import { inScope, pathsOf, replaced, requirePlaced, same } from './placed-resources';
import type { Store } from './store';

export interface KeyVaultRouteDeps {
  readonly store: Store;
  readonly pageSize: number;
}

export function keyVaultRoutes(deps: KeyVaultRouteDeps): readonly ArmRoute[] {
  const { store, pageSize } = deps;
  const type = keyVaultType;
  const { lists, one } = pathsOf(type);
  const list = (call: ArmCall): ArmAnswer =>
    ok(page(inScope(store.state.keyVaults, call).map(keyVaultJson), call, pageSize));
  return [
    ...lists.map((path): ArmRoute => ({ method: 'get', path, type, action: `${type}/read`, handle: list })),
    {
      ...{ method: 'get', path: one, type, action: `${type}/read` },
      handle: (call) => ok(keyVaultJson(requireVault(store, call))),
    },
    {
      ...{ method: 'patch', path: one, type, action: `${type}/write` },
      handle: (call) => {
        const vault = requireVault(store, call);
        return ok(keyVaultJson(keep(store, { ...vault, ...readChange(vault, call.body) })));
      },
    },
    policyRoute(store, one),
    ...secretRoutes(deps, one),
  ];
}

const requireVault = (store: Store, call: ArmCall): KeyVault =>
  requirePlaced(store.state.keyVaults, call, keyVaultType);

function keep(store: Store, vault: KeyVault): KeyVault {
  store.state.keyVaults = replaced(store.state.keyVaults, vault);
  store.save();
  return vault;
}

function readPolicies(properties: Json): AccessPolicy[] {
  const policies = Array.isArray(properties['accessPolicies'])
    ? (properties['accessPolicies'] as Json[])
    : [];
  return policies.map((policy) => {
    const secrets = part(policy, 'permissions')['secrets'];
    return {
      objectId: (text(policy['objectId']) ?? '').toLowerCase(),
      permissions: { secrets: Array.isArray(secrets) ? secrets.map(String) : [] },
    };
  });
}

function readChange({ networkAcls }: KeyVault, body: Json): Partial<KeyVault> {
  const properties = part(body, 'properties');
  const { enableRbacAuthorization } = properties;
  const publicNetworkAccess = text(properties['publicNetworkAccess']);
  const acls = part(properties, 'networkAcls');
  return {
    ...(typeof enableRbacAuthorization === 'boolean' ? { enableRbacAuthorization } : {}),
    ...(publicNetworkAccess === undefined ? {} : { publicNetworkAccess }),
    ...('accessPolicies' in properties ? { accessPolicies: readPolicies(properties) } : {}),
    networkAcls: {
      bypass: text(acls['bypass']) ?? networkAcls.bypass,
      defaultAction: text(acls['defaultAction']) ?? networkAcls.defaultAction,
    },
  };
}

/** `PUT .../accessPolicies/{add | replace | remove}`, each for the principals that the body names. */
function policyRoute(store: Store, vaultPath: string): ArmRoute {
  const type = `${keyVaultType}/accessPolicies`;
  return {
    ...{ method: 'put', path: `${vaultPath}/accessPolicies/:how`, type, action: `${type}/write` },
    handle: (call) => {
      const vault = requireVault(store, call);
      const named = readPolicies(part(call.body, 'properties'));
      const others = vault.accessPolicies.filter(
        (known) => !named.some(({ objectId }) => same(objectId, known.objectId)),
      );
      const how = (call.params['how'] ?? '').toLowerCase();
      if (!['add', 'replace', 'remove'].includes(how))
        throw new ArmError(400, 'BadRequest', `'${how}' is none of add, replace and remove.`);
      const accessPolicies = how === 'replace' ? named : how === 'remove' ? others : [...others, ...named];
      const { properties } = keyVaultJson(keep(store, { ...vault, accessPolicies }));
      return ok({
        ...{ id: call.path, name: vault.name, type },
        properties: { accessPolicies: properties.accessPolicies },
      });
    },
  };
}

function secretRoutes({ store, pageSize }: KeyVaultRouteDeps, vaultPath: string): readonly ArmRoute[] {
  const type = `${keyVaultType}/secrets`;
  const read = { method: 'get', type, action: `${type}/read` } as const;
  return [
    {
      ...{ ...read, path: `${vaultPath}/secrets` },
      handle: (call) => {
        const vault = requireVault(store, call);
        return ok(
          page(
            vault.secrets.map((secret) => secretJson(vault, secret)),
            call,
            pageSize,
          ),
        );
      },
    },
    {
      ...{ ...read, path: `${vaultPath}/secrets/:secret` },
      handle: (call) => {
        const vault = requireVault(store, call);
        const name = call.params['secret'] ?? '';
        const secret = vault.secrets.find((known) => same(known.name, name));
        if (!secret) throw resourceNotFound(type, `${vault.name}/${name}`, vault.resourceGroup);
        return ok(secretJson(vault, secret));
      },
    },
  ];
}
