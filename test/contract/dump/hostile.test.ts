/** What a dump runs while it is loaded finds no rights but those of the owners that it names. */
import { login, load, loaderFor, orderOf, startDumpStage, type DumpStage } from './dump-stage';

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
    insert into public.loot values (what || ' ran as ' || session_user || ', super ' ||
      (select r.rolsuper or r.rolcreaterole or r.rolcreatedb from pg_roles r where r.rolname = session_user));
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

const ofLogin = async (database: string) =>
  stage.sql(
    database,
    `select d.classid::regclass::text as class, d.objid, d.deptype from pg_shdepend d join pg_roles r on r.oid = d.refobjid
      where r.rolname = $1 and (d.dbid = (select oid from pg_database where datname = current_database())
        or d.objid = (select oid from pg_database where datname = current_database()))`,
    [login],
  );

const loot = async (database: string): Promise<string[]> =>
  (await stage.sql<{ what: string }>(database, 'select distinct what from loot order by 1')).map(
    ({ what }) => what,
  );

beforeAll(async () => {
  stage = await startDumpStage();
  await stage.sql(
    'postgres',
    `create role azure_pg_admin; grant azure_pg_admin to ${login}; create role public_enemy;
     create role createdb_owner createdb; create role maker`,
  );
});
afterAll(() => stage.stop());

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
      expect.stringMatching(/^check ran as restore_desk_\w+, super false$/),
      expect.stringMatching(/^expression ran as restore_desk_\w+, super false$/),
      expect.stringMatching(/^domain ran as restore_desk_\w+, super false$/),
    ]),
  );
  expect(found.filter((what) => what.includes(' could: '))).toEqual([]);
  expect(await ofLogin('hostile')).toEqual([]);
  await stage.sql('postgres', 'drop database hostile with (force)');
});
