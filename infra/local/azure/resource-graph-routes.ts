/** `Microsoft.ResourceGraph/resources`: a POST that only reads, with a quota of its own. */
import { ArmError } from './arm-error';
import type { ArmAnswer, ArmCall, ArmRoute } from './arm-route';
import type { GraphQuota, QuotaVerdict } from './graph-quota';
import { part, text } from './json-parts';
import { answerQuestion, pageOf, type GraphDeps } from './resource-graph';

export interface ResourceGraphRouteDeps extends GraphDeps {
  readonly quota: GraphQuota;
}

export function resourceGraphRoutes(deps: ResourceGraphRouteDeps): readonly ArmRoute[] {
  const type = 'Microsoft.ResourceGraph/resources';
  return [{ method: 'post', path: `/providers/${type}`, type, handle: (call) => answer(deps, call) }];
}

function answer(deps: ResourceGraphRouteDeps, { body, caller }: ArmCall): ArmAnswer {
  const verdict = deps.quota.take(caller.objectId);
  const headers = quotaHeaders(verdict);
  if (!verdict.admitted)
    throw new ArmError(
      429,
      'RateLimiting',
      'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed.',
      { cause: 'service', headers: { ...headers, 'retry-after': String(verdict.resetsAfterSeconds) } },
    );
  const beganMs = performance.now();
  const query = text(body['query']);
  if (query === undefined)
    throw new ArmError(400, 'BadRequest', 'EmptyQuery: A query is required.', { cause: 'service', headers });
  const asked = body['subscriptions'];
  const rows = answerQuestion(deps, {
    query,
    subscriptionIds: Array.isArray(asked) ? asked.map((id) => String(id).toLowerCase()) : undefined,
    principalId: caller.objectId,
  });
  const page = pageOf(rows, part(body, 'options'));
  return { status: 200, headers: { ...headers, ...durationHeader(beganMs) }, body: page };
}

const quotaHeaders = ({ remaining, resetsAfterSeconds }: QuotaVerdict): Record<string, string> => ({
  'x-ms-user-quota-remaining': String(remaining),
  'x-ms-ratelimit-remaining-tenant-resource-requests': String(remaining),
  'x-ms-user-quota-resets-after': `00:00:${String(resetsAfterSeconds).padStart(2, '0')}`,
});

/** As Azure writes it: days, hours, minutes and seconds. */
const durationHeader = (beganMs: number): Record<string, string> => {
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(7).padStart(10, '0');
  return { 'x-ms-resource-graph-request-duration': `0:00:00:${seconds}` };
};
