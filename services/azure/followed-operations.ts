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
  /** When the operation itself is asked again whatever the list says. */
  readonly askAt: number;
}

/** One that was not polled for during so many Retry-Afters is followed by nobody any more. */
const forgottenAfter = 4;
/**
 * Even while the list says that a server is being made its operation is asked after so many Retry-Afters, since it may have
 * failed and left the server standing; and after up to twice as many, so that not all of them are asked at once.
 */
const longestUnasked = 60;
/** A long wait that one operation was told, as when Azure throttles, is not the pace of all. */
const longestSharedSeconds = 60;
/** Timers are not exact: the next poll comes surely after the list has grown old, not just before. */
const lateness = 0.02;

export function createFollowedOperations(states: ServerStates, now: () => number): FollowedOperations {
  const followed = new Map<string, Followed>();
  let retryAfterSeconds = usualPollSeconds;
  let spread = 0;

  const afterRetries = (count: number): number => now() + count * retryAfterSeconds * 1000;
  const forget = (): void => {
    const oldest = afterRetries(-forgottenAfter);
    for (const [id, { polledAt }] of followed) if (polledAt < oldest) followed.delete(id);
  };
  const nextAsk = (): number => afterRetries(longestUnasked + (spread++ % longestUnasked));
  const note = (id: string, askAt: number): void => void followed.set(id, { polledAt: now(), askAt });
  const isTold = async (id: string): Promise<boolean> =>
    now() < (followed.get(id)?.askAt ?? 0) &&
    states.pays(followed.size) &&
    (await states.listedAs(id, retryAfterSeconds * 1000)) === 'working';
  return {
    status: async (serverId, ask) => {
      const id = serverId.toLowerCase();
      forget();
      note(id, followed.get(id)?.askAt ?? nextAsk());
      if (await isTold(id)) {
        const restSeconds = retryAfterSeconds * (1 + lateness) - states.ageMillis() / 1000;
        return { kind: 'running', retryAfterSeconds: Math.max(retryAfterSeconds / 2, restSeconds) };
      }
      const status = await ask();
      if (status.kind === 'running') {
        retryAfterSeconds = Math.min(status.retryAfterSeconds, longestSharedSeconds);
        note(id, nextAsk());
      } else followed.delete(id);
      return status;
    },
  };
}
