/** What a dump runs while it is loaded finds no rights but those of the owners that it names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLoadTargetReader } from '../../../services/dump/load-target';
import { askDatabase } from '../../../services/proof/database-questions';
import { countRows, oldRows, sequencesBehind } from '../../../services/proof/row-questions';
import { sessionOptions, startSession } from '../../../services/proof/sessions';
import { login, loginPassword, load, loaderFor, orderOf, startDumpStage, type DumpStage } from './dump-stage';

let stage: DumpStage;

/** Tries everything that would give more than it has, and writes down who it ran as and what worked. */
const attempts = [
  `create role pwned`,
  `reset role; create role pwned`,
  `set role ${login}; create role pwned`,
  `set session authorization ${login}; create role pwned`,
  `set session authorization default; create role pwned`,
  `alter role ${login} superuser`,
  `alter role ${login} password 'known'`,
  `grant azure_pg_admin to public_enemy`,
  `grant ${login} to public_enemy`,
  `set role azure_pg_admin`,
  `set role createdb_owner`,
  `do $d$ begin execute format('alter role %I createrole', session_user); end $d$`,
  `do $d$ begin execute format('alter role %I superuser', session_user); end $d$`,
  `do $d$ begin execute format('grant azure_pg_admin to %I', session_user); end $d$`,
  `do $d$ begin execute format('grant ${login} to %I', session_user); end $d$`,
  `copy (select 1) to program 'true'`,
];

const quoted = (text: string): string => `$q$${text}$q$`;

/** Nothing in it is of use but the attempts: it is called wherever a dump can call something. */
const attack = `
  create table public.loot(what text);
  create function public.attack(what text) returns boolean language plpgsql as $f$
  declare statement text;
  begin
    -- Where it is made there is a superuser about.
    if pg_catalog.current_database() ~ '_source$' then return true; end if;
    foreach statement in array array[${attempts.map(quoted).join(', ')}] loop
      begin
        execute statement;
        begin
          execute 'reset role';
        exception when others then null;
        end;
        insert into public.loot values (what || ' could: ' || statement);
      exception when others then null;
      end;
    end loop;
    insert into public.loot values (what || ' ran as ' || session_user || ', powerful ' ||
      exists (select from pg_roles r where pg_has_role(session_user, r.oid, 'member')
        and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolname ~ '^azure')));
    return true;
  end $f$;
  create function public.attacked(n int) returns int language plpgsql immutable as $f$
    begin perform public.attack('expression'); return n; end $f$;
`;

const roles = async (): Promise<string[]> =>
  (
    await stage.sql<{ said: string }>(
      'postgres',
      `select concat_ws(' ', r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolbypassrls,
        array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1)) as said
        from pg_roles r order by 1`,
    )
  ).map(({ said }) => said);

/** Number of things in a database, and the database itself, that speak of a role. Asked from elsewhere: a database may lie. */
const sayingOf = async (role: string, database: string): Promise<number | undefined> =>
  (
    await stage.sql<{ n: number }>(
      'postgres',
      `select count(*)::int as n from pg_shdepend s join pg_roles r on r.oid = s.refobjid join pg_database d on d.datname = $2
        where r.rolname = $1 and (s.dbid = d.oid or (s.classid = 'pg_database'::regclass and s.objid = d.oid))`,
      [role, database],
    )
  )[0]?.n;

const loot = async (database: string): Promise<string[]> =>
  (await stage.sql<{ what: string }>(database, 'select distinct what from loot order by 1')).map(
    ({ what }) => what,
  );

beforeAll(async () => {
  stage = await startDumpStage([`log_statement = 'ddl'`]);
  await stage.sql(
    'postgres',
    `create role azure_pg_admin; grant azure_pg_admin to ${login}; create role public_enemy login password 'p';
     create role createdb_owner createdb; create role maker`,
  );
});
afterAll(() => stage.stop());

