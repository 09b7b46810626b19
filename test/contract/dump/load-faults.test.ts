import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { LoadOrder } from '../../../services/restore/dump-ports';
import { isAlive, repositoryDir, until } from '../../fixtures/supervisor/processes';
import {
  imprint,
  load,
  loaderFor,
  login,
  loginPassword,
  orderOf,
  startDumpStage,
  type DumpStage,
} from './dump-stage';
import { createLoadTargetReader } from '../../../services/dump/load-target';

let stage: DumpStage;
let path = '';
let wanted = '';

beforeAll(async () => {
  stage = await startDumpStage();
  await stage.sql('postgres', 'create role maker');
  await stage.sql('postgres', 'create database source owner maker');
  await stage.sql(
    'source',
    `set session authorization maker;
     create table big(id int primary key, noise text);
     insert into big select g, string_agg(md5(g::text || i), '') from generate_series(1, 60000) g, generate_series(1, 16) i group by g;
     create table other(id int references big, noise text);
     insert into other select id, left(noise, 200) from big;
     create index big_noise on big(md5(noise)); create index other_id on other(id)`,
  );
  path = stage.dump('source', 'source.dump');
  wanted = await imprint(stage, 'source');
}, 120_000);
afterAll(() => stage.stop());

const sessions = async (): Promise<number> =>
  (
    await stage.sql<{ n: number }>(
      'postgres',
      `select count(*)::int as n from pg_stat_activity where application_name like 'restore-desk-load%'`,
    )
  )[0]?.n ?? 0;

const arrives = async (order: LoadOrder, database: string) => {
  const seen = await load(loaderFor(stage), order);
  expect(seen.ended[`database ${database}`]).toMatchObject({ kind: 'loaded' });
  expect(await imprint(stage, database)).toBe(wanted);
  expect(await stage.sql('postgres', `select 1 from pg_roles where rolname like 'restore_desk_%'`)).toEqual(
    [],
  );
  await stage.sql('postgres', `drop database ${database}`);
};

const sessionsOf = async (role: string): Promise<number> =>
  (await stage.sql('postgres', 'select 1 from pg_stat_activity where usename = $1', [role])).length;

/** The archive without its end: what it holds of its owner and its tables is whole. */
const halfPath = (): string => {
  const whole = readFileSync(path);
  return stage.file('half-of-it.dump', whole.subarray(0, whole.length / 2));
};

test('a load that was aborted in the middle ends at once, and is done anew by the next', async () => {
  const order = orderOf(stage, [{ path, database: 'aborted' }]);
  const first = await load(loaderFor(stage), order, ({ doing }, abort) => {
    if (doing.startsWith('data')) abort();
  });
  expect(first).toMatchObject({ begun: { 'database aborted': { existed: false } }, ended: {} });
  await arrives({ ...order, begun: first.begun }, 'aborted');
});

test('into a database that was there and empty a load is done anew without making it anew', async () => {
  await stage.sql('postgres', `create database standing owner ${login}`);
  const oid = () => stage.sql('postgres', `select oid from pg_database where datname = 'standing'`);
  const before = await oid();
  const order = orderOf(stage, [{ path, database: 'standing' }]);
  const first = await load(loaderFor(stage), order, ({ doing }, abort) => {
    if (doing.startsWith('indexes')) abort();
  });
  expect(first).toMatchObject({ begun: { 'database standing': { existed: true } }, ended: {} });
  const second = await load(loaderFor(stage), { ...order, begun: first.begun });
  expect(second.ended).toMatchObject({ 'database standing': { kind: 'loaded' } });
  expect(await imprint(stage, 'standing')).toBe(wanted);
  expect(await oid()).toEqual(before);
  await stage.sql('postgres', 'drop database standing');
});

