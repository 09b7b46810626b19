/**
 * Carries an approved restore out, one look at a time: `advance` reads where the request stands, does the one thing that
 * comes next, and says when to look again. It may be called at any time, any number of times, by any replica; one at a
 * time does something. Whatever dies between two lines is found again by the next look.
 */
import { DeskError, problem, type Problem } from './restore/errors';
import { millisBetween, plusSeconds, utc, type Instant } from './restore/instant';
import { planChanges } from './restore/plan';
import { isRunning, type Run } from './restore/state';
import { judgeProof, type Verdict } from './restore/proof';
import { askedMoment } from './restore/say-request';
import { targetTags, type Intent, type StartOrder } from './restore/ports';
import { knownDurations, progressCard } from './telling';
import { move, readRequest } from './moving';
import { preflight } from './preflight';
import type { Deps } from './deps';
import type { RequestEvent } from './restore/transition';
import type { RestoreRequest } from './restore/request';
import type { ServerFacts } from './restore/servers';

/** What a look found out: moved on, or when to look again and what stands in the way meanwhile. */
type Look =
  | { readonly kind: 'moved' }
  | {
      readonly kind: 'again';
      readonly afterSeconds: number;
      readonly alive: boolean;
      readonly obstacle?: string;
    };

const again = (afterSeconds: number, obstacle?: string): Look => ({
  kind: 'again',
  afterSeconds,
  alive: obstacle === undefined,
  ...(obstacle === undefined ? {} : { obstacle }),
});

async function moveOn(deps: Deps, id: string, event: RequestEvent): Promise<Look> {
  await move(deps, id, event);
  return { kind: 'moved' };
}

const failWith = (deps: Deps, id: string, failure: Problem, serverMayExist: boolean): Promise<Look> =>
  moveOn(deps, id, { kind: 'failed', at: deps.clock.now(), failure, serverMayExist });

/** Step 1: the plan must come out the same from today's facts; then the intent is stored together with the move. */
async function checkAgain(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const now = deps.clock.now();
  if (now >= run.startBefore)
    return failWith(deps, request.id, problem('APPROVAL_STALE', { until: utc(run.startBefore) }), false);
  const planned = await preflight(deps, { inputs: request.inputs, requester: request.requester }, request.id);
  if (planned.kind === 'refused') {
    const [first] = planned.problems;
    return failWith(deps, request.id, first ?? problem('PLAN_CHANGED', { changes: 'preflight' }), false);
  }
  const changes = planChanges(request.plan, planned.plan);
  if (changes.length > 0)
    return failWith(deps, request.id, problem('PLAN_CHANGED', { changes: changes.join(', ') }), false);
  deps.faultPoint('checked-before-intent');
  const moment = request.plan.mode === 'latest' ? now : request.plan.moment;
  const intent: Intent = {
    requestId: request.id,
    revision: request.revision,
    attempt: run.attempt,
    nonce: deps.ids.nonce(),
    targetId: request.plan.target.id,
    moment,
    createdAt: now,
    sendings: 0,
    nameSeenTaken: false,
  };
  await move(deps, request.id, { kind: 'checked', at: now, moment }, async (changes_) => {
    await changes_.addIntent(intent);
  });
  deps.faultPoint('intent-stored');
  return { kind: 'moved' };
}

async function readIntent(deps: Deps, request: RestoreRequest, run: Run): Promise<Intent> {
  const intent = await deps.store.intent(request.id, request.revision, run.attempt);
  if (!intent)
    throw new DeskError(problem('INTERNAL', { what: `${request.id} is ordering without an intent` }));
  return intent;
}

/** Ownership is proven by our stored nonce and the time of creation, never by the tag with the request's number alone. */
function isOurs(server: ServerFacts, intent: Intent): boolean {
  if (server.tags[targetTags.nonce] !== intent.nonce) return false;
  // Azure's clock may be a little behind ours.
  return (
    server.createdAt === undefined ||
    millisBetween(plusSeconds(intent.createdAt, -300), server.createdAt) >= 0
  );
}

/** Step 2: nothing is sent while it is possible that an earlier sending was accepted. */
async function order(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const intent = await readIntent(deps, request, run);
  if (intent.acceptedAt !== undefined)
    return moveOn(deps, request.id, { kind: 'order-accepted', at: intent.acceptedAt });
  if (intent.sendings > 0) {
    const found = await findOut(deps, request, intent);
    if (found !== 'send-again') return found;
  }
  return sendOrder(deps, request, intent);
}

