/** The form: from a sentence to a draft, from a draft to a request that waits for its approvers. */
import { DateTime } from 'luxon';
import { DeskError, problem, type Problem } from './restore/errors';
import { carryInputs, completeInputs } from './restore/complete-inputs';
import { formFacts, toldSource, type FormFacts } from './form-facts';
import { isCovered, policySubject } from './restore/policy';
import { isSameAccount, type Person } from './restore/person';
import { judgeMoment, modeOf } from './restore/judge-moment';
import { knownDurations, requestCards, slots } from './telling';
import { parseRestore } from './restore/parse-request';
import { nameable } from './nameable';
import { nextName } from './restore/servers';
import { newestBackup, pickInputs } from './restore/form-inputs';
import { knownSource, preflight } from './preflight';
import { sayForm } from './saying-form';
import { sayRequest } from './restore/say-request';
import { sealed } from './sealing';
import { sourceProblems } from './restore/judge-source';
import type { CardKey, FormMessage, RequestMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Draft, RestoreRequest, ThreadKey } from './restore/request';
import type { FormInputs } from './restore/form-inputs';
import type { PlanResult } from './restore/make-plan';
import type { Versioned } from './restore/ports';

export interface Asked {
  readonly by: Person;
  /** IANA zone of the person who asks. */
  readonly zone: string;
  readonly sentence: string;
  readonly thread: ThreadKey;
  /** The same for every delivery of the same message. */
  readonly deliveryKey: string;
}

export type FormAnswer =
  | { readonly kind: 'form'; readonly message: FormMessage }
  | { readonly kind: 'request'; readonly message: RequestMessage }
  | { readonly kind: 'refused'; readonly because: Problem };

/** Teams shows an error when an invoke is not answered within some seconds; people feel it after one. */
const answerWithinMillis = 800;

/** Problems that are worth saying before anything is submitted: a source nobody knows, a moment outside the window. */
function earlyProblems(deps: Deps, inputs: FormInputs, facts: FormFacts): Problem[] {
  const { match } = facts;
  if (!match) return [problem('AZURE_UNREACHABLE')];
  if (inputs.source === '') return [];
  if (match.kind !== 'one') return sourceProblems(inputs, match, undefined);
  const source = match.server;
  const subject = policySubject(source);
  if (!isCovered(deps.policy, subject)) return [problem('NO_POLICY_RULE', { name: subject.name })];
  const mode = modeOf(inputs);
  const given = mode === 'fast' ? inputs.backup !== '' : mode !== 'point-in-time' || inputs.moment !== '';
  return [
    ...sourceProblems(inputs, match, facts.pair),
    ...(given ? judgeMoment(inputs, source, deps.clock.now(), facts.backups).problems : []),
  ];
}

/** So long a copy lives unless somebody says otherwise: its tag asks then, nothing is deleted by itself. */
const usualLifeDays = 14;

const usualExpiry = (now: string): string =>
  DateTime.fromISO(now, { zone: 'utc' }).plus({ days: usualLifeDays }).toFormat('yyyy-MM-dd');

/** Where a deleted server's group still stands is the likeliest place where the server stood. */
function withDefaults({ policy }: Deps, inputs: FormInputs, facts: FormFacts): FormInputs {
  const source = toldSource(policy, facts);
  const group = facts.groups.find(
    ({ name }) => name.toLowerCase() === source?.server.resourceGroup.toLowerCase(),
  );
  return completeInputs(inputs, {
    ...(source ? { source } : {}),
    ...(facts.pair ? { pair: facts.pair } : {}),
    ...(group ? { groupLocation: group.location } : {}),
  });
}

function sentenceInputs(inputs: FormInputs, { backups }: FormFacts): FormInputs {
  const source = inputs.source.toLowerCase();
  return {
    ...inputs,
    target: inputs.target === '' && source !== '' ? nextName(source.split('@')[0] ?? source) : inputs.target,
    backup: inputs.backup === newestBackup ? (backups[0]?.name ?? newestBackup) : inputs.backup,
  };
}

