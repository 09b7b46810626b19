/** The spool: the folder that dump files are fetched into, one folder in it for each order. Nobody else may read there. */
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeskError, problem } from '../restore/errors';
import { isSafeName, safeName } from './spool-names';

/** The folder of an order, made when it is not there. */
export async function openOrderFolder(spoolDir: string, key: string): Promise<string> {
  await mkdir(spoolDir, { recursive: true, mode: 0o700 });
  const folder = join(spoolDir, safeName(key));
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  // Somebody who put a link there would choose where our files go.
  if (!(await lstat(folder)).isDirectory())
    throw new DeskError(problem('SPOOL_UNUSABLE', { folder: spoolDir, what: 'not a folder' }));
  return folder;
}

/** Removes everything that was fetched for an order. Harmless when there is nothing. */
export const forgetOrder = (spoolDir: string, key: string): Promise<void> =>
  rm(join(spoolDir, safeName(key)), { recursive: true, force: true });

/** Removes the folders of all other orders, which nobody will come back to. What is not ours stays. */
export async function sweepSpool(spoolDir: string, keepKeys: readonly string[]): Promise<void> {
  const keep = new Set(keepKeys.map(safeName));
  const found = await readdir(spoolDir).catch(() => []);
  for (const name of found.filter((each) => isSafeName(each) && !keep.has(each)))
    await rm(join(spoolDir, name), { recursive: true, force: true });
}

/** Makes what was created, renamed or removed in a folder outlive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
