/** `Microsoft.DBforPostgreSQL/flexibleServers` itself: list, get, create and restore, change, delete, start and stop. */
import { randomUUID } from 'node:crypto';
import { ArmError, resourceNotFound, scopeLocked, serverIsBusy } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import { part } from './json-parts';
import type { ServerRecord, ServerState } from './model';
import { accepted } from './operation-links';
import type { Operations } from './operations';
import { isDown, requireRegionUp } from './outages';
import { isVisible, serverId, serverType, toServerJson } from './server-json';
import { readServerPut } from './server-put';
import type { Store } from './store';

export interface ServerRouteDeps {
  readonly store: Store;
  readonly operations: Operations;
  readonly timeScale: number;
  readonly pageSize: number;
}

export const serversPath =
  '/subscriptions/:subscriptionId/resourceGroups/:resourceGroup/providers/Microsoft.DBforPostgreSQL/flexibleServers';

/** The server a call names, if it is in that subscription and resource group and can be seen. */
export function requireServer(store: Store, call: ArmCall): ServerRecord {
  const { subscriptionId = '', resourceGroup = '', serverName = '' } = call.params;
  const server = store.server(serverName);
  const isThere =
    server !== undefined &&
    server.subscriptionId === subscriptionId.toLowerCase() &&
    server.resourceGroup.toLowerCase() === resourceGroup.toLowerCase() &&
    isVisible(server);
  if (!isThere) throw resourceNotFound(serverType, serverName, resourceGroup);
  requireRegionUp(store, server.location);
  return server;
}

/** Azure's shortest times for these, in seconds. */
const azureSeconds = { restore: 240, create: 240, update: 60, drop: 60, power: 60 } as const;

export function serverRoutes(deps: ServerRouteDeps): readonly ArmRoute[] {
  const { store, timeScale } = deps;
  const type = serverType;
  const list = (call: ArmCall): ArmAnswer => {
    const { subscriptionId = '', resourceGroup } = call.params;
    const servers = Object.values(store.state.servers).filter(
      (server) =>
        server.subscriptionId === subscriptionId.toLowerCase() &&
        (resourceGroup === undefined || server.resourceGroup.toLowerCase() === resourceGroup.toLowerCase()) &&
        isVisible(server) &&
        // A list is put together from what the regions answer: one that is down is simply missing.
        !isDown(store, server.location),
    );
    return ok(page(servers.map(toServerJson), call, deps.pageSize));
  };
  const put = (call: ArmCall): ArmAnswer => {
    const { server, operation, work } = readServerPut(store, call, timeScale);
    store.putServer(server);
    const { subscriptionId, location } = server;
    const seconds = work.kind === 'create' ? azureSeconds.create : azureSeconds.restore;
    const started = deps.operations.start({
      ...{ operation, subscriptionId, location, azureSeconds: seconds, work },
      asked: { resourceId: serverId(server), action: `${type}/write`, caller: call.caller.objectId },
    });
    return accepted(started, call, timeScale);
  };
  const read = `${type}/read`;
  return [
    {
      ...{ method: 'get', type, action: read, handle: list },
      path: '/subscriptions/:subscriptionId/providers/Microsoft.DBforPostgreSQL/flexibleServers',
    },
    { method: 'get', path: serversPath, type, action: read, handle: list },
    {
      ...{ method: 'get', path: `${serversPath}/:serverName`, type, action: read },
      handle: (call) => ok(toServerJson(requireServer(store, call))),
    },
    { method: 'put', path: `${serversPath}/:serverName`, type, action: `${type}/write`, handle: put },
    ...changingRoutes(deps),
  ];
}

function changingRoutes(deps: ServerRouteDeps): readonly ArmRoute[] {
  const { store } = deps;
  const type = serverType;
  const path = `${serversPath}/:serverName`;
  return [
    {
      ...{ method: 'patch', path, type, action: `${type}/write` },
      handle: (call) => {
        const server = requireServer(store, call);
        const work = { kind: 'update', server: server.name, change: readPatch(server, call.body) };
        return begin(deps, call, {
          ...{ server, work, state: 'Updating', operation: 'UpsertServerManagementOperationV2' },
          ...{ seconds: azureSeconds.update, action: `${type}/write` },
        });
      },
    },
    {
      ...{ method: 'delete', path, type, action: `${type}/delete` },
      handle: (call) => {
        const known = store.server(call.params['serverName'] ?? '');
        if (!known) return { status: 204 };
        const unfinished = unfinishedServer(deps, call);
        if (unfinished) return dropUnfinished(deps, call, unfinished);
        const server = requireServer(store, call);
        const work = { kind: 'drop', server: server.name };
        return begin(deps, call, {
          ...{ server, work, state: 'Dropping', operation: 'DropServerManagementOperation' },
          ...{ seconds: azureSeconds.drop, action: `${type}/delete` },
        });
      },
    },
    ...(['start', 'stop', 'restart'] as const).map((verb): ArmRoute => ({
      ...{ method: 'post', path: `${path}/${verb}`, type, action: `${type}/${verb}/action` },
      handle: (call) => power(deps, call, verb),
    })),
  ];
}

