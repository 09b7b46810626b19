/** A state database of its own for one test file: a real cluster in a temporary folder, migrated, gone afterwards. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import type { PgBoss } from 'pg-boss';
import { createCluster, startCluster } from '../../infra/local/postgres/cluster';
import { findPostgresFolder } from '../../infra/local/supervisor/postgres-tools';
import { createOutbox, type Outbox } from '../../services/store/outbox';
import { createStore } from '../../services/store/store';
import { keepPublicKey } from '../../services/store/journal';
import { testSigner } from './evidence-key';
import { migrate } from '../../services/store/migrate';
import { openDatabase, type Database } from '../../services/store/database';
import { openQueues } from '../../services/store/queues';
import { freePorts } from '../fixtures/supervisor/processes';
import type { Store } from '../../services/restore/ports';

const superuser = 'desk_owner';
const password = 'only-for-tests';

export interface TestCluster {
  /** Connection of the role that owns the tables. */
  readonly ownerUrl: string;
  /** Asks as the owner. */
  ask<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** An empty database that knows nothing of the desk yet. */
export async function startTestCluster(): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'desk-store-'));
  const binDir = findPostgresFolder(process.env['PG_BIN'], process.env['PATH']);
  const dataDir = join(folder, 'cluster', 'data');
  await createCluster({
    binDir,
    dataDir,
    superuser,
    password,
    settings: ['fsync = off', 'shared_buffers = 16MB'],
  });
  const [port = 0] = await freePorts(1);
  const cluster = await startCluster({ binDir, dataDir, port, logFile: join(folder, 'postgres.log') });
  const ownerUrl = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  return {
    ownerUrl,
    ask: async <Row extends QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await owner.query<Row>(sql, values)).rows,
    stop: async () => {
      await owner.end();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TestStore extends TestCluster {
  readonly database: Database;
  readonly boss: PgBoss;
  readonly store: Store;
  readonly outbox: Outbox;
}

/** The migrated database with everything that the product opens on it, as the application role. */
export async function startTestStore(): Promise<TestStore> {
  const cluster = await startTestCluster();
  await migrate(cluster.ownerUrl);
  const database = openDatabase(cluster.ownerUrl, () => undefined);
  const boss = openQueues(cluster.ownerUrl, () => undefined);
  await boss.start();
  await keepPublicKey(database, testSigner);
  return {
    ...cluster,
    database,
    boss,
    store: createStore(database, boss, testSigner),
    outbox: createOutbox(database, testSigner),
    stop: async () => {
      await boss.stop({ graceful: false });
      await database.close();
      await cluster.stop();
    },
  };
}
