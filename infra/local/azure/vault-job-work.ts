/** The work of each kind of job, done for real. Doing one again after a kill is doing it once. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { escapeIdentifier, type Client } from 'pg';
import { vaultOf } from './backup-vaults';
import type { BlobStore } from './blob-store';
import { makePoint, newPointId } from './recovery-points';
import { asLogin, loginOfSecret, loginTarget } from './restore-checks';
import { findLegacy } from './restore-targets';
import type { ServerClusters } from './server-clusters';
import { withSession } from './server-session';
import type { Store } from './store';
import {
  blobName,
  dumpDatabase,
  dumpGlobals,
  emptyPointFolder,
  pointFolder,
  writeMarker,
  type DumpParts,
} from './vault-dumps';
import { BackupRefused } from './vault-errors';
import type {
  BackupInstance,
  DatabaseTarget,
  FilesTarget,
  PointFile,
  RecoveryPoint,
  VaultJob,
} from './vault-model';
import { until } from './vault-waiting';

const run = promisify(execFile);

export interface JobWorkDeps {
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly blobs: BlobStore;
  readonly pgBin: string;
  readonly azureDir: string;
}

type Patch = (id: string, change: Partial<VaultJob>) => void;

export function jobWork(deps: JobWorkDeps, patch: Patch) {
  return async (job: VaultJob): Promise<void> => {
    const { store } = deps;
    const instance = store.state.instances.find(({ name }) => name === job.instance);
    const point = store.state.recoveryPoints.find(({ id }) => id === job.pointId);
    const target = job.order?.target;
    if (!instance) throw new Error(`The instance ${job.instance} is gone.`);
    if (job.kind === 'Backup') return backUp(deps, job, instance, patch);
    if (!target || !point) return;
    if (target.kind === 'files') await writeFiles(deps, { job, point, target }, patch);
    else await fillDatabase(deps, { job, point, target }, patch);
  };
}

interface FilesJob {
  readonly job: VaultJob;
  readonly point: RecoveryPoint;
  readonly target: FilesTarget;
}

/** One file after the other, spread over the time that Azure takes, so that progress can be seen. */
async function writeFiles(
  { azureDir, blobs }: JobWorkDeps,
  { job, point, target }: FilesJob,
  patch: Patch,
): Promise<void> {
  const { account, container, prefix } = target;
  patch(job.id, { hasBegun: true });
  const known = await blobs.list(account, container, `${prefix}_${point.backupName}_`);
  let bytes = 0;
  // A job that shall fail does so half way: what it wrote before stays behind.
  const files = job.shape?.status === 'Failed' ? point.files.slice(0, 1) : point.files;
  for (const [index, file] of files.entries()) {
    await until(job.transferFromMs + ((job.endsAtMs - job.transferFromMs) * index) / point.files.length);
    const name = blobName(prefix, point.backupName, file);
    // Only a former try of this job can have written it: others were refused for the prefix.
    const isThere = job.hasBegun && known.some((blob) => blob.name === name);
    if (!isThere) await put(blobs, target, name, join(pointFolder(azureDir, point.id), file.file));
    bytes += file.bytes;
    patch(job.id, { bytes });
  }
}

async function put(blobs: BlobStore, target: FilesTarget, name: string, file: string): Promise<void> {
  try {
    await blobs.put(target.account, target.container, name, file);
  } catch (error) {
    const sameNow = await blobs.list(target.account, target.container, name).catch(() => []);
    const why = error instanceof Error ? error.message : String(error);
    throw sameNow.length > 0
      ? new BackupRefused('UserErrorTargetContainersExistOnAccount', `${name} is there already: ${why}`)
      : new BackupRefused('UserErrorContainerNotAccessible', why);
  }
}

interface DatabaseJob {
  readonly job: VaultJob;
  readonly point: RecoveryPoint;
  readonly target: DatabaseTarget;
}

const duplicateDatabase = '42P04';

async function fillDatabase(
  { store, clusters, pgBin, azureDir }: JobWorkDeps,
  { job, point, target }: DatabaseJob,
  patch: Patch,
): Promise<void> {
  const legacy = findLegacy(store, target.server);
  const dump = point.files.find(({ kind }) => kind === 'database');
  if (!legacy || !dump) throw new Error(`There is nothing to restore ${target.databaseId} from or to.`);
  const login = loginOfSecret(store, vaultOf(store, job), target.secretUri);
  const database = escapeIdentifier(target.database);
  const isAgain = job.hasBegun;
  patch(job.id, { hasBegun: true });
  await asLogin(clusters, legacy, login, async (client) => {
    if (isAgain) await client.query(`drop database if exists ${database} with (force)`);
    await create(client, database);
  });
  if (job.shape?.status === 'Failed') return;
  const { port, user, password } = loginTarget(clusters, legacy, login);
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', target.database];
  const options = ['--no-owner', '--no-acl', '--exit-on-error'];
  await run(
    join(pgBin, 'pg_restore'),
    [...where, ...options, join(pointFolder(azureDir, point.id), dump.file)],
    { cwd: '/', env: { ...process.env, PGPASSWORD: password, PGSSLMODE: 'require' } },
  );
  patch(job.id, { bytes: dump.bytes });
}

async function create(client: Client, database: string): Promise<void> {
  try {
    await client.query(`create database ${database}`);
  } catch (error) {
    const { code = '', message = '' } = error as { code?: string; message?: string };
    throw code === duplicateDatabase
      ? new BackupRefused('UserErrorDatabaseNameAlreadyInUse', message, code)
      : error;
  }
}

/** Dumps the living server and makes a recovery point of the files. */
async function backUp(
  deps: JobWorkDeps,
  job: VaultJob,
  instance: BackupInstance,
  patch: Patch,
): Promise<void> {
  const { store, clusters, pgBin, azureDir } = deps;
  const server =
    instance.database === undefined
      ? store.server(instance.server)
      : findLegacy(store, instance.server)?.server;
  if (!server || !clusters.isRunning(server.name))
    throw new BackupRefused('UserErrorServerConnectionClosed', `The server ${instance.server} does not run.`);
  const at = new Date().toISOString();
  const id = newPointId();
  const folder = await emptyPointFolder(azureDir, id);
  const parts = { pgBin, folder, session: clusters.asSuperuser(server) };
  const files = await dumpAll(parts, instance, at);
  await until(job.endsAtMs);
  const point = makePoint(instance, { id, at, tier: 'VaultStore', isInSecondary: false, files });
  if (job.shape?.status === 'Failed') return;
  store.state.recoveryPoints = [...store.state.recoveryPoints, point];
  patch(job.id, { pointId: id, bytes: files.reduce((sum, file) => sum + file.bytes, 0) });
}

async function dumpAll(parts: DumpParts, { database }: BackupInstance, at: string): Promise<PointFile[]> {
  if (database !== undefined) return [await dumpDatabase(parts, database, true)];
  const databases = await withSession(parts.session, userDatabases);
  const dumps = await Promise.all(databases.map((name) => dumpDatabase(parts, name, false)));
  return [await writeMarker(parts.folder, at), ...dumps, ...(await dumpGlobals(parts))];
}

/** Databases that belong to Azure's own roles are not backed up, nor is `postgres`. */
async function userDatabases(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database
     where not datistemplate and datname <> 'postgres'
       and pg_get_userbyid(datdba) not in ('azuresu', 'azure_pg_admin')
     order by 1`,
  );
  return rows.map(({ datname }) => datname);
}
