/** What the policy would be asked about a past request today: as it was asked then, of servers as they are known now. */
import { subjectsOf } from '../restore/policy-destination';
import { isFilesPlan } from '../restore/plan';
import type { Asked } from '../restore/policy-words';
import type { RestoreRequest } from '../restore/request';
import type { ServerFacts } from '../restore/servers';

export function subjectsOfPast(
  { plan, shown, createdAt }: RestoreRequest,
  servers: ReadonlyMap<string, ServerFacts>,
): readonly Asked[] {
  const known = servers.get((isFilesPlan(plan) ? plan.target : plan.source).id.toLowerCase());
  return subjectsOf(plan, shown.askedAt ?? createdAt, known ?? {});
}
