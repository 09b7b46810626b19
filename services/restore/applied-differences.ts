/** The moves of giving a copy what it lacks, kind by kind; and whose word it takes. Pure. */
import type { ApplicableKind } from './difference-changes';
import type { Applied, AppliedKinds, ApplyAsked, ApplyEnded } from './applied';
import { kindNoun } from './difference-names';
import type { DifferenceGroup } from './differences';
import { problem, type Problem } from './errors';
import type { Person } from './person';
import type { Standing } from './party';
import { appliersOf, belongsToOne, isSamePerson } from './sealed-rule';
import { promised } from './plan';
import type { RestoreRequest } from './request';
import type { RequestState } from './state';

type Completed = Extract<RequestState, { phase: 'completed' }>;

const appliedKinds = (state: RequestState): AppliedKinds =>
  state.phase === 'completed' ? (state.applied ?? {}) : {};

export const appliedOf = (state: RequestState, kind: ApplicableKind): Applied | undefined =>
  appliedKinds(state)[kind];

/** Somebody asked for it and it has not ended yet. */
export const isApplying = (state: RequestState): boolean =>
  Object.values(appliedKinds(state)).some(({ kind }) => kind === 'at-work');

/** At work, or with nothing of it refused: pressing again would do nothing. */
function isUnderway(applied: Applied | undefined): boolean {
  if (applied?.kind !== 'applied') return applied?.kind === 'at-work';
  return applied.items.every(({ outcome }) => outcome.kind === 'applied');
}

type Offered = Extract<DifferenceGroup, { canApply: true }>;

const isOffered = (group: DifferenceGroup): group is Offered => group.found === 'differs' && group.canApply;

/** Groups that can be given to a copy at all. One whose data is contradicted is not made to look like its source. */
const offeredGroups = ({ got, verdict }: Completed): readonly DifferenceGroup[] =>
  got.kind === 'server' && verdict.kind !== 'contradicted' ? (got.differences ?? []).filter(isOffered) : [];

/** Whether a click on its button would do something. */
export const canBeApplied = (state: Completed, kind: string): boolean =>
  offeredGroups(state).some((group) => group.kind === kind) &&
  !isUnderway(Object.entries(appliedKinds(state)).find(([known]) => known === kind)?.[1]);

/** Only who may approve the restore may change what it made; a requester never, whatever a rule says. */
const mayApply = (
  { rule, requester, editors = [] }: RestoreRequest,
  person: Person,
  standing: Standing,
): boolean =>
  standing.account === 'member' &&
  belongsToOne(standing, appliersOf(rule).parties) &&
  ![requester, ...editors].some((author) => isSamePerson(rule.aliases, person, author));

function applyRefusal(
  request: RestoreRequest,
  { by, group: kind, standing }: ApplyAsked,
): Problem | undefined {
  const { id, rule, state, plan } = request;
  if (!mayApply(request, by, standing))
    return problem('APPLY_NOT_YOURS', { id, approvers: appliersOf(rule).people.map(({ name }) => name) });
  const what = { what: kindNoun(kind, 2), target: promised(plan).name };
  if (state.phase !== 'completed' || !offeredGroups(state).some((group) => group.kind === kind))
    return problem('APPLY_NOT_OFFERED', what);
  return isUnderway(appliedOf(state, kind)) ? problem('APPLY_UNDERWAY', what) : undefined;
}

const withApplied = (state: Completed, kind: ApplicableKind, applied: Applied): Completed => ({
  ...state,
  applied: { ...state.applied, [kind]: applied },
});

type Step =
  | { readonly kind: 'moved'; readonly state: RequestState }
  | { readonly kind: 'refused'; readonly because: Problem };

export function askToApply(request: RestoreRequest, asked: ApplyAsked): Step | undefined {
  const { by, at, group } = asked;
  const because = applyRefusal(request, asked);
  if (because) return { kind: 'refused', because };
  if (request.state.phase !== 'completed') return undefined;
  return { kind: 'moved', state: withApplied(request.state, group, { kind: 'at-work', by, askedAt: at }) };
}

/** Undefined where nobody asked for it, or it has ended already. */
export function endApply({ state }: RestoreRequest, { at, group, results }: ApplyEnded): Step | undefined {
  const asked = appliedOf(state, group);
  if (state.phase !== 'completed' || asked?.kind !== 'at-work') return undefined;
  const { by, askedAt } = asked;
  return { kind: 'moved', state: withApplied(state, group, { by, askedAt, endedAt: at, ...results }) };
}
