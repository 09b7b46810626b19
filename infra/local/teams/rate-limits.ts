/**
 * The limits of Teams per conversation (in channels per thread), as real sliding windows. They are never scaled: the
 * product has to live with them as they are.
 */
import { ConnectorRefusal } from './refusal';

export interface RateWindow {
  readonly calls: number;
  readonly milliseconds: number;
}

/** Posting, editing and deleting in one thread. */
const WRITE_WINDOWS: readonly RateWindow[] = [
  { calls: 7, milliseconds: 1_000 },
  { calls: 8, milliseconds: 2_000 },
  { calls: 60, milliseconds: 30_000 },
  { calls: 1_800, milliseconds: 3_600_000 },
];

/** Reading members and conversations. */
const READ_WINDOWS: readonly RateWindow[] = [
  { calls: 14, milliseconds: 1_000 },
  { calls: 16, milliseconds: 2_000 },
  { calls: 120, milliseconds: 30_000 },
  { calls: 3_600, milliseconds: 3_600_000 },
];

/** All calls of one app in one tenant. */
const WHOLE_APP_WINDOWS: readonly RateWindow[] = [{ calls: 50, milliseconds: 1_000 }];

export interface RateLimits {
  /** Counts one call, or throws a 429 that says when to come back; a refused call does not count. */
  take(kind: 'read' | 'write', conversationWireId: string): void;
}

export function createRateLimits(now: () => number = Date.now): RateLimits {
  const calls = new Map<string, number[]>();
  const waitFor = (key: string, windows: readonly RateWindow[]): number => {
    const longest = Math.max(...windows.map((window) => window.milliseconds));
    const recent = (calls.get(key) ?? []).filter((at) => at > now() - longest);
    calls.set(key, recent);
    return Math.max(0, ...windows.map((window) => waitForWindow(recent, window, now())));
  };
  return {
    take: (kind, conversationWireId) => {
      const key = `${kind} ${conversationWireId}`;
      const waitMilliseconds = Math.max(
        waitFor(key, kind === 'write' ? WRITE_WINDOWS : READ_WINDOWS),
        waitFor('app', WHOLE_APP_WINDOWS),
      );
      if (waitMilliseconds > 0) throw tooMany(waitMilliseconds);
      for (const counted of [key, 'app']) calls.get(counted)?.push(now());
    },
  };
}

function waitForWindow(calls: readonly number[], window: RateWindow, now: number): number {
  const inside = calls.filter((at) => at > now - window.milliseconds);
  if (inside.length < window.calls) return 0;
  const leavesNext = inside[inside.length - window.calls] ?? now;
  return leavesNext + window.milliseconds - now;
}

function tooMany(waitMilliseconds: number): ConnectorRefusal {
  const seconds = String(Math.max(1, Math.ceil(waitMilliseconds / 1_000)));
  return new ConnectorRefusal(429, 'TooManyRequests', `Too many requests in this conversation.`, {
    'Retry-After': seconds,
  });
}
