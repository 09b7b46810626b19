/**
 * Steps 1 and 2 of a restore: the plan is checked once more, the intent is stored, and the order is sent once. Nothing is
 * sent while it is possible that an earlier sending was accepted.
 */
import { DeskError, problem, type Problem } from './restore/errors';
import { millisBetween, utc } from './restore/instant';
import { planChanges } from './restore/plan-changes';
import { isFilesPlan, isVaultPlan, sealedMoment, targetKey, type ServerPlan } from './restore/plan';
import { again, failWith, isOurs, moveOn, readIntent, type Look } from './looking';
import { isCopyPending, putOff } from './waiting-for-copy';
import { noteUnclear, orderAnswered, orderSent, orderTurnedAway } from './order-entries';
import { preflight } from './preflight';
import type { Deps } from './deps';
import type { Intent, StartOrder } from './restore/ports';
import type { PlanResult, Wish } from './restore/make-plan';
import type { RestoreRequest } from './restore/request';
import type { Run } from './restore/state';

/** Of a request that makes a server; others never come here. */
export function serverPlanOf({ id, plan }: RestoreRequest): ServerPlan {
  if (isVaultPlan(plan) || isFilesPlan(plan))
    throw new DeskError(problem('INTERNAL', { what: `${id} makes no server` }));
  return plan;
}

/** What no longer holds since the approval; undefined when the plan comes out the same and is still possible. */
function changedSince(request: RestoreRequest, planned: PlanResult): Problem | undefined {
  if (planned.kind === 'refused') {
    const [first, ...others] = planned.problems;
    if (first && others.length === 0) return first;
    return problem('PLAN_CHANGED', {
      changes: planned.problems.map(({ sentence }) => sentence.replace(/\.$/, '')).join('; '),
    });
  }
  const changes = planChanges(request.plan, planned.plan);
  return changes.length === 0 ? undefined : problem('PLAN_CHANGED', { changes: changes.join(', ') });
}

export const approvalStale = ({ startBefore }: Run): Problem =>
  problem('APPROVAL_STALE', { until: utc(startBefore) });

/** As it was asked: hours of the policy that have passed since are no reason against it. */
const wishOf = ({ inputs, requester, shown }: RestoreRequest, { glass }: Run): Wish => ({
  inputs,
  requester,
  ...(shown.askedAt === undefined ? {} : { askedAt: shown.askedAt }),
  overFreezes: glass !== undefined,
});

/** Step 1: the plan must come out the same from today's facts; then the intent is stored together with the move. */
export async function checkAgain(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const now = deps.clock.now();
  if (now >= run.startBefore) return failWith(deps, request, approvalStale(run), false);
  const planned = await preflight(deps, wishOf(request, run), request.id);
  const changed = changedSince(request, planned);
  if (changed) return failWith(deps, request, changed, false);
  deps.faultPoint('checked-before-intent');
  const moment = sealedMoment(request.plan) ?? now;
  const intent: Intent = {
    requestId: request.id,
    revision: request.revision,
    attempt: run.attempt,
    nonce: deps.ids.nonce(),
    targetId: targetKey(request.plan),
    moment,
    createdAt: now,
    sendings: 0,
    nameSeenTaken: false,
  };
  const look = await moveOn(deps, request, { kind: 'checked', at: now, moment }, (changes) =>
    changes.addIntent(intent),
  );
  deps.faultPoint('intent-stored');
  return look;
}

/** Step 2: what was sent already is found out about before anything is sent. */
export async function order(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const intent = await readIntent(deps, request, run);
  if (intent.acceptedAt !== undefined)
    return moveOn(deps, request, { kind: 'order-accepted', at: intent.acceptedAt });
  if (intent.sendings > 0) {
    const found = await findOut(deps, request, intent);
    if (found !== 'send-again') return found;
  }
  // An order may have been put aside for long: by a process that was away, or by an Azure that asked to wait.
  if (deps.clock.now() >= run.startBefore)
    return failWith(deps, request, approvalStale(run), intent.sendings > 0);
  return sendOrder(deps, request, intent);
}

async function adopt(
  deps: Deps,
  request: RestoreRequest,
  intent: Intent,
  createdAt: string | null,
): Promise<Look> {
  const now = deps.clock.now();
  await deps.store.noteAccepted(intent, undefined, now, {
    ...{ requestId: request.id, kind: 'adopted', actor: 'restore-desk', at: now },
    body: { target: intent.targetId, createdAt },
  });
  return moveOn(deps, request, { kind: 'order-accepted', at: now });
}

