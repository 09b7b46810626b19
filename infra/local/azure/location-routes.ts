/** What the PostgreSQL provider answers about a location, about names, and about its own long-running operations. */
import { ArmError } from './arm-error';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import { capabilities } from './capabilities';
import { isLabelHeld } from './dropped-servers';
import { text } from './json-parts';
import { findNetwork, sameId, subnetId } from './networks';
import { accepted, requireIntactLink, retryAfterSeconds } from './operation-links';
import { requireRegionUp } from './outages';
import { findRegion } from './regions';
import { findLegacy } from './restore-targets';
import { nameProblem } from './server-names';
import { requireServer, serversPath, type ServerRouteDeps } from './server-routes';
import type { Store } from './store';

const namespace = 'Microsoft.DBforPostgreSQL';
const provider = `/subscriptions/:subscriptionId/providers/${namespace}`;
const location = `${provider}/locations/:location`;

export function locationRoutes(deps: ServerRouteDeps): readonly ArmRoute[] {
  const checkName = (call: ArmCall): ArmAnswer => ok(nameAvailability(deps, call));
  const readOperations = `${namespace}/locations/azureAsyncOperation/read`;
  return [
    {
      ...{ method: 'post', path: `${provider}/checkNameAvailability`, handle: checkName },
      ...{ type: `${namespace}/checkNameAvailability`, action: `${namespace}/checkNameAvailability/action` },
    },
    {
      ...{ method: 'post', path: `${location}/checkNameAvailability` },
      handle: (call) => {
        requireRegion(deps.store, call);
        return checkName(call);
      },
      type: `${namespace}/locations/checkNameAvailability`,
      action: `${namespace}/locations/checkNameAvailability/action`,
    },
    {
      ...{ method: 'get', path: `${location}/capabilities`, type: `${namespace}/locations/capabilities` },
      action: `${namespace}/locations/capabilities/read`,
      handle: (call) => ok({ value: [capabilities(requireRegion(deps.store, call))] }),
    },
    {
      ...{ method: 'get', path: `${serversPath}/:serverName/capabilities` },
      ...{ type: `${namespace}/flexibleServers/capabilities`, action: `${namespace}/flexibleServers/read` },
      handle: (call) => ok({ value: [capabilities(requireServer(deps.store, call).location)] }),
    },
    {
      ...{ method: 'get', path: `${location}/resourceType/flexibleServers/usages` },
      type: `${namespace}/locations/resourceType/usages`,
      action: `${namespace}/locations/resourceType/usages/read`,
      handle: (call) => ok({ value: [coreUsage(deps, call)] }),
    },
    {
      ...{ method: 'post', path: `${location}/checkVirtualNetworkSubnetUsage` },
      type: `${namespace}/locations/checkVirtualNetworkSubnetUsage`,
      action: `${namespace}/locations/checkVirtualNetworkSubnetUsage/action`,
      handle: (call) => ok(subnetUsage(deps, call)),
    },
    {
      ...{ method: 'get', path: `${location}/azureAsyncOperation/:operationId`, action: readOperations },
      ...{
        type: `${namespace}/locations/azureAsyncOperation`,
        handle: (call) => operationStatus(deps, call),
      },
    },
    {
      ...{ method: 'get', path: `${location}/operationResults/:operationId`, action: readOperations },
      ...{ type: `${namespace}/locations/operationResults`, handle: (call) => operationResult(deps, call) },
    },
  ];
}

/** The region a call names, when it exists and answers. */
function requireRegion(store: Store, call: ArmCall): string {
  const asked = call.params['location'] ?? '';
  const region = findRegion(asked);
  if (!region)
    throw new ArmError(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${asked}' is not available for resource type '${namespace}/locations'.`,
    );
  requireRegionUp(store, region.name);
  return region.name;
}

function nameAvailability({ store, timeScale }: ServerRouteDeps, call: ArmCall) {
  const name = typeof call.body['name'] === 'string' ? call.body['name'] : '';
  const type = call.body['type'] ?? `${namespace}/flexibleServers`;
  const problem = nameProblem(name);
  if (problem !== undefined) return { nameAvailable: false, reason: 'Invalid', message: problem, name, type };
  const isTaken = store.server(name) !== undefined || findLegacy(store, name) !== undefined;
  return !isTaken && !isLabelHeld(store, name, timeScale)
    ? { nameAvailable: true, message: '', name, type }
    : {
        ...{ nameAvailable: false, reason: 'AlreadyExists' },
        ...{ message: 'Specified server name is already used.', name, type },
      };
}

/** How many servers live in each delegated subnet of a network. */
function subnetUsage({ store }: ServerRouteDeps, call: ArmCall) {
  const region = requireRegion(store, call);
  const id = text(call.body['virtualNetworkArmResourceId']) ?? '';
  const network = findNetwork(id);
  if (!network) throw new ArmError(404, 'ResourceNotFound', `The virtual network '${id}' was not found.`);
  const taken = Object.values(store.state.servers).map(
    ({ shape }) => shape.network.delegatedSubnetResourceId,
  );
  const delegatedSubnetsUsage = network.subnets
    .filter(({ delegatedTo }) => delegatedTo !== undefined)
    .map(({ name }) => ({
      subnetName: name,
      usage: taken.filter((other) => other !== undefined && sameId(other, subnetId(network, name))).length,
    }));
  return { delegatedSubnetsUsage, location: region, subscriptionId: call.params['subscriptionId'] ?? '' };
}

const coreLimit = 100;

function coreUsage({ store }: ServerRouteDeps, call: ArmCall) {
  const region = requireRegion(store, call);
  const subscriptionId = (call.params['subscriptionId'] ?? '').toLowerCase();
  const cores = Object.values(store.state.servers)
    .filter((server) => server.location === region && server.subscriptionId === subscriptionId)
    .map((server) => Number(/\d+/.exec(server.shape.sku.name)?.[0] ?? 1));
  return {
    name: { value: 'cores', localizedValue: 'Cores' },
    limit: coreLimit,
    unit: 'Count',
    currentValue: cores.reduce((sum, count) => sum + count, 0),
    id: `/subscriptions/${subscriptionId}/providers/${namespace}/locations/${region}/resourceType/flexibleServers/usages/cores`,
  };
}

function findOperation({ operations, store }: ServerRouteDeps, call: ArmCall) {
  const id = call.params['operationId'] ?? '';
  const operation = operations.find(id);
  if (operation?.subscriptionId !== (call.params['subscriptionId'] ?? '').toLowerCase())
    throw new ArmError(404, 'OperationNotFound', `The operation '${id}' was not found.`, {
      cause: 'service',
    });
  requireRegionUp(store, operation.location);
  requireIntactLink(operation, call);
  return operation;
}

function operationStatus(deps: ServerRouteDeps, call: ArmCall): ArmAnswer {
  const { id, status, startTime, error } = findOperation(deps, call);
  return {
    ...ok({ name: id, status, startTime, ...(error === undefined ? {} : { error }) }),
    headers: status === 'InProgress' ? { 'retry-after': retryAfterSeconds(deps.timeScale) } : {},
  };
}

function operationResult(deps: ServerRouteDeps, call: ArmCall): ArmAnswer {
  const operation = findOperation(deps, call);
  if (operation.status === 'InProgress') {
    const { operationId: _running, ...answer } = accepted(operation, call, deps.timeScale);
    return answer;
  }
  if (operation.error === undefined) return { status: 204 };
  throw new ArmError(500, operation.error.code, operation.error.message, { cause: 'service' });
}
