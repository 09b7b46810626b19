/** The form: from a sentence to a draft, from a draft to a request that waits for its approvers. */
import { withLoss } from './loss-statement';
import { DateTime } from 'luxon';
import { DeskError, problem, type Problem } from './restore/errors';
import { carryInputs } from './restore/complete-inputs';
import { completed, completeSentence, earlyFormProblems, readForm, sayAnyForm, withNewPrefix } from './forms';
import { isSameAccount, type Person } from './restore/person';
import { modeOf } from './restore/judge-moment';
import { answerCheck, createAlone, openCheck, type Alone } from './checking';
import { knownDurations } from './telling';
import { parseRestore } from './restore/parse-request';
import { nameable } from './nameable';
import { isVaultMode } from './restore/plan';
import { pickInputs } from './restore/form-inputs';
import { knownSource, preflight } from './preflight';
import { sayRequest } from './restore/say-request';
import { accept, type Accepted } from './accepting';
import { formCard } from './form-card';
import { openEdit, receiptOver, requestOf } from './editing';
import type { Decided } from './decided';
import type { PlanReference } from './decision';
import type { CardKey, FormMessage, RequestMessage } from './restore/messages';
import type { Asked } from './asked';
import { seenBy } from './seeing';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import type { FormInputs } from './restore/form-inputs';
import type { PlanResult } from './restore/make-plan';
import type { JournalEntry, Versioned } from './restore/ports';

export type FormAnswer =
  | { readonly kind: 'form'; readonly message: FormMessage }
  | { readonly kind: 'request'; readonly message: RequestMessage }
  | { readonly kind: 'refused'; readonly because: Problem };

/** Teams shows an error when an invoke is not answered within some seconds; people feel it after one. */
const answerWithinMillis = 800;

/** So long a copy lives unless somebody says otherwise: its tag asks then, nothing is deleted by itself. */
const usualLifeDays = 14;

const usualExpiry = (now: string): string =>
  DateTime.fromISO(now, { zone: 'utc' }).plus({ days: usualLifeDays }).toFormat('yyyy-MM-dd');

/** True when the draft is new; a repeated delivery of the same message changes nothing. */
async function open(deps: Deps, asked: Asked): Promise<boolean> {
  const now = deps.clock.now();
  const names = await nameable(deps, asked.sentence);
  const parsed = parseRestore(asked.sentence, names, { now, zone: asked.zone });
  const known = await readForm(deps, parsed.inputs);
  const id = deps.ids.nonce();
  const said = { ...completeSentence(parsed.inputs, known), expires: usualExpiry(now) };
  const inputs = completed(deps, said, known, id);
  const draft: Draft = {
    id,
    nonce: deps.ids.nonce(),
    requester: asked.by,
    zone: asked.zone,
    inputs,
    understood: parsed.understood,
    notUnderstood: parsed.notUnderstood,
    problems: earlyFormProblems(deps, inputs, known),
    thread: asked.thread,
    createdAt: now,
    state: { phase: 'open' },
  };
  const message = sayAnyForm(deps, draft, known);
  const isNew = await deps.store.change(async (changes) => {
    if (!(await changes.isFirstDelivery(asked.deliveryKey))) return false;
    await changes.addDraft(draft);
    await changes.journal({
      requestId: null,
      kind: 'form-opened',
      actor: asked.by,
      at: now,
      body: { draftId: draft.id, inputs },
    });
    await changes.post(formCard(draft, message));
    return true;
  });
  deps.faultPoint('draft-stored');
  return isNew;
}

function draftRefusal(draft: Draft, key: CardKey, by: Person): Problem | undefined {
  if (!isSameAccount(draft.requester, by)) return problem('NOT_YOURS', { requester: draft.requester.name });
  return key.nonce === draft.nonce ? undefined : problem('CARD_OUTDATED', { id: 'this form' });
}

async function readDraft(deps: Deps, id: string): Promise<Versioned<Draft>> {
  const read = await deps.store.draft(id);
  if (!read) throw new DeskError(problem('CARD_NOT_UNDERSTOOD'));
  return read;
}

