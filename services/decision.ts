/** What all decisions have in common: which plan they are about, who decides, and what they are held against. */
import { DeskError, problem, type Problem, type ProblemCode } from './restore/errors';
import { isHashPrefix, shortHash } from './restore/plan';
import { endedAt } from './restore/waiting';
import { move, readRequest, type Moved } from './moving';
import { partiesOf } from './restore/sealed-rule';
import type { CardKey } from './restore/messages';
import type { Decided } from './decided';
import type { Deps } from './deps';
import type { Instant } from './restore/instant';
import type { Person } from './restore/person';
import type { RequestEvent } from './restore/transition';
import type { RestoreRequest } from './restore/request';
import type { Standing } from './restore/party';

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

export const tooLong = (comment: string): Problem | undefined =>
  comment.length > commentLimit
    ? problem('TEXT_TOO_LONG', { field: 'comment', limit: commentLimit })
    : undefined;

/** Looked up for the very click. Once it is decided nobody's standing matters, and a directory that is away hides no outcome. */
export const standingOf = (deps: Deps, request: RestoreRequest, by: Person): Promise<Standing> =>
  request.state.phase === 'awaiting-approval' || request.review?.kind === 'due'
    ? deps.directory.standing(by.aadObjectId, partiesOf(request.rule))
    : Promise.resolve({ account: 'unknown', belongsTo: [] });

/** What was planned under another policy is not let through under this one. */
export const policyProblem = (deps: Deps, { id, plan, state }: RestoreRequest): Problem | undefined =>
  state.phase === 'awaiting-approval' && plan.policy.version !== deps.policy.version
    ? problem('POLICY_CHANGED', { id })
    : undefined;

/** What every decision is held against, on the version of the request that is about to be replaced. */
export interface Decision {
  readonly id: string;
  readonly by: Person;
  readonly text: string;
  readonly reference: PlanReference;
}

/**
 * Who comes too late is told so. That is written down before it is said: no replica whose clock says otherwise, and no clock that
 * is set back, lets anybody through after it.
 */
export async function endIfOver(deps: Deps, id: string, at: Instant): Promise<RestoreRequest> {
  for (;;) {
    const { request } = await readRequest(deps, id);
    const { state } = request;
    if (state.phase !== 'awaiting-approval' || endedAt(state, at) === undefined) return request;
    const struck = await move(deps, id, { kind: 'clock-struck', at });
    if (struck.kind === 'refused') return struck.request;
  }
}

type EventFor = (at: Instant, standing: Standing) => RequestEvent;

export async function decideWith(
  deps: Deps,
  { id, by, text, reference }: Decision,
  eventFor: EventFor,
  also: (request: RestoreRequest) => Problem | undefined = () => undefined,
): Promise<Decided> {
  const at = deps.clock.now();
  const request = await endIfOver(deps, id, at);
  const refusalOf = (current: RestoreRequest): Problem | undefined =>
    referenceProblem(current, reference) ?? also(current);
  const wrong = tooLong(text) ?? refusalOf(request);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const event = eventFor(at, await standingOf(deps, request, by));
  const result = decided(await move(deps, id, event, undefined, refusalOf));
  deps.faultPoint('decision-stored');
  return result;
}

/** The requester's own moves need no look into the directory. */
export async function moveOfRequester(
  deps: Deps,
  { id, text, reference }: Decision,
  eventAt: (at: Instant) => RequestEvent,
): Promise<Decided> {
  const at = deps.clock.now();
  const request = await endIfOver(deps, id, at);
  const wrong = tooLong(text) ?? referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  return decided(
    await move(deps, id, eventAt(at), undefined, (current) => referenceProblem(current, reference)),
  );
}

/** Refusals of these kinds that were thrown are answers as well. */
const answers: readonly ProblemCode[] = ['REQUEST_UNKNOWN', 'DIRECTORY_UNREACHABLE'];

/** Turns refusals that were thrown into refusals that are answered; faults of the machine stay thrown. */
export async function answering(work: () => Promise<Decided>): Promise<Decided> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DeskError && answers.includes(error.problem.code))
      return { kind: 'refused', because: error.problem };
    throw error;
  }
}
