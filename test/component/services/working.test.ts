/** Jobs that a worker takes from the queue, on a real one: what becomes of those that fail. */
import { createWorker, type WorkerDeps } from '../../../services/worker';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import { until } from '../../fixtures/supervisor/processes';

jest.setTimeout(60_000);
let desk: TestStore;
beforeAll(async () => {
  desk = await startTestStore();
});
afterAll(() => desk?.stop());

const waiting = async (slot: string): Promise<number> =>
  (
    await desk.ask(
      `select from pgboss.job where name = 'deliver' and singleton_key = $1 and state <= 'active'`,
      [slot],
    )
  ).length;

const isTaken = async (slot: string): Promise<boolean> =>
  (await desk.ask(`select from pgboss.job where singleton_key = $1 and state = 'created'`, [slot])).length ===
  0;

test('while Teams is away one job waits for a message, however often it is edited and found overdue', async () => {
  let isAway = true;
  const said: string[] = [];
  const { boss, database, store, outbox } = desk;
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const notifier = {
    deliver: async (slot: string): Promise<void> => {
      if (isAway) throw new Error('Teams is away');
      said.push(slot);
    },
  };
  const worker = createWorker({
    boss,
    database,
    store,
    outbox,
    notifier,
    log: quiet,
  } as unknown as WorkerDeps);
  await worker.start();
  try {
    const job = { kind: 'deliver', slot: 'away' } as const;
    for (const found of [false, true, false, true]) {
      await store.change((changes) => (found ? changes.enqueueAll([{ job }]) : changes.enqueue(job)));
      await until('the job is taken', () => isTaken('away'));
    }
    await until('one job is left', async () => (await waiting('away')) === 1);
    isAway = false;
    await until('it is done', async () => (await waiting('away')) === 0);
    expect(said).toEqual(['away']);
  } finally {
    await worker.stop();
  }
});
