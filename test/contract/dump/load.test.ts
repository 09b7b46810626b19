import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { login, orderOf, imprint, load, loaderFor, startDumpStage, type DumpStage } from './dump-stage';

let stage: DumpStage;

const shop = `
  set session authorization shop_owner;
  create schema "weird; schema" authorization shop_owner;
  create table "weird; schema"."t
new" (id serial primary key, x text);
  create table orders(id int primary key, body text);
  create table lines(id serial primary key, order_id int references orders, raw bytea);
  create index lines_order on lines(order_id);
  create extension pg_trgm;
  create type mood as enum ('fine', 'not so');
  create view fine as select * from orders;
  create rule do_nothing as on insert to fine do instead nothing;
  create materialized view counted as select count(*) from lines;
  create function twice(n int) returns int language sql as $$ select n * 2 $$;
  create publication changes for table orders;
  create statistics order_and_id on id, order_id from lines;
  create policy everyone on orders using (true);
  create table parted(id int, at date) partition by range (at);
  create table parted_a partition of parted for values from ('2026-01-01') to ('2027-01-01');
  create index parted_id on parted(id);
  select lo_from_bytea(0, 'large');
  insert into orders select g, repeat('x', g % 100) from generate_series(1, 2000) g;
  insert into lines(order_id) select id from orders;
  insert into parted select g, '2026-02-02' from generate_series(1, 100) g;
  insert into "weird; schema"."t
new"(x) values ('a'), ('b');
  refresh materialized view counted;
  grant select on orders to shop_reader;
  alter default privileges for role shop_owner grant select on tables to shop_reader;
  comment on table orders is 'what people bought';
`;

beforeAll(async () => {
  stage = await startDumpStage(['wal_level = logical']);
  await stage.sql('postgres', 'create role shop_owner');
  await stage.sql('postgres', `create role shop_reader login password 'p'; grant shop_reader to shop_owner`);
  await stage.sql('postgres', 'create database source owner shop_owner');
  await stage.sql('source', shop);
  await stage.sql('postgres', `comment on database source is 'the shop''s'`);
});
afterAll(() => stage.stop());

const names = async (sql: string): Promise<string[]> =>
  (await stage.sql<{ name: string }>('postgres', sql)).map(({ name }) => name);
const leftovers = () =>
  names(`select rolname as name from pg_roles where rolname like 'restore_desk_%'
    union all select datname from pg_database d where shobj_description(d.oid, 'pg_database') like 'Restore Desk%'`);
afterEach(async () => expect(await leftovers()).toEqual([]));

const dropAll = async (...databases: string[]): Promise<void> => {
  for (const name of databases)
    await stage.sql('postgres', `drop database if exists ${escapeIdentifier(name)} with (force)`);
};

test('a database arrives with everything that was in it, and our login keeps no rights', async () => {
  const path = stage.dump('source', 'source.dump');
  const before = await imprint(stage, 'source');
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'copy' }]));
  expect(seen.ended).toMatchObject({ 'database copy': { kind: 'loaded', tables: 5, notes: [] } });
  expect(await imprint(stage, 'copy')).toBe(before);
  expect(
    await names(
      `select shobj_description(oid, 'pg_database') as name from pg_database where datname = 'copy'`,
    ),
  ).toEqual(["the shop's"]);
  expect(
    await names(`select r.rolname as name from pg_auth_members m join pg_roles r on r.oid = m.member`),
  ).not.toContain(login);
  expect(seen.progress.at(-1)).toMatchObject({ percent: 100 });
  const analyzed = await stage.sql('copy', `select 1 from pg_stats where tablename = 'orders'`);
  expect(analyzed.length).toBeGreaterThan(0);
  await dropAll('copy');
});

