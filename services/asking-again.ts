/** A new approval round for a failed request: the same wish, planned anew, under the same number. */
import { nextName } from './restore/servers';
import { targetNameOf } from './restore/judge-place';
import type { PlanResult } from './restore/make-plan';
import { preflight } from './preflight';
import { readRequest } from './moving';
import { withLoss } from './loss-statement';
import { requestCards, retriedCard, knownDurations } from './telling';
import { revisionBody, sealed } from './sealing';
import { modeOf } from './restore/judge-moment';
import { writeNames } from './restore/load-choices';
import { problem, type ProblemCode } from './restore/errors';
import type { Decided } from './decided';
import type { Deps } from './deps';
import type { DurationRange } from './restore/messages';
import type { OutboxMessage } from './restore/ports';
import type { FormInputs } from './restore/form-inputs';
import { isSameAccount, type Person } from './restore/person';
import { clockOf, type RestoreRequest } from './restore/request';

/** So many names are tried before a person has to choose one in a request of their own. */
const mostNames = 20;

/** `orders-7f3a19` -> `orders-7f3a19-r1` -> `orders-7f3a19-r2`: the mark in it stays. */
function nextPrefix(prefix: string): string {
  const numbered = /^(.*)-r(\d+)$/.exec(prefix);
  return `${(numbered?.[1] ?? prefix).slice(0, 90)}-r${Number(numbered?.[2] ?? 0) + 1}`;
}

/** Under the next name: of a server, of a database, or of what the files begin with. */
function renamed(inputs: FormInputs): FormInputs {
  switch (modeOf(inputs)) {
    case 'vault-files':
      return { ...inputs, prefix: nextPrefix(inputs.prefix.trim()) };
    case 'vault-database':
      return { ...inputs, database: nextName(inputs.database.trim()) };
    case 'vault-to-server':
      return { ...inputs, prefix: nextPrefix(inputs.prefix.trim()) };
    case 'files-to-server':
      return inputs;
    default:
      return { ...inputs, target: nextName(targetNameOf(inputs)) };
  }
}

/** Of a load that was done in part just the rest: what is there is never overwritten, so it could not be asked for again. */
function withoutLoaded({ inputs, state }: RestoreRequest): FormInputs {
  if ((state.phase !== 'completed' && state.phase !== 'failed') || !state.run.load) return inputs;
  const { parts } = state.run.load;
  const rest = parts.flatMap(({ part, ended }) =>
    part.kind === 'database' && ended?.result.kind !== 'loaded' ? [part.database] : [],
  );
  return rest.length === 0 ? inputs : { ...inputs, database: writeNames(rest) };
}

const takenCodes: readonly ProblemCode[] = ['TARGET_NAME_TAKEN', 'PREFIX_USED', 'DATABASE_EXISTS'];

/** A target that may half exist keeps its name; the new round orders under the next free one. */
async function planAnew(
  deps: Deps,
  request: RestoreRequest,
): Promise<{ inputs: FormInputs; planned: PlanResult }> {
  const { state } = request;
  const spent = state.phase === 'failed' && state.serverMayExist;
  const rest = withoutLoaded(request);
  let inputs = spent ? renamed(rest) : rest;
  for (let tried = 1; ; tried++) {
    const planned = await preflight(deps, { inputs, requester: request.requester }, request.id);
    const taken =
      planned.kind === 'refused' && planned.problems.every(({ code }) => takenCodes.includes(code));
    if (!taken || tried === mostNames) return { inputs, planned };
    inputs = renamed(inputs);
  }
}

/** Whoever asks for another's request anew chose what is asked now, and does not sign it as well. */
const withEditor = (
  { requester, editors = [] }: RestoreRequest,
  by: Person,
): Pick<RestoreRequest, 'editors'> => (isSameAccount(requester, by) ? {} : { editors: [...editors, by] });

/** A look that is owed is given on the card of the new round; that of the round before asks for it no more. */
function reviewedElsewhere(request: RestoreRequest, duration: DurationRange): OutboxMessage[] {
  if (request.review?.kind !== 'due') return [];
  const { review: _owed, ...rest } = request;
  return requestCards(rest, duration).filter(
    ({ message }) => message.kind === 'request' && message.place !== 'receipt',
  );
}

export async function askAgain(deps: Deps, id: string, by: Person): Promise<Decided> {
  const { request, version } = await readRequest(deps, id);
  const { inputs, planned } = await planAnew(deps, request);
  if (planned.kind === 'refused') {
    const [first] = planned.problems;
    return { kind: 'refused', because: first ?? problem('NOT_RETRYABLE', { id }), request };
  }
  const sealedPlan = await sealed(deps, await withLoss(deps, planned), request.requester);
  if (sealedPlan.kind === 'refused') {
    const [first] = sealedPlan.problems;
    return { kind: 'refused', because: first ?? problem('NOT_RETRYABLE', { id }), request };
  }
  const { review: _looked, edited: _edited, ...rest } = request;
  const next: RestoreRequest = {
    ...rest,
    ...sealedPlan.parts,
    // What somebody owes for a start without approval they owe still.
    ...(request.review?.kind === 'due' ? { review: request.review } : {}),
    ...withEditor(request, by),
    inputs,
    revision: request.revision + 1,
  };
  const duration = await knownDurations(deps, next.plan);
  const now = deps.clock.now();
  const stored = await deps.store.change(async (changes) => {
    if (!(await changes.saveRequest(next, version))) return false;
    await changes.journal({
      requestId: id,
      kind: 'asked-again',
      actor: by,
      at: now,
      body: revisionBody(next),
    });
    const before = [...retriedCard(request, now), ...reviewedElsewhere(request, duration)];
    for (const message of [...before, ...requestCards(next, duration)]) await changes.post(message);
    const clock = clockOf(next);
    if (clock !== undefined) await changes.enqueue({ kind: 'clock', requestId: id }, clock);
    return true;
  });
  return stored
    ? { kind: 'done', request: next }
    : { kind: 'refused', because: problem('CARD_OUTDATED', { id }), request };
}
