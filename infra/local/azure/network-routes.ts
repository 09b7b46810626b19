/** `Microsoft.Network` as far as a server with private access needs it: networks, subnets, private zones; all to be read. */
import { resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmCall, type ArmRoute } from './arm-route';
import {
  networkId,
  postgresDelegation,
  privateZones,
  subnetId,
  virtualNetworks,
  zoneId,
  type PrivateZone,
  type VirtualNetwork,
} from './networks';

const provider = 'Microsoft.Network';
const below = (scope: string): string => `${scope}/providers/${provider}`;
const subscription = '/subscriptions/:subscriptionId';
const group = `${subscription}/resourceGroups/:resourceGroup`;
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

interface Kind<T> {
  /** Last part of the type, for example `virtualNetworks`. */
  readonly kind: string;
  readonly all: readonly T[];
  readonly toJson: (one: T) => object;
  /** What hangs below one of them, by the last part of its type. */
  readonly childKind: string;
  readonly children: (one: T) => readonly { readonly name: string }[];
}

export function networkRoutes(pageSize: number): readonly ArmRoute[] {
  return [
    ...kindRoutes<VirtualNetwork>(pageSize, {
      ...{ kind: 'virtualNetworks', all: virtualNetworks, toJson: networkJson },
      ...{ childKind: 'subnets', children: subnetsJson },
    }),
    ...kindRoutes<PrivateZone>(pageSize, {
      ...{ kind: 'privateDnsZones', all: privateZones, toJson: zoneJson },
      ...{ childKind: 'virtualNetworkLinks', children: linksJson },
    }),
  ];
}

interface Placed {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

function kindRoutes<T extends Placed>(pageSize: number, of: Kind<T>): readonly ArmRoute[] {
  const type = `${provider}/${of.kind}`;
  const childType = `${type}/${of.childKind}`;
  const inScope = ({ params }: ArmCall) =>
    of.all.filter(
      ({ subscriptionId, resourceGroup }) =>
        same(subscriptionId, params['subscriptionId'] ?? '') &&
        same(resourceGroup, params['resourceGroup'] ?? resourceGroup),
    );
  const one = (call: ArmCall): T => {
    const name = call.params['name'] ?? '';
    const found = inScope(call).find((known) => same(known.name, name));
    if (!found) throw resourceNotFound(type, name, call.params['resourceGroup'] ?? '');
    return found;
  };
  const list = (call: ArmCall) => ok(page(inScope(call).map(of.toJson), call, pageSize));
  const child = (call: ArmCall) => {
    const name = call.params['child'] ?? '';
    const found = of.children(one(call)).find((known) => same(known.name, name));
    if (!found) throw resourceNotFound(childType, name, call.params['resourceGroup'] ?? '');
    return ok(found);
  };
  const own = { method: 'get', type, action: `${type}/read` } as const;
  const inner = { method: 'get', type: childType, action: `${childType}/read` } as const;
  const path = `${below(group)}/${of.kind}/:name`;
  return [
    { ...own, path: `${below(subscription)}/${of.kind}`, handle: list },
    { ...own, path: `${below(group)}/${of.kind}`, handle: list },
    { ...own, path, handle: (call) => ok(of.toJson(one(call))) },
    {
      ...inner,
      path: `${path}/${of.childKind}`,
      handle: (call) => ok(page(of.children(one(call)), call, pageSize)),
    },
    { ...inner, path: `${path}/${of.childKind}/:child`, handle: child },
  ];
}

const succeeded = { provisioningState: 'Succeeded' };

function subnetsJson(network: VirtualNetwork) {
  const type = `${provider}/virtualNetworks/subnets`;
  return network.subnets.map(({ name, addressPrefix, delegatedTo }) => {
    const id = subnetId(network, name);
    const delegation = {
      ...{ name: 'postgres', id: `${id}/delegations/postgres`, type: `${type}/delegations` },
      properties: { ...succeeded, serviceName: postgresDelegation, actions: [`${type}/join/action`] },
    };
    const delegations = delegatedTo === undefined ? [] : [delegation];
    return { name, id, type, properties: { ...succeeded, addressPrefix, delegations } };
  });
}

const networkJson = (network: VirtualNetwork) => ({
  ...{ name: network.name, id: networkId(network), type: `${provider}/virtualNetworks` },
  ...{ location: network.location, tags: {} },
  properties: {
    ...succeeded,
    addressSpace: { addressPrefixes: [network.addressPrefix] },
    subnets: subnetsJson(network),
  },
});

const zoneJson = (zone: PrivateZone) => ({
  ...{ name: zone.name, id: zoneId(zone), type: `${provider}/privateDnsZones` },
  ...{ location: 'global', tags: {} },
  properties: {
    ...succeeded,
    ...{ numberOfRecordSets: 1, maxNumberOfRecordSets: 25_000 },
    ...{ numberOfVirtualNetworkLinks: zone.linkedTo.length, maxNumberOfVirtualNetworkLinks: 1000 },
  },
});

const linksJson = (zone: PrivateZone) =>
  zone.linkedTo.map((name) => ({
    ...{ name, id: `${zoneId(zone)}/virtualNetworkLinks/${name}`, location: 'global' },
    type: `${provider}/privateDnsZones/virtualNetworkLinks`,
    properties: {
      ...succeeded,
      virtualNetwork: { id: networkId({ ...zone, name }) },
      ...{ registrationEnabled: false, virtualNetworkLinkState: 'Completed' },
    },
  }));
