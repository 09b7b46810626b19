/** ARM's throttle: a token bucket per subscription, principal and kind of call. Never scaled by the local time scale. */
export type CallKind = 'reads' | 'writes' | 'deletes';

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

export interface Verdict {
  readonly admitted: boolean;
  readonly remaining: number;
  /** Whole seconds after which there is a token again; 0 when admitted. */
  readonly retryAfterSeconds: number;
}

export interface Throttle {
  take(subscriptionId: string, principalId: string, kind: CallKind): Verdict;
}

const limits: Readonly<Record<CallKind, { readonly burst: number; readonly perSecond: number }>> = {
  reads: { burst: 250, perSecond: 25 },
  writes: { burst: 200, perSecond: 10 },
  deletes: { burst: 200, perSecond: 10 },
};

export const callKind = (method: string): CallKind =>
  method === 'GET' || method === 'HEAD' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';

export function createThrottle(nowMs: () => number): Throttle {
  const buckets = new Map<string, Bucket>();
  return {
    take: (subscriptionId, principalId, kind) => {
      const { burst, perSecond } = limits[kind];
      const key = `${subscriptionId.toLowerCase()} ${principalId} ${kind}`;
      const now = nowMs();
      const bucket = buckets.get(key) ?? { tokens: burst, filledAtMs: now };
      const refilled = bucket.tokens + ((now - bucket.filledAtMs) / 1000) * perSecond;
      const tokens = Math.min(burst, refilled);
      const admitted = tokens >= 1;
      const left = admitted ? tokens - 1 : tokens;
      buckets.set(key, { tokens: left, filledAtMs: now });
      const retryAfterSeconds = admitted ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
      return { admitted, remaining: Math.floor(left), retryAfterSeconds };
    },
  };
}
