/** What is known of servers, on a real PostgreSQL. */
import { forgetOld } from '../../../services/store/housekeeping';
import { aServer } from '../../fakes/facts';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import type { ServerFacts } from '../../../services/restore/servers';

jest.setTimeout(60_000);
let desk: TestStore;
beforeAll(async () => {
  desk = await startTestStore();
});
afterAll(() => desk?.stop());
beforeEach(() => desk.ask('truncate known_server, subscription_read'));

const { subscriptionId } = aServer('any');
const another = '22222222-2222-4222-8222-222222222222';
const [first, second, third] = [0, 60, 120].map((seconds) =>
  new Date(Date.now() + seconds * 1000).toISOString(),
) as [string, string, string];
const [a, b, c] = [aServer('a-pg'), aServer('b-pg'), aServer('c-pg')];

const save = (seen: readonly ServerFacts[], at: string, unreachable: readonly string[] = []): Promise<void> =>
  desk.store.saveKnownServers(subscriptionId, seen, unreachable, at);

/** `name@when` of what is there, with a question mark where Azure did not tell; and the names of what is gone. */
async function known() {
  const { servers, gone, readAt } = await desk.store.knownServers();
  return {
    servers: servers
      .map(({ server, seenAt, reachable }) => `${server.name}@${seenAt}${reachable ? '' : '?'}`)
      .sort(),
    gone: [...gone.values()].map(({ name }) => name).sort(),
    readAt,
  };
}

/** Where each row's version stands in the table: changes with every write to it. */
const rowVersions = () =>
  desk.ask<{ id: string; v: string }>(
    `select id, ctid || '/' || xmin || '/' || xmax as v from known_server order by id`,
  );

test('nothing read is told apart from nothing there', async () => {
  expect(await known()).toEqual({ servers: [], gone: [], readAt: undefined });
  await save([], first);
  expect(await known()).toEqual({ servers: [], gone: [], readAt: first });
});

test('facts come back as they were saved, whatever is in them', async () => {
  const odd = aServer('odd-pg', { tags: { 'ü "quoted", {braced}': "it's \\ here" }, availabilityZone: '2' });
  await save([odd], first);
  const { servers } = await desk.store.knownServers();
  expect(servers).toEqual([{ server: odd, seenAt: first, reachable: true }]);
});

test('a server that Azure does not answer for is kept with the time it was listed last, however long that lasts', async () => {
  await save([a, b], first);
  await save([a], second, [b.id.toUpperCase()]);
  expect((await known()).servers).toEqual([`a-pg@${second}`, `b-pg@${first}?`]);
  await save([a], third, [b.id]);
  expect((await known()).servers).toEqual([`a-pg@${third}`, `b-pg@${first}?`]);
});

test('a server that answers again is reachable again', async () => {
  await save([a, b], first);
  await save([a], second, [b.id]);
  await save([a, b], third);
  expect((await known()).servers).toEqual([`a-pg@${third}`, `b-pg@${third}`]);
});

test('a server in neither list is gone, and known as it was; one that comes back is there', async () => {
  await save([a, b], first);
  await save([a], second);
  expect(await known()).toEqual({ servers: [`a-pg@${second}`], gone: ['b-pg'], readAt: second });
  expect((await desk.store.knownServers()).gone.get(b.id.toLowerCase())).toEqual(b);
  await save([a, aServer('b-pg', { version: '17' })], third);
  expect(await known()).toMatchObject({ servers: [`a-pg@${third}`, `b-pg@${third}`], gone: [] });
});

test('an unreachable server can turn out to be gone', async () => {
  await save([a, b], first);
  await save([a], second, [b.id]);
  await save([a], third);
  expect(await known()).toMatchObject({ servers: [`a-pg@${third}`], gone: ['b-pg'] });
});

test('one id in two spellings is one server', async () => {
  await save([a], first);
  await save([{ ...a, id: a.id.toUpperCase() }], second);
  expect((await known()).servers).toEqual([`a-pg@${second}`]);
});

test('a server that two pages of one list name is stored once', async () => {
  await save([a, b, a], first);
  expect((await known()).servers).toHaveLength(2);
});

test('each subscription is read for itself; the whole is as old as the oldest reading', async () => {
  await save([a], first);
  await desk.store.saveKnownServers(another, [{ ...b, subscriptionId: another }], [], second);
  expect(await known()).toEqual({ servers: [`a-pg@${first}`, `b-pg@${second}`], gone: [], readAt: first });
  await desk.store.saveKnownServers(another, [], [], third);
  expect(await known()).toMatchObject({ servers: [`a-pg@${first}`], gone: ['b-pg'] });
});

test('a writer that comes late changes nothing', async () => {
  await save([a, b], second);
  await save([c], first, [a.id]);
  expect(await known()).toEqual({ servers: [`a-pg@${second}`, `b-pg@${second}`], gone: [], readAt: second });
});

test('of writers at the same time the newest reading stays', async () => {
  const at = (nth: number): string => new Date(Date.parse(first) + nth * 1000).toISOString();
  await Promise.all(Array.from({ length: 8 }, (_, nth) => save([aServer(`only-${nth}`)], at(nth))));
  const after = await known();
  expect(after.servers).toEqual([`only-7@${at(7)}`]);
  expect(after.readAt).toBe(at(7));
});

test('of five thousand servers only those are written that changed', async () => {
  const many = Array.from({ length: 5_000 }, (_, nth) =>
    aServer(`shop-${nth}-pg`, { tags: { team: `t${nth % 40}` } }),
  );
  await save(many, first);
  const before = await rowVersions();
  await save(many, second);
  expect(await rowVersions()).toEqual(before);
  const changed = many.map((server, nth) => (nth === 7 ? { ...server, state: 'Stopped' } : server));
  await save(changed, third);
  const after = await rowVersions();
  expect(after.filter(({ v }, nth) => v !== before[nth]?.v)).toHaveLength(1);
  const { servers } = await desk.store.knownServers();
  expect(servers).toHaveLength(5_000);
  expect(new Set(servers.map(({ seenAt }) => seenAt))).toEqual(new Set([third]));
});

test('what has been gone for a month is forgotten, at once to readers and then from the table', async () => {
  await save([a, b, c], first);
  await save([a], second);
  await desk.ask(`update known_server set gone_at = now() - interval '31 days' where id = $1`, [
    b.id.toLowerCase(),
  ]);
  expect((await known()).gone).toEqual(['c-pg']);
  await forgetOld(desk.database);
  expect(await desk.ask('select id from known_server order by id')).toEqual(
    [a, c].map(({ id }) => ({ id: id.toLowerCase() })),
  );
});