/** What a form's button shows to whoever pressed it, when the form is no longer open. */
async function settled(deps: Deps, draft: Draft): Promise<FormAnswer> {
  const request = await requestOf(deps, draft);
  if (request)
    return {
      kind: 'request',
      message: sayRequest(request, 'receipt', await knownDurations(deps, request.plan)),
    };
  return { kind: 'form', message: sayAnyForm(deps, draft) };
}

/** An edit of a request that has ended changes nothing, whatever is typed into it. */
const isSettled = async (deps: Deps, draft: Draft): Promise<boolean> =>
  draft.state.phase !== 'open' || (draft.edits !== undefined && (await requestOf(deps, draft)) !== undefined);

interface Submitted {
  readonly key: CardKey;
  readonly by: Person;
  readonly typed: unknown;
}

const secondsLater = (deps: Deps, seconds: number): string =>
  new Date(Date.parse(deps.clock.now()) + seconds * 1_000).toISOString();

/** After so many seconds the queue looks whether a check that somebody makes has come to an end. */
const checkedBySeconds = 5;

/** Takes what was typed, stores it, and checks it. Nothing typed is lost: not to a problem, a crash or a silent Azure. */
async function submit(deps: Deps, alone: Alone, { key, by, typed }: Submitted): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, key.id);
  const refusal = draftRefusal(draft, key, by);
  if (refusal) return { kind: 'refused', because: refusal };
  if (await isSettled(deps, draft)) return settled(deps, draft);
  const picked = pickInputs(typed, draft.inputs);
  const checking: Draft = {
    ...draft,
    inputs: await withNewPrefix(deps, picked, carryInputs(draft.inputs, picked), draft.id),
    problems: [],
    state: { phase: 'checking' },
  };
  await deps.store.change(async (changes) => {
    if (!(await changes.saveDraft(checking, version))) return;
    await changes.enqueue({ kind: 'check-draft', draftId: draft.id }, secondsLater(deps, checkedBySeconds));
  });
  return inTime(deps, check(deps, alone, draft.id), {
    kind: 'form',
    message: sayAnyForm(deps, checking),
  });
}

/** Whoever turns to the deleted servers does not mean the one that is there and only stood in the field: it makes room. */
async function withoutLeftover(deps: Deps, before: FormInputs, now: FormInputs): Promise<FormInputs> {
  const isTurned = modeOf(now) === 'dropped' && modeOf(before) !== 'dropped' && now.source === before.source;
  if (!isTurned) return now;
  const match = await knownSource(deps, now).catch(() => undefined);
  const isThere = match?.kind === 'one' && match.server.kind !== 'deleted';
  return isThere ? { ...now, source: '', resourceGroup: '' } : now;
}

/** Shows the fields of the way and the server that were chosen; what was typed is kept. */
async function update(deps: Deps, key: CardKey, by: Person, typed: unknown): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, key.id);
  const refusal = draftRefusal(draft, key, by);
  if (refusal) return { kind: 'refused', because: refusal };
  if (await isSettled(deps, draft)) return settled(deps, draft);
  const carried = carryInputs(draft.inputs, pickInputs(typed, draft.inputs));
  const picked = await withoutLeftover(deps, draft.inputs, carried);
  const known = await readForm(deps, picked);
  const inputs = completed(deps, picked, known, draft.id);
  const updated: Draft = { ...draft, inputs, problems: earlyFormProblems(deps, inputs, known) };
  const message = sayAnyForm(deps, updated, known);
  await deps.store.change(async (changes) => {
    if (await changes.saveDraft(updated, version)) await changes.post(formCard(updated, message));
  });
  return shown(deps, updated, message);
}

/** What stands in the thread now that the form was written. */
async function shown(deps: Deps, draft: Draft, message: FormMessage): Promise<FormAnswer> {
  const receipt = await receiptOver(deps, draft);
  return receipt ? { kind: 'request', message: receipt } : { kind: 'form', message };
}