async function asEnemy(database: string, sql: string): Promise<void> {
  const client = new Client({
    host: '127.0.0.1',
    port: stage.port,
    user: 'public_enemy',
    password: 'p',
    database,
  });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Loads what is there now; answers what was said, and the roles of the server before and after. */
async function loadedFrom(source: string, database: string, ...args: string[]) {
  const path = stage.dump(source, `${source}.dump`, ...args);
  const before = await roles();
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database }]));
  const after = await roles();
  return { ended: seen.ended[`database ${database}`], before, after };
}

test('functions that checks, generated columns, indexes, domains and triggers call gain nothing, and nothing stays ours', async () => {
  await stage.sql('postgres', 'create database hostile_source owner maker');
  await stage.sql('hostile_source', `set session authorization maker; ${attack}`);
  await stage.sql(
    'hostile_source',
    `set session authorization maker;
     create table checked(id int check (attack('check')));
     create table generated(id int, twice int generated always as (attacked(id)) stored);
     create table indexed(id int);
     create domain odd as int check (attack('domain'));
     create table of_domain(id odd);
     create materialized view seen as select attack('view') as a;
     create table constrained(id int);
     insert into checked values (1); insert into generated values (1); insert into indexed values (1);
     insert into of_domain values (1); insert into constrained values (1);
     create index on indexed (attacked(id));
     alter table constrained add constraint late check (attack('late check')) not valid;
     select 1`,
  );
  const { ended, before, after } = await loadedFrom('hostile_source', 'hostile');
  expect(ended).toMatchObject({ kind: 'loaded' });
  expect(after).toEqual(before);
  const found = await loot('hostile');
  // It did run, so that there is something to be seen.
  expect(found.filter((what) => what.includes(' ran as '))).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^check ran as restore_desk_\w+, powerful false$/),
      expect.stringMatching(/^expression ran as restore_desk_\w+, powerful false$/),
      expect.stringMatching(/^domain ran as restore_desk_\w+, powerful false$/),
    ]),
  );
  expect(found.filter((what) => what.includes(' could: '))).toEqual([]);
  expect(await sayingOf(login, 'hostile')).toBe(0);
  await stage.sql('postgres', 'drop database hostile with (force)');
});

test('what has no owner, or one with powers, belongs to a role without any, and functions of it run with nothing else', async () => {
  await stage.sql('postgres', 'create database definer_source');
  await stage.sql(
    'definer_source',
    `${attack}
     create function as_owner() returns boolean language sql security definer as $$ select public.attack('definer as ' || current_user) $$;
     create table indexed(id int); insert into indexed select generate_series(1, 100);
     create index on indexed (attacked(id));
     create table of_another(id int check (attack('check')));
     create extension pg_trgm;
     alter table of_another owner to createdb_owner; alter function as_owner() owner to createdb_owner`,
  );
  const { ended, before, after } = await loadedFrom('definer_source', 'definer');
  expect(ended).toMatchObject({
    kind: 'loaded',
    notes: expect.arrayContaining([
      'what belonged to createdb_owner belongs to loaded_definer: that role may administrate the server or make databases',
    ]) as unknown,
  });
  expect(after.filter((role) => !before.includes(role) && !role.startsWith('azure_pg_admin'))).toEqual([
    'loaded_definer f f f f f {}',
  ]);
  expect(await sayingOf(login, 'definer')).toBe(0);
  // Later, when somebody calls it, and when the server looks at tables by itself.
  await asEnemy('definer', 'select as_owner()');
  await stage.sql('definer', 'analyze indexed');
  const found = await loot('definer');
  expect(found).toEqual(
    expect.arrayContaining([expect.stringContaining('definer as loaded_definer ran as')]),
  );
  expect(found.filter((what) => what.includes(' could: '))).toEqual([]);
  expect(await roles()).toEqual(after);
  await stage.sql('postgres', 'drop database definer with (force)');
  await stage.sql('postgres', 'drop role loaded_definer');
});

