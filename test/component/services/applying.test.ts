/** What a copy lacks, from the proof to a click and what came of it; with Azure played by hand. */
import { cardOf, startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import { createApplying } from '../../../services/applying';
import { DeskError, problem } from '../../../services/restore/errors';
import { madeBy } from '../../fakes/fake-azure';
import { overdueWork } from '../../../services/store/overdue';
import { aServer, divya, emil, ines, martin } from '../../fakes/facts';
import type { OutcomeMessage } from '../../../services/restore/messages';
import type { Person } from '../../../services/restore/person';
import type { RestoreRequest } from '../../../services/restore/request';
import type { ServerDetails } from '../../../services/restore/server-details';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => stage.reset());
afterAll(() => stage?.stop());

const office = { name: 'office', start: '203.0.113.7', end: '203.0.113.7' };
const vpn = { name: 'vpn', start: '198.51.100.1', end: '198.51.100.9' };
const ofSource: Partial<ServerDetails> = {
  firewallRules: { kind: 'read', value: [office, vpn] },
  parameters: {
    kind: 'read',
    value: [{ name: 'work_mem', value: '65536', unit: 'kB', needsRestart: false }],
  },
};

/** Proven, with a source that has more than its data. */
async function restored(target: string, before: () => void = () => undefined): Promise<RestoreRequest> {
  stage.settings.known.set('orders-pg', ofSource);
  const { id } = await stage.approved(target);
  await stage.running.advance(id);
  const intent = await stage.intent(id);
  if (!intent) throw new Error('no intent');
  stage.azure.put(madeBy(intent, target));
  stage.orders.polls.push({ kind: 'succeeded' });
  before();
  await stage.running.advance(id);
  return stage.request(id);
}

const press = async (request: RestoreRequest, by: Person = martin) =>
  stage.applying.ask(request.id, by, 'firewall-rules', { kind: 'card', key: cardOf(request) });
const work = (id: string): Promise<void> => stage.applying.work(id, 'firewall-rules');
const kinds = async (id: string): Promise<string[]> => (await stage.journal(id)).map(({ kind }) => kind);
const jobs = async (id: string) =>
  stage.desk.ask(`select data from pgboss.job where name = 'apply' and data ->> 'requestId' = '${id}'`);

async function outcome(id: string): Promise<OutcomeMessage> {
  const slot = await stage.desk.outbox.read(`${id}/outcome/1.1`);
  return slot?.message as OutcomeMessage;
}

const line = async (id: string) =>
  (await outcome(id)).differences?.find(({ group }) => group.kind === 'firewall-rules');

test('a click is noted with its job, done once, and told on the card that was pressed', async () => {
  const request = await restored('apply-whole');
  const { id } = request;
  expect(await line(id)).toMatchObject({
    canApply: true,
    group: { items: [{ what: 'office' }, { what: 'vpn' }] },
  });
  expect(await press(request)).toMatchObject({ kind: 'done' });
  expect(await jobs(id)).toEqual([{ data: { kind: 'apply', requestId: id, group: 'firewall-rules' } }]);
  expect(await line(id)).toMatchObject({ canApply: false, applied: { kind: 'at-work', by: martin } });
  const progress = await stage.desk.outbox.read(`${id}/progress/1.1`);
  stage.clock.pass(5);
  await work(id);
  expect(await line(id)).toMatchObject({
    canApply: false,
    applied: {
      kind: 'applied',
      by: martin,
      items: [{ what: 'office' }, { what: 'vpn' }],
      endedAt: stage.clock.now(),
    },
  });
  // The other cards of the request have nothing new to say.
  expect(await stage.desk.outbox.read(`${id}/progress/1.1`)).toEqual(progress);
  expect((await kinds(id)).slice(-2)).toEqual(['apply-asked', 'applied']);
  expect((await stage.journal(id)).at(-2)).toMatchObject({
    actor: martin,
    body: { group: 'firewall-rules' },
  });
});