test('an archive that was written into a pipe arrives as well', async () => {
  const path = stage.file('piped.dump', '');
  const env = {
    PGHOST: '127.0.0.1',
    PGPORT: String(stage.port),
    PGUSER: 'adm',
    PGPASSWORD: 'only-for-tests',
  };
  execFileSync('/bin/sh', ['-c', `"$1" -Fc source | cat > "$2"`, 'sh', join(stage.pgBin, 'pg_dump'), path], {
    env,
  });
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'copy' }]));
  expect(seen.ended).toMatchObject({ 'database copy': { kind: 'loaded' } });
  expect(await imprint(stage, 'copy')).toBe(await imprint(stage, 'source'));
  await dropAll('copy');
});

test('two databases arrive with their roles, whose rights work', async () => {
  const roles = stage.file(
    'roles.sql',
    stage.run('pg_dumpall', ['--roles-only']).replaceAll('shop_', 'new_'),
  );
  await stage.sql(
    'postgres',
    `create role new_owner createdb; create role new_reader; grant new_reader to new_owner`,
  );
  const dumps = ['one', 'two'];
  for (const name of dumps) {
    await stage.sql('postgres', `create database ${name}_source owner new_owner`);
    await stage.sql(`${name}_source`, shop.replaceAll('shop_', 'new_'));
    stage.dump(`${name}_source`, `${name}.dump`);
  }
  const before = await imprint(stage, 'one_source');
  await dropAll('one_source', 'two_source');
  await stage.sql('postgres', 'drop role new_owner; drop role new_reader');
  const order = orderOf(stage, [
    { kind: 'roles', path: roles },
    ...dumps.map((name) => ({ path: join(stage.folder, `${name}.dump`), database: name })),
  ]);
  const seen = await load(loaderFor(stage), order);
  expect(seen.ended).toMatchObject({
    roles: { kind: 'loaded' },
    'database one': { kind: 'loaded' },
    'database two': { kind: 'loaded' },
  });
  expect(seen.ended['roles']).toMatchObject({
    notes: expect.arrayContaining([
      'role new_owner was made',
      'role new_reader is made without its password',
    ]),
  });
  expect(await imprint(stage, 'one')).toBe(before);
  await stage.sql('postgres', `alter role new_reader password 'p'`);
  const reader = new Client({
    host: '127.0.0.1',
    port: stage.port,
    user: 'new_reader',
    password: 'p',
    database: 'two',
  });
  await reader.connect();
  expect((await reader.query('select count(*)::int as n from orders')).rows).toEqual([{ n: 2000 }]);
  await expect(reader.query('select * from lines')).rejects.toThrow('permission denied');
  await reader.end();
  await dropAll('one', 'two');
});

test('a roles file that gives more than the source had is stopped before anything of it is run', async () => {
  const roles = stage.file(
    'hostile.sql',
    `CREATE ROLE friendly; ALTER ROLE friendly WITH LOGIN PASSWORD 'canary'; GRANT shop_owner TO friendly;`,
  );
  const path = stage.dump('source', 'source.dump');
  const order = orderOf(stage, [
    { kind: 'roles', path: roles },
    { path, database: 'beside' },
  ]);
  const seen = await load(loaderFor(stage), order);
  expect(seen.ended['roles']).toMatchObject({
    kind: 'failed',
    because: { code: 'ROLES_GIVE_MORE' },
    failures: [{ object: 'ROLE friendly', message: 'would get membership in shop_owner' }],
  });
  expect(seen.ended['database beside']).toMatchObject({ kind: 'loaded' });
  expect(await names(`select rolname as name from pg_roles where rolname = 'friendly'`)).toEqual([]);
  expect(JSON.stringify(seen)).not.toContain('canary');
  await dropAll('beside');
});

