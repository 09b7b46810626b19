/** Starting without approval, and the look that an approver owes it afterwards. */
import { accountsOf } from './restore/sealed-rule';
import {
  decideWith,
  decided,
  endIfOver,
  policyProblem,
  referenceProblem,
  standingOf,
  tooLong,
  type Decision,
  type PlanReference,
} from './decision';
import { move, readRequest } from './moving';
import { plusSeconds } from './restore/instant';
import { problem } from './restore/errors';
import type { Decided } from './decided';
import type { Deps } from './deps';
import type { Person } from './restore/person';

/**
 * One at a time for one person: what they did before is counted and the new one stored before the next is looked at. Their
 * accounts share the right, so they share the lock.
 */
export async function breakGlass(deps: Deps, decision: Decision): Promise<Decided> {
  const { id, by, text, reference } = decision;
  const { request } = await readRequest(deps, id);
  const wrong = tooLong(text) ?? referenceProblem(request, reference) ?? policyProblem(deps, request);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const accounts = accountsOf(request.rule.aliases, by.aadObjectId).sort();
  const held = await deps.store.exclusively(`glass/${accounts[0] ?? ''}`, async () => {
    const at = deps.clock.now();
    await endIfOver(deps, id, at);
    const hours = request.rule.breakGlass?.atMost.hours ?? 0;
    const { times, owed } = await deps.store.brokenGlass(accounts, plusSeconds(at, -hours * 3_600));
    const standing = await standingOf(deps, request, by);
    return decided(
      await move(
        deps,
        id,
        {
          kind: 'glass-broken',
          by,
          at,
          reason: text,
          standing,
          timesBefore: times,
          ...(owed === undefined ? {} : { owed }),
        },
        undefined,
        (current) => referenceProblem(current, reference) ?? policyProblem(deps, current),
      ),
    );
  });
  deps.faultPoint('decision-stored');
  return held?.done ?? { kind: 'refused', because: problem('GLASS_UNDERWAY'), request };
}

export interface ReviewWords {
  readonly verdict: 'approved' | 'reported';
  readonly comment: string;
}

export const review = (
  deps: Deps,
  id: string,
  by: Person,
  { verdict, comment }: ReviewWords,
  reference: PlanReference,
): Promise<Decided> =>
  decideWith(deps, { id, by, text: comment, reference }, (at, standing) => ({
    kind: 'reviewed-by',
    by,
    at,
    verdict,
    comment,
    standing,
  }));
