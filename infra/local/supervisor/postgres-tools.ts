/** Where PostgreSQL's programs live on this machine: Debian keeps them off the path, one folder per version. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StartRefused } from './start-refused';

const oldestVersion = 15;
const needed = [
  ...['initdb', 'postgres', 'psql', 'pg_isready'],
  ...['pg_basebackup', 'pg_dump', 'pg_dumpall', 'pg_restore'],
];

/** The folder with the newest usable version; a folder that was named explicitly must be usable itself. */
export function findPostgresFolder(named: string | undefined, path: string | undefined): string {
  if (named) {
    if (versionIn(named)) return named;
    throw new StartRefused(
      `PG_BIN names ${named}, which does not hold all programs of PostgreSQL ${oldestVersion} or newer (initdb, postgres, psql, pg_dump, pg_basebackup and their like).`,
    );
  }
  const best = [...debianFolders(), ...(path ?? '').split(delimiter).filter(Boolean)]
    .map((folder) => ({ folder, version: versionIn(folder) ?? 0 }))
    .sort((a, b) => b.version - a.version)[0];
  if (best && best.version >= oldestVersion) return best.folder;
  throw new StartRefused(
    `PostgreSQL ${oldestVersion} or newer (server and client programs) was not found: run sh infra/local/setup.sh, or name its folder with PG_BIN.`,
  );
}

function debianFolders(): string[] {
  const base = '/usr/lib/postgresql';
  try {
    return readdirSync(base).map((version) => join(base, version, 'bin'));
  } catch {
    return [];
  }
}

function versionIn(folder: string): number | undefined {
  try {
    for (const program of needed) accessSync(join(folder, program), constants.X_OK);
    const answer = execFileSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' });
    const version = Number(/\d+/.exec(answer)?.[0]);
    return version >= oldestVersion ? version : undefined;
  } catch {
    return undefined;
  }
}