test('a database whose owners are nowhere is not begun with, unless its owners are mapped or dropped', async () => {
  await stage.sql('postgres', 'create role gone; create role heir');
  await stage.sql('postgres', 'create database gone_source');
  await stage.sql(
    'gone_source',
    'create table t(id int); alter table t owner to gone; grant select on t to heir',
  );
  const path = stage.dump('gone_source', 'gone.dump');
  await dropAll('gone_source');
  await stage.sql('postgres', 'drop role gone');
  const withChoices = async (choices: object) => {
    const order = orderOf(stage, [{ path, database: 'gone' }]);
    return (await load(loaderFor(stage), { ...order, choices: { ...order.choices, ...choices } })).ended[
      'database gone'
    ];
  };
  expect(await withChoices({})).toMatchObject({
    because: { code: 'DATABASE_OWNERS_UNFIT' },
    failures: [{ object: 'ROLE gone' }],
  });
  await dropAll('gone');
  const ownerOfT = async () =>
    (
      await stage.sql(
        'gone',
        `select tableowner as name, (select relacl::text from pg_class where relname = 't') as acl from pg_tables where tablename = 't'`,
      )
    )[0];
  expect(await withChoices({ ownerMap: { gone: 'heir' } })).toMatchObject({ kind: 'loaded' });
  expect(await ownerOfT()).toMatchObject({ name: 'heir' });
  expect(await names(`select rolname as name from pg_roles where rolname = 'gone'`)).toEqual([]);
  await dropAll('gone');
  expect(await withChoices({ owners: 'drop', grants: 'drop' })).toMatchObject({ kind: 'loaded' });
  expect(await ownerOfT()).toEqual({ name: 'loaded_gone', acl: null });
  await dropAll('gone');
});

test('an owner that administrates by way of a group gets nothing, and one called like what every object has is only a name', async () => {
  await stage.sql('postgres', 'create role pool; create role azure_pg_admin; grant azure_pg_admin to pool');
  await stage.sql(
    'postgres',
    'create role quiet_admin; grant pool to quiet_admin; create role "constructor"',
  );
  await stage.sql('postgres', 'create database admin_source');
  await stage.sql(
    'admin_source',
    `create table t(id int); create table u(id int); alter table t owner to quiet_admin; alter table u owner to "constructor"`,
  );
  const path = stage.dump('admin_source', 'admin.dump');
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'admin_copy' }]));
  expect(seen.ended['database admin_copy']).toMatchObject({ kind: 'loaded' });
  expect(
    await stage.sql(
      'admin_copy',
      `select tableowner from pg_tables where tablename in ('t', 'u') order by tablename`,
    ),
  ).toEqual([{ tableowner: 'loaded_admin_copy' }, { tableowner: 'constructor' }]);
  await dropAll('admin_copy', 'admin_source');
  await stage.sql(
    'postgres',
    'drop role quiet_admin; drop role pool; drop role azure_pg_admin; drop role "constructor"',
  );
});

test('an object that fails is named with what the server says, and everything else arrives', async () => {
  await stage.sql('postgres', 'create database odd_source');
  await stage.sql(
    'odd_source',
    `create function away() returns int language c as '$libdir/plpgsql', 'plpgsql_call_handler';
     create table parent(id int primary key); create table child(id int references parent);
     insert into parent select generate_series(1, 10); insert into child values (1);
     alter table child drop constraint child_id_fkey; insert into child values (99);
     create table dup(id int); insert into dup values (1), (1);
     alter table child add constraint child_fk foreign key (id) references parent not valid;
     create table fine(id int primary key); insert into fine values (1)`,
  );
  await stage.sql('odd_source', `update pg_constraint set convalidated = true where conname = 'child_fk'`);
  const path = stage.dump('odd_source', 'odd.dump', '--no-owner');
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'odd' }]));
  const result = seen.ended['database odd'];
  expect(result).toMatchObject({ kind: 'failed', because: { code: 'DATABASE_INCOMPLETE' } });
  expect(result?.kind === 'failed' && result.failures).toEqual([
    { object: 'FUNCTION public away()', message: 'permission denied for language c' },
    {
      object: 'FK CONSTRAINT public child child_fk',
      message: expect.stringContaining('violates foreign key'),
    },
  ]);
  expect(
    await stage.sql('odd', 'select (select count(*) from child)::int c, (select count(*) from fine)::int f'),
  ).toEqual([{ c: 2, f: 1 }]);
  await dropAll('odd', 'odd_source');
});

