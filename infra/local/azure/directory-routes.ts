/** The part of ARM above the providers: tenants, subscriptions, locations, resource groups. */
import { tenantId } from '../identities';
import { page } from './arm-paging';
import { ok, type ArmCall, type ArmRoute } from './arm-route';
import { regions } from './regions';
import { findResourceGroup, knownSubscriptions, resourceGroups, type ResourceGroup } from './resource-groups';
import { isAllowed } from './roles';
import type { Store } from './store';

interface DirectoryRouteDeps {
  readonly store: Store;
  readonly pageSize: number;
}

const resources = 'Microsoft.Resources';
const subscription = '/subscriptions/:subscriptionId';

export function directoryRoutes({ store, pageSize }: DirectoryRouteDeps): readonly ArmRoute[] {
  const mayRead = (call: ArmCall, id: string): boolean =>
    isAllowed(
      store.state.roleAssignments,
      call.caller.objectId,
      `${resources}/subscriptions/read`,
      `/subscriptions/${id}`,
    );
  return [
    {
      ...{ method: 'get', path: '/tenants', type: `${resources}/tenants` },
      handle: (call) =>
        ok(
          page(
            [
              {
                id: `/tenants/${tenantId}`,
                tenantId,
                displayName: 'Shop',
                defaultDomain: 'shop.example',
                countryCode: 'CA',
                tenantCategory: 'Home',
              },
            ],
            call,
            pageSize,
          ),
        ),
    },
    {
      ...{ method: 'get', path: '/subscriptions', type: `${resources}/subscriptions` },
      handle: (call) =>
        ok({
          ...page(
            knownSubscriptions.filter(({ id }) => mayRead(call, id)).map(subscriptionJson),
            call,
            pageSize,
          ),
        }),
    },
    {
      ...{ method: 'get', path: subscription, type: `${resources}/subscriptions` },
      action: `${resources}/subscriptions/read`,
      handle: (call) => {
        const id = (call.params['subscriptionId'] ?? '').toLowerCase();
        return ok(knownSubscriptions.filter((known) => known.id === id).map(subscriptionJson)[0]);
      },
    },
    {
      ...{ method: 'get', path: `${subscription}/locations`, type: `${resources}/subscriptions/locations` },
      ...{
        action: `${resources}/subscriptions/locations/read`,
        handle: (call) => ok({ value: locationsJson(call) }),
      },
    },
    ...resourceGroupRoutes(pageSize),
  ];
}

const subscriptionJson = ({ id, name }: (typeof knownSubscriptions)[number]) => ({
  ...{ id: `/subscriptions/${id}`, subscriptionId: id, tenantId, displayName: name, state: 'Enabled' },
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'EnterpriseAgreement_2014-09-01',
    spendingLimit: 'Off',
  },
  ...{ authorizationSource: 'RoleBased', managedByTenants: [], tags: {} },
});

function locationsJson(call: ArmCall) {
  const root = `/subscriptions/${call.params['subscriptionId'] ?? ''}/locations`;
  return regions.map(({ name, displayName, geography, pair }) => ({
    ...{
      id: `${root}/${name}`,
      name,
      type: 'Region',
      displayName,
      regionalDisplayName: `(${geography}) ${displayName}`,
    },
    metadata: {
      ...{ regionType: 'Physical', regionCategory: 'Recommended', geography, geographyGroup: geography },
      ...(pair === undefined ? {} : { pairedRegion: [{ name: pair, id: `${root}/${pair}` }] }),
    },
  }));
}

function resourceGroupRoutes(pageSize: number): readonly ArmRoute[] {
  const type = `${resources}/subscriptions/resourceGroups`;
  const action = `${type}/read`;
  const toJson = (group: ResourceGroup) => ({
    id: `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`,
    ...{ name: group.name, type: `${resources}/resourceGroups`, location: group.location },
    ...{ tags: {}, properties: { provisioningState: 'Succeeded' } },
  });
  return [
    {
      ...{ method: 'get', path: `${subscription}/resourceGroups`, type, action },
      handle: (call) => {
        const id = (call.params['subscriptionId'] ?? '').toLowerCase();
        const groups = resourceGroups.filter(({ subscriptionId }) => subscriptionId === id);
        return ok(page(groups.map(toJson), call, pageSize));
      },
    },
    {
      ...{ method: 'get', path: `${subscription}/resourceGroups/:resourceGroup`, type, action },
      handle: ({ params }) => {
        const group = findResourceGroup(params['subscriptionId'] ?? '', params['resourceGroup'] ?? '');
        return ok(group && toJson(group));
      },
    },
  ];
}
