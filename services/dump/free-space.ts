/** Whether what is still to be fetched fits into the spool. */
import { statfs } from 'node:fs/promises';
import { DeskError, problem } from '../restore/errors';

/** Bytes that the product may still write where the folder is. */
export type FreeBytes = (folder: string) => Promise<number>;

export const freeBytes: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Left over for maps, for what is on its way, and for others who write there. */
const marginBytes = 64 * 1024 * 1024;

export const spoolFull = (folder: string, neededBytes: number, free: number, cause?: unknown): DeskError =>
  new DeskError(problem('SPOOL_FULL', { folder, neededBytes, freeBytes: free }), cause);

export async function requireSpace(folder: string, comingBytes: number, free: FreeBytes): Promise<void> {
  if (comingBytes === 0) return;
  const there = await free(folder);
  const needed = comingBytes + marginBytes;
  if (there < needed) throw spoolFull(folder, needed, there);
}
