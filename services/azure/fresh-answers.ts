/** Answers that may be told again for a short while. Equal questions asked at once share one answer; failures are not kept. */
import type { Instant } from '../restore/instant';

export interface FreshAnswers {
  answer<T>(key: string, ask: () => Promise<T>): Promise<T>;
}

interface Kept {
  readonly askedAtMillis: number;
  readonly answer: Promise<unknown>;
}

export interface FreshLimits {
  /** Counted from when it was asked, not from when the answer came. */
  readonly millis: number;
  /** Of these the oldest are forgotten first. */
  readonly most: number;
}

export function createFreshAnswers(
  { now }: { readonly now: () => Instant },
  { millis, most }: FreshLimits,
): FreshAnswers {
  const kept = new Map<string, Kept>();
  const millisNow = (): number => Date.parse(now());
  // A clock that was set back makes no answer younger.
  const isFresh = ({ askedAtMillis }: Kept): boolean =>
    askedAtMillis <= millisNow() && millisNow() - askedAtMillis < millis;
  return {
    answer: <T>(key: string, ask: () => Promise<T>): Promise<T> => {
      const known = kept.get(key);
      if (known && isFresh(known)) return known.answer as Promise<T>;
      const entry: Kept = { askedAtMillis: millisNow(), answer: ask() };
      kept.delete(key);
      kept.set(key, entry);
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(oldest);
      }
      entry.answer.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return entry.answer as Promise<T>;
    },
  };
}
