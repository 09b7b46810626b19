/** How much quicker a full backup has been than a chosen moment, from past restores. Nothing is said without evidence. */
import type { PastDuration } from './ports';

/** Fewer restores of a kind say nothing. */
const leastRestores = 3;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
};

export interface Saving {
  readonly savedMillis: number;
  /** How many restores of both kinds it was learned from. */
  readonly restores: number;
}

/** Undefined without enough restores of both kinds, and where nothing was saved. */
export function medianSaving(past: readonly PastDuration[]): Saving | undefined {
  const of = (mode: PastDuration['mode']): number[] =>
    past.filter((one) => one.mode === mode).map(({ millis }) => millis);
  const [fast, exact] = [of('fast'), of('point-in-time')];
  if (fast.length < leastRestores || exact.length < leastRestores) return undefined;
  const savedMillis = median(exact) - median(fast);
  return savedMillis > 0 ? { savedMillis, restores: fast.length + exact.length } : undefined;
}