test('names with quotes, spaces, letters of all kinds and signs of shells are only names', async () => {
  const odd = ['a "b" $(touch x) `y`; --', "postgres://x' dbname=evil", 'ünï=çødé \ 🐘'];
  for (const [index, name] of odd.entries()) {
    await stage.sql('postgres', `create role ${escapeIdentifier(`${name} role`)}`);
    await stage.sql(
      'postgres',
      `create database ${escapeIdentifier(`${name} source`)} owner ${escapeIdentifier(`${name} role`)}`,
    );
    await stage.sql(
      `${name} source`,
      `set session authorization ${escapeIdentifier(`${name} role`)}; create schema ${escapeIdentifier(name)};
       create table ${escapeIdentifier(name)}.${escapeIdentifier(name)}(${escapeIdentifier(name)} serial primary key);
       insert into ${escapeIdentifier(name)}.${escapeIdentifier(name)} values (1), (2)`,
    );
    const connection = `dbname='${`${name} source`.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    stage.run('pg_dump', ['-Fc', '-f', join(stage.folder, `odd${index}.dump`), '-d', connection]);
  }
  const parts = odd.map((name, index) => ({ path: join(stage.folder, `odd${index}.dump`), database: name }));
  const seen = await load(loaderFor(stage), orderOf(stage, parts));
  for (const name of odd) {
    expect(seen.ended[`database ${name}`]).toMatchObject({ kind: 'loaded' });
    expect(await imprint(stage, name)).toBe(await imprint(stage, `${name} source`));
  }
  await dropAll(...odd, ...odd.map((name) => `${name} source`));
});

test('a database that holds something is not touched, and one that is empty is used', async () => {
  const path = stage.dump('source', 'source.dump');
  await stage.sql('postgres', 'create database full_one');
  await stage.sql('full_one', 'create table precious(id int)');
  await stage.sql('postgres', 'create database empty_one owner shop_owner');
  const order = orderOf(stage, [
    { path, database: 'full_one' },
    { path, database: 'empty_one' },
  ]);
  const seen = await load(loaderFor(stage), order);
  expect(seen.ended).toMatchObject({
    'database full_one': { kind: 'failed', because: { code: 'DATABASE_NOT_EMPTY' } },
    'database empty_one': { kind: 'loaded' },
  });
  expect(seen.begun).toEqual({ 'database empty_one': { existed: true } });
  expect(
    await stage.sql('full_one', 'select count(*)::int as n from pg_tables where schemaname = $1', ['public']),
  ).toEqual([{ n: 1 }]);
  await dropAll('full_one', 'empty_one');
});

test('forty databases arrive, never with more workers than the server has cores', async () => {
  await stage.sql('postgres', 'create database small owner desk');
  await stage.sql(
    'small',
    'set session authorization desk; create table t(id int primary key); insert into t values (1)',
  );
  const path = stage.dump('small', 'small.dump');
  const parts = Array.from({ length: 40 }, (_, index) => ({ path, database: `small ${index}` }));
  const looking = await stage.session('postgres');
  let most = 0;
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      const { rows } = await looking.query<{ n: number }>(
        `select count(*)::int n from pg_stat_activity
         where application_name like 'restore-desk-load%' and state = 'active' and datname <> 'postgres'`,
      );
      most = Math.max(most, rows[0]?.n ?? 0);
      await pause(20);
    }
  })();
  const seen = await load(loaderFor(stage), orderOf(stage, parts));
  isOver = true;
  await watch;
  await looking.end();
  expect(Object.values(seen.ended).map(({ kind }) => kind)).toEqual(Array(40).fill('loaded'));
  expect(most).toBeLessThanOrEqual(2);
  await dropAll('small', ...parts.map(({ database }) => database));
}, 120_000);

test('a script of pg_dump is loaded by psql, and may be one that begins with its own brackets', async () => {
  await stage.sql('postgres', 'create database plain_source');
  await stage.sql(
    'plain_source',
    `create table t(x text); insert into t values (E'\\\\! no command'), ('b')`,
  );
  const path = stage.file('plain.sql', stage.run('pg_dump', ['--no-owner'], 'plain_source'));
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'plain' }]));
  expect(seen.ended).toMatchObject({ 'database plain': { kind: 'loaded' } });
  await stage.sql('plain_source', 'alter table t owner to loaded_plain');
  expect(await imprint(stage, 'plain')).toBe(await imprint(stage, 'plain_source'));
  await dropAll('plain', 'plain_source');
});

test.each([
  ['\\! touch HERE'],
  ['\\o HERE'],
  ["\\copy (select 1) to 'HERE'"],
  ['\\connect postgres'],
  ['select 1 \\g HERE'],
  ['\\set x `touch HERE`'],
  ['\\unrestrict guess\n\\! touch HERE'],
])('a script with %s runs nothing on this machine, and is reported', async (command) => {
  const here = join(stage.folder, 'here');
  const path = stage.file(
    'hostile.sql',
    `create table kept(id int);\n${command.replaceAll('HERE', here)}\nselect 1;\n`,
  );
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'scripted' }]));
  expect(existsSync(here)).toBe(false);
  expect(seen.ended['database scripted']).toMatchObject({
    kind: 'failed',
    because: { code: 'SCRIPT_COMMANDS', sentence: expect.stringContaining('line 2') },
  });
  expect(await stage.sql('scripted', `select tablename from pg_tables where schemaname = 'public'`)).toEqual(
    [],
  );
  await dropAll('scripted');
});

test('triggers on events and functions of a hostile dump run neither during the load nor on this machine', async () => {
  await stage.sql('postgres', 'create database trap_source');
  await stage.sql(
    'trap_source',
    `create table seen(what text); create table t(id int); insert into t values (1);
     create function spring() returns event_trigger language plpgsql as $$ begin insert into seen values (tg_tag); end $$;
     create event trigger trap on ddl_command_end execute function spring();
     create function greedy() returns trigger language plpgsql as $$ begin insert into seen values ('row'); return new; end $$;
     create trigger on_row before insert on t for each row execute function greedy();
     alter database trap_source set work_mem = '5MB'`,
  );
  const before = await stage.sql('trap_source', 'select count(*)::int as n from seen');
  const path = stage.dump('trap_source', 'trap.dump', '--no-owner');
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'trap' }]));
  const result = seen.ended['database trap'];
  expect(result?.kind === 'failed' && result.failures).toEqual([
    {
      object: 'EVENT TRIGGER trap',
      message: expect.stringContaining('permission denied to create event trigger'),
    },
  ]);
  expect(await stage.sql('trap', 'select count(*)::int as n from seen')).toEqual(before);
  await dropAll('trap', 'trap_source');
});

test('the token is in no argument or environment of a program, and in nothing that is told', async () => {
  const path = stage.dump('source', 'source.dump');
  const commands = new Set<string>();
  const environments = new Set<string>();
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          if (!command.includes('pg_restore') || !command.includes(stage.folder)) continue;
          commands.add(command);
          environments.add(readFileSync(`/proc/${pid}/environ`, 'utf8'));
        } catch {
          // It has ended meanwhile.
        }
      }
      await pause(5);
    }
  })();
  const log: unknown[] = [];
  const note = (...said: unknown[]) => void log.push(said);
  const seen = await load(
    loaderFor(stage, { log: { info: note, warn: note } }),
    orderOf(stage, [{ path, database: 'copy' }]),
  );
  isOver = true;
  await watch;
  expect(commands.size).toBeGreaterThan(0);
  expect([...environments].join()).toMatch(/PGUSER=restore_desk_\w+/);
  const secret = /PGPASSWORD=([\w-]{40,})/.exec([...environments].join())?.[1] ?? 'none was seen';
  expect(JSON.stringify([...commands, ...environments, seen, log])).not.toContain('canary');
  expect(JSON.stringify([...commands, seen, log])).not.toContain(secret);
  await dropAll('copy');
});
