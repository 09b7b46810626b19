/** What our own identity may do at a place, as Azure's effective permissions tell. */
import type { ArmReads } from './arm-reads';
import { isForbidden, isNotFound } from './errors';

export interface Permission {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
}

/** `Microsoft.Network/virtualNetworks/*` and the like; a star stands for anything, slashes included. */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

/** Each permission allows its actions less what it takes out; what one takes out, another one may allow. */
export const isPermitted = (permissions: readonly Permission[], action: string): boolean =>
  permissions.some(
    ({ actions = [], notActions = [] }) =>
      actions.some((pattern) => covers(pattern, action)) &&
      !notActions.some((pattern) => covers(pattern, action)),
  );

/** Where there is nothing, or nothing that we may look at, we may do nothing. */
async function permissionsAt(reads: ArmReads, scope: string): Promise<readonly Permission[]> {
  const path = `${scope.replace(/\/+$/, '')}/providers/Microsoft.Authorization/permissions`;
  try {
    return (await reads.list(path, { 'api-version': '2022-04-01' })) as readonly Permission[];
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return [];
    throw error;
  }
}

export async function readMissingRights(
  reads: ArmReads,
  scope: string,
  actions: readonly string[],
): Promise<string[]> {
  const permissions = await permissionsAt(reads, scope);
  return actions.filter((action) => !isPermitted(permissions, action));
}
