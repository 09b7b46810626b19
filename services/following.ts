/** Step 3 of a restore: the operation tells how it goes; where it cannot, the server itself is asked. */
import { millisBetween } from './restore/instant';
import { problem } from './restore/errors';
import { again, failWith, isLastingAbsence, isOurs, moveOn, readIntent, type Look } from './looking';
import { isCopyPending, putOff } from './waiting-for-copy';
import { neverReady, orderVanished } from './ordering';
import type { Deps } from './deps';
import type { Intent, OperationStatus } from './restore/ports';
import type { RestoreRequest } from './restore/request';
import type { Run } from './restore/state';
import type { ServerFacts } from './restore/servers';

export async function follow(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const intent = await readIntent(deps, request, run);
  const status: OperationStatus =
    intent.operation === undefined
      ? { kind: 'gone' }
      : await deps.orders.poll(intent.operation, intent.targetId);
  switch (status.kind) {
    case 'running':
      return stillRunning(deps, request, run, intent, status.retryAfterSeconds);
    case 'failed':
      return isCopyPending(request, status.because)
        ? putOff(deps, request)
        : failWith(deps, request, status.because, await leftSomething(deps, intent));
    case 'succeeded':
    case 'gone':
      return awaitReady(deps, request, run, intent);
  }
}

const leftSomething = async (deps: Deps, intent: Intent): Promise<boolean> =>
  (await deps.reader.get(intent.targetId)) !== undefined;

const waitedMillis = (deps: Deps, run: Run): number =>
  millisBetween(run.orderedAt ?? run.startedAt, deps.clock.now());

const isStalled = (deps: Deps, run: Run): boolean =>
  waitedMillis(deps, run) >= deps.settings.stalledAfterSeconds * 1000;

const stalled = (deps: Deps, run: Run): string | undefined =>
  isStalled(deps, run) ? 'Azure has taken unusually long for this step; it is still asked' : undefined;

/** The server is there and Ready: it goes to the proof. */
async function isReady(
  deps: Deps,
  request: RestoreRequest,
  server: ServerFacts,
  intent: Intent,
): Promise<Look> {
  if (!isOurs(server, intent))
    return failWith(deps, request, problem('TARGET_FOREIGN', { name: request.plan.target.name }), false);
  const look = await moveOn(deps, request, { kind: 'server-ready', at: deps.clock.now() });
  deps.faultPoint('server-ready-stored');
  return look;
}

/** An operation may go on for ever though its server has long been Ready: once it stalls, the server is believed. */
async function stillRunning(
  deps: Deps,
  request: RestoreRequest,
  run: Run,
  intent: Intent,
  afterSeconds: number,
): Promise<Look> {
  if (!isStalled(deps, run)) return again(afterSeconds);
  const server = await deps.reader.get(intent.targetId);
  if (server?.state !== 'Ready') return giveUpOr(deps, request, run, server, afterSeconds);
  const now = deps.clock.now();
  if (intent.readySeenAt === undefined) await deps.store.noteReadySeen(intent, now);
  const since = intent.readySeenAt ?? now;
  if (millisBetween(since, now) < deps.settings.readyGraceSeconds * 1000)
    return again(
      deps.settings.lookAgainSeconds,
      'The server is Ready, but its operation still runs; looking again',
    );
  return isReady(deps, request, server, intent);
}

/** Everything ends: an order of which nothing more can be expected is given up, and what there is stays where it is. */
async function giveUpOr(
  deps: Deps,
  request: RestoreRequest,
  run: Run,
  server: ServerFacts | undefined,
  afterSeconds: number,
): Promise<Look> {
  const { giveUpAfterSeconds } = deps.settings;
  if (waitedMillis(deps, run) < giveUpAfterSeconds * 1000) return again(afterSeconds, stalled(deps, run));
  const never = neverReady(request.plan.target.name, server?.state, giveUpAfterSeconds);
  return failWith(deps, request, never, true);
}

async function awaitReady(deps: Deps, request: RestoreRequest, run: Run, intent: Intent): Promise<Look> {
  const server = await deps.reader.get(intent.targetId);
  if (server?.state === 'Ready') return isReady(deps, request, server, intent);
  if (!server && (await isLastingAbsence(deps, request, intent))) {
    return failWith(deps, request, orderVanished(request.plan.target.name), false);
  }
  return giveUpOr(deps, request, run, server, deps.settings.lookAgainSeconds);
}
