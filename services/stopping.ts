/**
 * A restore that somebody stopped after its start. Azure cannot call an accepted order back; what can be done is to send
 * nothing more, and to remove the server that came into being: only when our stored intent, its nonce and the time of
 * creation prove that it is ours.
 */
import { problem } from './restore/errors';
import { millisBetween } from './restore/instant';
import { again, failWith, isLastingAbsence, isOurs, moveOn, type Look } from './looking';
import { removalSent } from './order-entries';
import type { Deps } from './deps';
import type { Intent } from './restore/ports';
import type { RequestState } from './restore/state';
import type { RestoreRequest } from './restore/request';

type Stopping = Extract<RequestState, { phase: 'stopping' }>;

const stopped = (deps: Deps, request: RestoreRequest, removed: boolean): Promise<Look> =>
  moveOn(deps, request, { kind: 'stopped', at: deps.clock.now(), removed });

/** Everything ends, a removal too of which Azure tells nothing more. */
const isGivenUp = (deps: Deps, { askedAt }: Stopping): boolean =>
  millisBetween(askedAt, deps.clock.now()) >= deps.settings.giveUpAfterSeconds * 1000;

export async function stop(deps: Deps, request: RestoreRequest, state: Stopping): Promise<Look> {
  const { run } = state;
  const intent = await deps.store.intent(request.id, request.revision, run.attempt);
  if (!intent || (intent.sendings === 0 && intent.acceptedAt === undefined))
    return stopped(deps, request, false);
  if (isGivenUp(deps, state)) {
    const hours = Math.round(deps.settings.giveUpAfterSeconds / 3600);
    return failWith(
      deps,
      request,
      problem('CANCEL_UNFINISHED', { name: request.plan.target.name, hours }),
      true,
    );
  }
  const server = await deps.reader.get(intent.targetId);
  if (!server) return absent(deps, request, intent);
  if (!isOurs(server, intent))
    return failWith(deps, request, problem('TARGET_FOREIGN', { name: request.plan.target.name }), false);
  // Without the time of its making the proof is not whole, and what is not proven ours is not deleted.
  if (server.createdAt === undefined)
    return failWith(deps, request, problem('CANCEL_UNPROVEN', { name: request.plan.target.name }), true);
  return remove(deps, request, intent);
}

/** Not to be seen: gone after our removal, not made yet, or never ordered. Only a lasting absence is an end. */
async function absent(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look> {
  if (intent.removalSentAt !== undefined) return removed(deps, request, intent);
  const operation = intent.operation;
  if (operation !== undefined) {
    const status = await deps.orders.poll(operation, intent.targetId);
    if (status.kind === 'failed') return stopped(deps, request, false);
    if (status.kind === 'running')
      return again(deps.settings.lookAgainSeconds, 'Azure has not shown the half-built server yet');
  }
  return (await isLastingAbsence(deps, request, intent))
    ? stopped(deps, request, false)
    : again(deps.settings.lookAgainSeconds, 'Looking whether a server came into being');
}

/** One look that finds nothing may be a moment of Azure's; the second one, a pause later, is believed. */
async function removed(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look> {
  const { lookAgainSeconds } = deps.settings;
  const now = deps.clock.now();
  const since = intent.absentSince ?? now;
  if (intent.absentSince === undefined) await deps.store.noteAbsent(intent, since);
  return millisBetween(since, now) >= lookAgainSeconds * 1000
    ? stopped(deps, request, true)
    : again(lookAgainSeconds);
}

async function remove(deps: Deps, request: RestoreRequest, intent: Intent): Promise<Look> {
  const { name } = request.plan.target;
  if (intent.absentSince !== undefined) await deps.store.noteAbsent(intent, null);
  // Azure has been asked; the server is seen until it is gone.
  if (intent.removalSentAt !== undefined && !isOverdue(deps, intent.removalSentAt))
    return again(deps.settings.lookAgainSeconds, `Azure was asked to delete ${name}`);
  const at = deps.clock.now();
  await deps.store.noteRemovalSent(intent, at, removalSent(intent, at));
  deps.faultPoint('removal-noted');
  const answer = await deps.orders.remove(intent.targetId);
  deps.faultPoint('removal-sent');
  switch (answer.kind) {
    case 'accepted':
      return again(deps.settings.lookAgainSeconds);
    case 'not-now':
      return again(
        answer.retryAfterSeconds,
        `Azure is busy with ${name}; it is deleted as soon as it can be`,
      );
    case 'refused':
      return failWith(deps, request, answer.because, true);
  }
}

/** A removal that had no effect for this long is asked for again; asking twice does no harm. */
const askAgainAfterLooks = 4;

const isOverdue = (deps: Deps, sentAt: string): boolean =>
  millisBetween(sentAt, deps.clock.now()) >= askAgainAfterLooks * deps.settings.lookAgainSeconds * 1000;
