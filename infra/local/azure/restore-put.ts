/**
 * Reads the PUT that makes a server from another one: to a moment, from the copy in the paired region, or back from
 * the dropped ones. Who asks has to be allowed to read the source.
 */
import {
  ArmError,
  authorizationFailed,
  invalidValue,
  resourceNotFound,
  serverNameAlreadyExists,
} from './arm-error';
import type { ArmCall } from './arm-route';
import { isRevivable, lastDropped } from './dropped-servers';
import { nowMicros, parseInstant } from './instants';
import { text, type Json } from './json-parts';
import type { ServerRecord, ServerShape } from './model';
import { isPrivate, requireSameAccess } from './network-rules';
import type { NewServer, ServerBase } from './new-server';
import { displayLocation, findRegion } from './regions';
import { isAllowed } from './roles';
import { requireKeysOfTarget } from './server-encryption';
import { isVisible, serverType } from './server-json';
import { withOptions } from './server-options';
import type { Store } from './store';

const modes = ['pointintimerestore', 'georestore', 'revivedropped'] as const;
type RestoreMode = (typeof modes)[number];

export const isRestoreMode = (mode: string): mode is RestoreMode => modes.some((known) => known === mode);

interface RestorePut {
  readonly store: Store;
  readonly call: ArmCall;
  readonly properties: Json;
  readonly server: ServerBase;
  readonly mode: RestoreMode;
}

export function restoredServer(put: RestorePut): NewServer {
  switch (put.mode) {
    case 'pointintimerestore':
      return toMoment(put);
    case 'georestore':
      return fromCopy(put);
    case 'revivedropped':
      return fromDropped(put);
  }
}

const operation = 'RestoreSnapshotManagementOperation';

/** The new server with everything it takes over from the source; `shape` is what the options are laid over. */
function inherit(put: RestorePut, source: ServerRecord, shape: ServerShape): ServerRecord {
  const { store, call, properties, server } = put;
  const wanted = withOptions(shape, properties, { store, call, location: server.location });
  requireSameAccess(source.shape.network, wanted.network);
  if (wanted.storage.storageSizeGB < source.shape.storage.storageSizeGB)
    throw invalidValue(
      'The storage of the restored server cannot be smaller than that of the source server.',
    );
  return {
    ...server,
    administratorLogin: source.administratorLogin,
    administratorPassword: source.administratorPassword,
    superuserPassword: source.superuserPassword,
    shape: wanted,
  };
}

function toMoment(put: RestorePut): NewServer {
  const source = findSource(put);
  if (source.location !== put.server.location)
    throw invalidValue(
      `A point in time restore must be made in the location of the source server, '${displayLocation(source.location)}'.`,
    );
  const asked = parseInstant(put.properties['pointInTimeUTC']);
  const server = inherit(put, source, source.shape);
  // A moment that has not come yet means now; one that cannot be read fails later, and without a reason.
  const at = asked === undefined ? null : Math.min(asked, nowMicros());
  return { server, operation, work: { kind: 'restore', server: server.name, source: source.name, at } };
}

function fromCopy(put: RestorePut): NewServer {
  const source = findSource(put);
  if (source.shape.geoRedundantBackup !== 'Enabled')
    throw invalidValue(
      `The source server '${source.name}' has no geo-redundant backup and cannot be geo-restored.`,
    );
  const pair = findRegion(source.location)?.pair;
  if (put.server.location !== pair)
    throw invalidValue(
      `A geo-restore must be made in the paired region of the source server, '${displayLocation(pair ?? '')}'.`,
    );
  requireMoment(put.properties);
  requireKeysOfTarget(source.shape, put.call.body);
  const { network } = source.shape;
  // The network of the source belongs to another region: a private server is told its new one or refused.
  const open = isPrivate(network) ? { publicNetworkAccess: network.publicNetworkAccess } : network;
  const server = inherit(put, source, { ...source.shape, network: open });
  return { server, operation, work: { kind: 'geo-restore', server: server.name, source: source.name } };
}