test('a double click, and a job that comes twice, do nothing twice', async () => {
  const request = await restored('apply-twice');
  const answers = await Promise.all([press(request), press(request, divya), press(request)]);
  expect(answers.map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
  await Promise.all([work(request.id), work(request.id)]);
  await work(request.id);
  expect(await press(request)).toMatchObject({ kind: 'done' });
  await work(request.id);
  expect(stage.settings.applied).toHaveLength(1);
  expect((await kinds(request.id)).filter((kind) => kind.startsWith('appl'))).toEqual([
    'apply-asked',
    'applied',
  ]);
});

test('who may not approve may not apply, and an old card applies nothing', async () => {
  const request = await restored('apply-refused');
  for (const person of [emil, ines])
    expect(await press(request, person)).toMatchObject({
      kind: 'refused',
      because: { code: 'APPLY_NOT_YOURS' },
    });
  const forged = { ...cardOf(request), nonce: 'another' };
  const old = stage.applying.ask(request.id, martin, 'firewall-rules', { kind: 'card', key: forged });
  expect(await old).toMatchObject({ kind: 'refused', because: { code: 'CARD_OUTDATED' } });
  expect(await stage.request(request.id)).toEqual(request);
  expect(await jobs(request.id)).toEqual([]);
});

test('a process that dies at work leaves a request that is found, and the next one does it', async () => {
  const request = await restored('apply-killed');
  await press(request);
  const dying = createApplying(stage.deps);
  stage.settings.hold = new Promise(() => undefined);
  const died = dying.work(request.id, 'firewall-rules');
  while (stage.settings.applied.length === 0) await new Promise(setImmediate);
  dying.stop();
  await died;
  stage.settings.hold = undefined;
  await stage.desk.ask(`delete from pgboss.job where name = 'apply'`);
  const found = await overdueWork(stage.desk.database, 0);
  expect(found.applies).toContainEqual({ requestId: request.id, group: 'firewall-rules' });
  expect(found.requests).not.toContain(request.id);
  await work(request.id);
  expect(await line(request.id)).toMatchObject({ applied: { kind: 'applied' } });
  expect((await overdueWork(stage.desk.database, 0)).applies).toEqual([]);
});

test('what Azure refuses keeps its button, with what the source has by then', async () => {
  const request = await restored('apply-partly');
  stage.settings.refusals.set('vpn', problem('AZURE_INTERNAL'));
  stage.settings.known.set('orders-pg', { ...ofSource, firewallRules: { kind: 'read', value: [vpn] } });
  await press(request);
  await work(request.id);
  expect(stage.settings.applied[0]?.source.firewallRules).toEqual({ kind: 'read', value: [vpn] });
  expect(await line(request.id)).toMatchObject({
    canApply: true,
    applied: { kind: 'applied', items: [{ what: 'vpn', outcome: { kind: 'refused' } }] },
  });
});

test.each([
  [
    'cannot be told',
    () => (stage.settings.failure = new DeskError(problem('AZURE_UNREACHABLE'))),
    'AZURE_UNREACHABLE',
  ],
  ['is gone', (id: string) => stage.azure.servers.delete(id.toLowerCase()), 'TARGET_GONE'],
  ['is another by now', (id: string) => stage.azure.put({ ...aServer('apply-other'), id }), 'TARGET_FOREIGN'],
] as const)('a copy that %s is left alone, and the button stays', async (what, happens, code) => {
  const request = await restored(`apply-${what.replaceAll(' ', '-')}`);
  await press(request);
  happens(request.plan.target.id);
  await work(request.id);
  expect(await line(request.id)).toMatchObject({
    canApply: true,
    applied: { kind: 'in-trouble', because: { code } },
  });
  expect(stage.settings.applied).toHaveLength(code === 'AZURE_UNREACHABLE' ? 1 : 0);
});

test('two kinds are applied one after the other', async () => {
  const request = await restored('apply-two');
  const { id } = request;
  await press(request);
  await stage.applying.ask(id, martin, 'parameters', { kind: 'none' });
  let go = (): void => undefined;
  stage.settings.hold = new Promise((resolve) => (go = resolve));
  const first = work(id);
  while (stage.settings.applied.length === 0) await new Promise(setImmediate);
  await stage.applying.work(id, 'parameters');
  expect(stage.settings.applied).toHaveLength(1);
  go();
  await first;
  await stage.applying.work(id, 'parameters');
  expect(stage.settings.applied.map(({ kind }) => kind)).toEqual(['firewall-rules', 'parameters']);
});

test('a source that is gone, or settings that are not told in time, keep no proof waiting', async () => {
  const gone = await restored('apply-source-gone', () => {
    stage.azure.servers.delete(aServer('orders-pg').id.toLowerCase());
  });
  expect(gone.state).toMatchObject({ phase: 'completed', verdict: { kind: 'proven' } });
  expect(await outcome(gone.id)).toMatchObject({ notCompared: expect.stringContaining('orders-pg is gone') });
  stage.reset();
  const silent = await restored('apply-silent', () => (stage.settings.silent = true));
  expect(silent.state).toMatchObject({ phase: 'completed', verdict: { kind: 'proven' } });
  expect(await outcome(silent.id)).toMatchObject({ notCompared: expect.stringContaining('within 0.2 s') });
  expect((await outcome(silent.id)).differences).toBeUndefined();
});
