/** Brings the state database to the schema of this version. Run by the owner of the tables, once per start, by any replica. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { applicationRole } from './database';
import { installQueues, queueVersion } from './queues';

const migrationLock = 7_263_001;

const roleSql = `do $$
begin
  if not exists (select from pg_roles where rolname = '${applicationRole}') then
    create role ${applicationRole} nologin;
  end if;
exception when duplicate_object or unique_violation then null;
end $$;
grant ${applicationRole} to current_user;`;

const queueGrants = `grant usage on schema pgboss to ${applicationRole};
grant all on all tables in schema pgboss to ${applicationRole};
grant all on all sequences in schema pgboss to ${applicationRole};
grant execute on all functions in schema pgboss to ${applicationRole};`;

/** `ownerUrl` is the connection of the role that owns the tables. */
export async function migrate(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'create table if not exists applied_migration (name text primary key, at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string }>('select name from applied_migration');
    const applied = new Set(rows.map(({ name }) => name));
    if (applied.size === 0) await client.query(roleSql);
    for (const name of await migrationNames()) {
      if (!applied.has(name)) await applyMigration(client, name);
    }
    if (!applied.has(queueVersion)) {
      await installQueues(ownerUrl);
      await client.query(queueGrants);
      await client.query('insert into applied_migration (name) values ($1)', [queueVersion]);
    }
  } finally {
    await client.end();
  }
}

const folder = join(__dirname, 'migrations');

const migrationNames = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();

async function applyMigration(client: Client, name: string): Promise<void> {
  const sql = await readFile(join(folder, name), 'utf8');
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into applied_migration (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