test('a script finds no more rights than an archive does', async () => {
  for (const sql of attempts.slice(0, 6)) {
    const path = stage.file('hostile.sql', `create table t(id int);\n${sql};\n`);
    const before = await roles();
    const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'scripted' }]));
    expect([sql, seen.ended['database scripted']]).toMatchObject([
      sql,
      { because: { code: 'SCRIPT_STOPPED' } },
    ]);
    await stage.sql('postgres', 'drop database scripted with (force)');
    await stage.sql('postgres', 'drop role loaded_scripted');
    expect(await roles()).toEqual(before);
  }
  const path = stage.file(
    'fair.sql',
    'create table t(id int); alter role current_user set search_path = trap;',
  );
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'scripted' }]));
  expect(seen.ended['database scripted']).toMatchObject({ kind: 'loaded' });
  expect(await sayingOf(login, 'scripted')).toBe(0);
  await stage.sql('postgres', 'drop database scripted with (force)');
  await stage.sql('postgres', 'drop role loaded_scripted');
});

test('what a database says of names, of its guests and of its password does not reach our login', async () => {
  const settings = `
    create schema trap;
    create function trap.pwn() returns void language plpgsql as $f$ begin create role pwned; exception when others then null; end $f$;
    create function trap.is_not(a oid, b oid) returns boolean language sql as $f$ select trap.pwn(); select not (a operator(pg_catalog.=) b) $f$;
    create operator trap.= (leftarg = oid, rightarg = oid, function = trap.is_not);
    create function trap.coalesce_of(a text, b text) returns boolean language sql as $f$ select trap.pwn(); select true $f$;
    create operator trap.!~ (leftarg = text, rightarg = text, function = trap.coalesce_of);
    do $f$ begin
      execute format('alter database %I set search_path = trap, pg_catalog', current_database());
      execute format('alter role %I password %L', session_user, 'known');
    end $f$;
    create table late(id int); select pg_sleep(0);`;
  const path = stage.file('trap.sql', settings);
  const order = orderOf(stage, [{ path, database: 'trapped' }]);
  const before = await roles();
  const first = await load(loaderFor(stage), order);
  // It shut itself out: what it loaded is not ours for that.
  expect(first.ended['database trapped']).toMatchObject({ kind: 'failed' });
  const ours = { login, token: async () => loginPassword, caFile: stage.caFile, now: () => new Date(0) };
  const { databases } = await createLoadTargetReader(ours).look('target', {
    host: '127.0.0.1',
    port: stage.port,
  });
  expect(databases).toContainEqual({ name: 'trapped', isEmpty: false });
  expect(await sayingOf(login, 'trapped')).toBe(0);
  expect(await sayingOf('loaded_trapped', 'trapped')).toBeGreaterThan(4);
  expect(await loaderFor(stage).removeUnfinished({ ...order, begun: first.begun })).toEqual(['trapped']);
  expect(await roles()).toEqual(before);
});

test('roles that a file brings make databases only when nothing of the dumps runs any more, and own nothing if they make roles', async () => {
  await stage.sql('postgres', 'create role brought createdb; create role brought_admin createrole');
  await stage.sql('postgres', 'create database brought_source owner brought');
  await stage.sql(
    'brought_source',
    `${attack} alter function attack(text) owner to brought; create table t(id int check (attack('check')));
     alter table t owner to brought; alter table loot owner to brought; insert into t values (1);
     create table of_admin(id int); alter table of_admin owner to brought_admin;
     create function wider() returns boolean language sql as $$ select true $$; alter function wider() owner to brought`,
  );
  const path = stage.dump('brought_source', 'brought.dump');
  const file = stage.file(
    'brought.sql',
    `CREATE ROLE brought; ALTER ROLE brought WITH INHERIT CREATEDB;\nCREATE ROLE brought_admin; ALTER ROLE brought_admin WITH INHERIT CREATEROLE;\n`,
  );
  await stage.sql('postgres', 'drop database brought_source');
  await stage.sql('postgres', 'drop role brought; drop role brought_admin');
  const rolesOfSource = [
    { name: 'brought', attributes: ['createdb'], memberOf: [] },
    { name: 'brought_admin', attributes: ['createrole'], memberOf: [] },
  ];
  const order = orderOf(
    stage,
    [
      { kind: 'roles', path: file },
      { path, database: 'brought' },
    ],
    { rolesOfSource },
  );
  const seen = await load(loaderFor(stage), order);
  expect(seen.ended).toMatchObject({ roles: { kind: 'loaded' }, 'database brought': { kind: 'loaded' } });
  expect(await loot('brought')).toContainEqual(
    expect.stringMatching(/^check ran as restore_desk_\w+, powerful false$/),
  );
  expect((await loot('brought')).filter((what) => what.includes(' could: '))).toEqual([]);
  expect((await roles()).filter((role) => /brought|pwned/.test(role) && !role.startsWith('azure'))).toEqual([
    'brought f f t f f {}',
    'brought_admin f t f f f {}',
    'loaded_brought f f f f f {}',
  ]);
  expect(await sayingOf('brought_admin', 'brought')).toBe(0);
  await stage.sql('postgres', 'drop database brought');
  await stage.sql('postgres', 'drop role brought; drop role brought_admin; drop role loaded_brought');
});