/** After an unclear answer the world is looked up, more than once and over the grace period. */
async function findOut(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look | 'send-again'> {
  const { lookAgainSeconds, unclearGraceSeconds } = deps.settings;
  const { target } = request.plan;
  const server = await deps.reader.get(intent.targetId);
  const now = deps.clock.now();
  if (server && isOurs(server, intent)) {
    await deps.store.noteAccepted(intent, undefined, now);
    await deps.store.change((changes) =>
      changes.journal({
        requestId: request.id,
        kind: 'adopted',
        actor: 'restore-desk',
        at: now,
        body: { target: intent.targetId, createdAt: server.createdAt ?? null },
      }),
    );
    return moveOn(deps, request.id, { kind: 'order-accepted', at: now });
  }
  if (server) return failWith(deps, request.id, problem('TARGET_FOREIGN', { name: target.name }), false);
  const name = await deps.reader.checkName(target.subscriptionId, target.name);
  if (name.kind !== 'free') {
    await deps.store.noteNameTaken(intent);
    return again(
      lookAgainSeconds,
      'The answer of Azure was lost; the name is taken, so the server is expected to appear',
    );
  }
  const absentSince = intent.absentSince ?? now;
  if (intent.absentSince === undefined) await deps.store.noteAbsent(intent, now);
  if (millisBetween(absentSince, now) < unclearGraceSeconds * 1000) {
    return again(
      lookAgainSeconds,
      'The answer of Azure was lost; looking whether the order arrived before anything is sent again',
    );
  }
  // The name was taken after our sending and is free again: Azure had accepted the order and dropped it.
  if (intent.nameSeenTaken) return failWith(deps, request.id, orderVanished(target.name), true);
  return 'send-again';
}

const orderVanished = (name: string): Problem =>
  problem('AZURE_FAILED', { what: `${name} was accepted and then disappeared.` });

async function sendOrder(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look> {
  const { id, plan } = request;
  const orderToSend: StartOrder = { plan, moment: intent.moment, requestId: id, nonce: intent.nonce };
  const at = deps.clock.now();
  await deps.store.noteSending(intent, at);
  await deps.store.change((changes) =>
    changes.journal({
      requestId: id,
      kind: 'order-sent',
      actor: 'restore-desk',
      at,
      body: { target: intent.targetId, sending: intent.sendings + 1 },
    }),
  );
  const answer = await deps.orders.send(orderToSend, async (operation) => {
    deps.faultPoint('order-sent');
    await deps.store.noteAccepted(intent, operation, deps.clock.now());
    deps.faultPoint('operation-stored');
  });
  switch (answer.kind) {
    case 'accepted': {
      const look = await moveOn(deps, id, { kind: 'order-accepted', at: deps.clock.now() });
      deps.faultPoint('order-accepted-stored');
      return look;
    }
    case 'refused':
      return refusedOrder(deps, request, intent, answer.because);
    case 'not-now':
      await deps.store.noteTurnedAway(intent);
      return again(answer.retryAfterSeconds, 'Azure asks to wait before the order is sent');
    case 'unclear':
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
  return failWith(deps, request.id, because, false);
}

/** Step 3: the operation tells; where it cannot, the server itself is asked. */
async function follow(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const intent = await readIntent(deps, request, run);
  const status =
    intent.operation === undefined ? ({ kind: 'gone' } as const) : await deps.orders.poll(intent.operation);
  switch (status.kind) {
    case 'running':
      return again(status.retryAfterSeconds, stalled(deps, run));
    case 'failed':
      return failWith(
        deps,
        request.id,
        status.because,
        (await deps.reader.get(intent.targetId)) !== undefined,
      );
    case 'succeeded':
    case 'gone':
      return awaitReady(deps, request, run, intent);
  }
}

async function awaitReady(deps: Deps, request: RestoreRequest, run: Run, intent: Intent): Promise<Look> {
  const server = await deps.reader.get(intent.targetId);
  if (server?.state === 'Ready') {
    if (!isOurs(server, intent))
      return failWith(deps, request.id, problem('TARGET_FOREIGN', { name: request.plan.target.name }), false);
    const look = await moveOn(deps, request.id, { kind: 'server-ready', at: deps.clock.now() });
    deps.faultPoint('server-ready-stored');
    return look;
  }
  if (!server && (await isLastingAbsence(deps, request, intent))) {
    return failWith(deps, request.id, orderVanished(request.plan.target.name), false);
  }
  return again(deps.settings.lookAgainSeconds, stalled(deps, run));
}

/** An accepted server may be invisible for a while; it is called gone only after the grace period with its name free. */
async function isLastingAbsence(deps: Deps, request: RestoreRequest, intent: Intent): Promise<boolean> {
  const { target } = request.plan;
  const name = await deps.reader.checkName(target.subscriptionId, target.name);
  const now = deps.clock.now();
  const since = name.kind === 'free' ? (intent.absentSince ?? now) : null;
  if (since !== (intent.absentSince ?? null)) await deps.store.noteAbsent(intent, since);
  return since !== null && millisBetween(since, now) >= deps.settings.unclearGraceSeconds * 1000;
}

function stalled(deps: Deps, run: Run): string | undefined {
  const since = millisBetween(run.orderedAt ?? run.startedAt, deps.clock.now());
  if (since < deps.settings.stalledAfterSeconds * 1000) return undefined;
  return 'Azure has taken unusually long for this step; it is still asked';
}

/** Step 4: the copy is opened before anything is called done; not being able to look is said as such. */
async function prove(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const server = await deps.reader.get(request.plan.target.id);
  if (!server)
    return failWith(deps, request.id, problem('SOURCE_GONE', { name: request.plan.target.name }), false);
  const verdict = await lookInside(deps, request, run, server);
  if (!verdict) return again(deps.settings.lookAgainSeconds, 'The new server does not let the proof in yet');
  deps.faultPoint('proof-taken');
  const hostName = server.hostName ?? `${server.name}.postgres.database.azure.com`;
  const address = await deps.locator.locate(server).catch(() => ({ host: hostName, port: 5432 }));
  const look = await moveOn(deps, request.id, {
    kind: 'looked-at',
    at: deps.clock.now(),
    verdict,
    hostName,
    address,
  });
  deps.faultPoint('outcome-stored');
  return look;
}

/** A server that was just made may refuse connections for a moment; after this long it is said that nobody could look. */
const proofPatienceMillis = 120_000;

async function lookInside(
  deps: Deps,
  request: RestoreRequest,
  run: Run,
  server: ServerFacts,
): Promise<Verdict | undefined> {
  const { proof, source } = request.plan;
  if (proof === undefined) return { kind: 'unproven', why: 'the policy names no proof for this server' };
  const asked = askedMoment(request, run);
  try {
    return judgeProof(await deps.probe.look(server, source.id, proof, asked), asked, proof.toleranceSeconds);
  } catch (error) {
    deps.log.warn({ requestId: request.id, error }, 'the proof could not look into the new server');
    const readyAt = run.readyAt ?? deps.clock.now();
    if (millisBetween(readyAt, deps.clock.now()) < proofPatienceMillis) return undefined;
    return {
      kind: 'unproven',
      why: `the new server could not be opened for the proof (${(error as Error).message.slice(0, 120)})`,
    };
  }
}

async function look(deps: Deps, request: RestoreRequest): Promise<Look | undefined> {
  const { state } = request;
  if (!isRunning(state)) return undefined;
  switch (state.phase) {
    case 'approved':
      return checkAgain(deps, request, state.run);
    case 'ordering':
      return order(deps, request, state.run);
    case 'restoring':
      return follow(deps, request, state.run);
    case 'proving':
      return prove(deps, request, state.run);
  }
}

/** When nothing else is known, the last move is the last sign of life. */
const lastMove = (run: Run): Instant => run.readyAt ?? run.orderedAt ?? run.checkedAt ?? run.startedAt;

async function lookOnce(deps: Deps, id: string, signs: Map<string, Instant>): Promise<boolean> {
  const { request } = await readRequest(deps, id);
  const found = await look(deps, request).catch((error: unknown): Look => {
    // Azure's own no to a look-up (a role that was taken away) is said and asked again, not hidden in a queue.
    const isAnswer = error instanceof DeskError && error.problem.code.startsWith('AZURE_');
    if (!isAnswer) throw error;
    return again(deps.settings.lookAgainSeconds, error.problem.sentence);
  });
  if (!found || !isRunning(request.state)) return false;
  if (found.kind === 'moved') return true;
  const now = deps.clock.now();
  if (found.alive) signs.set(id, now);
  const lastSignOfLife = signs.get(id) ?? lastMove(request.state.run);
  const facts = {
    now,
    lastSignOfLife,
    duration: await knownDurations(deps),
    ...(found.obstacle === undefined ? {} : { obstacle: found.obstacle }),
  };
  await deps.store.change(async (changes) => {
    for (const message of progressCard(request, facts)) await changes.post(message);
    await changes.enqueue({ kind: 'advance', requestId: id }, plusSeconds(now, found.afterSeconds));
  });
  return false;
}

export interface Running {
  /** Looks at a request until there is nothing to do at once; when another worker is looking, a little later. */
  advance(id: string): Promise<void>;
}

export function createRunning(deps: Deps): Running {
  const signs = new Map<string, Instant>();
  return {
    advance: async (id) => {
      const held = await deps.store.exclusively(`request/${id}`, async () => {
        while (await lookOnce(deps, id, signs));
      });
      if (held) return;
      const later = plusSeconds(deps.clock.now(), 1);
      await deps.store.change((changes) => changes.enqueue({ kind: 'advance', requestId: id }, later));
    },
  };
}
