import { chainProblems, readChain } from '../../fixtures/invariants';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appendJournal, keepPublicKey } from '../../../services/store/journal';
import { evidenceCrypto } from '../../../services/evidence/keys';
import { genesis, hashOf } from '../../../services/restore/evidence-entry';
import { inTransaction, openDatabase } from '../../../services/store/database';
import { migrate } from '../../../services/store/migrate';
import { startTestCluster, startTestStore, type TestStore } from '../../fakes/state-database';
import { testSigner } from '../../fakes/evidence-key';
import { ines, now } from '../../fakes/facts';
import type { JournalEntry, OutboxMessage } from '../../../services/restore/ports';

jest.setTimeout(60_000);
let desk: TestStore;
beforeAll(async () => {
  desk = await startTestStore();
});
afterAll(() => desk?.stop());

const entry = (n: number): JournalEntry => ({
  requestId: n % 3 === 0 ? null : `R-${n % 7}`,
  kind: 'tested',
  actor: n % 2 === 0 ? ines : 'restore-desk',
  at: now,
  body: { n, text: `ü"\\\u2028${n}`, deep: { b: [1.5, null], a: true }, missing: undefined },
});

test('20 writers at once, some of which give up: one chain without gap or break', async () => {
  const writing = Array.from({ length: 20 }, (_, writer) =>
    (async () => {
      for (let turn = 0; turn < 5; turn++) {
        await desk.store
          .change(async (changes) => {
            await changes.journal(entry(writer * 5 + turn));
            if ((writer + turn) % 4 === 0) throw new Error('given up');
          })
          .catch((error: Error) => expect(error.message).toBe('given up'));
      }
    })(),
  );
  await Promise.all(writing);
  const chain = await readChain(desk.ownerUrl);
  expect(chain.map(({ seq }) => seq)).toEqual(Array.from({ length: 75 }, (_, index) => index + 1));
  expect(await chainProblems(desk.ownerUrl)).toEqual([]);
  expect(new Set(chain.map(({ format }) => format))).toEqual(new Set([2]));
});

test.each([
  ['a changed fact', `update journal set body = body || '{"n": 999}' where seq = 30`, 30],
  ['a changed person', `update journal set actor = '"somebody"' where seq = 31`, 31],
  ['a changed time', `update journal set at = at + interval '1 millisecond' where seq = 32`, 32],
  [
    'a changed request',
    `update journal set request_id = 'R-999' where seq = (select min(seq) from journal where seq > 32 and request_id is not null)`,
    '3\\d',
  ],
  ['an entry taken out', 'delete from journal where seq = 40', 41],
  ['the first entry taken out', 'delete from journal where seq = 1', 2],
  [
    'two entries swapped',
    `update journal set seq = case seq when 50 then -51 else -50 end where seq in (50, 51); update journal set seq = -seq where seq < 0`,
    50,
  ],
  ['a changed signature', `update journal set signature = reverse(signature) where seq = 52`, 52],
  ['another key', `update journal set key_id = repeat('0', 32) where seq = 53`, 53],
  [
    'an entry that says it is from before there were signatures',
    'update journal set format = 1 where seq = 54',
    54,
  ],
  [
    'a link within a request',
    `update journal set request_prev_hash = repeat('1', 64)
      where seq = (select min(seq) from journal where request_seq = 2)`,
    '\\d+',
  ],
])('%s is found, even when the owner of the tables did it', async (_what, sql, brokenAt) => {
  await desk.ask('create table kept as table journal');
  try {
    await desk.ask(sql);
    const [first] = await chainProblems(desk.ownerUrl);
    expect(first).toMatch(new RegExp(`^entry ${brokenAt}: `));
  } finally {
    await desk.ask('delete from journal; insert into journal table kept; drop table kept');
  }
  expect(await chainProblems(desk.ownerUrl)).toEqual([]);
});

test('an entry of a change that is rolled back does not exist', async () => {
  const before = await readChain(desk.ownerUrl);
  await desk.store
    .change(async (changes) => {
      await changes.journal(entry(1));
      throw new Error('no');
    })
    .catch(() => undefined);
  expect(await readChain(desk.ownerUrl)).toEqual(before);
});

