/** What people decide about a request: approve, reject, withdraw, ask, answer, try again; and what the clock decides. */
import {
  answering,
  decided,
  decideWith,
  moveOfRequester,
  policyProblem,
  referenceProblem,
  type Decision,
  type PlanReference,
} from './decision';
import { approversOf } from './restore/sealed-rule';
import { askAgain } from './asking-again';
import { breakGlass, review, type ReviewWords } from './breaking-glass';
import { clockOf, type RestoreRequest } from './restore/request';
import { isRunning } from './restore/state';
import { isSameAccount, type Person } from './restore/person';
import { mayReuseApproval } from './restore/transition';
import { move, readRequest } from './moving';
import { partsRetryableUntil } from './restore/load-moves';
import { problem } from './restore/errors';
import { promised } from './restore/plan';
import { retriedCard } from './telling';
import type { Decided } from './decided';
import type { Deps } from './deps';

/** A double click finds its own first click: that is an answer, not an error. */
const hasStartedWith = ({ state }: RestoreRequest, by: Person): boolean =>
  isRunning(state) && state.run.approvals.some((approval) => isSameAccount(approval.by, by));

async function approve(deps: Deps, decision: Decision): Promise<Decided> {
  const { id, by, text, reference } = decision;
  const { request } = await readRequest(deps, id);
  if (referenceProblem(request, reference) === undefined && hasStartedWith(request, by))
    return { kind: 'done', request };
  const result = await decideWith(
    deps,
    decision,
    (at, standing) => ({ kind: 'approved-by', approval: { by, at, comment: text.trim() }, standing }),
    (current) => policyProblem(deps, current),
  );
  const { request: seen } = result;
  return seen && hasStartedWith(seen, by) ? { kind: 'done', request: seen } : result;
}

const reject = (deps: Deps, decision: Decision): Promise<Decided> =>
  decideWith(deps, decision, (at, standing) => ({
    kind: 'rejected-by',
    by: decision.by,
    reason: decision.text,
    at,
    standing,
  }));

const ask = (deps: Deps, decision: Decision): Promise<Decided> =>
  decideWith(deps, decision, (at, standing) => ({
    kind: 'question-asked',
    by: decision.by,
    text: decision.text,
    at,
    standing,
  }));

/** The requester or an approver may try again: under the same approval while it is good, else with a new one. */
async function retry(deps: Deps, id: string, by: Person, reference: PlanReference): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const involved =
    isSameAccount(by, request.requester) ||
    approversOf(request.rule).some((approver) => isSameAccount(approver, by));
  if (!involved)
    return { kind: 'refused', because: problem('NOT_YOURS', { requester: request.requester.name }), request };
  const wrong = referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const now = deps.clock.now();
  const until = partsRetryableUntil(request);
  // Where the policy was changed since, the approval is void; a restore finds that out when it looks at its plan again.
  if (until !== undefined)
    return retryParts(deps, request, by, now < until && request.plan.policy.version === deps.policy.version);
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

/** Does what is due, one thing at a time, until nothing is. A job that comes early, or once more, does nothing. */
async function clock(deps: Deps, id: string): Promise<void> {
  for (;;) {
    const read = await deps.store.request(id);
    const at = read && clockOf(read.value);
    if (at === undefined) return;
    const now = deps.clock.now();
    if (now < at) {
      await deps.store.change((changes) => changes.enqueue({ kind: 'clock', requestId: id }, at));
      return;
    }
    const struck = await move(deps, id, { kind: 'clock-struck', at: now });
    if (struck.kind === 'refused') return;
  }
}

export interface Decisions {
  approve(id: string, by: Person, comment: string, reference: PlanReference): Promise<Decided>;
  reject(id: string, by: Person, reason: string, reference: PlanReference): Promise<Decided>;
  withdraw(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  ask(id: string, by: Person, question: string, reference: PlanReference): Promise<Decided>;
  answer(id: string, by: Person, words: string, reference: PlanReference): Promise<Decided>;
  /** Starts at once, without the approvals that are missing, with a reason. */
  breakGlass(id: string, by: Person, reason: string, reference: PlanReference): Promise<Decided>;
  /** An approver's look, afterwards, at what was started without approval. */
  review(id: string, by: Person, review: ReviewWords, reference: PlanReference): Promise<Decided>;
  retry(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  clock(id: string): Promise<void>;
}

export function createDecisions(deps: Deps): Decisions {
  return {
    approve: (id, by, text, reference) => answering(() => approve(deps, { id, by, text, reference })),
    reject: (id, by, text, reference) => answering(() => reject(deps, { id, by, text, reference })),
    withdraw: (id, by, reference) =>
      answering(() =>
        moveOfRequester(deps, { id, by, text: '', reference }, (at) => ({ kind: 'withdrawn-by', by, at })),
      ),
    ask: (id, by, text, reference) => answering(() => ask(deps, { id, by, text, reference })),
    answer: (id, by, text, reference) =>
      answering(() =>
        moveOfRequester(deps, { id, by, text, reference }, (at) => ({
          kind: 'question-answered',
          by,
          at,
          text,
        })),
      ),
    breakGlass: (id, by, text, reference) => answering(() => breakGlass(deps, { id, by, text, reference })),
    review: (id, by, words, reference) => answering(() => review(deps, id, by, words, reference)),
    retry: (id, by, reference) => answering(() => retry(deps, id, by, reference)),
    clock: (id) => clock(deps, id),
  };
}
