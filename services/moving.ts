/** Moves a request: reads it, asks the pure transition, and stores the result with everything that belongs to it. */
import { DeskError, problem, type Problem } from './restore/errors';
import { transition, type RequestEvent } from './restore/transition';
import type { RequestState } from './restore/state';
import { knownDurations, tell } from './telling';
import type { Changes, JournalEntry } from './restore/ports';
import type { Deps } from './deps';
import { clockOf, type RestoreRequest } from './restore/request';

export type Moved =
  | { readonly kind: 'moved'; readonly request: RestoreRequest; readonly before: RequestState }
  | { readonly kind: 'refused'; readonly because: Problem; readonly request: RestoreRequest };

/** Written in the same transaction as the move, for example the intent. May run again after a conflict. */
export type Alongside = (changes: Changes, next: RestoreRequest) => Promise<void>;

/** An escalation calls people in a chat of their own; its cards are edited to the end of the request. */
function calledDirectly(before: RestoreRequest, now: RequestState): Pick<RestoreRequest, 'toldDirectly'> {
  const isCalled =
    now.phase === 'awaiting-approval' &&
    now.escalatedAt !== undefined &&
    before.state.phase === 'awaiting-approval' &&
    before.state.escalatedAt === undefined;
  if (!isCalled) return {};
  const { toldDirectly = [], rule } = before;
  const told = new Set(toldDirectly.map(({ aadObjectId }) => aadObjectId));
  const called = (rule.escalation?.people ?? []).filter(({ aadObjectId }) => !told.has(aadObjectId));
  return { toldDirectly: [...toldDirectly, ...called] };
}

/** What is decided is edited no more: the forms that are still open for it tell its end, as its receipt does. */
function closedEdits(
  { state, editDrafts = [], openEdits = [] }: RestoreRequest,
  now: RequestState,
): Pick<RestoreRequest, 'editDrafts' | 'openEdits'> {
  const isDecided = state.phase === 'awaiting-approval' && now.phase !== 'awaiting-approval';
  return isDecided && openEdits.length > 0
    ? { editDrafts: [...editDrafts, ...openEdits], openEdits: [] }
    : {};
}

/** What the clock brought, told from what changed. */
function struckName(before: RestoreRequest, next: RestoreRequest): string {
  if (before.review !== next.review) return 'review-reminded';
  if (next.state.phase === 'expired') return 'expired';
  const [was, is] = [before.state, next.state];
  if (was.phase !== 'awaiting-approval' || is.phase !== 'awaiting-approval') return 'clock-struck';
  if (was.question && !is.question) return 'question-unanswered';
  return was.escalatedAt === is.escalatedAt ? 'reminded' : 'escalated';
}

const mostConflicts = 10;

export async function readRequest(
  deps: Deps,
  id: string,
): Promise<{ request: RestoreRequest; version: number }> {
  const read = await deps.store.request(id);
  if (!read) throw new DeskError(problem('REQUEST_UNKNOWN', { id }));
  return { request: read.value, version: read.version };
}

/** What the journal keeps of an event: who, when, and the facts; never a secret. */
function journalOf(before: RestoreRequest, event: RequestEvent, next: RestoreRequest): JournalEntry {
  const actor =
    event.kind === 'approved-by' ? event.approval.by : 'by' in event ? event.by : ('restore-desk' as const);
  const at = event.kind === 'approved-by' ? event.approval.at : event.at;
  const facts =
    event.kind === 'approved-by'
      ? { comment: event.approval.comment, standing: event.standing }
      : withoutPerson(event);
  return {
    requestId: before.id,
    kind: event.kind === 'clock-struck' ? struckName(before, next) : event.kind,
    actor,
    at,
    body: {
      ...facts,
      from: before.state.phase,
      to: next.state.phase,
      revision: before.revision,
      planHash: before.planHash,
    },
  };
}

function withoutPerson(event: RequestEvent): Record<string, unknown> {
  const { kind: _kind, at: _at, by: _by, ...facts } = event as RequestEvent & { at?: string; by?: unknown };
  return facts;
}

export async function move(
  deps: Deps,
  id: string,
  event: RequestEvent,
  alongside?: Alongside,
  refusalOf: (request: RestoreRequest) => Problem | undefined = () => undefined,
): Promise<Moved> {
  for (let conflict = 0; conflict < mostConflicts; conflict++) {
    const { request, version } = await readRequest(deps, id);
    // Judged on the version that is about to be replaced: between a look and a move another round may have begun.
    const because = refusalOf(request);
    if (because) return { kind: 'refused', because, request };
    const result = transition(request, event);
    if (result.kind === 'refused') return { kind: 'refused', because: result.because, request };
    const next: RestoreRequest = {
      ...request,
      state: result.state,
      ...(result.review ? { review: result.review } : {}),
      ...calledDirectly(request, result.state),
      ...closedEdits(request, result.state),
    };
    const duration = await knownDurations(deps, next.plan);
    const stored = await deps.store.change(async (changes) => {
      if (!(await changes.saveRequest(next, version))) return false;
      for (const message of tell(next, request, duration, deps.clock.now())) await changes.post(message);
      // Later steps are taken by the worker that made this one; if it dies, the request is overdue and found.
      if (next.state.phase === 'approved' || next.state.phase === 'stopping')
        await changes.enqueue({ kind: 'advance', requestId: id });
      const clock = clockOf(next);
      // One that was set and not struck yet waits already.
      if (clock !== undefined && clock !== clockOf(request))
        await changes.enqueue({ kind: 'clock', requestId: id }, clock);
      await alongside?.(changes, next);
      // Last, because writers of the chain wait for each other until they commit.
      await changes.journal(journalOf(request, event, next));
      return true;
    });
    if (stored) return { kind: 'moved', request: next, before: request.state };
  }
  throw new DeskError(
    problem('INTERNAL', { what: `${id} changed ${mostConflicts} times while one move was tried` }),
  );
}
