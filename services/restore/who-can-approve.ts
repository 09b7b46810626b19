/** Whose approval would count at this moment, of people whose groups were just looked up. Pure. */
import { currentStage, isSamePerson } from './sealed-rule';
import { eligible } from './policy';
import { partyKey, type Party } from './party';
import type { Members } from './seal-rule';
import type { Person } from './person';
import type { RestoreRequest } from './request';

/** Who is asked now: the stage whose turn it is, and once it was escalated those who were called then. */
export function partiesAskedNow({ state, rule }: RestoreRequest): readonly Party[] {
  if (state.phase !== 'awaiting-approval') return [];
  const current = currentStage(rule, state.approvals);
  if (!current) return [];
  const called = state.escalatedAt === undefined ? [] : (rule.escalation?.parties ?? []);
  return [...current.stage.parties, ...called];
}

/** Of these people each once, whatever groups they are in; neither who wrote the request nor who has signed it, nor their aliases. */
export function stillEligible(request: RestoreRequest, people: readonly Person[]): readonly Person[] {
  const { state, rule, requester, editors = [] } = request;
  if (state.phase !== 'awaiting-approval') return [];
  const out = [...editors, ...state.approvals.map(({ by }) => by)];
  return eligible(rule, people, requester).filter(
    (person) => !out.some((each) => isSamePerson(rule.aliases, each, person)),
  );
}

export const whoCanApprove = (request: RestoreRequest, members: Members): readonly Person[] =>
  stillEligible(
    request,
    partiesAskedNow(request).flatMap((party) => members.get(partyKey(party)) ?? []),
  );
