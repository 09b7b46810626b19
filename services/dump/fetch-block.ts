/** One block, tried until it is here: connections break, and the rest of a dump should not have to come again for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DeskError, problem, withVendor } from '../restore/errors';

export interface BlockTries {
  /** Name of the blob, for whoever has to be told. */
  readonly name: string;
  readonly mostTries: number;
  /** Before the second try; doubled for each one after it. */
  readonly firstPauseMillis: number;
  readonly signal: AbortSignal;
  readonly onRetry: (tried: number, error: DeskError) => void;
}

const longestPauseMillis = 10_000;

/** Rejects as soon as the signal is given; the work itself goes on, and nobody minds what becomes of it. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}

export async function tryBlock<T>(tries: BlockTries, fetch: () => Promise<T>): Promise<T> {
  const { name, mostTries, firstPauseMillis, signal, onRetry } = tries;
  for (let tried = 1; ; tried++) {
    try {
      signal.throwIfAborted();
      return await fetch();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeskError) || !error.problem.retryable) throw error;
      const { vendorCode, correlationId } = error.problem;
      if (tried >= mostTries)
        throw new DeskError(
          withVendor(problem('DOWNLOAD_BROKEN', { name, tries: tried }), vendorCode, correlationId),
          error,
        );
      onRetry(tried, error);
      await sleep(Math.min(firstPauseMillis * 2 ** (tried - 1), longestPauseMillis), undefined, { signal });
    }
  }
}
