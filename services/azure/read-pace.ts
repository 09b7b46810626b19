/**
 * How often the desk reads from one subscription. Azure's throttle bears 250 reads at once and gives back 25 a second, for
 * everything that our identity does there; staying below that for good leaves the burst to others.
 */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { setTimeout as pause } from 'node:timers/promises';
import { subscriptionOf } from './arm-id';

export interface ReadPace {
  /** Resolves when the next read of the subscription may go out; in the order of asking. */
  turn(subscriptionId: string): Promise<void>;
}

const readsPerWindow = 25;
/** A second, and a little for what the network shifts together. */
const windowMillis = 1_100;

/** Times are monotonic milliseconds. */
export interface PaceTime {
  readonly now: () => number;
  readonly wait: (millis: number) => Promise<unknown>;
}

const realTime: PaceTime = { now: () => performance.now(), wait: (millis) => pause(millis) };

/** No second holds more than 25 reads of a subscription, however they come. */
export function createReadPace({ now, wait }: PaceTime = realTime): ReadPace {
  /** When the latest reads went out or will go out, oldest first. */
  const starts = new Map<string, number[]>();
  return {
    turn: async (subscriptionId) => {
      const key = subscriptionId.toLowerCase();
      const latest = starts.get(key) ?? [];
      const asked = now();
      const oldest = latest.length < readsPerWindow ? undefined : latest[0];
      const at = oldest === undefined ? asked : Math.max(asked, oldest + windowMillis);
      starts.set(key, [...latest, at].slice(-readsPerWindow));
      if (at > asked) await wait(at - asked);
    },
  };
}

export const pacePolicy = (pace: ReadPace): PipelinePolicy => ({
  name: 'readPace',
  sendRequest: async (request, next) => {
    await pace.turn(subscriptionOf(new URL(request.url).pathname));
    return next(request);
  },
});
