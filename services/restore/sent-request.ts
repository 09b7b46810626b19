/** The call that orders a restore or a removal, as it goes over the wire; for the record of what was sent. */
import { isVaultPlan, type Plan } from './plan';
import { orderApiVersion, orderBody, type OrderFacts } from './order-body';
import { crossRegionRequest, restoreRequest } from './vault-order-body';
import type { SentRequest } from './sent-call';
import type { VaultPlan } from './vault-plan';

const groupOf = (id: string): string => /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? id;

/** Where a vault's restore is ordered. */
export const vaultOrderPath = ({ crossRegion, instanceId, vault }: VaultPlan): string =>
  crossRegion === undefined
    ? `${instanceId}/restore`
    : `${groupOf(vault.id)}/providers/Microsoft.DataProtection/locations/${crossRegion.region}/crossRegionRestore`;

/** Undefined for a plan that orders nothing of Azure. */
export function sentOrder(plan: Plan, facts: OrderFacts): SentRequest | undefined {
  if (isVaultPlan(plan)) {
    const body = plan.crossRegion === undefined ? restoreRequest(plan) : crossRegionRequest(plan);
    return { method: 'POST', path: vaultOrderPath(plan), body };
  }
  if (plan.mode === 'files-to-server') return undefined;
  return { method: 'PUT', path: plan.target.id, apiVersion: orderApiVersion, body: orderBody(plan, facts) };
}

export const sentRemoval = (serverId: string): SentRequest => ({
  method: 'DELETE',
  path: serverId,
  apiVersion: orderApiVersion,
});
