/** Requests, intents, locks and the outbox on a real PostgreSQL. */
import { aPlan, aRequest, aRun, now, serverGot } from '../../fakes/facts';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import type { Intent, JournalEntry, OutboxMessage } from '../../../services/restore/ports';
import type { ServerPlan } from '../../../services/restore/plan';
import type { RestoreRequest } from '../../../services/restore/request';

jest.setTimeout(60_000);
let desk: TestStore;
beforeAll(async () => {
  desk = await startTestStore();
});
afterAll(() => desk?.stop());

const forTarget = (name: string, changes: Partial<RestoreRequest> = {}): RestoreRequest =>
  aRequest({ plan: aPlan({ target: { ...aPlan().target, name } }), ...changes });

const add = (name: string): Promise<RestoreRequest> =>
  desk.store.change((changes) => changes.addRequest((id) => ({ ...forTarget(name), id })));

/** Ordering with its first attempt: only then may anything be sent. */
const addOrdering = (name: string): Promise<RestoreRequest> =>
  desk.store.change((changes) =>
    changes.addRequest((id) => ({ ...forTarget(name), id, state: { phase: 'ordering', run: aRun() } })),
  );

async function read(id: string) {
  const found = await desk.store.request(id);
  if (!found) throw new Error(`${id} is not stored`);
  return found;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { problem?: { code: string }; code?: string }) =>
      error.problem?.code ?? error.code ?? 'an error without a code',
  );

test('numbers follow each other without a gap, also when a change is rolled back in between', async () => {
  const first = await add('numbers-1');
  await desk.store
    .change(async (changes) => {
      await changes.addRequest((id) => ({ ...forTarget('numbers-2'), id }));
      throw new Error('no');
    })
    .catch(() => undefined);
  const rest = await Promise.all(['numbers-3', 'numbers-4', 'numbers-5'].map(add));
  const start = Number(first.id.slice(2));
  expect(rest.map(({ id }) => Number(id.slice(2))).sort((a, b) => a - b)).toEqual([
    start + 1,
    start + 2,
    start + 3,
  ]);
});

test('of two writers that read the same version one wins, and the other changes nothing at all', async () => {
  const { id } = await add('swap-1');
  const { value, version } = await read(id);
  const write = (reason: string): Promise<boolean> =>
    desk.store.change((changes) =>
      changes.saveRequest({ ...value, inputs: { ...value.inputs, reason } }, version),
    );
  const won = await Promise.all([write('a'), write('b')]);
  expect(won.filter(Boolean)).toHaveLength(1);
  const after = await read(id);
  expect(after.version).toBe(version + 1);
  expect(after.value.inputs.reason).toBe(won[0] === true ? 'a' : 'b');
  expect(await write('c')).toBe(false);
});

test('one name has one open request; an ended one is not in the way', async () => {
  const first = await add('only-one');
  expect(await codeOf(add('only-one'))).toBe('DUPLICATE_OPEN');
  expect(await desk.store.openRequestForTarget('only-one')).toBe(first.id);
  const { value, version } = await read(first.id);
  await desk.store.change((changes) =>
    changes.saveRequest({ ...value, state: { phase: 'withdrawn', endedAt: now } }, version),
  );
  expect(await desk.store.openRequestForTarget('only-one')).toBeUndefined();
  const second = await add('only-one');
  expect(second.id).not.toBe(first.id);
  // The ended one cannot be opened again beside it.
  const ended = await read(first.id);
  expect(await codeOf(desk.store.change((changes) => changes.saveRequest(value, ended.version)))).toBe(
    'DUPLICATE_OPEN',
  );
});

test('open requests are listed first, then the newest', async () => {
  const listed = await desk.store.requests(100);
  const openness = listed.map(({ state }) => state.phase !== 'withdrawn');
  expect(openness).toEqual([...openness].sort((a, b) => Number(b) - Number(a)));
  const open = listed.filter(({ state }) => state.phase !== 'withdrawn').map(({ id }) => Number(id.slice(2)));
  expect(open).toEqual([...open].sort((a, b) => b - a));
});

