/** How the ways to restore are called where one is chosen: "Restore to ...". */
import type { RestoreMode } from './plan';

export const modeTitles: Readonly<Record<RestoreMode, string>> = {
  'point-in-time': 'a moment',
  latest: 'latest',
  fast: 'a full backup (quickest)',
  geo: 'the paired region',
  dropped: 'a deleted server',
  'vault-files': 'files, from a vault',
  'vault-database': 'a database, from a vault',
};
