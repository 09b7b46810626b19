/** `Microsoft.Storage`: accounts to be read and changed, and their containers, which are the blob service's own. */
import { ArmError, invalidValue } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import { BlobServiceAway, type BlobService } from './blob-store';
import { part, text } from './json-parts';
import { inScope, pathsOf, replaced, requirePlaced } from './placed-resources';
import { containerJson, storageAccountJson, storageType, type StorageAccount } from './storage-accounts';
import type { Store } from './store';

export interface StorageRouteDeps {
  readonly store: Store;
  readonly blobs: BlobService;
  readonly pageSize: number;
}

export function storageRoutes(deps: StorageRouteDeps): readonly ArmRoute[] {
  const { store, pageSize } = deps;
  const type = storageType;
  const { lists, one } = pathsOf(type);
  const list = (call: ArmCall): ArmAnswer =>
    ok(page(inScope(store.state.storageAccounts, call).map(storageAccountJson), call, pageSize));
  return [
    ...lists.map((path): ArmRoute => ({ method: 'get', path, type, action: `${type}/read`, handle: list })),
    {
      ...{ method: 'get', path: one, type, action: `${type}/read` },
      handle: (call) => ok(storageAccountJson(requireAccount(store, call))),
    },
    {
      ...{ method: 'patch', path: one, type, action: `${type}/write` },
      handle: (call) => {
        const changed = { ...requireAccount(store, call), ...readChange(store, call) };
        keep(store, changed);
        return ok(storageAccountJson(changed));
      },
    },
    ...containerRoutes(deps),
  ];
}

const requireAccount = (store: Store, call: ArmCall): StorageAccount =>
  requirePlaced(store.state.storageAccounts, call, storageType);

function keep(store: Store, account: StorageAccount): void {
  store.state.storageAccounts = replaced(store.state.storageAccounts, account);
  store.save();
}

/** Only what a body names changes; everything else of an account is fixed here. */
function readChange(store: Store, call: ArmCall): Partial<StorageAccount> {
  const known = requireAccount(store, call);
  const properties = part(call.body, 'properties');
  const { allowCrossTenantReplication } = properties;
  const publicNetworkAccess = text(properties['publicNetworkAccess']);
  if (publicNetworkAccess !== undefined && !['Enabled', 'Disabled'].includes(publicNetworkAccess))
    throw invalidValue(`publicNetworkAccess is Enabled or Disabled, not '${publicNetworkAccess}'.`);
  const acls = part(properties, 'networkAcls');
  return {
    ...(typeof allowCrossTenantReplication === 'boolean' ? { allowCrossTenantReplication } : {}),
    ...(publicNetworkAccess === undefined ? {} : { publicNetworkAccess }),
    networkAcls: {
      bypass: text(acls['bypass']) ?? known.networkAcls.bypass,
      defaultAction: text(acls['defaultAction']) ?? known.networkAcls.defaultAction,
    },
  };
}

const reached = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (!(error instanceof BlobServiceAway)) throw error;
    throw new ArmError(503, 'ServiceUnavailable', error.message, { cause: 'service' });
  });

const containerName = /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/;

function containerRoutes({ store, blobs, pageSize }: StorageRouteDeps): readonly ArmRoute[] {
  const type = `${storageType}/blobServices/containers`;
  const all = `${pathsOf(storageType).one}/blobServices/default/containers`;
  const one = `${all}/:container`;
  const nameOf = (call: ArmCall): string => (call.params['container'] ?? '').toLowerCase();
  return [
    {
      ...{ method: 'get', path: all, type, action: `${type}/read` },
      handle: async (call) => {
        const account = requireAccount(store, call);
        const names = await reached(blobs.containers(account.name));
        return ok(
          page(
            names.map((name) => containerJson(account, name)),
            call,
            pageSize,
          ),
        );
      },
    },
    {
      ...{ method: 'get', path: one, type, action: `${type}/read` },
      handle: async (call) => {
        const account = requireAccount(store, call);
        if (await reached(blobs.hasContainer(account.name, nameOf(call))))
          return ok(containerJson(account, nameOf(call)));
        throw new ArmError(404, 'ContainerNotFound', 'The specified container does not exist.', {
          cause: 'service',
        });
      },
    },
    {
      ...{ method: 'put', path: one, type, action: `${type}/write` },
      handle: async (call) => {
        const account = requireAccount(store, call);
        const name = nameOf(call);
        if (!containerName.test(name))
          throw invalidValue(`'${name}' is no name for a container: 3 to 63 letters, digits and hyphens.`);
        const wasThere = await reached(blobs.hasContainer(account.name, name));
        await reached(blobs.createContainer(account.name, name));
        // Asked for anew: another call may have changed the account meanwhile.
        const now = requireAccount(store, call);
        keep(store, { ...now, containers: [...new Set([...now.containers, name])] });
        return { status: wasThere ? 200 : 201, body: containerJson(account, name) };
      },
    },
  ];
}