/** True when the draft is new; a repeated delivery of the same message changes nothing. */
async function open(deps: Deps, asked: Asked): Promise<boolean> {
  const now = deps.clock.now();
  const names = await nameable(deps, asked.sentence);
  const parsed = parseRestore(asked.sentence, names, { now, zone: asked.zone });
  const facts = await formFacts(deps, parsed.inputs);
  const inputs = withDefaults(
    deps,
    { ...sentenceInputs(parsed.inputs, facts), expires: usualExpiry(now) },
    facts,
  );
  const draft: Draft = {
    id: deps.ids.nonce(),
    nonce: deps.ids.nonce(),
    requester: asked.by,
    zone: asked.zone,
    inputs,
    understood: parsed.understood,
    notUnderstood: parsed.notUnderstood,
    problems: earlyProblems(deps, inputs, facts),
    thread: asked.thread,
    createdAt: now,
    state: { phase: 'open' },
  };
  const message = sayForm(deps, draft, facts);
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

const formCard = (draft: Draft, message: FormMessage) =>
  ({
    slot: slots.draft(draft.id),
    requestId: null,
    destination: { kind: 'thread', thread: draft.thread },
    message,
    pace: 'at-once',
  }) as const;

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
  if (draft.state.phase === 'submitted') {
    const request = await deps.store.request(draft.state.requestId);
    if (request)
      return {
        kind: 'request',
        message: sayRequest(request.value, 'receipt', await knownDurations(deps, request.value.plan.mode)),
      };
  }
  return { kind: 'form', message: sayForm(deps, draft) };
}

/** Takes what was typed, stores it, and checks it. Nothing typed is lost: not to a problem, a crash or a silent Azure. */
async function submit(deps: Deps, key: CardKey, by: Person, typed: unknown): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, key.id);
  const refusal = draftRefusal(draft, key, by);
  if (refusal) return { kind: 'refused', because: refusal };
  if (draft.state.phase !== 'open') return settled(deps, draft);
  const checking: Draft = {
    ...draft,
    inputs: carryInputs(draft.inputs, pickInputs(typed, draft.inputs)),
    problems: [],
    state: { phase: 'checking' },
  };
  await deps.store.change(async (changes) => {
    if (!(await changes.saveDraft(checking, version))) return;
    await changes.enqueue(
      { kind: 'check-draft', draftId: draft.id },
      new Date(Date.parse(deps.clock.now()) + 5_000).toISOString(),
    );
  });
  return inTime(deps, check(deps, draft.id), {
    kind: 'form',
    message: sayForm(deps, checking),
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
  if (draft.state.phase !== 'open') return settled(deps, draft);
  const carried = carryInputs(draft.inputs, pickInputs(typed, draft.inputs));
  const picked = await withoutLeftover(deps, draft.inputs, carried);
  const facts = await formFacts(deps, picked);
  const inputs = withDefaults(deps, picked, facts);
  const updated: Draft = { ...draft, inputs, problems: earlyProblems(deps, inputs, facts) };
  const message = sayForm(deps, updated, facts);
  await deps.store.change(async (changes) => {
    if (await changes.saveDraft(updated, version)) await changes.post(formCard(updated, message));
  });
  return { kind: 'form', message };
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

/** Checks a submitted draft; safe to run again and from several places at once. */
async function check(deps: Deps, id: string): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, id);
  if (draft.state.phase !== 'checking') return settled(deps, draft);
  const planned = await preflight(deps, { inputs: draft.inputs, requester: draft.requester }).catch(
    (error: unknown): DeskError | PlanResult => {
      if (!(error instanceof DeskError)) throw error;
      if (error.problem.code === 'AZURE_UNREACHABLE') return error;
      // Azure's no to a look-up is for a person to put right, so it is said on the form.
      if (error.problem.code.startsWith('AZURE_')) return { kind: 'refused', problems: [error.problem] };
      throw error;
    },
  );
  if (planned instanceof DeskError) return unanswered(deps, draft, version, planned);
  return planned.kind === 'plan'
    ? accept(deps, draft, version, planned)
    : sendBack(deps, draft, version, planned.problems);
}

/** Azure does not answer: the draft stays submitted, says so, and is checked again by the queue. */
async function unanswered(deps: Deps, draft: Draft, version: number, error: DeskError): Promise<FormAnswer> {
  const waiting: Draft = { ...draft, problems: [error.problem] };
  const message = sayForm(deps, waiting);
  const later = new Date(Date.parse(deps.clock.now()) + deps.settings.lookAgainSeconds * 1000).toISOString();
  await deps.store.change(async (changes) => {
    const saidAlready = draft.problems.some(({ code }) => code === error.problem.code);
    if (!saidAlready && (await changes.saveDraft(waiting, version)))
      await changes.post(formCard(waiting, message));
    await changes.enqueue({ kind: 'check-draft', draftId: draft.id }, later);
  });
  return { kind: 'form', message };
}