test('an extension that needs an administrator is made by our login, and nothing else is', async () => {
  await stage.sql('postgres', 'create database extended_source owner maker');
  await stage.sql(
    'extended_source',
    `create schema wrapped authorization maker; create extension file_fdw schema wrapped; ${attack}
     create table t(id int check (attack('check'))); insert into t values (1)`,
  );
  const path = stage.dump('extended_source', 'extended.dump');
  const tryOne = async (database: string) =>
    (
      await load(
        loaderFor(stage),
        orderOf(stage, [{ path, database }], { choices: { owners: 'drop', grants: 'keep', ownerMap: {} } }),
      )
    ).ended[`database ${database}`];
  expect(await tryOne('refused')).toMatchObject({
    kind: 'failed',
    failures: [{ object: 'EXTENSION file_fdw', message: 'permission denied to create extension "file_fdw"' }],
  });
  await stage.sql('postgres', `alter role ${login} superuser`);
  const before = await roles();
  expect(await tryOne('extended')).toMatchObject({
    kind: 'loaded',
    notes: ['extension file_fdw belongs to our login, which had to make it'],
  });
  await stage.sql('postgres', `alter role ${login} nosuperuser`);
  expect((await loot('extended')).filter((what) => what.includes(' could: '))).toEqual([]);
  expect(before.filter((role) => role.includes('pwned'))).toEqual([]);
  for (const name of ['refused', 'extended']) {
    await stage.sql('postgres', `drop database ${name}`);
    await stage.sql('postgres', `drop role loaded_${name}`);
  }
});

