/** Gives a copy what it lacks, one kind at a time, once an approver has asked for it: the click, and the work behind it. */
import { answering, decided, referenceProblem, type PlanReference } from './decision';
import { appliersOf } from './restore/sealed-rule';
import { appliedOf } from './restore/applied-differences';
import { DeskError, problem, type Problem } from './restore/errors';
import { isOurs } from './looking';
import { move, readRequest } from './moving';
import { plusSeconds } from './restore/instant';
import { sayOutcome } from './restore/say-outcome';
import type { ApplyEnd } from './restore/applied';
import type { ApplicableKind } from './restore/difference-changes';
import type { Decided } from './decided';
import type { Deps } from './deps';
import type { Message } from './restore/messages';
import type { Person } from './restore/person';
import type { RestoreRequest } from './restore/request';

export interface Applying {
  /** Asked twice, it is done once. */
  ask(id: string, by: Person, group: ApplicableKind, reference: PlanReference): Promise<Decided>;
  /** The outcome as it stands; undefined when there is none. */
  view(id: string): Promise<Message | undefined>;
  /** Does what was asked for and is not done yet. May be called any number of times, by any replica. */
  work(id: string, group: ApplicableKind): Promise<void>;
  /** Waits for nothing more here; another process does again what is not done. */
  stop(): void;
}

async function ask(
  deps: Deps,
  id: string,
  by: Person,
  group: ApplicableKind,
  reference: PlanReference,
): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const standing = await deps.directory.standing(by.aadObjectId, appliersOf(request.rule).parties);
  const result = decided(
    await move(
      deps,
      id,
      { kind: 'apply-asked', by, at: deps.clock.now(), group, standing },
      (changes) => changes.enqueue({ kind: 'apply', requestId: id, group }),
      (current) => referenceProblem(current, reference),
    ),
  );
  // A double click finds its own first click: that is an answer, not an error.
  return result.kind === 'refused' && result.because.code === 'APPLY_UNDERWAY' && result.request
    ? { kind: 'done', request: result.request }
    : result;
}

/** Since the proof somebody may have deleted the copy, or put another server of that name into its place. */
async function copyProblem(
  deps: Deps,
  { id, revision, plan, state }: RestoreRequest,
): Promise<Problem | undefined> {
  const { target } = plan;
  const server = await deps.reader.get(target.id);
  if (!server) return problem('TARGET_GONE', { name: target.name });
  const intent = 'run' in state ? await deps.store.intent(id, revision, state.run.attempt) : undefined;
  return intent && isOurs(server, intent) ? undefined : problem('TARGET_FOREIGN', { name: target.name });
}

async function applyNow(deps: Deps, request: RestoreRequest, group: ApplicableKind): Promise<ApplyEnd> {
  const { source, target } = request.plan;
  try {
    const because = await copyProblem(deps, request);
    if (because) return { kind: 'in-trouble', because };
    // The source may have changed since the proof; what it has now is what the copy gets.
    const details = await deps.details.details(source.id);
    const { items, needsRestart } = await deps.differences.apply(target.id, group, details);
    return { kind: 'applied', items, needsRestart };
  } catch (error) {
    // Our own database being away is nothing to tell of: the job is repeated.
    if (!(error instanceof DeskError) || error.problem.code === 'DATABASE_UNREACHABLE') throw error;
    return { kind: 'in-trouble', because: error.problem };
  }
}

/** Undefined once it is given up: the work itself may go on, and doing it again is harmless. */
function unless<T>(given: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  const givenUp = new Promise<undefined>((resolve) => {
    if (given.aborted) resolve(undefined);
    given.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([work, givenUp]);
}

async function applyAsked(deps: Deps, id: string, group: ApplicableKind, end: AbortSignal): Promise<void> {
  const { request } = await readRequest(deps, id);
  if (appliedOf(request.state, group)?.kind !== 'at-work') return;
  const results = await unless(end, applyNow(deps, request, group));
  if (results) await move(deps, id, { kind: 'applied', at: deps.clock.now(), group, results });
}

/** Pause before it is tried again while another kind of the same copy is at work. */
const nextSeconds = 2;

async function work(deps: Deps, id: string, group: ApplicableKind, stopped: AbortSignal): Promise<void> {
  // One kind after the other: a server works on one change at a time.
  const held = await deps.store.exclusively(`apply/${id}`, (lost) =>
    applyAsked(deps, id, group, AbortSignal.any([lost, stopped])),
  );
  if (held) return;
  const later = plusSeconds(deps.clock.now(), nextSeconds);
  await deps.store.change((changes) => changes.enqueue({ kind: 'apply', requestId: id, group }, later));
}

export function createApplying(deps: Deps): Applying {
  const stopped = new AbortController();
  return {
    ask: (id, by, group, reference) => answering(() => ask(deps, id, by, group, reference)),
    view: async (id) => {
      const read = await deps.store.request(id);
      return read && sayOutcome(read.value);
    },
    work: (id, group) => work(deps, id, group, stopped.signal),
    stop: () => stopped.abort(),
  };
}
