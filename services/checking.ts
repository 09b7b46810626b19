/**
 * "Could this be restored?": checked as a request would be, answered in the thread, and nothing comes of it. And who may check
 * a form at a time.
 */
import { completed, completeSentence, readForm } from './forms';
import { DeskError } from './restore/errors';
import { nameable } from './nameable';
import { parseRestore } from './restore/parse-request';
import { sayChecked, sayChecking } from './restore/say-check';
import { formCard } from './form-card';
import type { Asked } from './asked';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import type { PlanResult } from './restore/make-plan';
import type { Store } from './restore/ports';

/** Runs `work` while nobody else checks the draft; undefined when somebody does, or when enough others are checked here. */
export type Alone = <T>(draftId: string, work: () => Promise<T>) => Promise<{ readonly done: T } | undefined>;

/** Each keeps a connection for locks for as long as Azure checks; the rest of them are for restores and messages. */
const mostChecksAtOnce = 3;

export function createAlone(store: Pick<Store, 'exclusively'>): Alone {
  let running = 0;
  return async (draftId, work) => {
    if (running >= mostChecksAtOnce) return undefined;
    running += 1;
    try {
      return await store.exclusively(`draft/${draftId}`, work);
    } finally {
      running -= 1;
    }
  };
}

/** Checks what a sentence asks for as a request would be checked, and answers in its thread. No request comes of it. */
export async function openCheck(deps: Deps, asked: Asked): Promise<boolean> {
  const now = deps.clock.now();
  const names = await nameable(deps, asked.sentence);
  const parsed = parseRestore(asked.sentence, names, { now, zone: asked.zone });
  const known = await readForm(deps, parsed.inputs);
  const id = deps.ids.nonce();
  // What only a request needs is not missed here.
  const said = { ...completeSentence(parsed.inputs, known), reason: parsed.inputs.reason || 'validate' };
  const draft: Draft = {
    id,
    nonce: deps.ids.nonce(),
    requester: asked.by,
    zone: asked.zone,
    inputs: completed(deps, said, known, id),
    understood: parsed.understood,
    notUnderstood: parsed.notUnderstood,
    problems: [],
    thread: asked.thread,
    createdAt: now,
    purpose: 'check',
    state: { phase: 'checking' },
  };
  return deps.store.change(async (changes) => {
    if (!(await changes.isFirstDelivery(asked.deliveryKey))) return false;
    await changes.addDraft(draft);
    await changes.post(formCard(draft, sayChecking(draft)));
    await changes.enqueue({ kind: 'check-draft', draftId: id });
    return true;
  });
}

/** The check is over: its answer takes the place of the card that said that it was running. */
export async function answerCheck(
  deps: Deps,
  draft: Draft,
  version: number,
  result: PlanResult | DeskError,
): Promise<Draft> {
  const planned: PlanResult =
    result instanceof DeskError ? { kind: 'refused', problems: [result.problem] } : result;
  const ended: Draft = { ...draft, state: { phase: 'cancelled' } };
  await deps.store.change(async (changes) => {
    if (!(await changes.saveDraft(ended, version))) return;
    await changes.post(formCard(draft, sayChecked(draft, planned)));
  });
  return ended;
}
