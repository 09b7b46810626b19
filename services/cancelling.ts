/** Stopping a restore: before the start it is withdrawn, after it somebody is told what that means and has to say yes. */
import { canBeStopped } from './restore/state';
import { sayCancel, sayKept, stopQuestion } from './restore/say-cancel';
import { stopRefusal } from './restore/transition';
import { move, readRequest } from './moving';
import { stopQuestionCard } from './telling';
import { answering, decided, referenceProblem, type PlanReference } from './decision';
import type { CancelMessage } from './restore/messages';
import type { Decided } from './decided';
import type { Decisions } from './deciding';
import type { Deps } from './deps';
import type { Person } from './restore/person';

export interface Cancelling {
  /** Before the start: withdrawn. After it: posts the question what shall be done. */
  ask(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  confirm(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  keep(id: string, by: Person, reference: PlanReference): Promise<Decided>;
  /** The question as it stands; undefined when nobody asked it. */
  view(id: string): Promise<CancelMessage | undefined>;
}

async function ask(
  deps: Deps,
  decisions: Decisions,
  id: string,
  by: Person,
  reference: PlanReference,
): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  if (request.state.phase === 'awaiting-approval') return decisions.withdraw(id, by, reference);
  const wrong = referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  // The question is open already, or answered with yes: its card stands in the thread.
  const isAsked = stopQuestion(request.state) !== undefined && stopRefusal(request, by) === undefined;
  if (isAsked && canBeStopped(request.state)) return { kind: 'done', request };
  return decided(await move(deps, id, { kind: 'stop-considered', by, at: deps.clock.now() }));
}

async function confirm(deps: Deps, id: string, by: Person, reference: PlanReference): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const wrong = referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  if (request.state.phase === 'stopping') return { kind: 'done', request };
  const event = { kind: 'stop-asked', by, at: deps.clock.now() } as const;
  return decided(await move(deps, id, event, undefined, (current) => referenceProblem(current, reference)));
}

async function keep(deps: Deps, id: string, by: Person, reference: PlanReference): Promise<Decided> {
  const { request } = await readRequest(deps, id);
  const wrong = referenceProblem(request, reference);
  if (wrong) return { kind: 'refused', because: wrong, request };
  const question = sayCancel(request);
  if (!question || !canBeStopped(request.state)) return { kind: 'done', request };
  const event = { kind: 'stop-dismissed', by, at: deps.clock.now() } as const;
  return decided(
    await move(deps, id, event, async (changes) => {
      for (const message of stopQuestionCard(request, sayKept(question, by))) await changes.post(message);
    }),
  );
}

export const createCancelling = (deps: Deps, decisions: Decisions): Cancelling => ({
  ask: (id, by, reference) => answering(() => ask(deps, decisions, id, by, reference)),
  confirm: (id, by, reference) => answering(() => confirm(deps, id, by, reference)),
  keep: (id, by, reference) => answering(() => keep(deps, id, by, reference)),
  view: async (id) => {
    const read = await deps.store.request(id);
    return read && sayCancel(read.value);
  },
});
