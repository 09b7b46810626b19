/**
 * Backups and restores of a server, done for real: a base backup taken by pg_basebackup, write-ahead log archived all
 * the time, and a restore that unpacks the newest base backup from before the asked moment and replays up to it.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asClusterOwner, clusterOwner, makeClusterFolder } from '../postgres/cluster';
import { ceilToMillisecond, toRecoveryTarget, type Micros } from './instants';
import type { BackupRecord, ServerRecord } from './model';
import type { ServerClusters } from './server-clusters';
import { restoreCommand, type BackupFolders } from './server-folders';
import { serverClock, superuser, withSession } from './server-session';

const run = promisify(execFile);
const archiveWaitSeconds = 30;

/** Takes a base backup now; the name is made from its completion, as Azure does, unless the caller chose one. */
export async function takeBackup(
  clusters: ServerClusters,
  pgBin: string,
  server: ServerRecord,
  chosenName?: string,
): Promise<BackupRecord> {
  const { backups } = clusters.folders(server);
  const port = String(clusters.asSuperuser(server).port);
  const folder = `taking-${process.hrtime.bigint()}`;
  const command = await asClusterOwner(join(pgBin, 'pg_basebackup'), [
    ...['-h', '127.0.0.1', '-p', port, '-U', superuser, '-D', join(backups, folder)],
    ...['-X', 'fetch', '-c', 'fast', '--no-sync', '--no-manifest'],
  ]);
  await run(command.command, command.args, {
    cwd: '/',
    env: { ...process.env, PGPASSWORD: server.superuserPassword, PGSSLMODE: 'require' },
  });
  const completedAt = await withSession(clusters.asSuperuser(server), async (client) =>
    ceilToMillisecond(await serverClock(client)),
  );
  const name = chosenName ?? `backup_${BigInt(completedAt) * 10n + 621_355_968_000_000_000n}`;
  await rm(join(backups, name), { recursive: true, force: true });
  await run('mv', [join(backups, folder), join(backups, name)]);
  return { name, kind: chosenName === undefined ? 'Full' : 'Customer On-Demand', completedAt };
}

/** The newest backup that was complete at the moment; undefined when the moment lies before them all. */
export function backupFor(server: ServerRecord, at: Micros): BackupRecord | undefined {
  return server.backups
    .filter(({ completedAt }) => completedAt <= at)
    .reduce<BackupRecord | undefined>(
      (newest, backup) => (newest && newest.completedAt >= backup.completedAt ? newest : backup),
      undefined,
    );
}

/**
 * Puts one commit behind everything that has happened and waits until it lies in the archive. Replay stops at the first
 * commit after its target; without one it would run off the end of the archive, which PostgreSQL calls a failure.
 */
export async function archiveUntilNow(clusters: ServerClusters, server: ServerRecord): Promise<void> {
  const file = await withSession(clusters.asSuperuser(server), async (client) => {
    await client.query('select pg_current_xact_id()');
    const { rows } = await client.query<{ file: string }>('select pg_walfile_name(pg_switch_wal()) as file');
    return rows[0]?.file ?? '';
  });
  const segment = join(clusters.folders(server).archive, file);
  for (let attempt = 0; attempt < archiveWaitSeconds * 100; attempt++) {
    if (existsSync(segment)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The log segment ${segment} was not archived within ${archiveWaitSeconds} s.`);
}

/** The moment a restore from the server itself can reach: the asked one, or where a stopped server stopped. */
export async function reachableMoment(
  clusters: ServerClusters,
  source: ServerRecord,
  at: Micros,
): Promise<Micros> {
  // A stopped source put its last commit into the archive when it stopped; later moments are that moment.
  if (!clusters.isRunning(source.name)) return Math.min(at, source.stoppedAt ?? Infinity);
  await archiveUntilNow(clusters, source);
  return at;
}

export interface Restore {
  readonly from: BackupFolders;
  readonly target: ServerRecord;
  readonly backup: BackupRecord;
  readonly at: Micros;
}

/** Builds the target's cluster from a backup and an archive and leaves it running at the asked moment. */
export async function restoreCluster(clusters: ServerClusters, restore: Restore): Promise<void> {
  const { from } = restore;
  const to = clusters.folders(restore.target);
  await clusters.clear(restore.target);
  for (const folder of [to.root, to.archive, to.backups]) await makeClusterFolder(folder);
  // A folder of this try's own: a predecessor that was killed may have left somebody copying into its one.
  const copy = `${to.data}.${process.hrtime.bigint()}`;
  await run('cp', ['-a', join(from.backups, restore.backup.name), copy]);
  await rename(copy, to.data);
  const signal = join(to.data, 'recovery.signal');
  await writeFile(signal, '');
  const owner = await clusterOwner();
  if (owner) await chown(signal, owner.uid, owner.gid);
  await clusters.start(restore.target, {
    settings: {
      restore_command: restoreCommand(from.archive),
      recovery_target_time: toRecoveryTarget(restore.at),
      recovery_target_action: 'promote',
    },
  });
}
