/** What one look at a running restore finds out, and what each kind of look needs to say it. */
import { DeskError, problem, type Problem } from './restore/errors';
import { millisBetween, plusSeconds, type Instant } from './restore/instant';
import { targetTags, type Intent } from './restore/ports';
import { move, type Alongside } from './moving';
import type { Deps } from './deps';
import type { RequestEvent } from './restore/transition';
import type { RestoreRequest } from './restore/request';
import type { Run } from './restore/state';
import type { JobFacts } from './restore/vaults';
import type { LoadProgress } from './restore/dump-ports';
import type { ServerFacts } from './restore/servers';

/** Moved on, or when to look again and what stands in the way meanwhile. */
export type Look =
  | { readonly kind: 'moved' }
  | {
      readonly kind: 'again';
      readonly afterSeconds: number;
      readonly alive: boolean;
      readonly obstacle?: string;
      /** Of a restore from a vault: its job as Azure tells of it. */
      readonly job?: JobFacts;
      /** Of dump files that are being loaded here. */
      readonly load?: LoadProgress;
    }
  /** Somebody else is at work and tells of it. */
  | { readonly kind: 'elsewhere'; readonly afterSeconds: number };

export const again = (afterSeconds: number, obstacle?: string, job?: JobFacts): Look => ({
  kind: 'again',
  afterSeconds,
  alive: obstacle === undefined,
  ...(obstacle === undefined ? {} : { obstacle }),
  ...(job === undefined ? {} : { job }),
});

/** A look says something about the attempt and the phase it looked at, and nothing about what came after them. */
const movedMeanwhile =
  (seen: RestoreRequest) =>
  (current: RestoreRequest): Problem | undefined => {
    const attempt = ({ state }: RestoreRequest): number => ('run' in state ? state.run.attempt : 0);
    const isSame =
      current.revision === seen.revision &&
      current.state.phase === seen.state.phase &&
      attempt(current) === attempt(seen);
    return isSame ? undefined : problem('CARD_OUTDATED', { id: seen.id });
  };

/**
 * Moves the request that was looked at. When somebody was quicker (a stop, or a worker that took over while this one hung),
 * nothing changes, and the next look sees what they did.
 */
export async function moveOn(
  deps: Deps,
  seen: RestoreRequest,
  event: RequestEvent,
  alongside?: Alongside,
): Promise<Look> {
  await move(deps, seen.id, event, alongside, movedMeanwhile(seen));
  return { kind: 'moved' };
}

export const failWith = (
  deps: Deps,
  seen: RestoreRequest,
  failure: Problem,
  serverMayExist: boolean,
): Promise<Look> => moveOn(deps, seen, { kind: 'failed', at: deps.clock.now(), failure, serverMayExist });

export async function readIntent(deps: Deps, request: RestoreRequest, run: Run): Promise<Intent> {
  const intent = await deps.store.intent(request.id, request.revision, run.attempt);
  if (!intent)
    throw new DeskError(problem('INTERNAL', { what: `${request.id} is ordering without an intent` }));
  return intent;
}

/** Azure's clock may be a little behind ours. */
const clockSkewSeconds = 300;

/** Ownership is proven by our stored nonce and the time of creation, never by the tag with the request's number alone. */
export function isOurs(server: ServerFacts, intent: Intent): boolean {
  if (server.tags[targetTags.nonce] !== intent.nonce) return false;
  return (
    server.createdAt === undefined ||
    millisBetween(plusSeconds(intent.createdAt, -clockSkewSeconds), server.createdAt) >= 0
  );
}

/** An accepted server may be invisible for a while; it is called gone only after the grace period with its name free. */
export async function isLastingAbsence(
  deps: Deps,
  request: RestoreRequest,
  intent: Intent,
): Promise<boolean> {
  const { target } = request.plan;
  const name = await deps.places.checkName(target.subscriptionId, target.name);
  const now = deps.clock.now();
  const since: Instant | null = name.kind === 'free' ? (intent.absentSince ?? now) : null;
  if (since !== (intent.absentSince ?? null)) await deps.store.noteAbsent(intent, since);
  return since !== null && millisBetween(since, now) >= deps.settings.unclearGraceSeconds * 1000;
}
