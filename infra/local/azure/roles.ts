/** Who may do what: the built-in roles local Azure knows, and the assignments that give them. */
import { randomUUID } from 'node:crypto';
import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../identities';
import type { RoleAssignment } from './model';
import type { Store } from './store';

export interface RoleDefinition {
  readonly id: string;
  readonly name: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

const role = (
  id: string,
  name: string,
  actions: readonly string[],
  notActions: readonly string[] = [],
): RoleDefinition => ({ id, name, actions, notActions });

/** Where the rights of cross-region restores are, below the backup provider. */
const crossRegion = 'subscriptions/resourceGroups/providers/locations';

const authorizationWrites = ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'];

export const roleDefinitions: readonly RoleDefinition[] = [
  role('8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'Owner', ['*']),
  role('b24988ac-6180-42a0-ab88-20f7382dd24c', 'Contributor', ['*'], authorizationWrites),
  role('acdd72a7-3385-48ef-bd42-f606fba81ae7', 'Reader', ['*/read']),
  // Data roles: they say nothing about ARM calls, but preflights look for them.
  role('ba92f5b4-2d11-453d-a403-e96b0029c9fe', 'Storage Blob Data Contributor', [
    'Microsoft.Storage/storageAccounts/blobServices/containers/*',
  ]),
  role('4633458b-17de-408a-b874-0445c86b69e6', 'Key Vault Secrets User', []),
  role('c088a766-074b-43ba-90d4-1fb21feae531', 'PostgreSQL Flexible Server Long Term Retention Backup Role', [
    'Microsoft.DBforPostgreSQL/flexibleServers/ltrBackupOperations/*',
    'Microsoft.DBforPostgreSQL/flexibleServers/read',
  ]),
  role('5e467623-bb1f-42f4-a55d-6e525e11384b', 'Backup Contributor', [
    ...['backupVaults/*', 'locations/*', `${crossRegion}/*`].map(
      (action) => `Microsoft.DataProtection/${action}`,
    ),
    'Microsoft.Authorization/*/read',
  ]),
  // Jobs are missing in Azure's own list as well: whoever follows one needs Reader beside it.
  role('00c29273-979b-4161-815c-10b084fb9324', 'Backup Operator', [
    ...['', '/backupInstances', '/backupInstances/recoveryPoints', '/deletedBackupInstances'].map(
      (type) => `Microsoft.DataProtection/backupVaults${type}/read`,
    ),
    ...['/backupPolicies', '/operationResults', '/operationStatus'].map(
      (type) => `Microsoft.DataProtection/backupVaults${type}/read`,
    ),
    ...['operationStatus', 'locations/operationStatus', 'locations/operationResults'].map(
      (type) => `Microsoft.DataProtection/${type}/read`,
    ),
    ...[
      'validateForBackup',
      ...['backup', 'validateRestore', 'restore', 'findRestorableTimeRanges'].map(
        (verb) => `backupInstances/${verb}`,
      ),
    ].map((action) => `Microsoft.DataProtection/backupVaults/${action}/action`),
    `Microsoft.DataProtection/${crossRegion}/*/action`,
    ...['Microsoft.Authorization/*/read', 'Microsoft.Storage/storageAccounts/read'],
  ]),
  role('a795c7a0-d4a2-40c1-ae25-d81f01202912', 'Backup Reader', [
    'Microsoft.DataProtection/backupVaults/read',
    'Microsoft.DataProtection/backupVaults/*/read',
  ]),
];

export function findRole(nameOrId: string): RoleDefinition | undefined {
  const wanted = nameOrId.toLowerCase().split('/').at(-1) ?? '';
  return roleDefinitions.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
}

function matches(pattern: string, action: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'i').test(action);
}

/** True when `scope` is `inner` or stands above it. */
export function coversScope(scope: string, inner: string): boolean {
  const [above, below] = [scope, inner].map((path) => path.toLowerCase().replace(/\/+$/, ''));
  return below === above || (below ?? '').startsWith(`${above}/`);
}

export function isAllowed(
  assignments: readonly RoleAssignment[],
  principalId: string,
  action: string,
  scope: string,
): boolean {
  return assignments.some((assignment) => {
    if (assignment.principalId !== principalId || !coversScope(assignment.scope, scope)) return false;
    const given = findRole(assignment.roleDefinitionId);
    return (
      given !== undefined &&
      given.actions.some((pattern) => matches(pattern, action)) &&
      !given.notActions.some((pattern) => matches(pattern, action))
    );
  });
}

export const startingAssignments = (): RoleAssignment[] =>
  [mainSubscriptionId, secondSubscriptionId].map((subscriptionId) => ({
    name: randomUUID(),
    principalId: productIdentity.principalId,
    roleDefinitionId: findRole('Contributor')?.id ?? '',
    scope: `/subscriptions/${subscriptionId}`,
  }));

export interface RoleChange {
  readonly principal: string;
  readonly role: string;
  readonly scope: string;
  readonly grant: boolean;
}

/** Gives a role or takes it away (at exactly this scope); returns how many assignments changed. */
export function changeRole(store: Store, change: RoleChange): number {
  const roleDefinitionId = findRole(change.role)?.id ?? '';
  const principalId = change.principal.toLowerCase();
  const scope = change.scope.replace(/\/+$/, '');
  const others = store.state.roleAssignments.filter(
    (known) =>
      known.principalId !== principalId ||
      known.roleDefinitionId !== roleDefinitionId ||
      known.scope.toLowerCase() !== scope.toLowerCase(),
  );
  const had = store.state.roleAssignments.length - others.length;
  const fresh = { name: randomUUID(), principalId, roleDefinitionId, scope };
  if (change.grant && had > 0) return 0;
  store.state.roleAssignments = change.grant ? [...others, fresh] : others;
  store.save();
  return change.grant ? 1 : had;
}
