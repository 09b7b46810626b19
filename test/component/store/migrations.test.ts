import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../../services/store/migrate';
import { startTestCluster, type TestCluster } from '../../fakes/state-database';

jest.setTimeout(60_000);
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster?.stop());

const columns = () =>
  cluster.ask(
    `select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' order by 1, 2`,
  );

/** Tries a statement as the role that the running product has; answers the SQLSTATE, or 'done'. */
async function asApplication(sql: string): Promise<string> {
  const client = new Client({ connectionString: cluster.ownerUrl, options: '-c role=restore_desk_app' });
  await client.connect();
  try {
    await client.query(sql);
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.end();
  }
}

test('from nothing, several replicas at once bring the database to the same schema once', async () => {
  await Promise.all([migrate(cluster.ownerUrl), migrate(cluster.ownerUrl), migrate(cluster.ownerUrl)]);
  const applied = await cluster.ask<{ name: string }>('select name from applied_migration');
  expect(applied.length).toBeGreaterThanOrEqual(3);
  expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length);
});

test('a second start changes nothing', async () => {
  const before = await columns();
  const applied = await cluster.ask('select * from applied_migration order by name');
  await migrate(cluster.ownerUrl);
  expect(await columns()).toEqual(before);
  expect(await cluster.ask('select * from applied_migration order by name')).toEqual(applied);
});

test('the application role writes into the journal, and can never take back or change what stands there', async () => {
  const insert = `insert into journal (seq, at, kind, actor, body, prev_hash, hash) values (1, now(), 'k', '"a"', '{}', 'p', 'h')`;
  expect(await asApplication(insert)).toBe('done');
  for (const sql of [
    'update journal set kind = kind',
    'delete from journal',
    'truncate journal',
    'drop table journal',
    'alter table journal disable trigger all',
    'create trigger t before insert on journal for each row execute function suppress_redundant_updates_trigger()',
  ])
    expect([sql, await asApplication(sql)]).toEqual([sql, '42501']);
  expect(await cluster.ask('select count(*)::int as n from journal')).toEqual([{ n: 1 }]);
});

test('the application role cannot touch the migrations or make tables of its own', async () => {
  for (const sql of [
    'delete from applied_migration',
    'update applied_migration set name = name',
    `insert into applied_migration (name) values ('x')`,
    'create table public.mine (a int)',
    'drop schema pgboss cascade',
    'truncate restore_request cascade',
  ])
    expect([sql, await asApplication(sql)]).toEqual([sql, '42501']);
});

test('what an earlier version stored is read by this one: its fields, its outcomes and its undelivered cards', async () => {
  const older = await startTestCluster();
  try {
    await migrate(older.ownerUrl);
    const file = join(__dirname, '../../../services/store/migrations/0004_vaults.sql');
    await older.ask('alter table start_intent drop column job_id');
    const draft = { inputs: { source: 'orders-pg' }, state: { phase: 'open' } };
    const ended = {
      inputs: { source: 'orders-pg' },
      state: {
        phase: 'completed',
        ...{ hostName: 'a.b', address: { host: 'a.b', port: 5432 }, got: { location: 'canadacentral' } },
      },
    };
    await older.ask(`insert into draft (id, phase, body, created_at) values ('d', 'open', $1, now())`, [
      draft,
    ]);
    await older.ask(
      `insert into restore_request (id, number, phase, is_open, target_name, body, created_at) values ('R-1', 1, 'completed', false, 't', $1, now())`,
      [ended],
    );
    await older.ask(
      `insert into outbox (slot, destination, message, pace) values ('s', '{}', '{"kind":"request"}', 'at-once')`,
    );
    await older.ask(readFileSync(file, 'utf8'));
    const [read] = await older.ask<{ inputs: object; state: object; message: object }>(
      `select d.body -> 'inputs' as inputs, r.body -> 'state' as state, o.message
         from draft d, restore_request r, outbox o`,
    );
    expect(read?.inputs).toMatchObject({ source: 'orders-pg', container: '', rehydrationDays: '' });
    expect(read?.state).toEqual({
      phase: 'completed',
      got: {
        ...{ kind: 'server', hostName: 'a.b', address: { host: 'a.b', port: 5432 } },
        location: 'canadacentral',
      },
    });
    expect(read?.message).toEqual({ kind: 'request', warnings: [] });
  } finally {
    await older.stop();
  }
});