test('after the death of its process a load goes on where databases had not ended, and what was left is ended first', async () => {
  const order = orderOf(stage, [{ path, database: 'killed' }]);
  const file = stage.file('order.json', JSON.stringify({ order, pgBin: stage.pgBin, caFile: stage.caFile }));
  const main = join(repositoryDir, 'test/fixtures/dump-loader-main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, file], {
    cwd: repositoryDir,
    stdio: 'inherit',
  });
  const told = () => (existsSync(`${file}.told`) ? readFileSync(`${file}.told`, 'utf8') : '');
  await until('rows are being loaded', () => told().includes('"data of killed'), 60);
  child.kill('SIGKILL');
  await until('the process is gone', () => !isAlive(child.pid ?? 0));
  expect(told()).toContain('{"begun":"database killed","how":{"existed":false}}');
  expect(told()).not.toContain('"ended"');
  await arrives({ ...order, begun: { 'database killed': { existed: false } } }, 'killed');
  expect(await sessions()).toBe(0);
}, 120_000);

test('what has ended is left alone', async () => {
  const order = orderOf(stage, [{ path, database: 'done' }], { ended: ['database done'] });
  expect(await load(loaderFor(stage), order)).toMatchObject({ begun: {}, ended: {} });
});

test('a database that somebody else made meanwhile is neither dropped nor loaded', async () => {
  await stage.sql('postgres', 'create database taken');
  await stage.sql('taken', 'create table precious(id int)');
  const order = orderOf(stage, [{ path, database: 'taken' }], {
    begun: { 'database taken': { existed: false } },
  });
  expect((await load(loaderFor(stage), order)).ended).toMatchObject({
    'database taken': { because: { code: 'DATABASE_NOT_OURS' } },
  });
  expect(await loaderFor(stage).removeUnfinished(order)).toEqual([]);
  expect(await stage.sql('taken', `select 1 as n from pg_tables where tablename = 'precious'`)).toEqual([
    { n: 1 },
  ]);
  await stage.sql('postgres', 'drop database taken');
});

test.each([
  ['of another owner', 'create database empty_one owner other_owner', ''],
  [
    'that another order is making',
    `create database empty_one owner ${login}`,
    `comment on database empty_one is 'Restore Desk is loading this: of another order'`,
  ],
])(
  'an empty database %s is not dropped, though a try of ours had begun one of its name',
  async (_, made, marked) => {
    await stage.sql('postgres', 'create role other_owner');
    await stage.sql('postgres', made);
    if (marked !== '') await stage.sql('postgres', marked);
    const oid = () => stage.sql('postgres', `select oid from pg_database where datname = 'empty_one'`);
    const before = await oid();
    const order = orderOf(stage, [{ path, database: 'empty_one' }], {
      begun: { 'database empty_one': { existed: false } },
    });
    expect((await load(loaderFor(stage), order)).ended).toMatchObject({
      'database empty_one': { because: { code: 'DATABASE_NOT_OURS' } },
    });
    expect(await loaderFor(stage).removeUnfinished(order)).toEqual([]);
    expect(await oid()).toEqual(before);
    await stage.sql('postgres', 'drop database empty_one');
    await stage.sql('postgres', 'drop role other_owner');
  },
);

test('unfinished databases are removed, and nothing else', async () => {
  const order = orderOf(stage, [{ path, database: 'half' }]);
  const { begun } = await load(loaderFor(stage), order, ({ doing }, abort) => {
    if (doing.startsWith('data')) abort();
  });
  expect(await loaderFor(stage).removeUnfinished({ ...order, begun })).toEqual(['half']);
  expect(await stage.sql('postgres', `select 1 from pg_database where datname = 'half'`)).toEqual([]);
});