const intentOf = (requestId: string, changes: Partial<Intent> = {}): Intent => ({
  requestId,
  revision: 1,
  attempt: 1,
  nonce: `nonce-${requestId}`,
  targetId: aPlan().target.id,
  moment: '2026-11-19T13:05:00.123Z',
  createdAt: now,
  sendings: 0,
  nameSeenTaken: false,
  ...changes,
});

const noted = ({ requestId }: Intent): JournalEntry => ({
  ...{ requestId, kind: 'noted', actor: 'restore-desk', at: now, body: {} },
});

const addIntent = (intent: Intent) => desk.store.change((changes) => changes.addIntent(intent));

test('there is one intent per approval round and attempt, and no two share a nonce', async () => {
  const { id } = await add('intents');
  await addIntent(intentOf(id));
  expect(await codeOf(addIntent(intentOf(id, { nonce: 'other' })))).toBe('23505');
  expect(await codeOf(addIntent(intentOf(id, { attempt: 2 })))).toBe('23505');
  await addIntent(intentOf(id, { attempt: 2, nonce: 'of-the-second' }));
  await addIntent(intentOf(id, { revision: 2, nonce: 'of-the-second-round' }));
  expect(await desk.store.intent(id, 1, 1)).toEqual(intentOf(id));
});

test('what becomes known of an intent is kept, and the first acceptance stays', async () => {
  const { id } = await addOrdering('intent-facts');
  const intent = intentOf(id, { nonce: 'facts' });
  await addIntent(intent);
  const { store } = desk;
  const stored = () => store.intent(id, 1, 1);
  await store.noteAbsent(intent, now);
  expect(await store.noteSending(intent, now, noted(intent))).toBe(true);
  expect(await stored()).toEqual({ ...intent, sendings: 1, lastSentAt: now });
  await store.noteTurnedAway(intent, noted(intent));
  expect(await stored()).toMatchObject({ sendings: 0 });
  await store.noteAbsent(intent, now);
  expect(await stored()).toMatchObject({ absentSince: now });
  await store.noteNameTaken(intent);
  expect(await stored()).toMatchObject({ nameSeenTaken: true });
  expect(await stored()).not.toHaveProperty('absentSince');
  await store.noteAccepted(intent, 'https://first', now, noted(intent));
  await store.noteAccepted(intent, undefined, '2026-11-19T14:00:00.000Z', noted(intent));
  await store.noteAccepted(intent, 'https://second', '2026-11-19T15:00:00.000Z', noted(intent));
  expect(await stored()).toMatchObject({ operation: 'https://first', acceptedAt: now });
});

test('of workers that read the same intent one may send', async () => {
  const { id } = await addOrdering('intent-guard');
  const intent = intentOf(id, { nonce: 'guarded' });
  await addIntent(intent);
  const { store } = desk;
  const counted = await Promise.all(
    Array.from({ length: 5 }, () => store.noteSending(intent, now, noted(intent))),
  );
  expect(counted.filter(Boolean)).toHaveLength(1);
  expect(await store.intent(id, 1, 1)).toMatchObject({ sendings: 1 });
  // Who reads it anew may send again.
  const again = (await store.intent(id, 1, 1)) ?? intent;
  expect(await store.noteSending(again, now, noted(again))).toBe(true);
  expect(await store.noteSending(again, now, noted(again))).toBe(false);
});

test.each([
  ['was stopped', { phase: 'stopping', run: aRun(), by: aRequest().requester, askedAt: now }, 1],
  ['orders with another attempt', { phase: 'ordering', run: aRun({ attempt: 2 }) }, 1],
  ['is in another approval round', { phase: 'ordering', run: aRun() }, 2],
] as const)('nothing is sent for a request that %s', async (what, state, revision) => {
  const { id } = await desk.store.change((changes) =>
    changes.addRequest((id) => ({ ...forTarget(`sent-${what}`), id, state, revision })),
  );
  const intent = intentOf(id);
  await addIntent(intent);
  expect(await desk.store.noteSending(intent, now, noted(intent))).toBe(false);
  expect(await desk.store.intent(id, 1, 1)).toMatchObject({ sendings: 0 });
});

