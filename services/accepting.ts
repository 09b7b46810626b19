/** From a checked form to a request that waits for its approvers: a new one, or the next revision of one that waits already. */
import { DeskError, problem, type Problem } from './restore/errors';
import { endIfOver } from './decision';
import { editedWords } from './restore/edited';
import { knownDurations, replacedCard, requestCards } from './telling';
import { isVaultPlan, type Plan } from './restore/plan';
import { outcomeSentence } from './restore/transition';
import { readRequest } from './moving';
import { clockOf, type Draft, type RestoreRequest } from './restore/request';
import { revisionBody, sealed, type SealedParts } from './sealing';
import type { Changes } from './restore/ports';
import type { Deps } from './deps';
import type { FormInputs } from './restore/form-inputs';
import type { Instant } from './restore/instant';
import type { PlanResult } from './restore/make-plan';

export type Accepted =
  | { readonly kind: 'request'; readonly request: RestoreRequest }
  /** Another check of the same form was quicker. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** Rolls the whole change back: another check of the same draft was quicker. */
class DraftTaken extends Error {}

/** Rolls it back as well: what the form would change is not what it was any more. */
class RequestMoved extends Error {}

interface Submitted {
  readonly draft: Draft;
  readonly version: number;
  readonly parts: SealedParts;
}

function fixedInputs(inputs: FormInputs, plan: Plan): FormInputs {
  if (isVaultPlan(plan)) return { ...inputs, backup: plan.point.id };
  return plan.mode === 'fast' ? { ...inputs, backup: plan.backup.name } : inputs;
}

const newRequest = (id: string, { draft, parts }: Submitted, now: Instant): RestoreRequest => ({
  id,
  revision: 1,
  requester: draft.requester,
  zone: draft.zone,
  // What was planned, and not what is newest later: the check before the start must come to the same plan.
  inputs: fixedInputs(draft.inputs, parts.plan),
  draftId: draft.id,
  thread: draft.thread,
  createdAt: now,
  ...parts,
});

async function saveSubmitted(
  changes: Changes,
  { draft, version }: Submitted,
  requestId: string,
): Promise<void> {
  const submitted: Draft = { ...draft, problems: [], state: { phase: 'submitted', requestId } };
  if (!(await changes.saveDraft(submitted, version))) throw new DraftTaken();
}

async function armClock(changes: Changes, request: RestoreRequest): Promise<void> {
  const clock = clockOf(request);
  if (clock !== undefined) await changes.enqueue({ kind: 'clock', requestId: request.id }, clock);
}

async function addNew(deps: Deps, submitted: Submitted): Promise<RestoreRequest> {
  const duration = await knownDurations(deps, submitted.parts.plan);
  const now = deps.clock.now();
  return deps.store.change(async (changes) => {
    const added = await changes.addRequest((id) => newRequest(id, submitted, now));
    await saveSubmitted(changes, submitted, added.id);
    for (const message of requestCards(added, duration)) await changes.post(message);
    await armClock(changes, added);
    await changes.journal({
      requestId: added.id,
      kind: 'requested',
      actor: added.requester,
      at: now,
      body: revisionBody(added),
    });
    return added;
  });
}

/** Why a form can no longer change its request: somebody decided, or another edit came first. */
function editProblem({ id, revision, state, ...request }: RestoreRequest, asOf: number): Problem | undefined {
  if (state.phase !== 'awaiting-approval')
    return problem('NO_LONGER_OPEN', { id, outcome: outcomeSentence({ id, revision, state, ...request }) });
  return revision === asOf ? undefined : problem('CARD_OUTDATED', { id });
}

/** A new revision: decisions that were given are void, and what people said about it stays. */
function editedRequest(before: RestoreRequest, { draft, parts }: Submitted): RestoreRequest {
  const { question: _open, ...waiting } = parts.state;
  const asked = before.state.phase === 'awaiting-approval' ? before.state : undefined;
  const questions = [
    ...(asked?.questions ?? []),
    ...(asked?.question ? [{ by: asked.question.by, at: asked.question.at, text: asked.question.text }] : []),
  ];
  const next: RestoreRequest = {
    ...before,
    ...parts,
    inputs: fixedInputs(draft.inputs, parts.plan),
    revision: before.revision + 1,
    editDrafts: [...(before.editDrafts ?? []), draft.id],
    openEdits: (before.openEdits ?? []).filter((id) => id !== draft.id),
    state: { ...waiting, ...(questions.length > 0 ? { questions } : {}) },
  };
  return { ...next, edited: editedWords(before, next) };
}

async function addRevision(
  deps: Deps,
  submitted: Submitted,
  edits: NonNullable<Draft['edits']>,
): Promise<Accepted> {
  const now = deps.clock.now();
  await endIfOver(deps, edits.requestId, now);
  const { request: before, version } = await readRequest(deps, edits.requestId);
  const late = editProblem(before, edits.revision);
  if (late) return { kind: 'refused', problems: [late] };
  const next = editedRequest(before, submitted);
  if (next.edited?.length === 0)
    return { kind: 'refused', problems: [problem('NOTHING_CHANGED', { id: before.id })] };
  const duration = await knownDurations(deps, next.plan);
  await deps.store.change(async (changes) => {
    if (!(await changes.saveRequest(next, version))) throw new RequestMoved();
    await saveSubmitted(changes, submitted, next.id);
    for (const message of [...replacedCard(before, duration, now), ...requestCards(next, duration)])
      await changes.post(message);
    await armClock(changes, next);
    await changes.journal({
      requestId: next.id,
      kind: 'edited',
      actor: next.requester,
      at: now,
      body: { ...revisionBody(next), changes: next.edited },
    });
  });
  return { kind: 'request', request: next };
}

const writersOf = async (
  deps: Deps,
  { requester, edits }: Draft,
): Promise<Pick<RestoreRequest, 'requester' | 'editors'>> =>
  edits ? (await readRequest(deps, edits.requestId)).request : { requester };

/** Throws only when the directory, or our own database, does not answer. */
export async function accept(
  deps: Deps,
  draft: Draft,
  version: number,
  planned: Extract<PlanResult, { kind: 'plan' }>,
): Promise<Accepted> {
  const result = await sealed(deps, planned, await writersOf(deps, draft));
  if (result.kind === 'refused') return result;
  const submitted = { draft, version, parts: result.parts };
  try {
    if (draft.edits) return await addRevision(deps, submitted, draft.edits);
    return { kind: 'request', request: await addNew(deps, submitted) };
  } catch (error) {
    if (error instanceof DraftTaken) return { kind: 'taken' };
    // Lost to somebody quicker between the check and the commit: the name of the target, or the revision.
    if (error instanceof RequestMoved)
      return { kind: 'refused', problems: [problem('CARD_OUTDATED', { id: draft.edits?.requestId ?? '' })] };
    if (error instanceof DeskError && error.problem.code === 'DUPLICATE_OPEN')
      return { kind: 'refused', problems: [error.problem] };
    throw error;
  }
}

/** Opens the form again with what the request asks for now; nothing about the request changes until it is submitted. */
export function editDraft(deps: Deps, request: RestoreRequest): Draft {
  return {
    id: deps.ids.nonce(),
    nonce: deps.ids.nonce(),
    requester: request.requester,
    zone: request.zone,
    inputs: request.inputs,
    understood: [`edit ${request.id}`],
    notUnderstood: [],
    problems: [],
    thread: request.thread,
    createdAt: deps.clock.now(),
    edits: { requestId: request.id, revision: request.revision },
    state: { phase: 'open' },
  };
}
