import { firstBrokenLink } from '../../../services/store/journal';
import { readChain } from '../../fixtures/invariants';
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
  requestId: n % 3 === 0 ? null : `R-${n}`,
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
  expect(firstBrokenLink(chain)).toBeUndefined();
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
])('%s is found, even when the owner of the tables did it', async (_what, sql, brokenAt) => {
  await desk.ask('create table kept as table journal');
  try {
    await desk.ask(sql);
    expect(firstBrokenLink(await readChain(desk.ownerUrl))).toBe(brokenAt);
  } finally {
    await desk.ask('delete from journal; insert into journal table kept; drop table kept');
  }
  expect(firstBrokenLink(await readChain(desk.ownerUrl))).toBeUndefined();
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
