/** The memory while it is being filled: thousands of servers take a moment, and others must not notice. */
import { setImmediate } from 'node:timers/promises';
import { createServerMemory } from '../../../services/server-memory';
import { aServer, now } from '../../fakes/facts';
import { mine, names } from './inventory-stage';
import type { KnownServer } from '../../../services/restore/servers';

const later = '2026-11-19T13:28:00.000Z';
const many = (prefix: string, seenAt: string): KnownServer[] =>
  Array.from({ length: 1_000 }, (_, nth) => ({
    server: aServer(`${prefix}-${String(nth).padStart(4, '0')}`),
    seenAt,
    reachable: true,
  }));

test('what was known is offered until the new list is ready', async () => {
  const memory = createServerMemory(() => true);
  await memory.put(mine, many('old', now), now);
  const filled = memory.put(mine, many('new', later), later);
  await setImmediate();
  expect(names(memory.search('', 1))).toEqual(['old-0000']);
  await filled;
  expect(names(memory.search('', 1))).toEqual(['new-0000']);
  expect(memory.oldest()).toBe(later);
});

test('an older list that is ready later changes nothing', async () => {
  const memory = createServerMemory(() => true);
  const slow = memory.put(mine, many('old', now), now);
  await memory.put(mine, many('new', later).slice(0, 1), later);
  await slow;
  expect(names(memory.all())).toEqual(['new-0000']);
});
