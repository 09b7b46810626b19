import { chainProblems, readChain } from '../../fixtures/invariants';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import { ines, now } from '../../fakes/facts';
import type { JournalEntry } from '../../../services/restore/ports';

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
  ['a changed request', `update journal set request_id = 'R-999' where seq = 33`, 33],
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
