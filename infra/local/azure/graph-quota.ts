/** How often a caller may ask Resource Graph: so many queries in a window that begins with the first. Never scaled. */
export interface QuotaVerdict {
  readonly admitted: boolean;
  readonly remaining: number;
  /** Whole seconds until the window ends. */
  readonly resetsAfterSeconds: number;
}

export interface GraphQuota {
  take(principalId: string): QuotaVerdict;
}

const queriesPerWindow = 15;
const windowMs = 5000;

export function createGraphQuota(nowMs: () => number): GraphQuota {
  const windows = new Map<string, { readonly endsAtMs: number; used: number }>();
  return {
    take: (principalId) => {
      const now = nowMs();
      const known = windows.get(principalId);
      const window = known && known.endsAtMs > now ? known : { endsAtMs: now + windowMs, used: 0 };
      windows.set(principalId, window);
      const admitted = window.used < queriesPerWindow;
      if (admitted) window.used++;
      return {
        admitted,
        remaining: queriesPerWindow - window.used,
        resetsAfterSeconds: Math.ceil((window.endsAtMs - now) / 1000),
      };
    },
  };
}