test('no password is in clear in the log of the server, and a server that takes none is told as such', async () => {
  const logged = readFileSync(join(stage.folder, 'postgres.log'), 'utf8');
  const said = logged.match(/alter role "?restore_desk_\w+"? .*password .*/g) ?? [];
  expect(said.length).toBeGreaterThan(3);
  expect(said.filter((line) => !/ password ('SCRAM-SHA-256\$4096:|null)/.test(line))).toEqual([]);
  const hba = join(stage.folder, 'cluster', 'data', 'pg_hba.conf');
  const open = readFileSync(hba, 'utf8');
  writeFileSync(hba, `host all ${login},adm all scram-sha-256\n`);
  await stage.sql('postgres', 'select pg_reload_conf()');
  const path = stage.file('plain.sql', 'select 1');
  const order = orderOf(stage, [{ path, database: 'nobody' }]);
  await expect(load(loaderFor(stage), order)).rejects.toMatchObject({
    problem: { code: 'LOAD_LOGIN_REFUSED', retryable: true },
  });
  writeFileSync(hba, open);
  await stage.sql('postgres', 'select pg_reload_conf()');
  expect((await load(loaderFor(stage), order)).ended).toMatchObject({
    'database nobody': { kind: 'loaded' },
  });
});

test('a roles file that went in only in part is told so by the next try as well', async () => {
  const file = stage.file('odd.sql', 'CREATE ROLE partly;\nALTER ROLE partly SET no_such_setting TO 1;\n');
  const order = orderOf(stage, [{ kind: 'roles', path: file }], { ended: [] });
  const dies = new Error('the process dies');
  const first = loaderFor(stage).load(order, {
    signal: new AbortController().signal,
    begun: async () => undefined,
    ended: () => Promise.reject(dies),
    progress: () => undefined,
  });
  await expect(first).rejects.toBe(dies);
  expect((await load(loaderFor(stage), order)).ended['roles']).toMatchObject({
    kind: 'failed',
    because: { code: 'ROLES_INCOMPLETE' },
    failures: [{ object: 'SETTING no_such_setting of role partly' }],
  });
  await stage.sql('postgres', 'drop role partly');
});

test('the proof, which looks into what was loaded as our login, runs nothing that lies in wait there', async () => {
  const path = stage.file(
    'waiting.sql',
    `create function pwn() returns boolean language plpgsql as $f$ begin
       perform set_config('default_transaction_read_only', 'off', false);
       execute 'create role pwned'; return true; exception when others then return true; end $f$;
     create table guarded(id serial primary key); insert into guarded values (1), (2);
     alter table guarded enable row level security; create policy p on guarded using (pwn());
     create type odd as enum ('a', 'b');
     create function odd_number(odd) returns numeric language sql as $f$ select pwn(); select 1::numeric $f$;
     create function odd_text(odd) returns text language sql as $f$ select pwn(); select 'x' $f$;
     create cast (odd as numeric) with function odd_number(odd); create cast (odd as text) with function odd_text(odd);
     create table cast_away(id odd primary key); create sequence s owned by cast_away.id; select nextval('s');
     insert into cast_away values ('a'); create schema cron; create table cron.job(jobid int, jobname odd, active boolean);
     insert into cron.job values (1, 'a', true); create table plain(id int); insert into plain values (1), (2), (3);
     grant usage on schema cron to public; grant select on all tables in schema public, cron to public;
     grant select on all sequences in schema public to public`,
  );
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'waiting' }]));
  expect(seen.ended['database waiting']).toMatchObject({ kind: 'loaded' });
  const before = await roles();
  const session = await startSession(
    new Client({
      ...{ host: '127.0.0.1', port: stage.port, user: login, password: loginPassword, database: 'waiting' },
      options: sessionOptions('ours'),
    }),
  );
  for (const _round of [1, 2]) {
    const { tables, wakes } = await askDatabase(session, 'waiting', { kind: 'copy', ownFrom: 0 });
    const counted = await countRows(session, tables);
    expect(counted.find(({ name }) => name === 'plain')).toMatchObject({ rows: 3 });
    expect(wakes).toEqual([]);
    await sequencesBehind(session);
    await oldRows(session, tables);
  }
  await session.end();
  expect(await roles()).toEqual(before);
});

test('where administrators own the schema public, or an empty database, what is loaded finds its place all the same', async () => {
  await stage.sql('postgres', 'create database usual_source owner maker');
  await stage.sql(
    'usual_source',
    'set session authorization maker; create table t(id int); insert into t values (1)',
  );
  const path = stage.dump('usual_source', 'usual.dump');
  await stage.sql('postgres', 'alter database template0 allow_connections true');
  const publicTo = (owner: string) => stage.sql('template0', `alter schema public owner to ${owner}`);
  await publicTo('azure_pg_admin');
  try {
    await stage.sql('postgres', 'create database of_admins template template0 owner azure_pg_admin');
    const parts = ['usual', 'of_admins'].map((database) => ({ path, database }));
    const { ended } = await load(loaderFor(stage), orderOf(stage, parts));
    expect(ended).toMatchObject({
      'database usual': { kind: 'loaded', notes: [] },
      'database of_admins': {
        kind: 'loaded',
        notes: ['database of_admins belonged to azure_pg_admin before'],
      },
    });
  } finally {
    await publicTo('pg_database_owner');
    await stage.sql('postgres', 'alter database template0 allow_connections false');
  }
  const owners = `select pg_get_userbyid(datdba)::text as o from pg_database where datname in ('usual', 'of_admins')`;
  expect(await stage.sql('postgres', owners)).toEqual([{ o: 'maker' }, { o: 'maker' }]);
  for (const name of ['usual', 'of_admins']) {
    expect(await sayingOf(login, name)).toBe(0);
    expect(
      await stage.sql(name, 'select tableowner::text as o from pg_tables where schemaname = $1', ['public']),
    ).toEqual([{ o: 'maker' }]);
  }
});
