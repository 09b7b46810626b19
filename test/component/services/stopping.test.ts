/** A restore that somebody stops, at every point of its way: nothing of others is touched, and what is ours goes. */
import { cardOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { madeBy } from '../../fakes/fake-azure';
import { aServer, divya, emil, ines } from '../../fakes/facts';
import type { CancelMessage } from '../../../services/restore/messages';
import type { RestoreRequest } from '../../../services/restore/request';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const none = { kind: 'none' } as const;
const card = async (id: string) => ({ kind: 'card', key: cardOf(await stage.request(id)) }) as const;
const advance = (id: string): Promise<void> => stage.running.advance(id);
const state = async (id: string): Promise<RestoreRequest['state']> => (await stage.request(id)).state;

async function advanceFor(id: string, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 15) {
    stage.clock.pass(15);
    await advance(id);
  }
}

async function question(id: string): Promise<CancelMessage['state'] | undefined> {
  return (await stage.cancelling.view(id))?.state;
}

/** Ordered, accepted and half built. */
async function halfBuilt(target: string, changes = {}): Promise<RestoreRequest> {
  const request = await stage.approved(target);
  await advance(request.id);
  const intent = await stage.intent(request.id);
  if (!intent) throw new Error('no intent');
  stage.azure.put(madeBy(intent, target, { state: 'Provisioning', ...changes }));
  return request;
}

test('before the approval it is a withdrawal', async () => {
  const { id } = await stage.requested('stop-early');
  expect(await stage.cancelling.ask(id, ines, none)).toMatchObject({ kind: 'done' });
  expect(await state(id)).toMatchObject({ phase: 'withdrawn' });
});

test('asking tells what it means, changes nothing, and asks once', async () => {
  const { id } = await halfBuilt('stop-asked');
  await stage.cancelling.ask(id, ines, await card(id));
  expect(await question(id)).toMatchObject({ phase: 'open' });
  expect((await state(id)).phase).toBe('restoring');
  await stage.cancelling.ask(id, divya, none);
  expect((await stage.cancelling.view(id))?.askedBy.name).toBe(ines.name);
  await stage.cancelling.keep(id, divya, await card(id));
  expect(await question(id)).toBeUndefined();
  expect(stage.orders.removed).toEqual([]);
});

test('somebody who has nothing to do with it cannot ask, stop or keep', async () => {
  const { id } = await halfBuilt('stop-stranger');
  const no = { kind: 'refused', because: { code: 'CANCEL_NOT_YOURS' } };
  expect(await stage.cancelling.ask(id, emil, none)).toMatchObject(no);
  expect(await stage.cancelling.confirm(id, emil, none)).toMatchObject(no);
  await stage.cancelling.ask(id, ines, none);
  expect(await stage.cancelling.keep(id, emil, none)).toMatchObject({ kind: 'refused' });
  expect((await state(id)).phase).toBe('restoring');
});

test('a half-built server of ours is removed, once, and the request ends only when it is gone', async () => {
  const { id } = await halfBuilt('stop-built');
  expect(await stage.cancelling.confirm(id, divya, await card(id))).toMatchObject({ kind: 'done' });
  await advance(id);
  await advance(id);
  const target = aServer('stop-built').id;
  expect(stage.orders.removed).toEqual([target]);
  expect((await state(id)).phase).toBe('stopping');
  const built = stage.azure.servers.get(target.toLowerCase());
  stage.azure.servers.delete(target.toLowerCase());
  await advance(id);
  // Not to be seen for a moment only: it is there again, and is not taken for gone.
  if (built) stage.azure.put(built);
  await advanceFor(id, 15);
  stage.azure.servers.delete(target.toLowerCase());
  await advance(id);
  expect((await state(id)).phase).toBe('stopping');
  await advanceFor(id, 15);
  expect(await state(id)).toMatchObject({ phase: 'stopped', removed: true, by: { name: divya.name } });
  expect((await stage.journal(id)).map(({ kind }) => kind).slice(-3)).toEqual([
    'stop-asked',
    'removal-sent',
    'stopped',
  ]);
  expect(stage.azure.servers.has(aServer('orders-pg').id.toLowerCase())).toBe(true);
});

