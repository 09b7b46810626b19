/**
 * Makes and runs PostgreSQL clusters as children of this process: the state database and every local server.
 *
 * PostgreSQL refuses to run as root, so root hands its clusters to the `postgres` user, who keeps just the capability
 * to walk through folders that only root may enter (a clone in a 0700 home is such a folder). Every postmaster gets a
 * parent-death signal, so that none outlives a parent that was killed.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, writeFile, rm, chown } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The user that owns clusters when this process is root; undefined when it is an ordinary user. */
export async function clusterOwner(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { stdout } = await run('getent', ['passwd', 'postgres']);
  const [, , uid, gid] = stdout.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Wraps a command so that it runs as the owner of clusters and dies with its parent (`deathSignal`, e.g. INT). */
export async function asClusterOwner(
  command: string,
  args: readonly string[],
  deathSignal = 'KILL',
): Promise<{ command: string; args: string[] }> {
  const owner = await clusterOwner();
  const identity = owner
    ? [
        `--reuid=${owner.uid}`,
        `--regid=${owner.gid}`,
        '--clear-groups',
        '--inh-caps=+dac_override,+dac_read_search',
        '--ambient-caps=+dac_override,+dac_read_search',
      ]
    : [];
  return { command: 'setpriv', args: [...identity, `--pdeathsig=${deathSignal}`, '--', command, ...args] };
}

/** Makes a folder that the owner of clusters can write. */
export async function makeClusterFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const owner = await clusterOwner();
  if (owner) await chown(path, owner.uid, owner.gid);
}

export interface NewCluster {
  /** Folder with initdb and postgres, for example /usr/lib/postgresql/15/bin. */
  readonly binDir: string;
  readonly dataDir: string;
  readonly superuser: string;
  readonly password: string;
  /** Lines appended to postgresql.conf. */
  readonly settings?: readonly string[];
  /** Further initdb arguments, for example --wal-segsize=1. */
  readonly initArgs?: readonly string[];
}

/** Creates a cluster: checksums off, UTF-8, passwords by scram-sha-256 for every connection. */
export async function createCluster(cluster: NewCluster): Promise<void> {
  await makeClusterFolder(dirname(cluster.dataDir));
  await makeClusterFolder(cluster.dataDir);
  const passwordFile = `${cluster.dataDir}.pw`;
  await writeFile(passwordFile, cluster.password, { mode: 0o600 });
  const owner = await clusterOwner();
  if (owner) await chown(passwordFile, owner.uid, owner.gid);
  try {
    const initdb = await asClusterOwner(join(cluster.binDir, 'initdb'), [
      ...['-D', cluster.dataDir, '-U', cluster.superuser, `--pwfile=${passwordFile}`],
      ...['-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync', ...(cluster.initArgs ?? [])],
    ]);
    await run(initdb.command, initdb.args, { cwd: '/' });
  } finally {
    await rm(passwordFile, { force: true });
  }
  if (cluster.settings?.length) {
    await writeFile(join(cluster.dataDir, 'postgresql.conf'), `\n${cluster.settings.join('\n')}\n`, {
      flag: 'a',
    });
  }
}

export interface ClusterToStart {
  readonly binDir: string;
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  /** Settings given on the command line; they win over postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningCluster {
  readonly port: number;
  readonly pid: number;
  /** Resolves with the exit code when the postmaster ends, for whatever reason. */
  readonly exited: Promise<number | null>;
  /** Fast shutdown: connections are cut, a checkpoint is written. */
  stop(): Promise<void>;
}

/** Starts a postmaster on loopback as a child and waits until it accepts connections (or has ended: that is an error). */
export async function startCluster(cluster: ClusterToStart): Promise<RunningCluster> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(cluster.port),
    ...cluster.settings,
  };
  const postgres = await asClusterOwner(
    join(cluster.binDir, 'postgres'),
    [
      '-D',
      cluster.dataDir,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    'INT',
  );
  const log = openSync(cluster.logFile, 'a');
  const child = spawn(postgres.command, postgres.args, {
    cwd: '/',
    stdio: ['ignore', log, log],
    env: { ...process.env, ...cluster.env },
  });
  closeSync(log);
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  await waitUntilAccepting(cluster, child, exited);
  return {
    port: cluster.port,
    pid: child.pid ?? 0,
    exited,
    stop: async () => {
      child.kill('SIGINT');
      await exited;
    },
  };
}

async function waitUntilAccepting(
  cluster: ClusterToStart,
  child: ChildProcess,
  exited: Promise<number | null>,
): Promise<void> {
  let ended = false;
  void exited.then(() => (ended = true));
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (ended)
      throw new Error(
        `PostgreSQL on port ${cluster.port} did not start; the reason is at the end of ${cluster.logFile}.`,
      );
    const ready = await run(join(cluster.binDir, 'pg_isready'), [
      '-q',
      '-h',
      '127.0.0.1',
      '-p',
      String(cluster.port),
    ]).then(
      () => true,
      () => false,
    );
    if (ready && !ended) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGQUIT');
  throw new Error(
    `PostgreSQL on port ${cluster.port} did not accept connections within a minute; see ${cluster.logFile}.`,
  );
}
