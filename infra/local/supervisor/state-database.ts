/** The product's own database: a private cluster with durable writes, since it holds what was approved and by whom. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { asClusterOwner, createCluster } from '../postgres/cluster';
import type { ChildSpec } from './child';

const owner = 'restore_desk_owner';
const database = 'restore_desk';

export interface StateDatabase {
  readonly stateDir: string;
  readonly postgresFolder: string;
  readonly port: number;
  readonly password: string;
  readonly env: Readonly<Record<string, string>>;
}

export function stateDatabaseUrl(port: number, password: string): string {
  return `postgres://${owner}:${password}@127.0.0.1:${port}/${database}`;
}

/** Makes the cluster on the first start; a creation that was cut short is done over. */
export async function prepareStateDatabase(state: StateDatabase): Promise<void> {
  const dataDir = join(state.stateDir, 'state-db', 'data');
  const complete = join(state.stateDir, 'state-db', 'complete');
  if (existsSync(complete)) return;
  await rm(dataDir, { recursive: true, force: true });
  await createCluster({
    binDir: state.postgresFolder,
    dataDir,
    superuser: owner,
    password: state.password,
    settings: ['shared_buffers = 32MB', "log_line_prefix = '%m [%p] '"],
  });
  await writeFile(complete, '');
}

export async function stateDatabaseChild(state: StateDatabase): Promise<ChildSpec> {
  const postgres = await asClusterOwner(
    join(state.postgresFolder, 'postgres'),
    [
      ...['-D', join(state.stateDir, 'state-db', 'data'), '-c', 'listen_addresses=127.0.0.1'],
      ...['-c', 'unix_socket_directories=', '-c', `port=${state.port}`],
    ],
    'INT',
  );
  return {
    name: 'stateDatabase',
    title: 'state database',
    ...postgres,
    bringsDeathSignal: true,
    env: state.env,
    cwd: '/',
    logFile: join(state.stateDir, 'logs', 'state-database.log'),
    stopSignal: 'SIGINT',
    stopSeconds: 15,
    isReady: () => ensureDatabase(state),
  };
}

/** True when the server answers and the product's database is there. */
async function ensureDatabase(state: StateDatabase): Promise<boolean> {
  const url = stateDatabaseUrl(state.port, state.password).replace(/\/[^/]*$/, '/postgres');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${database}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
