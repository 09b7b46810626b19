/** Shares out what may work on the server at a time: sessions of ours and workers of pg_restore alike. */

export interface WorkerBudget {
  /** Runs `work` with one worker or more, at most `want` and at most a fair share; waits until there is one. */
  use<T>(want: number, work: (workers: number) => Promise<T>): Promise<T>;
}

export function createWorkerBudget(cores: number, sharers: () => number): WorkerBudget {
  const all = Math.max(1, Math.floor(cores));
  let free = all;
  const waiting: (() => void)[] = [];
  return {
    use: async (want, work) => {
      while (free < 1) await new Promise<void>((resolve) => waiting.push(resolve));
      const share = Math.max(1, Math.ceil(all / Math.max(1, sharers())));
      const taken = Math.max(1, Math.min(want, share, free));
      free -= taken;
      try {
        return await work(taken);
      } finally {
        free += taken;
        for (const wake of waiting.splice(0)) wake();
      }
    },
  };
}
