/** What people decide about a request: approve, reject, withdraw, try again; and what the clock decides. */
import { DeskError, problem, type Problem } from './restore/errors';
import { isHashPrefix, promised, shortHash } from './restore/plan';
import { isSameAccount, type Person } from './restore/person';
import { isRunning } from './restore/state';
import { mayReuseApproval } from './restore/transition';
import { partsRetryableUntil } from './restore/load-moves';
import { askAgain } from './asking-again';
import { move, readRequest, type Moved } from './moving';
import { retriedCard } from './telling';
import type { CardKey } from './restore/messages';
import type { Decided } from './decided';
import type { Deps } from './deps';
import type { RestoreRequest } from './restore/request';

/** How a decision names the plan it is about: by the card's key, or by the hash that a person typed. */
export type PlanReference =
  | { readonly kind: 'card'; readonly key: CardKey }
  | { readonly kind: 'typed'; readonly hash: string }
  | { readonly kind: 'none' };

export function referenceProblem(request: RestoreRequest, reference: PlanReference): Problem | undefined {
  switch (reference.kind) {
    case 'none':
      return undefined;
    case 'typed':
      return isHashPrefix(reference.hash, request.planHash)
        ? undefined
        : problem('PLAN_HASH_MISMATCH', { id: request.id, hash: shortHash(request.planHash) });
    case 'card': {
      const { key } = reference;
      const current =
        key.id === request.id && key.revision === request.revision && key.nonce === request.nonce;
      return current ? undefined : problem('CARD_OUTDATED', { id: request.id });
    }
  }
}

export const decided = (moved: Moved): Decided =>
  moved.kind === 'moved'
    ? { kind: 'done', request: moved.request }
    : { kind: 'refused', because: moved.because, request: moved.request };

const commentLimit = 500;

const tooLong = (comment: string): Problem | undefined =>
  comment.length > commentLimit
    ? problem('TEXT_TOO_LONG', { field: 'comment', limit: commentLimit })
    : undefined;

/** A double click finds its own first click: that is an answer, not an error. */
const hasStartedWith = ({ state }: RestoreRequest, by: Person): boolean =>
  isRunning(state) && state.run.approvals.some((approval) => isSameAccount(approval.by, by));

async function approve(
  deps: Deps,
  id: string,
  by: Person,
  comment: string,
  reference: PlanReference,
): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const wrong = tooLong(comment) ?? referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  if (hasStartedWith(request, by)) return { kind: 'done', request };
  const result = decided(
    await move(
      deps,
      id,
      { kind: 'approved-by', approval: { by, at: deps.clock.now(), comment: comment.trim() } },
      undefined,
      (current) => referenceProblem(current, reference),
    ),
  );
  deps.faultPoint('decision-stored');
  const { request: seen } = result;
  return seen && hasStartedWith(seen, by) ? { kind: 'done', request: seen } : result;
}

async function reject(
  deps: Deps,
  id: string,
  by: Person,
  reason: string,
  reference: PlanReference,
): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const wrong = tooLong(reason) ?? referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const event = { kind: 'rejected-by', by, reason, at: deps.clock.now() } as const;
  return decided(await move(deps, id, event, undefined, (current) => referenceProblem(current, reference)));
}

async function withdraw(deps: Deps, id: string, by: Person, reference: PlanReference): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const wrong = referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const event = { kind: 'withdrawn-by', by, at: deps.clock.now() } as const;
  return decided(await move(deps, id, event, undefined, (current) => referenceProblem(current, reference)));
}

/** The requester or an approver may try again: under the same approval while it is good, else with a new one. */
async function retry(deps: Deps, id: string, by: Person, reference: PlanReference): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const involved =
    isSameAccount(by, request.requester) ||
    request.rule.approvers.some((approver) => isSameAccount(approver, by));
  if (!involved)
    return { kind: 'refused', because: problem('NOT_YOURS', { requester: request.requester.name }), request };
  const wrong = referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const now = deps.clock.now();
  const until = partsRetryableUntil(request);
  if (until !== undefined) return retryParts(deps, request, by, now < until);
  if (request.state.phase !== 'failed')
    return { kind: 'refused', because: problem('NOT_RETRYABLE', { id }), request };
  if (!mayReuseApproval(request.state, now)) return askAgain(deps, request.id, by);
  return decided(
    await move(deps, id, { kind: 'retried', at: now }, async (changes) => {
      for (const message of retriedCard(request, now)) await changes.post(message);
    }),
  );
}

/** What failed of a load is tried again under the approval it has; later it is a request of its own for just that. */
async function retryParts(
  deps: Deps,
  request: RestoreRequest,
  by: Person,
  isGood: boolean,
): Promise<Decided> {
  if (!isGood) return askAgain(deps, request.id, by);
  // Nobody else may be at work on the server: since its end another request may have begun.
  const target = promised(request.plan).name;
  const open = await deps.store.openRequestForTarget(target);
  if (open !== undefined && open !== request.id)
    return { kind: 'refused', because: problem('DUPLICATE_OPEN', { id: open, target }), request };
  const at = deps.clock.now();
  return decided(
    await move(deps, request.id, { kind: 'parts-retried', by, at }, async (changes) => {
      await changes.enqueue({ kind: 'advance', requestId: request.id });
      for (const message of retriedCard(request, at)) await changes.post(message);
    }),
  );
}

/** The clock's decision. A job for an older approval round, or one that comes early, does nothing. */
async function expire(deps: Deps, id: string, revision: number): Promise<void> {
  const read = await deps.store.request(id);
  if (!read || read.value.revision !== revision || read.value.state.phase !== 'awaiting-approval') return;
  const { expiresAt } = read.value.state;
  if (deps.clock.now() < expiresAt) {
    await deps.store.change((changes) =>
      changes.enqueue({ kind: 'expire', requestId: id, revision }, expiresAt),
    );
    return;
  }
  await move(deps, id, { kind: 'expired', at: deps.clock.now() });
}

export interface Decisions {
  approve(id: string, by: Person, comment: string, reference: PlanReference): Promise<Decided>;
  reject(id: string, by: Person, reason: string, reference: PlanReference): Promise<Decided>;
  withdraw(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  retry(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  expire(id: string, revision: number): Promise<void>;
}

/** Turns refusals that were thrown into refusals that are answered; faults of the machine stay thrown. */
export async function answering(work: () => Promise<Decided>): Promise<Decided> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DeskError && error.problem.code === 'REQUEST_UNKNOWN')
      return { kind: 'refused', because: error.problem };
    throw error;
  }
}

export const createDecisions = (deps: Deps): Decisions => ({
  approve: (id, by, comment, reference) => answering(() => approve(deps, id, by, comment, reference)),
  reject: (id, by, reason, reference) => answering(() => reject(deps, id, by, reason, reference)),
  withdraw: (id, by, reference) => answering(() => withdraw(deps, id, by, reference)),
  retry: (id, by, reference) => answering(() => retry(deps, id, by, reference)),
  expire: (id, revision) => expire(deps, id, revision),
});
