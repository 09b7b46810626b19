/** The request as Azure will get it, for the fold of the approval card and for an auditor. */
import { crossRegionRequest, restoreRequest } from './vault-order-body';
import { isFilesPlan, isVaultPlan, loadTerms, sealedMoment, type Plan } from './plan';
import { exactLoad } from './say-load';
import { orderApiVersion, orderBody } from './order-body';
import { vaultOrderPath } from './sent-request';
import { writesFiles, type VaultPlan } from './vault-plan';

/** Names which secret is used without telling its address: that is nobody's business in chat. */
function withoutSecret(plan: VaultPlan): VaultPlan {
  if (writesFiles(plan)) return plan;
  return { ...plan, target: { ...plan.target, secretUri: 'the configured key vault secret' } };
}

function vaultRequest(sent: VaultPlan): string {
  const plan = withoutSecret(sent);
  const body = plan.crossRegion === undefined ? restoreRequest(plan) : crossRegionRequest(plan);
  return `POST ${vaultOrderPath(plan)}\n${JSON.stringify(body, null, 2)}`;
}

/** Words stand for what only the start can fix: the nonce, and the moment where the plan names none. */
export function exactRequest(plan: Plan, requestId: string, owner: string): string {
  if (isFilesPlan(plan)) return exactLoad(plan.load, plan.files);
  if (isVaultPlan(plan)) {
    const terms = loadTerms(plan);
    return [vaultRequest(plan), ...(terms ? [exactLoad(terms)] : [])].join('\n\n');
  }
  const body = orderBody(plan, {
    requestId,
    nonce: 'set at the start',
    moment: sealedMoment(plan) ?? 'the moment of the start',
    owner,
  });
  return `PUT ${plan.target.id}?api-version=${orderApiVersion}\n${JSON.stringify(body, null, 2)}`;
}
