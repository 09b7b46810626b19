/** One row of the table of reliability and security figures: how it is run, and what it found. */

export interface Violation {
  readonly what: string;
  /** What led to it; the smallest of a row is shown. */
  readonly case: unknown;
}

export interface Found {
  /** How many cases were really run; of tables that is their own size. */
  readonly cases: number;
  readonly checked: string;
  readonly violations: readonly Violation[];
}

export interface Row {
  readonly id: string;
  readonly what: string;
  /** The size that is promised; that of a slice is for every run of the tests. */
  readonly full: number;
  readonly slice: number;
  readonly run: (size: number, seed: number) => Promise<Found>;
}

const sizeOf = (violation: Violation): number => JSON.stringify(violation.case)?.length ?? 0;

export const smallest = (violations: readonly Violation[]): Violation | undefined =>
  [...violations].sort((a, b) => sizeOf(a) - sizeOf(b))[0];

/** At most so many at once, as a server has them. */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let mine = next++; mine < items.length; mine = next++) results[mine] = await work(items[mine] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
