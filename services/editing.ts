/** The form in which a request that waits is changed: it opens for the requester, and ends as a receipt of the request. */
import { DeskError, problem, type Problem } from './restore/errors';
import { answering, endIfOver, referenceProblem, type PlanReference } from './decision';
import { editDraft } from './accepting';
import { formCard } from './form-card';
import { isSameAccount, type Person } from './restore/person';
import { outcomeSentence } from './restore/transition';
import { knownDurations } from './telling';
import { readForm, sayAnyForm } from './forms';
import { readRequest } from './moving';
import { sayRequest } from './restore/say-request';
import { slots, thread } from './slots';
import type { Decided } from './decided';
import type { Deps } from './deps';
import type { Draft, RestoreRequest } from './restore/request';
import type { RequestMessage } from './restore/messages';

function editProblem(request: RestoreRequest, by: Person, reference: PlanReference): Problem | undefined {
  const { id, requester, state } = request;
  if (!isSameAccount(by, requester)) return problem('NOT_YOURS', { requester: requester.name });
  const wrong = referenceProblem(request, reference);
  if (wrong || state.phase === 'awaiting-approval') return wrong;
  return problem('NO_LONGER_OPEN', { id, outcome: outcomeSentence(request) });
}

/** Undefined when somebody moved the request since it was read. */
async function openOn(
  deps: Deps,
  { request, version }: Awaited<ReturnType<typeof readRequest>>,
): Promise<Decided | undefined> {
  const draft = editDraft(deps, request);
  const message = sayAnyForm(deps, draft, await readForm(deps, draft.inputs));
  const known: RestoreRequest = { ...request, openEdits: [...(request.openEdits ?? []), draft.id] };
  const stored = await deps.store.change(async (changes) => {
    if (!(await changes.saveRequest(known, version))) return false;
    await changes.addDraft(draft);
    await changes.post(formCard(draft, message));
    await changes.journal({
      requestId: request.id,
      kind: 'edit-opened',
      actor: request.requester,
      at: draft.createdAt,
      body: { draftId: draft.id, revision: request.revision },
    });
    return true;
  });
  return stored ? { kind: 'done', request: known } : undefined;
}

const mostConflicts = 10;

/** The form of a request that waits, once more, for its requester; what it changes is decided when it is submitted. */
export function openEdit(deps: Deps, id: string, by: Person, reference: PlanReference): Promise<Decided> {
  return answering(async () => {
    for (let conflict = 0; conflict < mostConflicts; conflict++) {
      await endIfOver(deps, id, deps.clock.now());
      const read = await readRequest(deps, id);
      const because = editProblem(read.request, by, reference);
      if (because) return { kind: 'refused', because, request: read.request };
      const opened = await openOn(deps, read);
      if (opened) return opened;
    }
    throw new DeskError(
      problem('INTERNAL', { what: `${id} changed ${mostConflicts} times while an edit was opened` }),
    );
  });
}

/**
 * The receipt again, of a form that was written while its request ended: it stands over the receipt that it had just become.
 * Undefined for every other form. Looked for after the form is stored: a request that ends later writes its receipt later.
 */
export async function receiptOver(deps: Deps, draft: Draft): Promise<RequestMessage | undefined> {
  const request = draft.edits && (await requestOf(deps, draft));
  if (!request) return undefined;
  const message = sayRequest(request, 'receipt', await knownDurations(deps, request.plan));
  await deps.store.change((changes) =>
    changes.post({
      ...{ slot: slots.draft(draft.id), requestId: request.id, destination: thread(request) },
      ...{ message, pace: 'at-once' },
    }),
  );
  return message;
}

/** The request whose receipt the form has become: that it was submitted to, or that it could have changed until its end. */
export async function requestOf(deps: Deps, draft: Draft): Promise<RestoreRequest | undefined> {
  const { state, edits } = draft;
  const id = state.phase === 'submitted' ? state.requestId : edits?.requestId;
  const request = id === undefined ? undefined : (await deps.store.request(id))?.value;
  const isReceipt = state.phase === 'submitted' || request?.editDrafts?.includes(draft.id) === true;
  return isReceipt ? request : undefined;
}