/** A click is answered within a second; a check that takes longer goes on and edits the form's message when it is done. */
async function inTime(deps: Deps, checked: Promise<FormAnswer>, meanwhile: FormAnswer): Promise<FormAnswer> {
  checked.catch((error: unknown) =>
    deps.log.warn({ error }, 'a check of a form failed; the queue repeats it'),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<FormAnswer>((resolve) => {
    timer = setTimeout(resolve, answerWithinMillis, meanwhile);
  });
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
}

/**
 * Checks a submitted draft; safe to run again and from several places at once. Azure's own check of a restore from a vault
 * takes half a minute, longer than the queue waits before it looks: only one at a time makes it.
 */
async function check(deps: Deps, alone: Alone, id: string): Promise<FormAnswer> {
  const { value: draft } = await readDraft(deps, id);
  if (draft.state.phase !== 'checking' || !isVaultMode(modeOf(draft.inputs))) return checkNow(deps, id);
  const held = await alone(id, () => checkNow(deps, id));
  return held ? held.done : checkedElsewhere(deps, id);
}

/** Whoever checks it may die of it, so the queue comes back; the form stays as it is. */
async function checkedElsewhere(deps: Deps, id: string): Promise<FormAnswer> {
  await deps.store.change((changes) =>
    changes.enqueue({ kind: 'check-draft', draftId: id }, secondsLater(deps, checkedBySeconds)),
  );
  return settled(deps, (await readDraft(deps, id)).value);
}

async function checkNow(all: Deps, id: string): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(all, id);
  const deps = await seenBy(all, draft.requester);
  if (draft.state.phase !== 'checking') return settled(deps, draft);
  const wish = { inputs: draft.inputs, requester: draft.requester };
  const planned = await preflight(deps, wish, draft.edits?.requestId).catch(
    (error: unknown): DeskError | PlanResult => {
      if (!(error instanceof DeskError)) throw error;
      if (error.problem.code === 'AZURE_UNREACHABLE') return error;
      // Azure's no to a look-up is for a person to put right, so it is said on the form.
      if (error.problem.code.startsWith('AZURE_')) return { kind: 'refused', problems: [error.problem] };
      throw error;
    },
  );
  if (draft.purpose === 'check')
    return {
      kind: 'form',
      message: sayAnyForm(deps, await answerCheck(deps, draft, version, planned)),
    };
  if (planned instanceof DeskError) return unanswered(deps, draft, version, planned);
  return planned.kind === 'plan'
    ? takeUp(deps, draft, version, await withLoss(deps, planned))
    : sendBack(deps, draft, version, planned.problems);
}

/** Azure does not answer: the draft stays submitted, says so, and is checked again by the queue. */
async function unanswered(deps: Deps, draft: Draft, version: number, error: DeskError): Promise<FormAnswer> {
  if (await requestOf(deps, draft)) return ended(deps, draft, version, [error.problem]);
  const waiting: Draft = { ...draft, problems: [error.problem] };
  const message = sayAnyForm(deps, waiting);
  const later = secondsLater(deps, deps.settings.lookAgainSeconds);
  await deps.store.change(async (changes) => {
    const saidAlready = draft.problems.some(({ code }) => code === error.problem.code);
    if (!saidAlready && (await changes.saveDraft(waiting, version)))
      await changes.post(formCard(waiting, message));
    await changes.enqueue({ kind: 'check-draft', draftId: draft.id }, later);
  });
  return shown(deps, waiting, message);
}

/** What was sent, and why nothing came of it. */
const formRefused = (deps: Deps, draft: Draft, problems: readonly Problem[]): JournalEntry => ({
  requestId: null,
  kind: 'form-refused',
  actor: draft.requester,
  at: deps.clock.now(),
  body: { draftId: draft.id, problems: problems.map(({ code }) => code) },
});

/** The request ended while its edit was checked: the form is a receipt of it already, and is not checked again. */
async function ended(
  deps: Deps,
  draft: Draft,
  version: number,
  problems: readonly Problem[],
): Promise<FormAnswer> {
  await deps.store.change(async (changes) => {
    if (await changes.saveDraft({ ...draft, problems, state: { phase: 'open' } }, version))
      await changes.journal(formRefused(deps, draft, problems));
  });
  return settled(deps, draft);
}

