/** A source with a history and a real recovery of it to a moment, which every test alters in a copy of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile, chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import {
  clusterOwner,
  createCluster,
  makeClusterFolder,
  startCluster,
  type RunningCluster,
} from '../../../infra/local/postgres/cluster';
import { findPostgresFolder } from '../../../infra/local/supervisor/postgres-tools';
import { createCopyProver } from '../../../services/proof/copy-prover';
import { judgeProof, type Verdict } from '../../../services/restore/proof';
import { sessionOptions, startSession, type OpenSession } from '../../../services/proof/sessions';
import type { ProofFindings } from '../../../services/restore/proof-findings';
import type { ProofProbe } from '../../../services/restore/proof-probe';
import { aServer } from '../../fakes/facts';
import { freePorts } from '../../fixtures/supervisor/processes';

const run = promisify(execFile);
const superuser = 'owner';
const password = 'only-for-tests';
const login = 'restore-desk';

export const source = aServer('orders-pg');
const copy = aServer('orders-pg-r1');

export interface Look {
  readonly findings: ProofFindings;
  readonly verdict: Verdict;
}

export interface ProofStage {
  readonly moment: string;
  readonly bornAt: string;
  /** A recovered copy of its own, altered by SQL in `shop`; gone after `use`. */
  withCopy<T>(alter: string, use: () => Promise<T>, settings?: Record<string, string>): Promise<T>;
  look(options?: LookOptions): Promise<Look>;
  onSource(sql: string, database?: string): Promise<void>;
  open: OpenSession;
  stop(): Promise<void>;
}

export interface LookOptions {
  readonly probe?: ProofProbe;
  readonly moment?: string;
  readonly bornAt?: string;
  readonly mode?: 'point-in-time' | 'geo' | 'fast';
  /** How the source is when it is looked for. */
  readonly sourceIs?: 'there' | 'gone' | 'silent' | 'closed';
}

const settings = (archive: string): string[] => [
  ...[
    'fsync = off',
    'full_page_writes = off',
    'shared_buffers = 8MB',
    'max_wal_size = 32MB',
    'min_wal_size = 2MB',
  ],
  ...[
    'wal_level = replica',
    'archive_mode = on',
    `archive_command = 'cp "%p" "${archive}/%f"'`,
    'hot_standby = off',
  ],
  ...['track_commit_timestamp = on', "timezone = 'UTC'", 'autovacuum = off', 'max_connections = 40'],
];

/** One by one: databases and write-ahead log do not care for a transaction around them. */
async function ask(port: number, database: string, sql: string): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = [];
  for (const statement of sql.split(';').filter((part) => part.trim() !== ''))
    rows = await askWhole(port, database, statement);
  return rows;
}

async function askWhole(port: number, database: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ host: '127.0.0.1', port, database, user: superuser, password });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Before the base backup; what is written between it and the moment has to come out of the archive. */
const before = `
  create table customers (id bigserial primary key, name text not null);
  create table orders (id bigserial primary key, customer_id bigint, placed_at timestamptz not null);
  create index orders_placed_at on orders (placed_at);
  create table heartbeat (at timestamptz primary key);
  create table empty_then (id int primary key);
  create table empty_always (id int);
  create unlogged table cache (id int);
  create table dropped_later (id int);
  create table tickets (id serial primary key, title text);
  insert into tickets (title) select 'T' from generate_series(1, 40);
  create extension pg_trgm;
  insert into customers (name) select 'Customer ' || n from generate_series(1, 200) n;
  insert into orders (customer_id, placed_at) select 1 + n % 200, now() - interval '1 hour' from generate_series(1, 500) n;
  insert into cache select generate_series(1, 10);`;

/** Enough transactions for what was written before them to be told from a copy's own without commit times. */
const burnNumbers = `
  do $$ begin for i in 1..1200 loop
    begin insert into empty_always values (i); raise exception 'burn'; exception when others then null; end;
  end loop; end $$`;

const beforeMoment = `
  create schema sales;
  create table sales.items (id serial primary key, article text);
  insert into sales.items (article) values ('desk'), ('lamp');
  create extension citext;
  insert into orders (customer_id, placed_at) values (7, clock_timestamp());`;

/** None of it belongs into the copy. */
const afterMoment = `
  create table made_later (id serial primary key);
  insert into made_later default values;
  create extension hstore;
  create index made_later_too on orders (customer_id);
  insert into empty_then values (1);
  drop table dropped_later;
  alter table customers add column email text;
  insert into orders (customer_id, placed_at) values (8, clock_timestamp());
  insert into heartbeat values (clock_timestamp());`;