/** Back with everything it had, as long as its backups are kept; in its old region and subscription. */
function fromDropped(put: RestorePut): NewServer {
  const id = readSourceId(put);
  const at = requireMoment(put.properties);
  if (put.store.server(id.name))
    throw invalidValue(`The server '${id.name}' has not been dropped and cannot be revived.`);
  const dropped = lastDropped(put.store, id.name);
  if (!dropped || !isAt(dropped.server, id)) throw resourceNotFound(serverType, id.name, id.resourceGroup);
  const source = dropped.server;
  if (!isRevivable(dropped))
    throw invalidValue(
      `The server '${source.name}' was dropped more than five days ago and cannot be revived any more.`,
    );
  if (source.name === put.server.name.toLowerCase()) throw serverNameAlreadyExists();
  if (source.location !== put.server.location || source.subscriptionId !== put.server.subscriptionId)
    throw invalidValue(
      `A dropped server must be revived in its own subscription and location, '${displayLocation(source.location)}'.`,
    );
  const { network } = source.shape;
  // The old subnet may be gone: a private server is told where it shall be.
  const open = isPrivate(network) ? { publicNetworkAccess: network.publicNetworkAccess } : network;
  const server = inherit(put, source, { ...source.shape, network: open });
  return { server, operation, work: { kind: 'revive', server: server.name, folder: source.folder, at } };
}

/** Wanted by the contract even where the data comes from another moment. */
function requireMoment(properties: Json): number {
  const at = parseInstant(properties['pointInTimeUTC']);
  if (at === undefined) throw invalidValue("The property 'pointInTimeUTC' is required.");
  return at;
}

const idPattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/([^/]+)\/?$/i;

interface SourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** False for a bare name, which is looked for beside the target and never found: Azure wants the full id. */
  readonly isFull: boolean;
}

/** The first preview named the source in parts; without them it was beside the target. */
function earlySourceId(call: ArmCall, properties: Json): string | undefined {
  const name = text(properties['sourceServerName']);
  if (name === undefined) return undefined;
  const subscriptionId = text(properties['sourceSubscriptionId']) ?? call.params['subscriptionId'] ?? '';
  const group = text(properties['sourceResourceGroupName']) ?? call.params['resourceGroup'] ?? '';
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${serverType}/${name}`;
}

/** What the caller named as the source, once it is sure that the caller may read it. */
function readSourceId({ store, call, properties }: RestorePut): SourceId {
  const asked = text(properties['sourceServerResourceId']) ?? earlySourceId(call, properties);
  if (asked === undefined) throw invalidValue("The property 'sourceServerResourceId' is required.");
  const match = idPattern.exec(asked);
  const subscriptionId = match?.[1] ?? call.params['subscriptionId'] ?? '';
  const resourceGroup = match?.[2] ?? call.params['resourceGroup'] ?? '';
  const name = match?.[3] ?? asked;
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${serverType}/${name}`;
  const { objectId, appId } = call.caller;
  if (!isAllowed(store.state.roleAssignments, objectId, `${serverType}/read`, scope))
    throw authorizationFailed(`${serverType}/read`, scope, appId, objectId);
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name, isFull: match !== null };
}

const isAt = (server: ServerRecord, id: SourceId): boolean =>
  id.isFull &&
  server.subscriptionId === id.subscriptionId &&
  server.resourceGroup.toLowerCase() === id.resourceGroup.toLowerCase() &&
  server.name.toLowerCase() === id.name.toLowerCase();

function findSource(put: RestorePut): ServerRecord {
  const id = readSourceId(put);
  const source = put.store.server(id.name);
  if (!source || !isAt(source, id) || !isVisible(source))
    throw resourceNotFound(serverType, id.name, id.resourceGroup);
  if (source.state !== 'Ready' && source.state !== 'Stopped')
    throw new ArmError(
      409,
      'ServerIsNotReady',
      `The source server '${source.name}' is in state '${source.state}' and cannot be restored from.`,
      { cause: 'service' },
    );
  return source;
}