interface Begin {
  readonly server: ServerRecord;
  readonly state: ServerState;
  readonly operation: string;
  readonly seconds: number;
  /** For the activity log: the action, and what below the server it is about. */
  readonly action: string;
  readonly child?: string;
  readonly work: { readonly kind: string; readonly server: string; readonly [detail: string]: unknown };
}

/** The server a call names while it is still being made: there for a deletion even before it can be seen. */
function unfinishedServer({ store, operations }: ServerRouteDeps, call: ArmCall): ServerRecord | undefined {
  const { subscriptionId = '', resourceGroup = '', serverName = '' } = call.params;
  const server = store.server(serverName);
  const isMeant =
    server?.subscriptionId === subscriptionId.toLowerCase() &&
    server.resourceGroup.toLowerCase() === resourceGroup.toLowerCase();
  return isMeant && operations.isBeingMade(server.name) ? server : undefined;
}

/** What was making the server ends as cancelled at once; the server and its name go when its files are gone. */
function dropUnfinished(deps: ServerRouteDeps, call: ArmCall, server: ServerRecord): ArmAnswer {
  requireRegionUp(deps.store, server.location);
  deps.operations.cancelMaking(server.name);
  return begin(deps, call, {
    ...{ server, state: server.state, operation: 'DropServerManagementOperation' },
    work: { kind: 'drop-unfinished', server: server.name },
    ...{ seconds: azureSeconds.drop, action: `${serverType}/delete` },
  });
}

/** Any lock forbids to delete the server or what hangs below it; one for reading only forbids everything that changes it. */
function requireUnlocked(server: ServerRecord, action: string): void {
  const isDelete = action.endsWith('/delete');
  const locks = (server.locks ?? []).filter(
    ({ properties }) => isDelete || properties['level'] === 'ReadOnly',
  );
  if (locks.length > 0) throw scopeLocked(serverId(server), isDelete ? 'delete' : 'write');
}

/** Accepts work on a server that nobody else is working on. */
export function begin(deps: ServerRouteDeps, call: ArmCall, { server, ...what }: Begin): ArmAnswer {
  requireUnlocked(server, what.action);
  if (deps.operations.isBusy(server.name)) throw serverIsBusy(server.name);
  deps.store.patchServer(server.name, { state: what.state });
  const { subscriptionId, location } = server;
  const { operation, work, seconds } = what;
  const started = deps.operations.start({
    ...{ operation, subscriptionId, location, azureSeconds: seconds, work },
    asked: {
      resourceId: serverId(server) + (what.child === undefined ? '' : `/${what.child}`),
      ...{ action: what.action, caller: call.caller.objectId },
    },
  });
  return accepted(started, call, deps.timeScale);
}

const powerStates = { start: 'Starting', stop: 'Stopping', restart: 'Restarting' } as const;

function power(deps: ServerRouteDeps, call: ArmCall, verb: keyof typeof powerStates): ArmAnswer {
  const server = requireServer(deps.store, call);
  const needed = verb === 'start' ? 'Stopped' : 'Ready';
  if (server.state !== needed && !deps.operations.isBusy(server.name))
    throw new ArmError(
      409,
      'InvalidServerState',
      `The server '${server.name}' is in state '${server.state}'.`,
      {
        cause: 'service',
      },
    );
  const operation = `${verb[0]?.toUpperCase() ?? ''}${verb.slice(1)}ServerManagementOperation`;
  const work = { kind: verb, server: server.name, attempt: randomUUID() };
  return begin(deps, call, {
    server,
    work,
    operation,
    state: powerStates[verb],
    seconds: azureSeconds.power,
    action: `${serverType}/${verb}/action`,
  });
}

function readPatch(server: ServerRecord, body: ArmCall['body']): Partial<ServerRecord> {
  const properties = part(body, 'properties');
  const backup = part(properties, 'backup');
  const tags = Object.entries(part(body, 'tags')).map(([key, value]) => [key, String(value)] as const);
  const sku = part(body, 'sku');
  return {
    ...(body['tags'] === undefined ? {} : { tags: Object.fromEntries(tags) }),
    shape: {
      ...server.shape,
      sku: { ...server.shape.sku, ...sku },
      storage: { ...server.shape.storage, ...part(properties, 'storage') },
      retentionDays: Number(backup['backupRetentionDays'] ?? server.shape.retentionDays),
    },
  };
}