test('the first time a server was seen ready stays', async () => {
  const { id } = await add('intent-ready');
  const intent = intentOf(id, { nonce: 'ready' });
  await addIntent(intent);
  expect(await desk.store.intent(id, 1, 1)).not.toHaveProperty('readySeenAt');
  await desk.store.noteReadySeen(intent, now);
  await desk.store.noteReadySeen(intent, '2026-11-19T14:00:00.000Z');
  expect(await desk.store.intent(id, 1, 1)).toMatchObject({ readySeenAt: now });
});

describe('the right to work on something', () => {
  test('is held by one at a time, across connections, and is free afterwards', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((done) => (release = done));
    let started = (): void => undefined;
    const working = new Promise<void>((done) => (started = done));
    const first = desk.store.exclusively('thing', async () => {
      started();
      await held;
      return 1;
    });
    await working;
    expect(await desk.store.exclusively('thing', async () => 2)).toBeUndefined();
    expect(await desk.store.exclusively('another', async () => 3)).toEqual({ done: 3 });
    release();
    expect(await first).toEqual({ done: 1 });
    expect(await desk.store.exclusively('thing', async () => 4)).toEqual({ done: 4 });
  });

  test('is given back when the work fails', async () => {
    await expect(desk.store.exclusively('failing', () => Promise.reject(new Error('x')))).rejects.toThrow(
      'x',
    );
    expect(await desk.store.exclusively('failing', async () => 1)).toEqual({ done: 1 });
  });

  test('dies with the connection of its holder, and the pool survives that', async () => {
    const lost = await desk.store.exclusively('dying', async () => {
      await desk.ask(`select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'`);
      return desk.store.exclusively('dying', async () => 'taken over');
    });
    expect(lost).toEqual({ done: { done: 'taken over' } });
    expect(await desk.store.exclusively('dying', async () => 1)).toEqual({ done: 1 });
  });
});

const message = (slot: string, text: string, pace: OutboxMessage['pace'] = 'at-once'): OutboxMessage => ({
  slot,
  requestId: null,
  destination: { kind: 'approvals' },
  message: { kind: 'notice', version: 1, text, mentions: [] },
  pace,
});
const sentEntry: JournalEntry = {
  ...{ requestId: null, kind: 'message-posted', actor: 'restore-desk', at: now, body: {} },
};
const post = (out: OutboxMessage) => desk.store.change((changes) => changes.post(out));

test('a slot holds the newest version only, and knows that something newer than what was sent is there', async () => {
  for (const text of ['one', 'two', 'three']) await post(message('slot-1', text, 'coalesce'));
  expect(await desk.outbox.read('slot-1')).toMatchObject({ wanted: 3, sent: 0, message: { text: 'three' } });
  await desk.outbox.noteSent('slot-1', 3, { conversation: 'c', messageId: 'm' }, sentEntry);
  await post(message('slot-1', 'four'));
  expect(await desk.outbox.read('slot-1')).toMatchObject({
    wanted: 4,
    sent: 3,
    pace: 'at-once',
    ref: { conversation: 'c', messageId: 'm' },
  });
  expect(await desk.outbox.overdue(0)).toContain('slot-1');
  expect(await desk.outbox.overdue(60)).not.toContain('slot-1');
});

test('a copy is noted once, and the message itself is no copy', async () => {
  await post(message('slot-2', 'x'));
  await desk.outbox.noteSent('slot-2', 1, { conversation: 'c', messageId: 'm' }, sentEntry);
  expect(await desk.outbox.noteCopy('slot-2', { conversation: 'c', messageId: 'm' })).toBe(false);
  expect(await desk.outbox.noteCopy('slot-2', { conversation: 'c', messageId: 'n' })).toBe(true);
  expect(await desk.outbox.noteCopy('slot-2', { conversation: 'c', messageId: 'n' })).toBe(false);
  expect(await desk.outbox.noteCopy('no-such-slot', { conversation: 'c', messageId: 'n' })).toBe(false);
  expect((await desk.outbox.read('slot-2'))?.copies).toEqual([{ conversation: 'c', messageId: 'n' }]);
});

