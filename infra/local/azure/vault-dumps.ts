/** The files of a recovery point, made by the stock tools: a custom-format dump per database, and the rest of a server. */
import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SessionTarget } from './server-session';
import type { PointFile } from './vault-model';

const run = promisify(execFile);

export interface DumpParts {
  readonly pgBin: string;
  /** As the superuser. */
  readonly session: SessionTarget;
  /** Of the recovery point; it is there. */
  readonly folder: string;
}

export const pointFolder = (azureDir: string, pointId: string): string => join(azureDir, 'vaults', pointId);

/** Makes the folder of a point anew: a former try may have left half of one. */
export async function emptyPointFolder(azureDir: string, pointId: string): Promise<string> {
  const folder = pointFolder(azureDir, pointId);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function dump(
  { pgBin, session, folder }: DumpParts,
  tool: 'pg_dump' | 'pg_dumpall',
  args: readonly string[],
  about: Omit<PointFile, 'bytes'>,
): Promise<PointFile> {
  const file = join(folder, about.file);
  const where = ['-h', '127.0.0.1', '-p', String(session.port), '-U', session.user];
  await run(join(pgBin, tool), [...where, ...args, '-f', file], {
    cwd: '/',
    env: { ...process.env, PGPASSWORD: session.password, PGSSLMODE: 'require' },
  });
  return { ...about, bytes: (await stat(file)).size };
}

/** `bare` leaves owners and grants away, as backups of a single server do. */
export function dumpDatabase(parts: DumpParts, database: string, bare: boolean): Promise<PointFile> {
  const args = ['-Fc', ...(bare ? ['--no-owner', '--no-acl', '--no-tablespaces'] : []), '-d', database];
  return dump(parts, 'pg_dump', args, { kind: 'database', database, file: `database_${database}.sql` });
}

/** Roles, tablespaces and all schemas of a whole server, as plain SQL. */
export function dumpGlobals(parts: DumpParts): Promise<PointFile[]> {
  const only = ['--schema-only', '--exclude-database=postgres', '--exclude-database=template1'];
  const kinds = [
    ['roles', ['--roles-only', '--no-role-passwords']],
    ['schemas', [...only, '--no-role-passwords']],
    ['tablespaces', ['--tablespaces-only']],
  ] as const;
  return Promise.all(
    kinds.map(([kind, args]) =>
      dump(parts, 'pg_dumpall', ['-l', 'postgres', ...args], { kind, file: `${kind}.sql` }),
    ),
  );
}

/** The small text that only says when the backup was made. */
export async function writeMarker(folder: string, at: string): Promise<PointFile> {
  const text = `${at}\n`;
  await writeFile(join(folder, 'timestamp.txt'), text);
  return { kind: 'marker', file: 'timestamp.txt', bytes: Buffer.byteLength(text) };
}

/** What a restored file is called: the caller's prefix, the backup, and what is in it. */
export function blobName(prefix: string, backupName: string, { kind, database }: PointFile): string {
  const begin = `${prefix}_${backupName}`;
  if (kind === 'marker') return `${begin}_timestamp.txt`;
  return kind === 'database' ? `${begin}_database_${database ?? ''}.sql` : `${begin}_${kind}.sql`;
}
