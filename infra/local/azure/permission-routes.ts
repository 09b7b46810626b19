/** What the caller may do at a scope: one entry for each role that was given there or above. */
import { resourceGroupNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmRoute } from './arm-route';
import { findResourceGroup } from './resource-groups';
import { coversScope, findRole } from './roles';
import type { Store } from './store';

const type = 'Microsoft.Authorization/permissions';

export function permissionRoutes({
  store,
  pageSize,
}: {
  store: Store;
  pageSize: number;
}): readonly ArmRoute[] {
  const handle: ArmRoute['handle'] = (call) => {
    const scope = call.path.replace(/\/providers\/Microsoft\.Authorization\/permissions\/?$/i, '');
    const group = /\/resourceGroups\/([^/]+)/i.exec(scope)?.[1];
    if (group !== undefined && !findResourceGroup(call.params['subscriptionId'] ?? '', group))
      throw resourceGroupNotFound(group);
    const given = store.state.roleAssignments.filter(
      (known) => known.principalId === call.caller.objectId && coversScope(known.scope, scope),
    );
    const permissions = given
      .flatMap(({ roleDefinitionId }) => findRole(roleDefinitionId) ?? [])
      .map(({ actions, notActions }) => ({ actions, notActions, dataActions: [], notDataActions: [] }));
    return ok(page(permissions, call, pageSize));
  };
  // The scope may be a subscription, a resource group or any resource below it, there or not.
  return ['', '/*below'].map((below) => ({
    ...{ method: 'get', path: `/subscriptions/:subscriptionId${below}/providers/${type}` },
    ...{ type, action: `${type}/read`, handle },
  }));
}
