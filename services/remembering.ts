/** Answers that a form can show at once: what was read last, while it is read anew behind it. */
import { millisBetween, type Instant } from './restore/instant';
import { within } from './patience';
import type { Clock } from './restore/ports';

interface Known<T> {
  readonly value: T;
  readonly readAt: Instant;
}

export interface Pace {
  readonly clock: Clock;
  /** For so long what was read last is not read anew. */
  readonly freshMillis: number;
  /** For so long a first reading is waited for. */
  readonly patienceMillis: number;
}

/** One kind of reading, remembered by what it was asked for. */
export function remembering<A extends readonly string[], T>(
  { clock, freshMillis, patienceMillis }: Pace,
  read: (...asked: A) => Promise<T>,
  otherwise: T,
): (...asked: A) => Promise<T> {
  const known = new Map<string, Known<T>>();
  const reading = new Map<string, Promise<T>>();
  const readAnew = (key: string, asked: A): Promise<T> => {
    const already = reading.get(key);
    if (already) return already;
    const now = read(...asked)
      .then((value) => {
        known.set(key, { value, readAt: clock.now() });
        return value;
      })
      .finally(() => reading.delete(key));
    reading.set(key, now);
    return now;
  };
  return async (...asked) => {
    const key = asked.join('/').toLowerCase();
    const last = known.get(key);
    if (last && millisBetween(last.readAt, clock.now()) < freshMillis) return last.value;
    const newer = readAnew(key, asked).catch(() => last?.value ?? otherwise);
    return last ? last.value : within(patienceMillis, newer, () => otherwise);
  };
}