async function sendBack(
  deps: Deps,
  draft: Draft,
  version: number,
  problems: readonly Problem[],
): Promise<FormAnswer> {
  if (await requestOf(deps, draft)) return ended(deps, draft, version, problems);
  const known = await readForm(deps, draft.inputs);
  const inputs = completed(deps, draft.inputs, known, draft.id);
  const back: Draft = { ...draft, inputs, nonce: deps.ids.nonce(), problems, state: { phase: 'open' } };
  const message = sayAnyForm(deps, back, known);
  await deps.store.change(async (changes) => {
    if (!(await changes.saveDraft(back, version))) return;
    await changes.journal(formRefused(deps, draft, problems));
    await changes.post(formCard(back, message));
  });
  const { value: now } = await readDraft(deps, draft.id);
  return now.nonce === back.nonce ? shown(deps, back, message) : settled(deps, now);
}

async function takeUp(
  deps: Deps,
  draft: Draft,
  version: number,
  planned: Extract<PlanResult, { kind: 'plan' }>,
): Promise<FormAnswer> {
  const accepted = await accept(deps, draft, version, planned).catch(
    (error: unknown): Accepted | DeskError => {
      if (error instanceof DeskError && error.problem.code === 'DIRECTORY_UNREACHABLE') return error;
      throw error;
    },
  );
  deps.faultPoint('request-stored');
  if (accepted instanceof DeskError) return unanswered(deps, draft, version, accepted);
  if (accepted.kind === 'refused') return sendBack(deps, draft, version, accepted.problems);
  if (accepted.kind === 'taken') return settled(deps, (await readDraft(deps, draft.id)).value);
  const { request } = accepted;
  return {
    kind: 'request',
    message: sayRequest(request, 'receipt', await knownDurations(deps, request.plan)),
  };
}

async function cancel(deps: Deps, key: CardKey, by: Person): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, key.id);
  const refusal = draftRefusal(draft, key, by);
  if (refusal) return { kind: 'refused', because: refusal };
  if (await isSettled(deps, draft)) return settled(deps, draft);
  const cancelled: Draft = { ...draft, state: { phase: 'cancelled' } };
  const message = sayAnyForm(deps, cancelled);
  await deps.store.change(async (changes) => {
    if (!(await changes.saveDraft(cancelled, version))) return;
    await changes.journal({
      requestId: null,
      kind: 'form-cancelled',
      actor: by,
      at: deps.clock.now(),
      body: { draftId: draft.id },
    });
    await changes.post(formCard(cancelled, message));
  });
  await receiptOver(deps, draft);
  return settled(deps, (await readDraft(deps, draft.id)).value);
}

/** A key of a form that never was is somebody's invention or a form of another installation: an answer, not a fault. */
function refusedKey(error: unknown): FormAnswer {
  if (error instanceof DeskError && error.problem.code === 'CARD_NOT_UNDERSTOOD')
    return { kind: 'refused', because: error.problem };
  throw error;
}

export interface Drafting {
  open(asked: Asked): Promise<boolean>;
  /** Checks what a sentence asks for, and answers in its thread; no request comes of it. */
  validate(asked: Asked): Promise<boolean>;
  update(key: CardKey, by: Person, typed: unknown): Promise<FormAnswer>;
  submit(key: CardKey, by: Person, typed: unknown): Promise<FormAnswer>;
  check(id: string): Promise<FormAnswer>;
  cancel(key: CardKey, by: Person): Promise<FormAnswer>;
  /** Posts the form of a request that waits, for its requester to change it. */
  edit(id: string, by: Person, reference: PlanReference): Promise<Decided>;
}

export function createDrafting(deps: Deps): Drafting {
  const alone = createAlone(deps.store);
  return {
    open: async (asked) => open(await seenBy(deps, asked.by), asked),
    validate: async (asked) => openCheck(await seenBy(deps, asked.by), asked),
    update: async (key, by, typed) => update(await seenBy(deps, by), key, by, typed).catch(refusedKey),
    submit: async (key, by, typed) =>
      submit(await seenBy(deps, by), alone, { key, by, typed }).catch(refusedKey),
    check: (id) => check(deps, alone, id),
    cancel: (key, by) => cancel(deps, key, by).catch(refusedKey),
    edit: async (id, by, reference) => openEdit(await seenBy(deps, by), id, by, reference),
  };
}
