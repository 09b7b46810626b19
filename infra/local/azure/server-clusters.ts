/**
 * The PostgreSQL clusters behind the flexible servers: making, starting, stopping. Every start rewrites what belongs to
 * this run (sign-in rules, certificate, archive command), so a copied or restored data folder needs no further care.
 */
import { execFile } from 'node:child_process';
import { chown, copyFile, chmod, mkdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  clusterOwner,
  createCluster,
  makeClusterFolder,
  startCluster,
  type RunningCluster,
} from '../postgres/cluster';
import type { Certificates } from '../certificates';
import type { ServerRecord } from './model';
import type { PortPool } from './ports';
import { archiveCommand, serverFolders, type ServerFolders } from './server-folders';
import { superuser, type SessionTarget } from './server-session';
import { hostRules } from './token-login';

const run = promisify(execFile);

export interface ClusterParts {
  readonly azureDir: string;
  readonly pgBin: string;
  readonly certificates: Certificates;
  readonly directoryPort: number;
  readonly ports: PortPool;
  /** Told at every start, since a port may have been taken by somebody else meanwhile. */
  readonly onStarted: (name: string, port: number) => void;
}

export interface StartOptions {
  /** Settings of this run only, for example a recovery target. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Another folder to take the postmaster from (seeding runs one under a shifted clock). */
  readonly binDir?: string;
}

export interface ServerClusters {
  folders(server: ServerRecord): ServerFolders;
  /** `like` is a cluster with the same superuser that was never started: copying it is faster than making one. */
  create(server: ServerRecord, like?: ServerRecord): Promise<void>;
  start(server: ServerRecord, options?: StartOptions): Promise<void>;
  stop(name: string): Promise<void>;
  /** Stops whatever runs in the server's folder, a former process's postmaster too, and removes the folder. */
  clear(server: ServerRecord): Promise<void>;
  isRunning(name: string): boolean;
  /** A session as the superuser that stands for Azure itself. */
  asSuperuser(server: ServerRecord, database?: string): SessionTarget;
  asAdministrator(server: ServerRecord, database: string): SessionTarget;
  /** Also what is just being made or started; nothing is made or started afterwards. */
  stopAll(): Promise<void>;
}

const settings: readonly string[] = [
  ...['shared_buffers = 8MB', 'max_connections = 60', 'jit = off', 'autovacuum_naptime = 5min'],
  // Nothing here has to survive a power cut, only a killed process.
  ...['fsync = off', 'full_page_writes = off', 'max_wal_size = 32MB', 'min_wal_size = 2MB'],
  ...['wal_level = replica', 'archive_mode = on', 'archive_timeout = 300', 'max_wal_senders = 4'],
  // The instant of a commit is asked for by the accident route; a copy opens only when its replay is over.
  ...['track_commit_timestamp = on', 'hot_standby = off'],
  ...["timezone = 'UTC'", "log_timezone = 'UTC'", 'password_encryption = scram-sha-256'],
  ...['ssl = on', "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"],
];

export function createServerClusters(parts: ClusterParts): ServerClusters {
  const running = new Map<string, RunningCluster>();
  const { doing, closeAndSettle } = createUnderway();
  const folders = (server: ServerRecord): ServerFolders => serverFolders(parts.azureDir, server.folder);
  const stop = async (name: string): Promise<void> => {
    const cluster = running.get(name);
    running.delete(name);
    await cluster?.stop();
    if (cluster) parts.ports.release(cluster.port);
  };
  const session = (server: ServerRecord, user: string, password: string, database: string) => ({
    port: running.get(server.name)?.port ?? server.port,
    ...{ user, password, database, caFile: parts.certificates.caFile },
  });
  return {
    folders,
    create: doing(async (server: ServerRecord, like?: ServerRecord) => {
      const { root, data, archive, backups } = folders(server);
      await mkdir(join(parts.azureDir, 'servers'), { recursive: true, mode: 0o700 });
      for (const folder of [root, archive, backups]) await makeClusterFolder(folder);
      if (like) return void (await run('cp', ['-a', folders(like).data, data]));
      await createCluster({
        ...{ binDir: parts.pgBin, dataDir: data, superuser, password: server.superuserPassword },
        ...{ settings, initArgs: ['--wal-segsize=1'] },
      });
    }),
    start: doing(async (server: ServerRecord, options: StartOptions = {}) => {
      const { data, archive, log } = folders(server);
      await waitForFormerPostmaster(data);
      await prepareRun(data, parts);
      const port = await parts.ports.take(server.port);
      const cluster = await startCluster({
        ...{ binDir: options.binDir ?? parts.pgBin, dataDir: data, port, logFile: log },
        settings: { archive_command: archiveCommand(archive), ...options.settings },
      });
      running.set(server.name, cluster);
      parts.onStarted(server.name, port);
      void cluster.exited.then(() => {
        if (running.get(server.name) === cluster) running.delete(server.name);
      });
    }),
    stop,
    clear: async (server) => {
      await stop(server.name);
      await clearFolder(folders(server));
    },
    isRunning: (name) => running.has(name),
    asSuperuser: (server, database = 'postgres') =>
      session(server, superuser, server.superuserPassword, database),
    asAdministrator: (server, database) =>
      session(server, server.administratorLogin, server.administratorPassword, database),
    stopAll: async () => {
      await closeAndSettle();
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

/** Keeps what is being done until it is done: a postmaster that nobody waited for would outlive this process. */
function createUnderway() {
  const underway = new Set<Promise<void>>();
  let closed = false;
  return {
    doing:
      <Given extends unknown[]>(act: (...given: Given) => Promise<void>) =>
      (...given: Given): Promise<void> => {
        if (closed) return Promise.reject(new Error('Local Azure is going down.'));
        const done = act(...given);
        const settled = done.catch(() => undefined);
        underway.add(settled);
        void settled.then(() => underway.delete(settled));
        return done;
      },
    closeAndSettle: async (): Promise<void> => {
      closed = true;
      await Promise.all(underway);
    },
  };
}

async function prepareRun(data: string, parts: ClusterParts): Promise<void> {
  const owner = await clusterOwner();
  const own = async (file: string, mode: number): Promise<void> => {
    await chmod(file, mode);
    if (owner) await chown(file, owner.uid, owner.gid);
  };
  await writeFile(join(data, 'pg_hba.conf'), hostRules(parts.directoryPort));
  await own(join(data, 'pg_hba.conf'), 0o600);
  await copyFile(parts.certificates.certFile, join(data, 'server.crt'));
  await own(join(data, 'server.crt'), 0o644);
  await copyFile(parts.certificates.keyFile, join(data, 'server.key'));
  await own(join(data, 'server.key'), 0o600);
}

/**
 * Our predecessor's postmaster may still be writing its last checkpoint here, and its copying may not have ended: only what
 * nobody writes to any more can be removed for good.
 */
export async function clearFolder({ root, data }: Pick<ServerFolders, 'root' | 'data'>): Promise<void> {
  await waitForFormerPostmaster(data);
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** When our predecessor was killed, its postmaster may still be writing its last checkpoint. */
async function waitForFormerPostmaster(data: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
    if (!pid || (await readlink(`/proc/${pid}/cwd`).catch(() => '')) !== data) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Another PostgreSQL still runs in ${data}.`);
}
