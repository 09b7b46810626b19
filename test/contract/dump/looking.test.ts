import { open, readFile, stat } from 'node:fs/promises';
import { createDumpReader } from '../../../services/dump/contents';
import { createLoadTargetReader } from '../../../services/dump/load-target';
import type { DumpContents } from '../../../services/restore/dump-ports';
import { login, loginPassword, startDumpStage, type DumpStage } from './dump-stage';

let stage: DumpStage;

beforeAll(async () => {
  stage = await startDumpStage();
  await stage.sql('postgres', 'create role "shop owner"');
  await stage.sql('postgres', 'create database shop owner "shop owner"');
  await stage.sql(
    'shop',
    `set session authorization "shop owner"; create extension pg_trgm; create schema "a b";
     create table "a b"."c d"(id serial primary key); create table orders(id int, noise text);
     grant select on orders to public`,
  );
});
afterAll(() => stage.stop());

/** Answers also how many bytes were read. */
async function look(path: string): Promise<{ contents: DumpContents; read: number }> {
  const file = await open(path);
  let read = 0;
  try {
    const contents = await createDumpReader({ pgBin: stage.pgBin }).contents(
      (await stat(path)).size,
      async (offset, count) => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, offset);
        read += bytesRead;
        return buffer.subarray(0, bytesRead);
      },
    );
    return { contents, read };
  } finally {
    await file.close();
  }
}

test('an archive tells what is in it, names as they are', async () => {
  const { contents } = await look(stage.dump('shop', 'shop.dump'));
  expect(contents).toEqual({
    kind: 'archive',
    database: 'shop',
    postgresVersion: expect.stringMatching(/^\d+\.\d+$/),
    dumpVersion: expect.stringMatching(/^\d+\.\d+$/),
    entries: expect.any(Number),
    tables: [
      { schema: 'a b', name: 'c d' },
      { schema: 'public', name: 'orders' },
    ],
    sequences: [{ schema: 'a b', name: 'c d_id_seq' }],
    extensions: ['pg_trgm'],
    owners: ['shop owner'],
    hasGrants: true,
  });
});

test('an archive without owners and grants says so', async () => {
  const { contents } = await look(stage.dump('shop', 'bare.dump', '--no-owner', '--no-acl'));
  expect(contents).toMatchObject({ hasGrants: false });
});

test('of a large archive only the beginning is read, however long its table of contents is', async () => {
  await stage.sql('postgres', 'create database many');
  await stage.sql(
    'many',
    `do $$ begin for n in 1..1500 loop execute format('create table table_with_a_rather_long_name_%s (id int)', n); end loop; end $$;
     create table noise(t text); insert into noise select string_agg(md5(random()::text), '') from generate_series(1, 100000) g, generate_series(1, 4) group by g`,
  );
  const path = stage.dump('many', 'many.dump');
  const { contents, read } = await look(path);
  expect(contents.kind === 'archive' && contents.tables.length).toBe(1501);
  expect(read).toBeGreaterThan(256 * 1024);
  expect(read).toBeLessThan((await stat(path)).size / 4);
});

const neither = 'it is neither an archive of pg_dump nor text in UTF-8';
const newest = Buffer.from([77]);
const tar = Buffer.from([3]);

test.each<[string, (whole: Buffer) => Buffer, string]>([
  [
    'cut off in its table of contents',
    (whole) => whole.subarray(0, 2000),
    'it is cut off inside its table of contents',
  ],
  [
    'cut off right after it began',
    (whole) => whole.subarray(0, 7),
    'it is cut off inside its table of contents',
  ],
  [
    'of a newer format',
    (whole) => Buffer.concat([whole.subarray(0, 6), newest, whole.subarray(7)]),
    'its format 1.77 is newer than',
  ],
  [
    'a tar',
    (whole) => Buffer.concat([whole.subarray(0, 10), tar, whole.subarray(11)]),
    'it is not in the custom format of pg_dump',
  ],
  [
    'of nonsense lengths',
    (whole) => Buffer.concat([whole.subarray(0, 60), Buffer.alloc(400, 0x7f)]),
    'its table of contents makes no sense',
  ],
  ['a picture', () => Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), neither],
  ['text in another encoding', () => Buffer.from("insert into t values ('\xfc')", 'latin1'), neither],
])('a file that is %s cannot be read, and why is said', async (_, make, why) => {
  const whole = await readFile(stage.dump('shop', 'shop.dump'));
  const { contents } = await look(stage.file('made.bin', make(whole)));
  expect(contents).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) });
});

test('an empty file and a script are told by what is in them', async () => {
  const kindOf = async (bytes: Buffer) => (await look(stage.file('made.bin', bytes))).contents.kind;
  expect(await kindOf(Buffer.alloc(0))).toBe('empty');
  expect(await kindOf(Buffer.from('-- PostgreSQL database dump\ncreate table "ü"();\n'))).toBe('sql');
});

test('a server tells what our login may do there, and what is there', async () => {
  await stage.sql('postgres', 'create database empty_one');
  const settings = { login, token: async () => loginPassword, caFile: stage.caFile, now: () => new Date(0) };
  const facts = await createLoadTargetReader(settings).look('target', {
    host: '127.0.0.1',
    port: stage.port,
  });
  expect(facts).toMatchObject({
    mayCreateDatabases: true,
    mayCreateRoles: true,
    roles: expect.arrayContaining([login, 'shop owner']),
    availableExtensions: expect.arrayContaining(['pg_trgm']),
    lookedAt: '1970-01-01T00:00:00.000Z',
  });
  expect(facts.databases).toEqual(
    expect.arrayContaining([
      { name: 'empty_one', isEmpty: true },
      { name: 'shop', isEmpty: false },
    ]),
  );
});

test('a server that does not let our login in is told as closed, without the token', async () => {
  const settings = { login, token: async () => 'wrong canary', caFile: stage.caFile, now: () => new Date(0) };
  const looking = createLoadTargetReader(settings).look('target', { host: '127.0.0.1', port: stage.port });
  await expect(looking).rejects.toMatchObject({ problem: { code: 'LOAD_TARGET_CLOSED' } });
  await looking.catch((error: Error) => expect(error.message).not.toContain('canary'));
});
