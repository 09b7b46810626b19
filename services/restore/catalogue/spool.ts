/** What stands in the way of fetching dump files to our own disk. */
import { say, type Explanation } from './explanation';

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024).toLocaleString('en-GB')} MB`;

export const spool = {
  SPOOL_FULL: (p: { folder: string; neededBytes: number; freeBytes: number }) =>
    say(
      `The dump files need ${megabytes(p.neededBytes)} in ${p.folder} of Restore Desk, and ${megabytes(p.freeBytes)} are free there.`,
      'The owner of Restore Desk must free or add space; what has been fetched is kept, and it goes on from there.',
      true,
    ),
  SPOOL_UNUSABLE: (p: { folder: string; what: string }) =>
    say(
      `Restore Desk cannot work in its folder for dump files, ${p.folder} (${p.what}).`,
      'The owner of Restore Desk must let it write there, or name another folder.',
      true,
    ),
  DOWNLOAD_BROKEN: (p: { name: string; tries: number }) =>
    say(
      `The download of ${p.name} broke off ${p.tries} times at the same place.`,
      'Try again when the storage account answers; what has been fetched is kept, and it goes on from there.',
      true,
    ),
} satisfies Record<string, (p: never) => Explanation>;
