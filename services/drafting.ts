/** The form: from a sentence to a draft, from a draft to a request that waits for its approvers. */
import { DeskError, problem, type Problem } from './restore/errors';
import { judgeMoment } from './restore/make-plan';
import { isCovered } from './restore/policy';
import { matchServer, nextName, type BackupFacts, type ServerFacts } from './restore/servers';
import { newestBackup, parseRestore } from './restore/parse-request';
import { pickInputs } from './restore/form-inputs';
import { isSameAccount, type Person } from './restore/person';
import { knownDurations, requestCards, slots } from './telling';
import { preflight, visibleFirst } from './preflight';
import { nothingToChoose, sayForm } from './saying-form';
import { sayRequest } from './restore/say-request';
import { sealed } from './sealing';
import type { CardKey, FormMessage, RequestMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Draft, RestoreRequest, ThreadKey } from './restore/request';
import type { FormInputs } from './restore/form-inputs';
import type { PlanResult } from './restore/make-plan';
import type { Versioned } from './restore/ports';
import type { ServerList } from './known-servers';

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

const noServers: ServerList = { servers: [], readAt: new Date(0).toISOString() };

/** Problems that are worth saying before anything is submitted: a source nobody knows, a moment outside the window. */
function earlyProblems(
  deps: Deps,
  inputs: FormInputs,
  list: ServerList,
  backups: readonly BackupFacts[],
): Problem[] {
  if (list === noServers) return [problem('AZURE_UNREACHABLE')];
  if (inputs.source === '') return [];
  const match = matchServer(inputs.source, visibleFirst(deps, list.servers, inputs.source));
  const name = inputs.source;
  if (match.kind === 'none') return [problem('SOURCE_UNKNOWN', { name, nearest: match.nearest })];
  if (match.kind === 'several') return [problem('SOURCE_AMBIGUOUS', { name, matches: match.names })];
  const uncovered = isCovered(deps.policy, match.server)
    ? []
    : [problem('NO_POLICY_RULE', { name: match.server.name })];
  const given = inputs.mode === 'fast' ? inputs.backup !== '' : inputs.moment !== '';
  return given
    ? [...uncovered, ...judgeMoment(inputs, match.server, deps.clock.now(), backups).problems]
    : uncovered;
}

/** Servers that a sentence can mean: those the policy covers, and others only under their full name. */
function nameable(deps: Deps, list: ServerList, sentence: string): ServerFacts[] {
  const words = new Set(sentence.toLowerCase().split(/\s+/));
  return list.servers.filter(
    (server) => isCovered(deps.policy, server) || words.has(server.name.toLowerCase()),
  );
}

/** Backups to offer for a source that is known already. */
async function backupsOf(
  deps: Deps,
  servers: readonly ServerFacts[],
  source: string,
): Promise<readonly BackupFacts[]> {
  const match = matchServer(source, visibleFirst(deps, servers, source));
  return match.kind === 'one' && isCovered(deps.policy, match.server)
    ? deps.servers.backups(match.server.id)
    : [];
}

/** True when the draft is new; a repeated delivery of the same message changes nothing. */
async function open(deps: Deps, asked: Asked): Promise<boolean> {
  const list = await deps.servers.list().catch(() => noServers);
  const now = deps.clock.now();
  const parsed = parseRestore(asked.sentence, nameable(deps, list, asked.sentence), {
    now,
    zone: asked.zone,
  });
  const target =
    parsed.inputs.target === '' && parsed.inputs.source !== ''
      ? nextName(parsed.inputs.source.toLowerCase())
      : parsed.inputs.target;
  const backups = await backupsOf(deps, list.servers, parsed.inputs.source);
  const backup = parsed.inputs.backup === newestBackup ? (backups[0]?.name ?? '') : parsed.inputs.backup;
  const inputs = { ...parsed.inputs, target, backup };
  const draft: Draft = {
    id: deps.ids.nonce(),
    nonce: deps.ids.nonce(),
    requester: asked.by,
    zone: asked.zone,
    inputs,
    understood: parsed.understood,
    notUnderstood: parsed.notUnderstood,
    problems: earlyProblems(deps, inputs, list, backups),
    thread: asked.thread,
    createdAt: now,
    state: { phase: 'open' },
  };
  const message = sayForm(deps, draft, { servers: list.servers, backups });
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
      return { kind: 'request', message: sayRequest(request.value, 'receipt', await knownDurations(deps)) };
  }
  return { kind: 'form', message: sayForm(deps, draft, nothingToChoose) };
}

/** Takes what was typed, stores it, and checks it. Nothing typed is lost: not to a problem, a crash or a silent Azure. */
async function submit(deps: Deps, key: CardKey, by: Person, typed: unknown): Promise<FormAnswer> {
  const { value: draft, version } = await readDraft(deps, key.id);
  const refusal = draftRefusal(draft, key, by);
  if (refusal) return { kind: 'refused', because: refusal };
  if (draft.state.phase !== 'open') return settled(deps, draft);
  const checking: Draft = {
    ...draft,
    inputs: pickInputs(typed, draft.inputs),
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
    message: sayForm(deps, checking, nothingToChoose),
  });
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
  const message = sayForm(deps, waiting, nothingToChoose);
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
  const { servers } = await deps.servers.list().catch(() => noServers);
  const back: Draft = { ...draft, nonce: deps.ids.nonce(), problems, state: { phase: 'open' } };
  const backups = await backupsOf(deps, servers, back.inputs.source);
  const message = sayForm(deps, back, { servers, backups });
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
  const duration = await knownDurations(deps);
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
  inputs: draft.inputs,
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
  const message = sayForm(deps, cancelled, nothingToChoose);
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
  submit(key: CardKey, by: Person, typed: unknown): Promise<FormAnswer>;
  check(id: string): Promise<FormAnswer>;
  cancel(key: CardKey, by: Person): Promise<FormAnswer>;
}

export const createDrafting = (deps: Deps): Drafting => ({
  open: (asked) => open(deps, asked),
  submit: (key, by, typed) => submit(deps, key, by, typed).catch(refusedKey),
  check: (id) => check(deps, id),
  cancel: (key, by) => cancel(deps, key, by).catch(refusedKey),
});
