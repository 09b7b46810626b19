/** Jobs: they exist exactly when their change does, wait at most once per key, and are found again when nobody does them. */
import { aPlan, aRequest, aRun, someInputs, ines, now } from '../../fakes/facts';
import { overdueWork } from '../../../services/store/overdue';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import type { Draft, RestoreRequest } from '../../../services/restore/request';
import type { Job } from '../../../services/restore/ports';

jest.setTimeout(60_000);
let desk: TestStore;
beforeAll(async () => {
  desk = await startTestStore();
});
afterAll(() => desk?.stop());

const seconds = (from: number): string => new Date(Date.now() + from * 1000).toISOString();
const enqueue = (job: Job, startAt?: string) => desk.store.change((changes) => changes.enqueue(job, startAt));

/** Seconds until each waiting job of the key is due, rounded. */
async function waiting(key: string): Promise<number[]> {
  const rows = await desk.ask<{ due: string }>(
    `select extract(epoch from start_after - now()) as due from pgboss.job where singleton_key = $1 and state = 'created'`,
    [key],
  );
  return rows.map(({ due }) => Math.max(0, Math.round(Number(due))));
}

test('a job that is due now takes the place of one that waits for later', async () => {
  await enqueue({ kind: 'deliver', slot: 'a' }, seconds(60));
  expect(await waiting('a')).toEqual([60]);
  await enqueue({ kind: 'deliver', slot: 'a' });
  expect(await waiting('a')).toEqual([0]);
});

test('a job that is due later changes nothing while another waits', async () => {
  await enqueue({ kind: 'deliver', slot: 'b' });
  await enqueue({ kind: 'deliver', slot: 'b' }, seconds(60));
  expect(await waiting('b')).toEqual([0]);
  await enqueue({ kind: 'deliver', slot: 'c' }, seconds(30));
  await enqueue({ kind: 'deliver', slot: 'c' }, seconds(90));
  expect(await waiting('c')).toEqual([30]);
});

test('the clock of a request waits for the newest time that it was set to, and one that is due is woken', async () => {
  const clock = { kind: 'clock', requestId: 'R-901' } as const;
  await enqueue(clock, seconds(3_600));
  await enqueue(clock, seconds(60));
  expect(await waiting('R-901')).toEqual([60]);
  await enqueue(clock, seconds(600));
  expect(await waiting('R-901')).toEqual([600]);
  await desk.store.change((changes) => changes.enqueueAll([{ job: clock }]));
  expect(await waiting('R-901')).toEqual([0]);
});

test('the same key in another queue is another job', async () => {
  await enqueue({ kind: 'check-draft', draftId: 'same' }, seconds(60));
  await enqueue({ kind: 'deliver', slot: 'same' }, seconds(60));
  expect(await waiting('same')).toHaveLength(2);
});

test('a job does not exist before its change is committed, nor when it is rolled back', async () => {
  await desk.store.change(async (changes) => {
    await changes.enqueue({ kind: 'deliver', slot: 'd' });
    expect(await waiting('d')).toEqual([]);
  });
  expect(await waiting('d')).toEqual([0]);
  await desk.store
    .change(async (changes) => {
      await changes.enqueue({ kind: 'deliver', slot: 'e' });
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(await waiting('e')).toEqual([]);
});

test('many changes at once leave one waiting job', async () => {
  await Promise.all(Array.from({ length: 10 }, () => enqueue({ kind: 'deliver', slot: 'f' })));
  expect(await waiting('f')).toHaveLength(1);
});

test('many jobs at once: each waits once, those that waited stay as they are, and none exists when it is rolled back', async () => {
  await enqueue({ kind: 'deliver', slot: 'many-1' }, seconds(60));
  const jobs = [
    ...['many-1', 'many-2', 'many-2'].map((slot) => ({ job: { kind: 'deliver', slot } as const })),
    { job: { kind: 'clock', requestId: 'R-1' } as const, startAt: seconds(30) },
  ];
  await desk.store.change((changes) => changes.enqueueAll(jobs));
  expect([await waiting('many-1'), await waiting('many-2'), await waiting('R-1')]).toEqual([[60], [0], [30]]);
  await desk.store
    .change(async (changes) => {
      await changes.enqueueAll([{ job: { kind: 'deliver', slot: 'many-3' } }]);
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(await waiting('many-3')).toEqual([]);
});

test('a job sent while the same one is being done waits for its turn', async () => {
  await enqueue({ kind: 'advance', requestId: 'R-900' });
  const [taken] = await desk.boss.fetch<Job>('advance');
  expect(taken?.data).toEqual({ kind: 'advance', requestId: 'R-900' });
  await enqueue({ kind: 'advance', requestId: 'R-900' });
  expect(await waiting('R-900')).toEqual([0]);
  await desk.boss.complete('advance', taken?.id ?? '');
  expect(await waiting('R-900')).toEqual([0]);
});

const add = (target: string, state: RestoreRequest['state']): Promise<RestoreRequest> =>
  desk.store.change(async (changes) => {
    const plan = aPlan({ target: { ...aPlan().target, name: target } });
    const added = await changes.addRequest((id) => ({ ...aRequest({ plan, state }), id }));
    await changes.saveRequest(added, 1);
    return added;
  });

test('running requests, checked forms and struck clocks that nobody works on are found', async () => {
  const running = await add('overdue-1', { phase: 'ordering', run: aRun() });
  const later = await add('overdue-2', { phase: 'restoring', run: aRun() });
  await desk.store.change((changes) =>
    changes.enqueue({ kind: 'advance', requestId: later.id }, seconds(60)),
  );
  const expired = await add('overdue-3', {
    phase: 'awaiting-approval',
    approvals: [],
    expiresAt: seconds(-1),
  });
  const waits = await add('overdue-4', {
    phase: 'awaiting-approval',
    approvals: [],
    expiresAt: seconds(3600),
  });
  const ended = await add('overdue-5', { phase: 'withdrawn', endedAt: now });
  const draft: Draft = {
    ...{ id: 'draft-9', nonce: 'n', requester: ines, zone: 'UTC', inputs: someInputs() },
    ...{
      understood: [],
      notUnderstood: [],
      problems: [],
      thread: 't',
      createdAt: now,
      state: { phase: 'checking' },
    },
  };
  await desk.store.change((changes) => changes.addDraft(draft));
  const work = await overdueWork(desk.database, 0);
  expect(work.requests).toContain(running.id);
  for (const { id } of [later, expired, waits, ended]) expect(work.requests).not.toContain(id);
  expect(work.clocks).toContain(expired.id);
  expect(work.clocks).not.toContain(waits.id);
  expect(work.drafts).toEqual(['draft-9']);
  // Somebody who is only a little late is left alone.
  expect((await overdueWork(desk.database, 60)).requests).not.toContain(running.id);
});