test('entries are written after everything else, so that changes and the senders of their messages never wait in a ring', async () => {
  const slots = ['ring-1', 'ring-2', 'ring-3'];
  const out = (slot: string): OutboxMessage => ({
    ...{ slot, requestId: 'R-1', pace: 'at-once' },
    destination: { kind: 'approvals' },
    message: { kind: 'notice', version: 1, text: 'x', mentions: [] },
  });
  const postAll = (inOrder: readonly string[], n: number): Promise<void> =>
    desk.store.change(async (changes) => {
      await changes.journal(entry(n));
      for (const slot of inOrder) await changes.post(out(slot));
    });
  await postAll(slots, 0);
  const before = (await readChain(desk.ownerUrl)).length;
  const work = Array.from({ length: 30 }, (_, turn) => [
    postAll(slots.toReversed(), turn),
    ...slots.map((slot) => {
      const ref = { conversation: 'c', messageId: slot };
      return desk.outbox.noteSent(slot, turn, ref, entry(turn));
    }),
  ]).flat();
  expect((await Promise.allSettled(work)).map(({ status }) => status)).not.toContain('rejected');
  expect(await chainProblems(desk.ownerUrl)).toEqual([]);
  expect((await readChain(desk.ownerUrl)).length - before).toBe(work.length);
  expect((await desk.outbox.read('ring-2'))?.ref).toEqual({ conversation: 'c', messageId: 'ring-2' });
});

test('whoever is changing one message holds up the note of that message only', async () => {
  const out = (slot: string): OutboxMessage => ({
    ...{ slot, requestId: 'R-1', pace: 'at-once' },
    destination: { kind: 'approvals' },
    message: { kind: 'notice', version: 1, text: 'x', mentions: [] },
  });
  const slots = ['free-1', 'held', 'free-2'];
  for (const slot of slots) await desk.store.change((changes) => changes.post(out(slot)));
  let noting: Promise<void>[] = [];
  await desk.store.change(async (changes) => {
    await changes.post(out('held'));
    noting = slots.map((slot, n) =>
      desk.outbox.noteSent(slot, 1, { conversation: 'c', messageId: slot }, entry(n)),
    );
    await Promise.all([noting[0], noting[2]]);
    await changes.post(out('free-2'));
    expect((await desk.outbox.read('held'))?.sent).toBe(0);
  });
  await Promise.all(noting);
  expect((await desk.outbox.read('held'))?.sent).toBe(1);
  expect(await chainProblems(desk.ownerUrl)).toEqual([]);
});

test('a journal from before there were signatures goes on: old entries as they were, new ones signed and linked to them', async () => {
  const older = await startTestCluster();
  try {
    await migrate(older.ownerUrl);
    await older.ask(`alter table journal drop column format, drop column request_seq, drop column request_prev_hash,
      drop column key_id, drop column signature; drop table evidence_key, evidence_anchored;
      create index journal_request on journal (request_id, seq)`);
    let prevHash = genesis;
    for (const seq of [1, 2, 3, 4]) {
      const told = { ...entry(seq % 2), requestId: seq === 3 ? null : 'R-1', seq, prevHash, own: null };
      const hash = hashOf({ ...told, hash: '', format: 1 }, evidenceCrypto.digest);
      await older.ask('insert into journal values ($1, $2, $3, $4, $5, $6, $7, $8)', [
        ...[seq, told.at, told.requestId, told.kind, JSON.stringify(told.actor), JSON.stringify(told.body)],
        ...[prevHash, hash],
      ]);
      prevHash = hash;
    }
    await older.ask(
      readFileSync(join(__dirname, '../../../services/store/migrations/0006_evidence.sql'), 'utf8'),
    );
    const database = openDatabase(older.ownerUrl, () => undefined);
    await keepPublicKey(database, testSigner);
    await inTransaction(database.pool, (client) =>
      appendJournal(client, testSigner, [{ ...entry(1), requestId: 'R-1' }]),
    );
    await database.close();
    expect(await chainProblems(older.ownerUrl)).toEqual([]);
    const chain = await readChain(older.ownerUrl);
    expect(chain.map(({ format, own }) => [format, own?.seq])).toEqual([
      ...[
        [1, 1],
        [1, 2],
        [1, undefined],
        [1, 3],
        [2, 4],
      ],
    ]);
    await older.ask(`update journal set body = '{}' where seq = 2`);
    expect(await chainProblems(older.ownerUrl)).toEqual([expect.stringMatching(/^entry 2: its hash/)]);
  } finally {
    await older.stop();
  }
});
