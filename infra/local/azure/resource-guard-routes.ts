/** Resource guards and their proxies in the vaults they protect; all to be read. */
import { resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmCall, type ArmRoute } from './arm-route';
import { groupId, guardId, requireVault, sameName, vaultId, vaultType } from './backup-vaults';
import type { Store } from './store';
import type { BackupVault, ResourceGuard } from './vault-model';
import { groupPath, provider, vaultPath, type VaultRouteDeps } from './vault-routes';

const guardType = `${provider}/resourceGuards`;
const proxyType = `${vaultType}/backupResourceGuardProxies`;
const proxyName = 'DppResourceGuardProxy';

interface GuardedOperation {
  /** What the vault does not do alone. */
  readonly action: string;
  /** Last part of the type of the requests that open it. */
  readonly requests: string;
}

const always: readonly GuardedOperation[] = [
  { action: `${proxyType}/delete`, requests: 'deleteResourceGuardProxyRequests' },
  { action: `${vaultType}/backupInstances/delete`, requests: 'deleteBackupInstanceRequests' },
];
const restoring: GuardedOperation = {
  action: `${vaultType}/backupInstances/restore/action`,
  requests: 'restoreRequests',
};

const guarded = ({ guardsRestore }: Pick<ResourceGuard, 'guardsRestore'>): readonly GuardedOperation[] =>
  guardsRestore ? [...always, restoring] : always;

export function resourceGuardRoutes({ store, pageSize }: VaultRouteDeps): readonly ArmRoute[] {
  const inScope = ({ params }: ArmCall): ResourceGuard[] =>
    store.state.guards.filter(
      (guard) =>
        sameName(guard.subscriptionId, params['subscriptionId'] ?? '') &&
        sameName(guard.resourceGroup, params['resourceGroup'] ?? guard.resourceGroup),
    );
  const one = (call: ArmCall): ResourceGuard => {
    const name = call.params['guardName'] ?? '';
    const found = inScope(call).find((guard) => sameName(guard.name, name));
    if (!found) throw resourceNotFound(guardType, name, call.params['resourceGroup'] ?? '');
    return found;
  };
  const list = (call: ArmCall) => ok(page(inScope(call).map(guardJson), call, pageSize));
  const own = { method: 'get', type: guardType, action: `${guardType}/read` } as const;
  const proxy = { method: 'get', type: proxyType, action: `${proxyType}/read` } as const;
  const proxies = (call: ArmCall) => {
    const vault = requireVault(store, call);
    return { vault, found: proxiesOf(store, vault) };
  };
  return [
    { ...own, path: `/subscriptions/:subscriptionId/providers/${guardType}`, handle: list },
    { ...own, path: `${groupPath}/resourceGuards`, handle: list },
    { ...own, path: `${groupPath}/resourceGuards/:guardName`, handle: (call) => ok(guardJson(one(call))) },
    {
      ...{ ...own, path: `${groupPath}/resourceGuards/:guardName/:requests/:requestName` },
      handle: (call) => ok(requestJson(one(call), call)),
    },
    {
      ...{ ...proxy, path: `${vaultPath}/backupResourceGuardProxies` },
      handle: (call) => ok({ value: proxies(call).found }),
    },
    {
      ...{ ...proxy, path: `${vaultPath}/backupResourceGuardProxies/:proxyName` },
      handle: (call) => {
        const { vault, found } = proxies(call);
        const asked = call.params['proxyName'] ?? '';
        const named = found.find(({ name }) => sameName(name, asked));
        if (!named) throw resourceNotFound(proxyType, `${vault.name}/${asked}`, vault.resourceGroup);
        return ok(named);
      },
    },
  ];
}

const idOf = (guard: ResourceGuard): string => `${groupId(guard)}/providers/${guardType}/${guard.name}`;

function guardJson(guard: ResourceGuard) {
  return {
    ...{ id: idOf(guard), name: guard.name, type: guardType, location: guard.location, tags: {} },
    properties: {
      ...{ provisioningState: 'Succeeded', allowAutoApprovals: true, description: 'Watches over vaults.' },
      resourceGuardOperations: guarded(guard).map(({ action, requests }) => ({
        vaultCriticalOperation: action,
        requestResourceType: `${guardType}/${requests}`,
      })),
      vaultCriticalOperationExclusionList: [],
    },
  };
}

/** The one request of each kind; a caller who may read it may do what it opens. */
function requestJson(guard: ResourceGuard, { params }: ArmCall) {
  const { requests = '', requestName = '' } = params;
  const kind = guarded(guard).find((known) => sameName(known.requests, requests));
  if (!kind || !sameName(requestName, 'default'))
    throw resourceNotFound(`${guardType}/${requests}`, `${guard.name}/${requestName}`, guard.resourceGroup);
  const type = `${guardType}/${kind.requests}`;
  return { id: `${idOf(guard)}/${kind.requests}/default`, name: 'default', type };
}

function proxiesOf(store: Store, vault: BackupVault) {
  const guard = store.state.guards.find(({ name }) => name === vault.guard);
  if (!guard) return [];
  return [
    {
      id: `${vaultId(vault)}/backupResourceGuardProxies/${proxyName}`,
      ...{ name: proxyName, type: proxyType },
      properties: {
        resourceGuardResourceId: guardId(vault),
        resourceGuardOperationDetails: guarded(guard).map(({ action, requests }) => ({
          vaultCriticalOperation: action,
          defaultResourceRequest: `${guardId(vault)}/${requests}/default`,
        })),
        ...{ description: 'Watches over vaults.', lastUpdatedTime: vault.changedAt },
      },
    },
  ];
}
