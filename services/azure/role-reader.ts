/** Which roles somebody has at a place. */
import { found, type ArmReads } from './arm-reads';
import { lastSegment } from './vault-ids';

interface RoleAssignment {
  readonly properties?: {
    readonly roleDefinitionId?: string;
    readonly principalId?: string;
    readonly scope?: string;
  };
}

const trimmed = (scope: string): string => scope.toLowerCase().replace(/\/+$/, '');

/** At the place itself or above it: a group, a subscription, a management group, or everything (`/`). */
function reaches(assigned: string, scope: string): boolean {
  const [from, to] = [trimmed(assigned), trimmed(scope)];
  const isAboveSubscriptions = /^\/providers\/microsoft\.management\/managementgroups\/[^/]+$/.test(from);
  return isAboveSubscriptions || to === from || to.startsWith(`${from}/`);
}

/**
 * Undefined where the place itself is gone. Azure lists what is assigned below the place too; that gives no right at the
 * place.
 */
export async function readRoles(
  reads: ArmReads,
  principalId: string,
  scope: string,
): Promise<string[] | undefined> {
  // The id stands inside a filter; what is none would change it.
  if (!/^[0-9a-f-]{36}$/i.test(principalId)) return [];
  const path = `${scope.replace(/\/+$/, '')}/providers/Microsoft.Authorization/roleAssignments`;
  const query = { 'api-version': '2022-04-01', $filter: `principalId eq '${principalId}'` };
  const listed = await found(reads.list(path, query));
  if (!listed) return undefined;
  const roles = (listed as readonly RoleAssignment[]).flatMap(({ properties }) => {
    const { roleDefinitionId, principalId: to = '', scope: assigned } = properties ?? {};
    const isMeant = to.toLowerCase() === principalId.toLowerCase();
    if (!isMeant || assigned === undefined || !reaches(assigned, scope)) return [];
    return roleDefinitionId === undefined ? [] : lastSegment(roleDefinitionId).toLowerCase();
  });
  return [...new Set(roles)];
}