test('a new round under the same key makes anew what the last one left, and counts it as empty', async () => {
  const order = orderOf(stage, [{ path, database: 'leftover' }]);
  await load(loaderFor(stage), order, ({ doing }, abort) => {
    if (doing.startsWith('data')) abort();
  });
  const settings = { login, token: async () => loginPassword, caFile: stage.caFile, now: () => new Date(0) };
  const isEmptyUnder = async (key?: string) => {
    const address = { host: '127.0.0.1', port: stage.port };
    const { databases } = await createLoadTargetReader(settings).look('target', address, key);
    return databases.find(({ name }) => name === 'leftover')?.isEmpty;
  };
  expect(await isEmptyUnder()).toBe(false);
  expect(await isEmptyUnder('another')).toBe(false);
  expect(await isEmptyUnder(order.key)).toBe(true);
  expect((await load(loaderFor(stage), order)).ended).toMatchObject({
    'database leftover': { kind: 'loaded' },
  });
  expect(await imprint(stage, 'leftover')).toBe(wanted);
  await stage.sql('postgres', 'drop database leftover');
}, 60_000);

test('what is half loaded is made anew under its key, but not while somebody else works in it', async () => {
  await stage.sql('postgres', `create role guest login password 'p'`);
  const order = orderOf(stage, [{ path: halfPath(), database: 'halved' }]);
  const first = await load(loaderFor(stage), order);
  expect(first.ended['database halved']).toMatchObject({ because: { code: 'DATABASE_INCOMPLETE' } });
  const guest = new Client({
    host: '127.0.0.1',
    port: stage.port,
    user: 'guest',
    password: 'p',
    database: 'halved',
  });
  await guest.connect();
  const again = { ...order, begun: first.begun };
  expect((await load(loaderFor(stage), again)).ended['database halved']).toMatchObject({
    because: {
      code: 'DATABASE_IN_USE',
      sentence: expect.stringContaining('guest') as unknown,
      retryable: true,
    },
  });
  expect((await guest.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  await guest.end();
  await until('the guest has gone', async () => (await sessionsOf('guest')) === 0);
  // Its owner is one that our login was lent for the first round only.
  expect((await load(loaderFor(stage), again)).ended['database halved']).toMatchObject({
    because: { code: 'DATABASE_INCOMPLETE' },
  });
  expect(await loaderFor(stage).removeUnfinished(again)).toEqual(['halved']);
  expect(await stage.sql('postgres', `select 1 from pg_auth_members where member = 'desk'::regrole`)).toEqual(
    [],
  );
});

test('a database that was there and is loaded in part is cleared and loaded again by the next round', async () => {
  await stage.sql('postgres', `create database standing_half owner ${login}`);
  const order = orderOf(stage, [{ path: halfPath(), database: 'standing_half' }]);
  const first = await load(loaderFor(stage), order);
  expect(first.begun).toEqual({ 'database standing_half': { existed: true } });
  expect(first.ended['database standing_half']).toMatchObject({ because: { code: 'DATABASE_INCOMPLETE' } });
  const second = await load(loaderFor(stage), { ...order, begun: first.begun });
  expect(second.ended).toEqual(first.ended);
  await stage.sql('postgres', 'drop database standing_half');
});

test('a server that is started anew in the middle gets the database from its beginning', async () => {
  const order = orderOf(stage, [{ path, database: 'restarted' }]);
  let restarting: Promise<void> | undefined;
  const seen = await load(loaderFor(stage), order, ({ doing }) => {
    if (doing.startsWith('data')) restarting ??= stage.restart();
  });
  await restarting;
  expect(restarting).toBeDefined();
  expect(seen.ended).toMatchObject({ 'database restarted': { kind: 'loaded' } });
  expect(await imprint(stage, 'restarted')).toBe(wanted);
  await stage.sql('postgres', 'drop database restarted');
}, 120_000);

test('a server that is not there is a problem that can go away', async () => {
  const order = orderOf({ port: 9 }, [{ path, database: 'nowhere' }]);
  await expect(load(loaderFor(stage), order)).rejects.toMatchObject({
    problem: { code: 'LOAD_TARGET_CLOSED', retryable: true },
  });
});

test('files that are not what they are called end with the reason', async () => {
  const whole = readFileSync(path);
  const cut = stage.file('cut.dump', whole.subarray(0, 1500));
  const half = stage.file('half.dump', whole.subarray(0, whole.length / 2));
  const empty = stage.file('empty.dump', '');
  const junk = stage.file('junk.dump', Buffer.from([0, 1, 2, 3]));
  const newer = Buffer.from(whole);
  newer[6] = 99;
  const renamed = stage.file('renamed.sql', whole);
  const parts = [
    { path: cut, database: 'cut' },
    { path: half, database: 'half' },
    { path: empty, database: 'empty' },
    { path: junk, database: 'junk' },
    { path: stage.file('newer.dump', newer), database: 'newer' },
    { path: renamed, database: 'renamed' },
  ];
  const { ended } = await load(loaderFor(stage), orderOf(stage, parts));
  const said = (name: string) => {
    const result = ended[`database ${name}`];
    return result?.kind === 'failed' ? result.because.sentence : 'loaded';
  };
  expect(said('cut')).toContain('cut off inside its table of contents');
  expect(ended['database half']).toMatchObject({ kind: 'failed', because: { code: 'DATABASE_INCOMPLETE' } });
  expect(said('empty')).toContain('it is empty');
  expect(said('junk')).toContain('neither an archive of pg_dump nor text');
  expect(said('newer')).toContain('is newer than what the tools here, of PostgreSQL');
  expect(said('renamed')).toBe('loaded');
  for (const name of ['half', 'renamed']) await stage.sql('postgres', `drop database ${name}`);
}, 120_000);

/** Random, so that it stays as large in the archive; made once. */
let heavyPath: string | undefined;
async function heavyDump(): Promise<string> {
  if (heavyPath !== undefined) return heavyPath;
  await stage.sql('postgres', 'create database heavy owner maker');
  await stage.sql(
    'heavy',
    `set session authorization maker;
     create table first(noise text); create table second(noise text); create table third(noise text);
     insert into first select string_agg(md5(random()::text), '') from generate_series(1, 40000) g, generate_series(1, 32) i group by g;
     insert into second select * from first; insert into second select * from first; insert into third select * from first`,
  );
  heavyPath = stage.dump('heavy', 'heavy.dump');
  return heavyPath;
}

test.each([1, 2])(
  'progress is within ten points of the share of bytes that are there, with %i workers',
  async (cores) => {
    const heavy = await heavyDump();
    const size = async (name: string): Promise<number> =>
      Number(
        (
          await looking.query<{ n: string }>(
            `select pg_database_size(oid) as n from pg_database where datname = '${name}'`,
          )
        ).rows[0]?.n ?? 0,
      );
    const looking = await stage.session('postgres');
    const [empty, full] = [await size('template1'), await size('heavy')];
    const samples: { there: number; before: number; at: number }[] = [];
    const tellings: { at: number; percent: number }[] = [{ at: 0, percent: 0 }];
    let isOver = false;
    const watch = (async () => {
      while (!isOver) {
        const before = tellings.at(-1)?.percent ?? 0;
        const there = (100 * ((await size('honest')) - empty)) / (full - empty);
        samples.push({ there, before, at: performance.now() });
        await pause(20);
      }
    })();
    const order = orderOf(stage, [{ path: heavy, database: 'honest' }]);
    const seen = await load(
      loaderFor(stage),
      { ...order, server: { ...order.server, cores } },
      ({ percent }) => void tellings.push({ at: performance.now(), percent }),
    );
    isOver = true;
    await watch;
    await looking.end();
    for (const share of [25, 50, 75]) {
      const { there = 0, before = 0, at = 0 } = samples.find((sample) => sample.there >= share) ?? {};
      expect(before).toBeLessThan(there + 10);
      // It may be told a look later, on a machine that has more to do.
      const soon = tellings.filter((telling) => telling.at <= at + 300).at(-1)?.percent;
      expect(soon).toBeGreaterThan(there - 10);
    }
    const percents = seen.progress.map(({ percent }) => percent);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    await stage.sql('postgres', 'drop database honest');
  },
  120_000,
);
