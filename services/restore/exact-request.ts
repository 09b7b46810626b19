/** The request as Azure will get it, for the fold of the approval card and for an auditor. */
import { orderApiVersion, orderBody } from './order-body';
import { sealedMoment, type Plan } from './plan';

/** Words stand for what only the start can fix: the nonce, and the moment where the plan names none. */
export function exactRequest(plan: Plan, requestId: string, owner: string): string {
  const body = orderBody(plan, {
    requestId,
    nonce: 'set at the start',
    moment: sealedMoment(plan) ?? 'the moment of the start',
    owner,
  });
  return `PUT ${plan.target.id}?api-version=${orderApiVersion}\n${JSON.stringify(body, null, 2)}`;
}