export async function startProofStage(): Promise<ProofStage> {
  const folder = mkdtempSync(join(tmpdir(), 'desk-proof-'));
  const at = (...parts: string[]): string => join(folder, 'clusters', ...parts);
  const binDir = findPostgresFolder(process.env['PG_BIN'], process.env['PATH']);
  const archive = at('archive');
  await makeClusterFolder(at());
  await makeClusterFolder(archive);
  await createCluster({
    ...{ binDir, dataDir: at('source'), superuser, password, settings: settings(archive) },
    initArgs: ['--wal-segsize=1'],
  });
  const [sourcePort = 0, copyPort = 0] = await freePorts(2);
  const start = async (
    name: string,
    port: number,
    more: Record<string, string> = {},
  ): Promise<RunningCluster> => {
    const logFile = join(folder, `${name}.log`);
    const cluster = await startCluster({ binDir, dataDir: at(name), port, logFile, settings: more });
    clusters.add(cluster);
    void cluster.exited.then(() => clusters.delete(cluster));
    return cluster;
  };
  const clusters = new Set<RunningCluster>();
  const end = async (): Promise<void> => {
    await Promise.all([...clusters].map((cluster) => cluster.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const moment = await makeHistory();
    const bornAt = new Date().toISOString();
    await recover(moment);
    return stageOf(moment, bornAt);
  } catch (error) {
    await end();
    throw error;
  }

  async function makeHistory(): Promise<string> {
    const first = await start('source', sourcePort);
    await ask(
      sourcePort,
      'postgres',
      `create role "${login}" login password '${password}' in role pg_read_all_data, pg_monitor; create role shop_app login;`,
    );
    await ask(sourcePort, 'postgres', 'create database shop');
    await ask(sourcePort, 'shop', before);
    await first.stop();
    await run('cp', ['-a', at('source'), at('base')]);
    await start('source', sourcePort);
    await ask(sourcePort, 'postgres', 'create role shop_report nologin; create database ledger');
    await ask(sourcePort, 'shop', beforeMoment);
    await askWhole(sourcePort, 'shop', burnNumbers);
    await ask(sourcePort, 'shop', 'insert into heartbeat values (clock_timestamp())');
    const [row] = await ask(
      sourcePort,
      'postgres',
      `select pg_sleep(0.02); select to_char(date_trunc('milliseconds', clock_timestamp()), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at;`,
    );
    const moment = String(row?.['at']);
    await ask(sourcePort, 'postgres', 'select pg_sleep(0.02)');
    await ask(sourcePort, 'postgres', 'create role made_later nologin; create database later');
    await ask(sourcePort, 'shop', afterMoment);
    await ask(sourcePort, 'postgres', 'select txid_current(); select pg_switch_wal(); checkpoint');
    return moment;
  }

  /** The copy is stopped and kept as it came out of the recovery. */
  async function recover(moment: string): Promise<void> {
    const signal = at('base', 'recovery.signal');
    await writeFile(signal, '');
    const owner = await clusterOwner();
    if (owner) await chown(signal, owner.uid, owner.gid);
    const recovered = await start('base', copyPort, {
      ...{ archive_mode: 'off', restore_command: `cp "${archive}/%f" "%p"` },
      ...{
        recovery_target_time: moment.replace('T', ' ').replace('Z', '+00'),
        recovery_target_action: 'promote',
      },
    });
    await recovered.stop();
  }

  function stageOf(moment: string, bornAt: string): ProofStage {
    const ports = new Map([
      [source.id, sourcePort],
      [copy.id, copyPort],
    ]);
    const open: OpenSession = async (server, database, asker) =>
      startSession(
        new Client({
          ...{ host: '127.0.0.1', port: ports.get(server.id), database, user: login, password },
          options: sessionOptions(asker),
        }),
      );
    let tries = 0;
    return {
      moment,
      bornAt,
      open,
      onSource: async (sql, database = 'shop') => void (await ask(sourcePort, database, sql)),
      withCopy: async (alter, use, more = {}) => {
        tries += 1;
        const name = `copy-${tries}`;
        await run('cp', ['-a', at('base'), at(name)]);
        const cluster = await start(name, copyPort, { archive_mode: 'off', ...more });
        try {
          if (alter !== '') await ask(copyPort, 'shop', alter);
          return await use();
        } finally {
          await cluster.stop();
          await rm(at(name), { recursive: true, force: true });
        }
      },
      look: async (options = {}) => {
        const { sourceIs = 'there', mode = 'point-in-time', probe } = options;
        const asked = options.moment ?? moment;
        const prover = createCopyProver({
          open: (server, ...rest) =>
            sourceIs === 'closed' && server.id === source.id
              ? Promise.reject(new Error('no pg_hba.conf entry'))
              : open(server, ...rest),
          server: async () => {
            if (sourceIs === 'silent') throw new Error('Azure is silent');
            return sourceIs === 'gone' ? undefined : source;
          },
        });
        const findings = await prover.look(copy, {
          ...{ moment: asked, upTo: asked, bornAt: options.bornAt ?? bornAt, sourceId: source.id },
          ...(probe ? { probe } : {}),
        });
        const expected = { mode, moment: asked, toleranceSeconds: probe?.toleranceSeconds ?? 5 };
        return { findings, verdict: judgeProof(findings, expected, probe) };
      },
      stop: end,
    };
  }
}
