import { createRateLimits } from '../../../infra/local/teams/rate-limits';
import { ConnectorRefusal } from '../../../infra/local/teams/refusal';

/** Calls as often as it is let, every `everyMilliseconds`, and tells how many were let through within a time. */
function countWithin(
  totalMilliseconds: number,
  everyMilliseconds: number,
  kind: 'read' | 'write' = 'write',
): number {
  let now = 1_000_000;
  const limits = createRateLimits(() => now);
  let taken = 0;
  for (const start = now; now < start + totalMilliseconds; now += everyMilliseconds) {
    try {
      limits.take(kind, 'one thread');
      taken += 1;
    } catch (error) {
      if (!(error instanceof ConnectorRefusal)) throw error;
    }
  }
  return taken;
}

test('a thread takes 7 posts in one second, 8 in two, 60 in thirty', () => {
  expect(countWithin(1_000, 10)).toBe(7);
  expect(countWithin(2_000, 10)).toBe(8);
  expect(countWithin(30_000, 100)).toBe(60);
});

test('reading members is allowed twice as often', () => {
  expect(countWithin(1_000, 10, 'read')).toBe(14);
  expect(countWithin(30_000, 100, 'read')).toBe(120);
});

test('the whole app makes no more than 50 calls a second, over however many threads', () => {
  const limits = createRateLimits(() => 5_000);
  const call = (n: number) => () => limits.take('write', `thread ${n}`);
  for (let n = 0; n < 50; n++) call(n)();
  expect(call(51)).toThrow('Too many requests');
});

test('a refusal says when there is room again, and does not count itself', () => {
  let now = 0;
  const limits = createRateLimits(() => now);
  for (let n = 0; n < 7; n++) limits.take('write', 'x');
  for (let n = 0; n < 20; n++) {
    expect(() => limits.take('write', 'x')).toThrow(
      expect.objectContaining({ status: 429, headers: { 'Retry-After': '1' } }),
    );
  }
  now = 1_000;
  limits.take('write', 'x');
});