/** After an unclear answer the world is looked up, more than once and over the grace period. */
async function findOut(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look | 'send-again'> {
  const { lookAgainSeconds, unclearGraceSeconds } = deps.settings;
  const { target } = request.plan;
  const server = await deps.reader.get(intent.targetId);
  if (server && isOurs(server, intent)) return adopt(deps, request, intent, server.createdAt ?? null);
  if (server) return failWith(deps, request, problem('TARGET_FOREIGN', { name: target.name }), false);
  const name = await deps.places.checkName(target.subscriptionId, target.name);
  if (name.kind !== 'free') {
    await deps.store.noteNameTaken(intent);
    const { giveUpAfterSeconds } = deps.settings;
    // The name may just as well be held by somebody else's server, which nobody will ever see here.
    if (millisBetween(intent.lastSentAt ?? intent.createdAt, deps.clock.now()) >= giveUpAfterSeconds * 1000)
      return failWith(deps, request, neverReady(target.name, undefined, giveUpAfterSeconds), true);
    return again(
      lookAgainSeconds,
      'The answer of Azure was lost; the name is taken, so the server is expected to appear',
    );
  }
  const now = deps.clock.now();
  const absentSince = intent.absentSince ?? now;
  if (intent.absentSince === undefined) await deps.store.noteAbsent(intent, now);
  if (millisBetween(absentSince, now) < unclearGraceSeconds * 1000) {
    return again(
      lookAgainSeconds,
      'The answer of Azure was lost; looking whether the order arrived before anything is sent again',
    );
  }
  // The name was taken after our sending and is free again: Azure had accepted the order and dropped it.
  if (intent.nameSeenTaken) return failWith(deps, request, orderVanished(target.name), true);
  return 'send-again';
}

/** `state` is the server's, undefined while Azure shows none. */
export const neverReady = (name: string, state: string | undefined, afterSeconds: number): Problem =>
  problem('TARGET_NEVER_READY', {
    name,
    state: state ?? 'not there',
    hours: Math.round(afterSeconds / 3600),
  });

export const orderVanished = (name: string): Problem =>
  problem('AZURE_FAILED', { what: `${name} was accepted and then disappeared.` });

/** Counted before it is sent, against the count that was read: of two workers that both came this far one sends. */
export async function isMineToSend(deps: Deps, request: RestoreRequest, intent: Intent): Promise<boolean> {
  const at = deps.clock.now();
  return deps.store.noteSending(intent, at, orderSent(request, intent, at));
}

async function sendOrder(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look> {
  const { id, requester } = request;
  const plan = serverPlanOf(request);
  if (!(await isMineToSend(deps, request, intent))) return again(deps.settings.lookAgainSeconds);
  const orderToSend: StartOrder = {
    plan,
    moment: intent.moment,
    requestId: id,
    nonce: intent.nonce,
    owner: requester.aadObjectId,
  };
  const answer = await deps.orders.send(orderToSend, async (operation) => {
    deps.faultPoint('order-sent');
    const at = deps.clock.now();
    await deps.store.noteAccepted(intent, operation, at, orderAnswered(deps, intent, at, operation));
    deps.faultPoint('operation-stored');
  });
  switch (answer.kind) {
    case 'accepted': {
      const look = await moveOn(deps, request, { kind: 'order-accepted', at: deps.clock.now() });
      deps.faultPoint('order-accepted-stored');
      return look;
    }
    case 'refused':
      return refusedOrder(deps, request, intent, answer.because);
    case 'not-now':
      await deps.store.noteTurnedAway(intent, orderTurnedAway(deps, intent));
      return again(answer.retryAfterSeconds, 'Azure asks to wait before the order is sent');
    case 'unclear':
      await noteUnclear(deps, intent, answer.what);
      return again(
        deps.settings.lookAgainSeconds,
        `Azure did not answer the order (${answer.what}); looking whether it arrived`,
      );
  }
}

/** "The name is taken" after an earlier unclear sending may well be our own server. */
async function refusedOrder(
  deps: Deps,
  request: RestoreRequest,
  intent: Intent,
  because: Problem,
): Promise<Look> {
  if (because.code === 'TARGET_FOREIGN' && intent.sendings > 0)
    return again(deps.settings.lookAgainSeconds, 'Looking whose server this is');
  return isCopyPending(request, because) ? putOff(deps, request) : failWith(deps, request, because, false);
}
