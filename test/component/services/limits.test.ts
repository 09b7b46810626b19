/** What a restore must not do: act on what is over, send what nobody allows any more, wait without an end. */
import { startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { createRunning, type Running } from '../../../services/running';
import { problem } from '../../../services/restore/errors';
import { madeBy } from '../../fakes/fake-azure';
import { aServer, ines } from '../../fakes/facts';
import type { Deps } from '../../../services/deps';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const unclear = { kind: 'unclear', what: 'no answer' } as const;
const advance = (id: string): Promise<void> => stage.running.advance(id);

async function advanceFor(id: string, seconds: number, step = 15): Promise<void> {
  for (let passed = 0; passed < seconds; passed += step) {
    stage.clock.pass(step);
    await advance(id);
  }
}

async function phase(id: string): Promise<string> {
  const { state } = await stage.request(id);
  return state.phase === 'failed' ? `failed ${state.failure.code}` : state.phase;
}

async function appear(id: string, target: string, changes = {}): Promise<void> {
  const intent = await stage.intent(id);
  if (!intent) throw new Error('no intent');
  stage.azure.put(madeBy(intent, target, changes));
}

/** A worker that lost its lock, as when the database was away for a moment, and does not know it yet. */
const unlocked = (changes: Partial<Deps>): Running =>
  createRunning({
    ...stage.deps,
    ...changes,
    store: {
      ...(changes.store ?? stage.deps.store),
      exclusively: async (_name, work) => ({ done: await work(new AbortController().signal) }),
    },
  });

test('a worker that was overtaken fails nothing: the other one has ordered already', async () => {
  const { id } = await stage.approved('run-overtaken');
  const late = unlocked({
    places: {
      ...stage.deps.places,
      quota: async () => {
        await advance(id);
        return { limit: 1, used: 1 };
      },
    },
  });
  await late.advance(id);
  expect(stage.orders.sent).toHaveLength(1);
  expect(await phase(id)).toBe('restoring');
});

test('a stop that is stored while a worker is about to send keeps the order from being sent', async () => {
  const { id } = await stage.approved('run-stopped-before-sending');
  const { store } = stage.deps;
  const running = unlocked({
    store: {
      ...store,
      intent: async (...key) => {
        const intent = await store.intent(...key);
        if ((await phase(id)) === 'ordering') await stage.cancelling.confirm(id, ines, { kind: 'none' });
        return intent;
      },
    },
  });
  await running.advance(id);
  await advance(id);
  expect(stage.orders.sent).toEqual([]);
  expect(await phase(id)).toBe('stopped');
});

test('an order that was put aside until the approval was no longer good is never sent', async () => {
  const { id } = await stage.approved('run-put-aside');
  stage.orders.answers.push({ kind: 'not-now', retryAfterSeconds: 10 });
  await advance(id);
  expect(await phase(id)).toBe('ordering');
  stage.clock.pass(31 * 60);
  await advance(id);
  expect(stage.orders.sent).toHaveLength(1);
  expect(await phase(id)).toBe('failed APPROVAL_STALE');
});

test('a name that stays taken while no server of ours appears is not waited for without an end', async () => {
  const { id } = await stage.approved('run-name-of-others');
  stage.orders.answers.push(unclear);
  await advance(id);
  stage.azure.taken.add('run-name-of-others');
  await advanceFor(id, 71 * 3_600, 3_600);
  expect(await phase(id)).toBe('ordering');
  await advanceFor(id, 2 * 3_600, 3_600);
  expect(await phase(id)).toBe('failed TARGET_NEVER_READY');
  expect((await stage.request(id)).state).toMatchObject({ serverMayExist: true });
  expect(stage.orders.sent).toHaveLength(1);
});

test('nothing is said of a server that took the place of ours after it was ready', async () => {
  const { id } = await stage.approved('run-replaced');
  await advance(id);
  await appear(id, 'run-replaced');
  stage.orders.polls.push({ kind: 'succeeded' });
  stage.probe.newest = undefined;
  await advance(id);
  expect(await phase(id)).toBe('proving');
  stage.azure.put(aServer('run-replaced', { createdAt: stage.clock.now() }));
  stage.probe.newest = '2026-11-19T13:04:59.800Z';
  stage.clock.pass(15);
  await advance(id);
  expect(await phase(id)).toBe('failed TARGET_FOREIGN');
});

test('a geo restore that was given up says what its last try left behind', async () => {
  const { id } = await stage.approved('geo-leftover', { mode: 'geo', moment: '' });
  const because = problem('GEO_BACKUP_PENDING', { name: 'orders-pg', tries: 1 });
  stage.orders.polls.push({ kind: 'failed', because });
  await advance(id);
  await advance(id);
  await appear(id, 'geo-leftover', { state: 'Disabled' });
  await advanceFor(id, 3 * 3_600 + 400, 60);
  expect((await stage.request(id)).state).toMatchObject({ phase: 'failed', serverMayExist: true });
});
