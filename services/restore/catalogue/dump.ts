/** What goes wrong while dump files are read and loaded. */
import { list, say, type Explanation } from './explanation';

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
  LOAD_LOGIN_REFUSED: (p: { name: string; what: string }) =>
    say(
      `${p.name} does not let in the login that is made there for a load (${p.what}).`,
      `It has a password, beside the sign-in by Entra: az postgres flexible-server update --name ${p.name} --resource-group GROUP --password-auth Enabled`,
      true,
    ),
  ROLES_UNREADABLE: (p: { name: string; why: string }) =>
    say(
      `The roles file ${p.name} cannot be read: ${p.why}.`,
      'Choose the file that pg_dumpall wrote, or leave the roles out.',
    ),
  ROLES_GIVE_MORE: (p: { name: string; role: string; excess: string; others: number }) =>
    say(
      `The roles file ${p.name} was stopped: it gives ${p.role} ${p.excess}, which the source did not give${p.others > 0 ? `, and ${p.others} more` : ''}.`,
      'Nothing of it was run. The owner of the vault must look at the file; load without roles, or make them by hand.',
    ),
  ROLES_INCOMPLETE: (p: { name: string; count: number }) =>
    say(
      `${p.count} statements of the roles file ${p.name} did not go in; the others did.`,
      'Carry out by hand what is listed, or let the owner of the server allow it.',
    ),
  DUMP_UNREADABLE: (p: { name: string; why: string }) =>
    say(
      `The file ${p.name} cannot be loaded: ${p.why}.`,
      'Choose another recovery point, or the file that pg_dump wrote.',
    ),
  DATABASE_NOT_EMPTY: (p: { database: string }) =>
    say(
      `The database ${p.database} is there already and is not empty.`,
      'Nothing in it was touched. Choose another name for the database, or let its owner empty it.',
    ),
  DATABASE_NOT_OURS: (p: { database: string }) =>
    say(
      `The database ${p.database} was made anew by somebody else while it was being loaded.`,
      'Nothing in it was touched. Choose another name for the database.',
    ),
  DATABASE_IN_USE: (p: { database: string; roles: readonly string[] }) =>
    say(
      `The database ${p.database}, which an earlier try loaded only in part, is in use by ${list(p.roles.slice(0, 5))}.`,
      'Nothing in it was touched. It is made anew when it is loaded again after they have left it.',
      true,
    ),
  DATABASE_NOT_CLEARED: (p: { database: string }) =>
    say(
      `The database ${p.database} holds things besides what an earlier try of this load made.`,
      'Let its owner empty it, or choose another name for the database.',
    ),
  DATABASE_NOT_MADE: (p: { database: string; why: string }) =>
    say(
      `The database ${p.database} could not be made: ${p.why}.`,
      'The owner of the server must let Restore Desk make databases.',
    ),
  DATABASE_OWNERS_UNFIT: (p: { database: string; owners: readonly string[] }) =>
    say(
      `Objects of ${p.database} cannot get their owners: ${list(p.owners)}.`,
      'Load the roles first, name other owners for them, or load without owners.',
    ),
  DATABASE_INCOMPLETE: (p: { database: string; count: number }) =>
    say(
      `${p.count} objects of ${p.database} did not go in; everything else did.`,
      'See what the server said of them, and load this database again once that is remedied.',
    ),
  LOAD_CONNECTION_LOST: (p: { database: string; tries: number }) =>
    say(
      `The connection was lost ${p.tries} times while ${p.database} was loaded.`,
      'Look whether the server is well; the load can be tried again.',
      true,
    ),
  LOAD_SERVER_FULL: (p: { database: string }) =>
    say(
      `The server has no space left for ${p.database}.`,
      'Let the owner of the server give it more storage, then load this database again.',
      true,
    ),
  SCRIPT_STOPPED: (p: { name: string; where: string; why: string }) =>
    say(
      `The script ${p.name} was stopped at ${p.where}: ${p.why}.`,
      'Nothing of it was kept. Let whoever wrote the file mend it, or choose an archive of pg_dump.',
    ),
  SCRIPT_COMMANDS: (p: { name: string; where: string }) =>
    say(
      `The script ${p.name} holds a command to psql at ${p.where}; only SQL is run.`,
      'Nothing of it was kept. Let the owner of the file say why it is there.',
    ),
  SCRIPT_TOOLS_TOO_OLD: (p: { version: string }) =>
    say(
      `psql ${p.version} cannot keep a script from running commands here, so no script is loaded.`,
      'The owner of Restore Desk must install psql 18, 17.6, 16.10, 15.14 or newer.',
    ),
} satisfies Record<string, (p: never) => Explanation>;
