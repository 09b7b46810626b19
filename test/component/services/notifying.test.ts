/** What the outbox holds reaches people once, in order, and not faster than Teams allows. */
import { canonicalJson } from '../../../services/restore/canonical-json';
import { martin, sha256 } from '../../fakes/facts';
import { startDeskStage, type DeskStage } from '../../fakes/desk-stage';
import type { OutboxMessage } from '../../../services/restore/ports';

jest.setTimeout(60_000);
let stage: DeskStage;
beforeAll(async () => {
  stage = await startDeskStage();
});
beforeEach(() => {
  stage.reset();
  // The database stamps what was sent with the real time.
  stage.clock.set(new Date().toISOString());
});
afterAll(() => stage?.stop());

const post = (slot: string, text: string, pace: OutboxMessage['pace'] = 'at-once') =>
  stage.desk.store.change((changes) =>
    changes.post({
      ...{ slot, requestId: null, destination: { kind: 'approvals' }, pace },
      message: { kind: 'notice', version: 1, text, mentions: [] },
    }),
  );
const said = (): string[] =>
  stage.messenger.sent.map(
    ({ message, edit }) => `${edit?.messageId ?? 'new'}: ${message.kind === 'notice' ? message.text : ''}`,
  );
const deliver = (slot: string) => stage.notifier.deliver(slot);

test('a new slot is posted, a newer version edits it, and nothing is sent twice', async () => {
  await post('n-1', 'one');
  await deliver('n-1');
  await deliver('n-1');
  await post('n-1', 'two');
  await post('n-1', 'three');
  await deliver('n-1');
  await deliver('n-1');
  expect(said()).toEqual(['new: one', 'm1: three']);
});

test('an edit that may wait keeps its distance, and the last one goes out', async () => {
  await post('n-2', 'one', 'coalesce');
  await deliver('n-2');
  await post('n-2', 'two', 'coalesce');
  await deliver('n-2');
  await post('n-2', 'three', 'coalesce');
  await deliver('n-2');
  expect(said()).toEqual(['new: one']);
  stage.clock.pass(4);
  await deliver('n-2');
  expect(said()).toEqual(['new: one', 'm1: three']);
});

test('what cannot wait does not', async () => {
  await post('n-3', 'one', 'coalesce');
  await deliver('n-3');
  await post('n-3', 'the end', 'at-once');
  await deliver('n-3');
  expect(said()).toEqual(['new: one', 'm1: the end']);
});

test('a message that somebody deleted is posted again, and edits go to the new one', async () => {
  await post('n-4', 'one');
  await deliver('n-4');
  stage.messenger.deleted.add('m1');
  await post('n-4', 'two');
  await deliver('n-4');
  await post('n-4', 'three');
  await deliver('n-4');
  expect(said()).toEqual(['new: one', 'm1: two', 'm2: three']);
});

test('a copy that became known is edited along, until it is gone', async () => {
  await post('n-5', 'one');
  await deliver('n-5');
  await stage.desk.outbox.noteCopy('n-5', { conversation: 'c', messageId: 'copy' });
  await post('n-5', 'two');
  await deliver('n-5');
  expect(said()).toEqual(['new: one', 'm1: two', 'copy: two']);
  stage.messenger.deleted.add('copy');
  await post('n-5', 'three');
  await deliver('n-5');
  await post('n-5', 'four');
  await deliver('n-5');
  expect(said().slice(3)).toEqual(['m1: three', 'copy: three', 'm1: four']);
});

test('while Teams does not answer the message stays to be sent, and goes out once afterwards', async () => {
  await post('n-6', 'one');
  stage.messenger.failure = new Error('502');
  await expect(deliver('n-6')).rejects.toThrow('502');
  expect(await stage.desk.outbox.overdue(0)).toContain('n-6');
  stage.messenger.failure = undefined;
  await Promise.all([deliver('n-6'), deliver('n-6')]);
  expect(said()).toEqual(['new: one']);
});

test('two senders at once send one message, and what came in between follows', async () => {
  await post('n-7', 'one');
  const send = stage.messenger.send.bind(stage.messenger);
  stage.messenger.send = async (...args) => {
    stage.messenger.send = send;
    const ref = await send(...args);
    await post('n-7', 'two');
    return ref;
  };
  // The second may come while the first still sends, or after it: then it sends what came in between.
  await Promise.all([deliver('n-7'), deliver('n-7')]);
  expect(said()[0]).toBe('new: one');
  await deliver('n-7');
  expect(said()).toEqual(['new: one', 'm1: two']);
});

test('a slot nobody knows is nothing to do', async () => {
  await deliver('no-such-slot');
  expect(said()).toEqual([]);
});

test('each message that reached people is in the journal, with where it stands and the hash of what it says', async () => {
  await stage.desk.store.change((changes) =>
    changes.post({
      ...{ slot: 'n-told', requestId: 'R-77', destination: { kind: 'approvals' }, pace: 'at-once' },
      message: { kind: 'notice', version: 1, text: 'one {0}', mentions: [martin] },
    }),
  );
  await deliver('n-told');
  await stage.desk.store.change((changes) =>
    changes.post({
      // A receipt takes the place of a form, which belonged to no request yet.
      ...{ slot: 'n-told', requestId: null, destination: { kind: 'approvals' }, pace: 'at-once' },
      message: { kind: 'notice', version: 1, text: 'two', mentions: [] },
    }),
  );
  await deliver('n-told');
  const told = await stage.journal('R-77');
  const place = { slot: 'n-told', says: 'notice', messageId: 'm1' };
  expect(told).toMatchObject([
    {
      kind: 'message-posted',
      actor: 'restore-desk',
      body: { ...place, words: `notice: one ${martin.name}` },
    },
    { kind: 'message-edited', body: { ...place, version: 2, words: 'notice: two' } },
  ]);
  const message = { kind: 'notice', version: 1, text: 'two', mentions: [] };
  expect(told[1]?.body['contentHash']).toBe(sha256(canonicalJson(message)));
});

test('a message whose entry cannot be written is not noted as sent either', async () => {
  await post('n-untold', 'one');
  await stage.desk.ask('alter table journal rename to journal_away');
  await expect(deliver('n-untold')).rejects.toThrow();
  await stage.desk.ask('alter table journal_away rename to journal');
  expect(await stage.desk.outbox.read('n-untold')).toMatchObject({ sent: 0, wanted: 1 });
});
