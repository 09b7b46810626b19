/** Where a server keeps its things, and the two shell lines with which PostgreSQL reaches its archive. */
import { join } from 'node:path';

/** The two folders from which a server can be restored. */
export interface BackupFolders {
  readonly archive: string;
  readonly backups: string;
}

export interface ServerFolders extends BackupFolders {
  readonly root: string;
  readonly data: string;
  /** The copy of both in the paired region. */
  readonly geo: BackupFolders;
  readonly log: string;
}

export function serverFolders(azureDir: string, folder: string): ServerFolders {
  const root = join(azureDir, 'servers', folder);
  return {
    root,
    data: join(root, 'data'),
    archive: join(root, 'archive'),
    backups: join(root, 'backups'),
    geo: {
      archive: join(azureDir, 'geo', folder, 'archive'),
      backups: join(azureDir, 'geo', folder, 'backups'),
    },
    log: join(root, 'postgres.log'),
  };
}

/** A path as one word of a shell line, whatever stands in it. */
export const shellWord = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;

// PostgreSQL reads %-escapes in the line before the shell sees it.
const quoted = (path: string): string => shellWord(path).replaceAll('%', '%%');

/** Never overwrites: a segment that is there already must be the same (a crash between copy and notice). */
export function archiveCommand(archive: string): string {
  const target = `${quoted(archive)}/%f`;
  return `if test -f ${target}; then cmp -s "%p" ${target}; else cp --sparse=always "%p" ${target}.part && mv ${target}.part ${target}; fi`;
}

export function restoreCommand(archive: string): string {
  return `cp ${quoted(archive)}/%f "%p"`;
}
