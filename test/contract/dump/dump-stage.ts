/** A source that dumps come from and a target that they go into, in one cluster over TLS, with a login as in Azure. */
import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { ensureCertificates } from '../../../infra/local/certificates';
import { clusterOwner, createCluster, startCluster } from '../../../infra/local/postgres/cluster';
import { findPostgresFolder } from '../../../infra/local/supervisor/postgres-tools';
import { createDumpLoader, type DumpLoaderSettings } from '../../../services/dump/load';
import type { FetchFile } from '../../../services/dump/order-run';
import {
  partKey,
  type BegunPart,
  type DumpLoader,
  type LoadOrder,
  type LoadPart,
  type LoadProgress,
  type PartResult,
} from '../../../services/restore/dump-ports';
import { freePorts } from '../../fixtures/supervisor/processes';

const superuser = 'adm';
const password = 'only-for-tests';
/** Of the product: it may make databases and roles, and is no superuser. */
export const login = 'desk';
export const loginPassword = 'canary-2f1d token';

export interface DumpStage {
  readonly folder: string;
  readonly pgBin: string;
  readonly caFile: string;
  readonly port: number;
  /** As superuser. */
  sql<Row extends QueryResultRow>(database: string, sql: string, values?: unknown[]): Promise<Row[]>;
  /** A session as superuser, to be ended. */
  session(database: string): Promise<Client>;
  /** Runs a stock program as superuser; answers its output. */
  run(program: string, args: readonly string[], database?: string): string;
  /** Dumps a database into a file of the stage. */
  dump(database: string, name: string, ...args: string[]): string;
  file(name: string, content: string | Buffer): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startDumpStage(settings: readonly string[] = []): Promise<DumpStage> {
  const folder = mkdtempSync(join(tmpdir(), 'desk-dump-'));
  const pgBin = findPostgresFolder(process.env['PG_BIN'], process.env['PATH']);
  const dataDir = join(folder, 'cluster', 'data');
  const certificates = await ensureCertificates(folder);
  await createCluster({
    ...{ binDir: pgBin, dataDir, superuser, password },
    settings: [
      ...['fsync = off', 'shared_buffers = 64MB', 'max_connections = 60', 'ssl = on', ...settings],
      ...["ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"],
    ],
  });
  const owner = await clusterOwner();
  for (const [from, to] of [
    [certificates.certFile, 'server.crt'],
    [certificates.keyFile, 'server.key'],
  ] as const) {
    cpSync(from, join(dataDir, to));
    if (owner) chownSync(join(dataDir, to), owner.uid, owner.gid);
  }
  const [port = 0] = await freePorts(1);
  const start = () => startCluster({ binDir: pgBin, dataDir, port, logFile: join(folder, 'postgres.log') });
  let cluster = await start();
  const env = {
    PATH: process.env['PATH'],
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: superuser,
    PGPASSWORD: password,
  };
  const run: DumpStage['run'] = (program, args, database = 'postgres') =>
    execFileSync(join(pgBin, program), [...args], {
      env: { ...env, PGDATABASE: database },
      encoding: 'utf8',
      maxBuffer: 512 * 1024 * 1024,
    });
  const stage: DumpStage = {
    ...{ folder, pgBin, caFile: certificates.caFile, port, run },
    session: async (database) => {
      const client = new Client({ host: '127.0.0.1', port, user: superuser, password, database });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    sql: async <Row extends QueryResultRow>(database: string, sql: string, values: unknown[] = []) => {
      const client = await stage.session(database);
      try {
        return (await client.query<Row>(sql, values)).rows;
      } finally {
        await client.end();
      }
    },
    dump: (database, name, ...args) => {
      run('pg_dump', ['-Fc', '-f', join(folder, name), ...args], database);
      return join(folder, name);
    },
    file: (name, content) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    restart: async () => {
      await cluster.stop();
      cluster = await start();
    },
    stop: async () => {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await stage.sql('postgres', `create role ${login} login createdb createrole password '${loginPassword}'`);
  return stage;
}

const account = {
  ...{ id: '/a', name: 'restores', subscriptionId: 's', resourceGroup: 'g', location: 'westeurope' },
  ...{ blobEndpoint: 'https://restores.blob.core.windows.net/', allowsCrossTenantReplication: false },
  ...{ keepsAzureOut: false, containers: [] },
};

export type PartOfTest = { readonly path: string } & (
  { readonly kind: 'roles' } | { readonly database: string }
);

const toPart = (part: PartOfTest): LoadPart => {
  const file = { name: part.path, bytes: statSync(part.path).size, etag: 'e' };
  return 'database' in part ? { kind: 'database', file, database: part.database } : { kind: part.kind, file };
};

let keys = 0;

export const orderOf = (
  stage: Pick<DumpStage, 'port'>,
  parts: readonly PartOfTest[],
  more: Partial<LoadOrder> = {},
): LoadOrder => ({
  key: `order-${process.pid}-${++keys}`,
  ...{ account, container: 'dumps', parts: parts.map(toPart), begun: {}, ended: [] },
  server: {
    name: 'orders-pg-dr',
    address: { host: '127.0.0.1', port: stage.port },
    cores: 2,
    postgresMajor: 15,
  },
  choices: { owners: 'keep', grants: 'keep', ownerMap: {} },
  ...more,
});

/** Stands for the download: the file is there at once. */
const localFiles: FetchFile = async (file, watch) => {
  watch.onBytes(file.bytes);
  return file.name;
};

const silent = { info: () => undefined, warn: () => undefined };

export const loaderFor = (
  stage: Pick<DumpStage, 'pgBin' | 'caFile'>,
  more: Partial<DumpLoaderSettings> = {},
): DumpLoader =>
  createDumpLoader({
    ...{ pgBin: stage.pgBin, caFile: stage.caFile, login, token: async () => loginPassword },
    ...{ fetchFor: () => localFiles, forgetFetched: async () => undefined, log: silent, ...more },
  });

export interface Seen {
  readonly begun: Record<string, BegunPart>;
  readonly ended: Record<string, PartResult>;
  readonly progress: LoadProgress[];
}

/** Loads and answers what was told on the way; `onProgress` may abort. */
export async function load(
  loader: DumpLoader,
  order: LoadOrder,
  onProgress: (progress: LoadProgress, abort: () => void) => void = () => undefined,
): Promise<Seen> {
  const seen: Seen = { begun: {}, ended: {}, progress: [] };
  const abort = new AbortController();
  await loader.load(order, {
    signal: abort.signal,
    begun: async (part, how) => void (seen.begun[partKey(part)] = how),
    ended: async (part, result) => void (seen.ended[partKey(part)] = result),
    progress: (progress) => {
      seen.progress.push(progress);
      onProgress(progress, () => abort.abort());
    },
  });
  return seen;
}

/** All of its objects as pg_dump writes them, and the sum of the rows of each table, to compare databases. */
export async function imprint(stage: DumpStage, database: string): Promise<string> {
  const schema = stage
    .run('pg_dump', ['--schema-only'], database)
    .split('\n')
    .filter((line) => !/^\\(un)?restrict /.test(line))
    .join('\n');
  const tables = await stage.sql<{ name: string }>(
    database,
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`,
  );
  const sums: string[] = [];
  for (const { name } of tables) {
    const rows = await stage.sql<{ sum: string }>(
      database,
      `select count(*) || ':' || coalesce(sum(hashtext(t::text)::bigint), 0) as sum from ${name} t`,
    );
    sums.push(`${name} ${rows[0]?.sum ?? ''}`);
  }
  return `${schema}\n${sums.join('\n')}`;
}