test('the message of one slot is never taken for a copy of another', async () => {
  for (const slot of ['slot-approval', 'slot-receipt']) await post(message(slot, 'x'));
  const card = { conversation: 'c', messageId: 'approval-1' };
  await desk.outbox.noteSent('slot-approval', 1, card, sentEntry);
  // Whoever presses a button chooses what its data say, and so which slot the card is taken for.
  expect(await desk.outbox.noteCopy('slot-receipt', card)).toBe(false);
  expect((await desk.outbox.read('slot-receipt'))?.copies).toEqual([]);
});

test('a message tells its slot, and so does a copy of it; the same id in another conversation is another message', async () => {
  for (const slot of ['slot-3', 'slot-4']) await post(message(slot, 'x'));
  const [own, copy] = [
    { conversation: 'c3', messageId: 'same' },
    { conversation: 'c3', messageId: 'copy-3' },
  ];
  await desk.outbox.noteSent('slot-3', 1, own, sentEntry);
  await desk.outbox.noteSent('slot-4', 1, { conversation: 'c4', messageId: 'same' }, sentEntry);
  await desk.outbox.noteCopy('slot-3', copy);
  expect(await Promise.all([own, copy].map((ref) => desk.outbox.slotOf(ref)))).toEqual(['slot-3', 'slot-3']);
  expect(await desk.outbox.slotOf({ conversation: 'c4', messageId: 'same' })).toBe('slot-4');
  expect(await desk.outbox.slotOf({ conversation: 'c5', messageId: 'same' })).toBeUndefined();
});

test('a delivery is the first only once, however many come at the same time', async () => {
  const seen = await Promise.all(
    Array.from({ length: 10 }, () => desk.store.change((changes) => changes.isFirstDelivery('key-1'))),
  );
  expect(seen.filter(Boolean)).toHaveLength(1);
});

test('a delivery whose change fails may come again', async () => {
  await desk.store
    .change(async (changes) => {
      await changes.isFirstDelivery('key-2');
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(await desk.store.change((changes) => changes.isFirstDelivery('key-2'))).toBe(true);
});

test('durations are those of restores that became usable, newest first, and as many of each mode', async () => {
  const took = async (name: string, seconds: number, plan: ServerPlan = aPlan()): Promise<void> => {
    const { id } = await add(name);
    const { value, version } = await read(id);
    const readyAt = new Date(Date.parse(aRun().startedAt) + seconds * 1000).toISOString();
    const state = {
      phase: 'completed',
      run: aRun({ readyAt }),
      verdict: { kind: 'unproven', why: '' },
      endedAt: now,
      got: serverGot,
    } as const;
    const target = value.plan.target;
    await desk.store.change((changes) =>
      changes.saveRequest({ ...value, plan: { ...plan, target }, state }, version),
    );
  };
  const { moment: _, ...rest } = aPlan();
  await took('took-1', 90, { ...rest, mode: 'geo' });
  await took('took-2', 30);
  await took('took-3', 40);
  const geo = { mode: 'geo', millis: 90_000 };
  const [newer, older] = [40_000, 30_000].map((millis) => ({ mode: 'point-in-time', millis }));
  expect(await desk.store.pastDurations(20)).toEqual([newer, older, geo]);
  expect(await desk.store.pastDurations(1)).toEqual([newer, geo]);
});

test('a database that is away is said as such', async () => {
  await desk.ask(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'restore-desk'`,
  );
  const answers = await Promise.all(Array.from({ length: 4 }, () => codeOf(desk.store.request('R-1'))));
  for (const answer of answers) expect(['done', 'DATABASE_UNREACHABLE']).toContain(answer);
  const inside = desk.store.change(async (changes) => {
    await changes.isFirstDelivery('key-3');
    await desk.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'restore-desk'`,
    );
    await changes.isFirstDelivery('key-4');
  });
  expect(await codeOf(inside)).toBe('DATABASE_UNREACHABLE');
  // Whether the pool has noticed all its dead connections by now is not ours to say: each costs one call.
  const first = (left: number): Promise<boolean> =>
    desk.store
      .change((changes) => changes.isFirstDelivery('key-3'))
      .catch((error: unknown) => {
        if (left === 0) throw error;
        return first(left - 1);
      });
  expect(await first(20)).toBe(true);
});
