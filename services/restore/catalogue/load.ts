/** What stands in the way of loading dump files into a server, and who can change that. */
import { list, say, type Explanation } from './explanation';

interface NamedServer {
  readonly name: string;
  readonly group: string;
  readonly subscriptionId: string;
}

const flexible = ({ name, group, subscriptionId }: NamedServer, verb: string): string =>
  `az postgres flexible-server ${verb} --server-name ${name} --resource-group ${group} --subscription ${subscriptionId}`;

export const load = {
  LOAD_TARGET_MISSING: () =>
    say('The server to load into is missing.', 'Name a server that is there; none is created for it.'),
  LOAD_TARGET_UNKNOWN: (p: { name: string; nearest: readonly string[] }) =>
    say(
      `There is no server ${p.name} to load into.`,
      `${p.nearest.length > 0 ? `Did you mean ${list(p.nearest)}? ` : ''}A new one, of a version no older than that of the data, is made with: az postgres flexible-server create --name ${p.name} --resource-group GROUP --location REGION --version VERSION`,
    ),
  LOAD_TARGET_AMBIGUOUS: (p: { name: string; matches: readonly string[] }) =>
    say(`Several servers begin with ${p.name}: ${list(p.matches)}.`, 'Give the full name of one of them.'),
  LOAD_TARGET_NOT_COVERED: (p: { name: string }) =>
    say(
      `No policy rule lets anybody load files into ${p.name}.`,
      'Ask the owner of Restore Desk to add a rule for it, or name another server.',
    ),
  LOAD_TARGET_IS_SOURCE: (p: { name: string }) =>
    say(
      `${p.name} is the server that the backup is of.`,
      'Name another server: its databases would be in the way, and they are never overwritten.',
    ),
  LOAD_TARGET_NOT_READY: (p: { name: string; state: string }) =>
    say(
      `${p.name} is ${p.state}, so nothing can be loaded into it.`,
      'Start it, or wait until it is Ready.',
      true,
    ),
  LOAD_RIGHTS_MISSING: (p: NamedServer) =>
    say(
      `The identity of Restore Desk may not make databases and roles on ${p.name}.`,
      `Whoever manages the server makes it an Entra administrator: ${flexible(p, 'microsoft-entra-admin create')}`,
    ),
  LOAD_PASSWORDS_OFF: ({ name, group, subscriptionId }: NamedServer) =>
    say(
      `${name} lets nobody in by a password, and files are loaded by a login that is made for the load and has one.`,
      `Whoever manages the server turns it on beside Entra: az postgres flexible-server update --name ${name} --resource-group ${group} --subscription ${subscriptionId} --password-auth Enabled`,
    ),
  LOAD_INTERRUPTED: () =>
    say(
      'The load was interrupted by a fault of Restore Desk.',
      'It goes on by itself where it was; if it does not, the log of Restore Desk tells more.',
      true,
    ),
  LOAD_PREFIX_MISSING: (p: { container: string }) =>
    say(
      `What the names of the files in ${p.container} begin with is missing.`,
      'Give the beginning that the files of one backup have in common.',
    ),
  LOAD_NO_DATABASE: (p: { place: string }) =>
    say(
      `There is no file of a database at ${p.place}.`,
      'Look at the beginning of the names: those of databases hold "_database_".',
    ),
  LOAD_DATABASE_UNKNOWN: (p: { name: string; known: readonly string[] }) =>
    say(`The files hold no database ${p.name}.`, `They hold: ${list(p.known.slice(0, 10))}.`),
  LOAD_SETS_SEVERAL: (p: { databases: readonly string[] }) =>
    say(
      `There are several files for ${list(p.databases.slice(0, 5))}: those of more than one backup.`,
      'Give more of the beginning of the names, so that only one backup is meant.',
    ),
  LOAD_FILE_EMPTY: (p: { name: string; database: string }) =>
    say(`The file ${p.name} is empty.`, `Restore it again from the vault, or leave ${p.database} out.`),
  LOAD_FILE_UNREADABLE: (p: { name: string; database: string; why: string }) =>
    say(
      `The file ${p.name} cannot be read (${p.why}).`,
      `Restore it again from the vault, or leave ${p.database} out.`,
    ),
  LOAD_SERVER_OLDER: (p: { server: string; is: string; needs: string; database: string }) =>
    say(
      `${p.database} comes from PostgreSQL ${p.needs}, and ${p.server} runs ${p.is}.`,
      `Load it into a server of version ${p.needs} or newer.`,
    ),
  LOAD_DATABASE_EXISTS: (p: { name: string; server: string }) =>
    say(
      `${p.server} has a database ${p.name} with something in it already.`,
      'Nothing is ever overwritten: leave it out, drop it yourself, or name another server.',
    ),
  LOAD_EXTENSION_MISSING: (p: NamedServer & { extension: string; database: string }) =>
    say(
      `${p.database} needs the extension ${p.extension}, which ${p.name} does not allow.`,
      `Add it to what the server has already: ${flexible(p, 'parameter set --name azure.extensions --value')} …,${p.extension}`,
    ),
  LOAD_CHOICE_UNKNOWN: (p: { field: string; text: string }) =>
    say(
      `"${p.text}" is no choice for ${p.field}.`,
      p.field === 'extras' ? 'Possible are schemas and tablespaces.' : 'Possible are keep and drop.',
    ),
  OWNER_MAP_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" does not say who owns what.`, 'Write it as old=new, one pair per line.'),
} satisfies Record<string, (p: never) => Explanation>;
