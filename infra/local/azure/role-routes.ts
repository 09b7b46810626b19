/** `Microsoft.Authorization`: who has which role where, what roles there are, and giving or taking one away. */
import { ArmError } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import { part, text } from './json-parts';
import type { RoleAssignment } from './model';
import { coversScope, findRole, roleDefinitions } from './roles';
import type { Store } from './store';

interface RoleRouteDeps {
  readonly store: Store;
  readonly pageSize: number;
}

const authorization = 'Microsoft.Authorization';
/** The scope may be a subscription, a resource group or any resource below it. */
const scopes = ['/subscriptions/:subscriptionId', '/subscriptions/:subscriptionId/*below'];
const scopeOf = (call: ArmCall): string =>
  call.path.replace(/\/providers\/Microsoft\.Authorization\/[^/]+(\/[^/]+)?\/?$/i, '');

export function roleRoutes(deps: RoleRouteDeps): readonly ArmRoute[] {
  return scopes.flatMap((scope) => [
    ...definitionRoutes(deps, `${scope}/providers/${authorization}/roleDefinitions`),
    ...assignmentRoutes(deps, `${scope}/providers/${authorization}/roleAssignments`),
  ]);
}

function definitionRoutes({ pageSize }: RoleRouteDeps, path: string): readonly ArmRoute[] {
  const type = `${authorization}/roleDefinitions`;
  const root = (call: ArmCall): string => `/subscriptions/${call.params['subscriptionId'] ?? ''}`;
  return [
    {
      ...{ method: 'get', path, type, action: `${type}/read` },
      handle: (call) => {
        const name = /roleName eq '([^']+)'/i.exec(call.query['$filter'] ?? '')?.[1];
        const found = roleDefinitions.filter(
          (role) => name === undefined || role.name.toLowerCase() === name.toLowerCase(),
        );
        return ok(
          page(
            found.map((role) => definitionJson(root(call), role)),
            call,
            pageSize,
          ),
        );
      },
    },
    {
      ...{ method: 'get', path: `${path}/:name`, type, action: `${type}/read` },
      handle: (call) => {
        const name = call.params['name'] ?? '';
        const found = roleDefinitions.find(({ id }) => id === name.toLowerCase());
        if (found) return ok(definitionJson(root(call), found));
        throw new ArmError(
          404,
          'RoleDefinitionDoesNotExist',
          `The specified role definition with ID '${name}' does not exist.`,
        );
      },
    },
  ];
}

function assignmentRoutes({ store, pageSize }: RoleRouteDeps, path: string): readonly ArmRoute[] {
  const type = `${authorization}/roleAssignments`;
  const one = `${path}/:name`;
  const named = (call: ArmCall): RoleAssignment | undefined =>
    store.state.roleAssignments.find(
      ({ name, scope }) =>
        name === (call.params['name'] ?? '').toLowerCase() &&
        scope.toLowerCase() === scopeOf(call).toLowerCase(),
    );
  return [
    {
      ...{ method: 'get', path, type, action: `${type}/read` },
      handle: (call) => {
        const wanted = assignmentFilter(call.query['$filter'] ?? '', scopeOf(call));
        return ok(page(store.state.roleAssignments.filter(wanted).map(assignmentJson), call, pageSize));
      },
    },
    {
      ...{ method: 'get', path: one, type, action: `${type}/read` },
      handle: (call) => {
        const found = named(call);
        if (found) return ok(assignmentJson(found));
        throw new ArmError(
          404,
          'RoleAssignmentNotFound',
          `The role assignment '${call.params['name'] ?? ''}' is not found.`,
        );
      },
    },
    {
      ...{ method: 'put', path: one, type, action: `${type}/write` },
      handle: (call) => give(store, call, named(call)),
    },
    {
      ...{ method: 'delete', path: one, type, action: `${type}/delete` },
      handle: (call) => {
        const found = named(call);
        if (!found) return { status: 204 };
        store.state.roleAssignments = store.state.roleAssignments.filter((known) => known !== found);
        store.save();
        return ok(assignmentJson(found));
      },
    },
  ];
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An assignment never changes: the same one again is fine, another one under its name or beside it is not. */
function give(store: Store, call: ArmCall, known: RoleAssignment | undefined): ArmAnswer {
  const wanted = readAssignment(call);
  const sameGift = (other: RoleAssignment): boolean =>
    other.principalId === wanted.principalId &&
    other.roleDefinitionId === wanted.roleDefinitionId &&
    other.scope.toLowerCase() === wanted.scope.toLowerCase();
  if (known && !sameGift(known))
    throw new ArmError(
      409,
      'RoleAssignmentUpdateNotPermitted',
      'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
    );
  if (!known && store.state.roleAssignments.some(sameGift))
    throw new ArmError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
  if (!known) {
    store.state.roleAssignments = [...store.state.roleAssignments, wanted];
    store.save();
  }
  return { status: known ? 200 : 201, body: assignmentJson(wanted) };
}

function readAssignment(call: ArmCall): RoleAssignment {
  const properties = part(call.body, 'properties');
  const role = findRole(text(properties['roleDefinitionId']) ?? '');
  const principalId = (text(properties['principalId']) ?? '').toLowerCase();
  const name = (call.params['name'] ?? '').toLowerCase();
  if (!guid.test(name))
    throw new ArmError(400, 'InvalidRoleAssignmentId', `The role assignment ID '${name}' is not a GUID.`);
  if (!role)
    throw new ArmError(400, 'RoleDefinitionDoesNotExist', 'The specified role definition does not exist.');
  if (!guid.test(principalId))
    throw new ArmError(400, 'InvalidPrincipalId', `The principal ID '${principalId}' is not a GUID.`);
  return { name, principalId, roleDefinitionId: role.id, scope: scopeOf(call) };
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
