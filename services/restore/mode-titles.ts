/** How the ways to restore are called where one is chosen: "Restore to ...". */
import type { RestoreMode } from './plan';

export const modeTitles: Readonly<Record<RestoreMode, string>> = {
  'point-in-time': 'a moment',
  latest: 'latest',
  fast: 'a full backup (quickest)',
  geo: 'the paired region',
  dropped: 'a deleted server',
  'files-to-server': 'a server, from dump files',
  'vault-to-server': 'a server, from a vault',
  'vault-files': 'files, from a vault',
  'vault-database': 'a database, from a vault',
};