async function sendBack(
  deps: Deps,
  draft: Draft,
  version: number,
  problems: readonly Problem[],
): Promise<FormAnswer> {
  const facts = await formFacts(deps, draft.inputs);
  const inputs = withDefaults(deps, draft.inputs, facts);
  const back: Draft = { ...draft, inputs, nonce: deps.ids.nonce(), problems, state: { phase: 'open' } };
  const message = sayForm(deps, back, facts);
  await deps.store.change(async (changes) => {
    if (!(await changes.saveDraft(back, version))) return;
    await changes.journal({
      requestId: null,
      kind: 'form-refused',
      actor: draft.requester,
      at: deps.clock.now(),
      body: { draftId: draft.id, problems: problems.map(({ code }) => code) },
    });
    await changes.post(formCard(back, message));
  });
  const { value: now } = await readDraft(deps, draft.id);
  return now.nonce === back.nonce ? { kind: 'form', message } : settled(deps, now);
}

async function accept(
  deps: Deps,
  draft: Draft,
  version: number,
  planned: Extract<PlanResult, { kind: 'plan' }>,
): Promise<FormAnswer> {
  const duration = await knownDurations(deps, planned.plan.mode);
  const now = deps.clock.now();
  const parts = sealed(deps, planned, draft.requester);
  const request = await deps.store
    .change(async (changes) => {
      const added = await changes.addRequest((id) => newRequest(id, draft, parts, now));
      if (
        !(await changes.saveDraft(
          { ...draft, problems: [], state: { phase: 'submitted', requestId: added.id } },
          version,
        ))
      ) {
        throw new DraftTaken();
      }
      for (const message of requestCards(added, duration)) await changes.post(message);
      if (added.state.phase === 'awaiting-approval') {
        await changes.enqueue(
          { kind: 'expire', requestId: added.id, revision: added.revision },
          added.state.expiresAt,
        );
      }
      await changes.journal({
        requestId: added.id,
        kind: 'requested',
        actor: draft.requester,
        at: now,
        body: { plan: added.plan, planHash: added.planHash, inputs: added.inputs, rule: added.rule },
      });
      return added;
    })
    .catch(nameOrDraftTaken);
  deps.faultPoint('request-stored');
  if (request instanceof DeskError) return sendBack(deps, draft, version, [request.problem]);
  if (!request) return settled(deps, (await readDraft(deps, draft.id)).value);
  return { kind: 'request', message: sayRequest(request, 'receipt', duration) };
}

/** Rolls the whole change back: another check of the same draft was quicker. */
class DraftTaken extends Error {}

/** Both were lost to somebody quicker between the check and the commit: the draft, or the name of the target. */
function nameOrDraftTaken(error: unknown): undefined | DeskError {
  if (error instanceof DraftTaken) return undefined;
  if (error instanceof DeskError && error.problem.code === 'DUPLICATE_OPEN') return error;
  throw error;
}

const newRequest = (
  id: string,
  draft: Draft,
  parts: ReturnType<typeof sealed>,
  now: string,
): RestoreRequest => ({
  id,
  revision: 1,
  requester: draft.requester,
  zone: draft.zone,
  // What was planned, and not what is newest later: the check before the start must come to the same plan.
  inputs: parts.plan.mode === 'fast' ? { ...draft.inputs, backup: parts.plan.backup.name } : draft.inputs,
  draftId: draft.id,
  thread: draft.thread,
  createdAt: now,
  ...parts,
});

async function cancel(deps: Deps, key: CardKey, by: Person): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, key.id);
  const refusal = draftRefusal(draft, key, by);
  if (refusal) return { kind: 'refused', because: refusal };
  if (draft.state.phase !== 'open') return settled(deps, draft);
  const cancelled: Draft = { ...draft, state: { phase: 'cancelled' } };
  const message = sayForm(deps, cancelled);
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
  update(key: CardKey, by: Person, typed: unknown): Promise<FormAnswer>;
  submit(key: CardKey, by: Person, typed: unknown): Promise<FormAnswer>;
  check(id: string): Promise<FormAnswer>;
  cancel(key: CardKey, by: Person): Promise<FormAnswer>;
}

export const createDrafting = (deps: Deps): Drafting => ({
  open: (asked) => open(deps, asked),
  update: (key, by, typed) => update(deps, key, by, typed).catch(refusedKey),
  submit: (key, by, typed) => submit(deps, key, by, typed).catch(refusedKey),
  check: (id) => check(deps, id),
  cancel: (key, by) => cancel(deps, key, by).catch(refusedKey),
});
