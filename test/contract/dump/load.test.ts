import { orderOf, imprint, load, loaderFor, startDumpStage, type DumpStage } from './dump-stage';

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
  await stage.sql('postgres', 'create role shop_owner createdb');
  await stage.sql('postgres', `create role shop_reader login password 'p'; grant shop_reader to shop_owner`);
  await stage.sql('postgres', 'create database source owner shop_owner');
  await stage.sql('source', shop);
  await stage.sql('postgres', `comment on database source is 'the shop''s'`);
});
afterAll(() => stage.stop());

test('a database arrives with everything that was in it', async () => {
  const path = stage.dump('source', 'source.dump');
  const before = await imprint(stage, 'source');
  const seen = await load(loaderFor(stage), orderOf(stage, [{ path, database: 'copy' }]));
  console.log(JSON.stringify(seen.ended));
  expect(seen.ended).toMatchObject({ 'database copy': { kind: 'loaded', tables: 5, notes: [] } });
  console.log(JSON.stringify(seen, null, 1).slice(0, 3000));
  expect(await imprint(stage, 'copy')).toBe(before);
});
