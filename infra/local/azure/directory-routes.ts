/** The part of ARM above the providers: tenants, subscriptions, locations, resource groups, role assignments. */
import { tenantId } from '../identities';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import type { RoleAssignment } from './model';
import { regions } from './regions';
import { findResourceGroup, knownSubscriptions, resourceGroups, type ResourceGroup } from './resource-groups';
import { coversScope, findRole, isAllowed, roleDefinitions } from './roles';
import type { Store } from './store';

export interface DirectoryRouteDeps {
  readonly store: Store;
  readonly pageSize: number;
}

const resources = 'Microsoft.Resources';
const subscription = '/subscriptions/:subscriptionId';

export function directoryRoutes(deps: DirectoryRouteDeps): readonly ArmRoute[] {
  const { store, pageSize } = deps;
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
    ...roleRoutes(deps),
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

function roleRoutes({ store, pageSize }: DirectoryRouteDeps): readonly ArmRoute[] {
  const authorization = 'Microsoft.Authorization';
  const list = (call: ArmCall): ArmAnswer => {
    const scope = call.path.replace(/\/providers\/Microsoft\.Authorization\/.*$/i, '');
    const wanted = assignmentFilter(call.query['$filter'] ?? '', scope);
    return ok(page(store.state.roleAssignments.filter(wanted).map(assignmentJson), call, pageSize));
  };
  const definitions = (call: ArmCall): ArmAnswer => {
    const name = /roleName eq '([^']+)'/i.exec(call.query['$filter'] ?? '')?.[1];
    const found = name === undefined ? roleDefinitions : [findRole(name)].flatMap((role) => role ?? []);
    const root = `/subscriptions/${call.params['subscriptionId'] ?? ''}`;
    return ok(
      page(
        found.map((role) => definitionJson(root, role)),
        call,
        pageSize,
      ),
    );
  };
  // The scope may be a subscription, a resource group or any resource below it.
  return ['', '/*below'].flatMap((below): ArmRoute[] => [
    {
      ...{ method: 'get', path: `${subscription}${below}/providers/${authorization}/roleAssignments` },
      ...{
        type: `${authorization}/roleAssignments`,
        action: `${authorization}/roleAssignments/read`,
        handle: list,
      },
    },
    {
      ...{ method: 'get', path: `${subscription}${below}/providers/${authorization}/roleDefinitions` },
      type: `${authorization}/roleDefinitions`,
      ...{ action: `${authorization}/roleDefinitions/read`, handle: definitions },
    },
  ]);
}

/** `atScope()` is the scope and above, for everybody; a principal's assignments are at, above and below it. */
function assignmentFilter(filter: string, scope: string): (assignment: RoleAssignment) => boolean {
  const principal = /(?:principalId eq |assignedTo\()'([^']+)'/i.exec(filter)?.[1]?.toLowerCase();
  const upwardOnly = /atScope\(\)/i.test(filter);
  return (assignment) =>
    (principal === undefined || assignment.principalId === principal) &&
    (coversScope(assignment.scope, scope) || (!upwardOnly && coversScope(scope, assignment.scope)));
}

function assignmentJson(assignment: RoleAssignment) {
  const root = /^\/subscriptions\/[^/]+/i.exec(assignment.scope)?.[0] ?? '';
  return {
    id: `${assignment.scope}/providers/Microsoft.Authorization/roleAssignments/${assignment.name}`,
    ...{ name: assignment.name, type: 'Microsoft.Authorization/roleAssignments' },
    properties: {
      roleDefinitionId: `${root}/providers/Microsoft.Authorization/roleDefinitions/${assignment.roleDefinitionId}`,
      ...{ principalId: assignment.principalId, principalType: 'ServicePrincipal', scope: assignment.scope },
    },
  };
}

const definitionJson = (root: string, role: (typeof roleDefinitions)[number]) => ({
  id: `${root}/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
  ...{ name: role.id, type: 'Microsoft.Authorization/roleDefinitions' },
  properties: {
    ...{ roleName: role.name, type: 'BuiltInRole', assignableScopes: ['/'] },
    permissions: [
      { actions: role.actions, notActions: role.notActions, dataActions: [], notDataActions: [] },
    ],
  },
});