test('while Azure is busy with it, it is asked again after the pause', async () => {
  const { id } = await halfBuilt('stop-busy');
  stage.orders.removals.push({ kind: 'not-now', retryAfterSeconds: 20 });
  await stage.cancelling.confirm(id, ines, await card(id));
  await advance(id);
  await advanceFor(id, 90);
  expect(stage.orders.removed).toHaveLength(2);
});

test.each([
  ['carries another nonce', { tags: { 'restore-desk-nonce': 'somebody' } }],
  ['was there before the intent', { createdAt: '2026-11-19T12:00:00.000Z' }],
])('a server of that name that %s is never removed', async (what, changes) => {
  const target = what.startsWith('carries') ? 'stop-nonce' : 'stop-older';
  const { id } = await halfBuilt(target, changes);
  await stage.cancelling.confirm(id, ines, await card(id));
  await advance(id);
  expect(stage.orders.removed).toEqual([]);
  expect(await state(id)).toMatchObject({ phase: 'failed', failure: { code: 'TARGET_FOREIGN' } });
});

test('nothing was sent: nothing is removed, and nothing is sent any more', async () => {
  const { id } = await stage.approved('stop-unsent');
  await stage.cancelling.confirm(id, ines, await card(id));
  await advance(id);
  expect(await state(id)).toMatchObject({ phase: 'stopped', removed: false });
  expect([stage.orders.sent, stage.orders.removed]).toEqual([[], []]);
});

test('an order whose answer was lost is looked for over the whole grace period before it is called nothing', async () => {
  const { id } = await stage.approved('stop-unclear');
  stage.orders.answers.push({ kind: 'unclear', what: 'no answer' });
  await advance(id);
  await stage.cancelling.confirm(id, ines, await card(id));
  await advance(id);
  await advanceFor(id, 165);
  expect((await state(id)).phase).toBe('stopping');
  await advanceFor(id, 45);
  expect(await state(id)).toMatchObject({ phase: 'stopped', removed: false });
  expect(stage.orders.sent).toHaveLength(1);
});

test('an accepted server that Azure does not show yet is waited for and then removed', async () => {
  const { id } = await stage.approved('stop-invisible');
  await advance(id);
  await stage.cancelling.confirm(id, ines, await card(id));
  await advanceFor(id, 600);
  expect((await state(id)).phase).toBe('stopping');
  const intent = await stage.intent(id);
  if (intent) stage.azure.put(madeBy(intent, 'stop-invisible', { state: 'Ready' }));
  await advance(id);
  expect(stage.orders.removed).toEqual([aServer('stop-invisible').id]);
});

test('after the end there is nothing to stop, and the question says how it ended', async () => {
  const { id } = await halfBuilt('stop-late', { state: 'Ready' });
  await stage.cancelling.ask(id, ines, await card(id));
  stage.orders.polls.push({ kind: 'succeeded' });
  await advance(id);
  expect((await state(id)).phase).toBe('completed');
  expect(await question(id)).toMatchObject({ phase: 'over', outcome: expect.stringContaining('proven') });
  expect(await stage.cancelling.confirm(id, ines, none)).toMatchObject({
    kind: 'refused',
    because: { code: 'CANCEL_TOO_LATE' },
  });
});

test('a server of which Azure does not tell when it was made is not removed, and that is said', async () => {
  const request = await stage.approved('stop-undated');
  await advance(request.id);
  const intent = await stage.intent(request.id);
  const { createdAt: _unknown, ...undated } = madeBy(intent ?? { nonce: '' }, 'stop-undated');
  stage.azure.put(undated);
  await stage.cancelling.confirm(request.id, ines, await card(request.id));
  await advance(request.id);
  expect(stage.orders.removed).toEqual([]);
  expect(await state(request.id)).toMatchObject({
    phase: 'failed',
    failure: { code: 'CANCEL_UNPROVEN' },
    serverMayExist: true,
  });
});

test('a removal that never ends is given up, and it is said that the server may exist', async () => {
  const { id } = await halfBuilt('stop-endless');
  await stage.cancelling.confirm(id, ines, await card(id));
  stage.clock.pass(71 * 3_600);
  await advance(id);
  expect((await state(id)).phase).toBe('stopping');
  stage.clock.pass(3_600);
  await advance(id);
  expect(await state(id)).toMatchObject({ failure: { code: 'CANCEL_UNFINISHED' }, serverMayExist: true });
});
