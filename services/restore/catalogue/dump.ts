/** What goes wrong while dump files are read and loaded. */
import { say, type Explanation } from './explanation';

export const dump = {
  BLOB_CHANGED: (p: { name: string }) =>
    say(
      `The file ${p.name} is another one now than the one that was looked at.`,
      'Somebody wrote it anew; ask for the restore again, so that what is approved is what is there.',
    ),
  BLOB_GONE: (p: { name: string }) =>
    say(
      `The file ${p.name} is not there any more.`,
      'Somebody deleted it; ask for the restore again with files that are there.',
    ),
  LOAD_TARGET_CLOSED: (p: { name: string; what: string }) =>
    say(
      `${p.name} does not let Restore Desk in (${p.what}).`,
      'Make its identity an Entra administrator of the server, and let its network in.',
      true,
    ),
} satisfies Record<string, (p: never) => Explanation>;
