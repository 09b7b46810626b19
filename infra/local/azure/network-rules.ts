/** Where a new server may be put: public stays public, private stays private, and a subnet has to fit. */
import { ArmError, authorizationFailed, invalidValue } from './arm-error';
import type { ArmCall } from './arm-route';
import { text, type Json } from './json-parts';
import type { ServerShape } from './model';
import { findSubnet, findZone, postgresDelegation } from './networks';
import { isAllowed } from './roles';
import type { Store } from './store';

type Network = ServerShape['network'];

export const isPrivate = (network: Network): boolean => network.delegatedSubnetResourceId !== undefined;

/** The asked network over what the source had; a subnet closes public access by itself. */
export function askedNetwork(inherited: Network, asked: Json): Network {
  const subnet = text(asked['delegatedSubnetResourceId']) ?? inherited.delegatedSubnetResourceId;
  const zone = text(asked['privateDnsZoneArmResourceId']) ?? inherited.privateDnsZoneArmResourceId;
  const access =
    text(asked['publicNetworkAccess']) ?? (subnet === undefined ? inherited.publicNetworkAccess : 'Disabled');
  if (access !== 'Enabled' && access !== 'Disabled')
    throw invalidValue(`The value '${access}' of the property 'publicNetworkAccess' is not supported.`);
  if (subnet !== undefined && access === 'Enabled')
    throw invalidValue('A server in a virtual network cannot have public access.');
  return {
    publicNetworkAccess: access,
    ...(subnet === undefined ? {} : { delegatedSubnetResourceId: subnet }),
    ...(zone === undefined ? {} : { privateDnsZoneArmResourceId: zone }),
  };
}

export function requireSameAccess(source: Network, target: Network): void {
  if (isPrivate(source) === isPrivate(target)) return;
  throw invalidValue(
    isPrivate(source)
      ? 'The source server has private access: the restored server needs a delegated subnet in its own region and cannot have public access.'
      : 'The source server has public access: the restored server cannot be put into a virtual network.',
  );
}

/** Refuses a subnet or zone that is missing, foreign to the region, not delegated, not linked, or not ours to join. */
export function requireUsableNetwork(store: Store, call: ArmCall, network: Network, location: string): void {
  const { delegatedSubnetResourceId: id, privateDnsZoneArmResourceId: zoneId } = network;
  if (id === undefined) {
    if (zoneId === undefined) return;
    throw invalidValue('A private DNS zone needs a delegated subnet beside it.');
  }
  const found = findSubnet(id);
  if (!found)
    throw new ArmError(404, 'SubnetNotFound', `The subnet '${id}' was not found.`, { cause: 'service' });
  if (found.network.location !== location)
    throw invalidValue(
      `The virtual network '${found.network.name}' is in '${found.network.location}'; the server needs one in its own location, '${location}'.`,
    );
  if (found.subnet.delegatedTo !== postgresDelegation)
    throw invalidValue(`The subnet '${found.subnet.name}' is not delegated to '${postgresDelegation}'.`);
  requireJoin(store, call, id);
  const zone = zoneId === undefined ? undefined : findZone(zoneId);
  if (!zone)
    throw invalidValue("The property 'privateDnsZoneArmResourceId' must name an existing private DNS zone.");
  const isLinked =
    zone.subscriptionId === found.network.subscriptionId && zone.linkedTo.includes(found.network.name);
  if (!isLinked)
    throw invalidValue(
      `The private DNS zone '${zone.name}' is not linked to the virtual network '${found.network.name}'.`,
    );
}

function requireJoin(store: Store, call: ArmCall, subnet: string): void {
  const action = 'Microsoft.Network/virtualNetworks/subnets/join/action';
  const { objectId, appId } = call.caller;
  if (isAllowed(store.state.roleAssignments, objectId, action, subnet)) return;
  const { message } = authorizationFailed(action, subnet, appId, objectId);
  throw new ArmError(403, 'LinkedAuthorizationFailed', message);
}
