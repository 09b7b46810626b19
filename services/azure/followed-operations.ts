/**
 * Many operations of one subscription, followed with few reads. As long as the shared list of servers says that Azure is
 * still making a server, its operation is not asked; the operation itself has the last word in everything else.
 *
 * A poll is answered from a list that is at most one Retry-After old, and the next poll is asked for when that list has
 * grown old: the end of an operation is seen within one and a half Retry-Afters.
 */
import type { OperationStatus } from '../restore/ports';
import { usualPollSeconds } from './operation-status';
import type { ServerStates } from './server-states';

export interface FollowedOperations {
  /** `ask` reads the operation itself. */
  status(serverId: string, ask: () => Promise<OperationStatus>): Promise<OperationStatus>;
}

interface Followed {
  readonly polledAt: number;
  /** Polls in a row that the list answered. */
  readonly unasked: number;
}

/** One that was not asked for during so many Retry-Afters is followed by nobody any more. */
const forgottenAfter = 4;
/** Even while the list says "working" the operation is asked every so often: it may have failed and left the server standing. */
const mostUnasked = 60;

/** A long wait that one operation was told, as when Azure throttles, is not the pace of all. */
const longestSharedSeconds = 60;

export function createFollowedOperations(states: ServerStates, now: () => number): FollowedOperations {
  const followed = new Map<string, Followed>();
  let retryAfterSeconds = usualPollSeconds;

  const forget = (): void => {
    const oldest = now() - forgottenAfter * retryAfterSeconds * 1000;
    for (const [id, { polledAt }] of followed) if (polledAt < oldest) followed.delete(id);
  };
  const tellsOf = async (id: string, unasked: number): Promise<boolean> =>
    unasked < mostUnasked &&
    states.pays(followed.size) &&
    (await states.listedAs(id, retryAfterSeconds * 1000)) === 'working';
  return {
    status: async (serverId, ask) => {
      const id = serverId.toLowerCase();
      forget();
      const unasked = followed.get(id)?.unasked ?? 0;
      followed.set(id, { polledAt: now(), unasked });
      if (await tellsOf(id, unasked)) {
        followed.set(id, { polledAt: now(), unasked: unasked + 1 });
        const restSeconds = retryAfterSeconds - states.ageMillis() / 1000;
        return { kind: 'running', retryAfterSeconds: Math.max(retryAfterSeconds / 2, restSeconds) };
      }
      const status = await ask();
      if (status.kind === 'running') {
        retryAfterSeconds = Math.min(status.retryAfterSeconds, longestSharedSeconds);
        followed.set(id, { polledAt: now(), unasked: 0 });
      } else followed.delete(id);
      return status;
    },
  };
}
