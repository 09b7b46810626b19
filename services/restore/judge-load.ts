/** Whether files can be loaded into a server: what is in them, what stands on it, and what it lets us do. */
import { choiceProblems, readNames } from './load-choices';
import { problem, type Problem } from './errors';
import { isModeCovered, type Policy } from './policy';
import { readContainer } from './judge-vault-target';
import { usualDatabases } from './load-run';
import type { ArchiveContents } from './dump-ports';
import type { DumpFile } from './load-plan';
import type { DumpSet, LoadFacts, LoadTargetSeen } from './load-facts';
import type { FormInputs } from './form-inputs';
import type { LoadTargetFacts } from './dump-ports';
import type { ServerFacts } from './servers';

const major = (version: string): number => Number.parseInt(version, 10);

const ofServer = ({ name, resourceGroup, subscriptionId }: ServerFacts) => ({
  name,
  group: resourceGroup,
  subscriptionId,
});

function insideProblems(
  server: ServerFacts,
  { mayCreateDatabases, mayCreateRoles }: LoadTargetFacts,
): Problem[] {
  return mayCreateDatabases && mayCreateRoles ? [] : [problem('LOAD_RIGHTS_MISSING', ofServer(server))];
}

/** Of a server that the policy does not let anybody load into nothing else is told. */
export function loadTargetProblems(
  inputs: FormInputs,
  { match, inside, openForTarget }: LoadTargetSeen,
  policy: Policy,
): Problem[] {
  const name = inputs.target.trim();
  if (name === '') return [problem('LOAD_TARGET_MISSING')];
  if (match.kind === 'none') return [problem('LOAD_TARGET_UNKNOWN', { name, nearest: match.nearest })];
  if (match.kind === 'several') return [problem('LOAD_TARGET_AMBIGUOUS', { name, matches: match.names })];
  const { server } = match;
  if (!isModeCovered(policy, server, 'files-to-server'))
    return [problem('LOAD_TARGET_NOT_COVERED', { name: server.name })];
  return [
    ...(openForTarget === undefined
      ? []
      : [problem('DUPLICATE_OPEN', { id: openForTarget, target: server.name })]),
    ...(server.state === 'Ready'
      ? []
      : [problem('LOAD_TARGET_NOT_READY', { name: server.name, state: server.state })]),
    ...(server.passwordSignIn === 'Disabled' ? [problem('LOAD_PASSWORDS_OFF', ofServer(server))] : []),
    ...(inside?.kind === 'closed' ? [inside.because] : []),
    ...(inside?.kind === 'open' ? insideProblems(server, inside.facts) : []),
  ];
}

/** Database files that are to be loaded. */
export const wantedFiles = (inputs: FormInputs, files: readonly DumpFile[]): DumpFile[] => {
  const named = readNames(inputs.database);
  const wanted = new Set(named.length > 0 ? named : usualDatabases(files));
  return files.filter(({ database }) => database !== undefined && wanted.has(database));
};

function contentProblems(file: DumpFile, { contents }: DumpSet): Problem[] {
  const found = contents[file.name];
  switch (found?.kind) {
    case 'empty':
      return [problem('LOAD_FILE_EMPTY', { name: file.name, database: file.database ?? '' })];
    case 'unreadable':
      return [
        problem('LOAD_FILE_UNREADABLE', { name: file.name, database: file.database ?? '', why: found.why }),
      ];
    default:
      return [];
  }
}

function twiceProblems(files: readonly DumpFile[]): Problem[] {
  const names = files.flatMap(({ database }) => (database === undefined ? [] : [database]));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return twice.length === 0 ? [] : [problem('LOAD_SETS_SEVERAL', { databases: [...new Set(twice)] })];
}

/** The names of one backup have one time in them, and what belongs to the whole server is there once. */
function mixedProblems(files: readonly DumpFile[]): Problem[] {
  const kinds = (['roles', 'schemas', 'tablespaces'] as const).filter(
    (kind) => files.filter((file) => file.kind === kind).length > 1,
  );
  const times = [...new Set(files.flatMap(({ name }) => /_(\d{14})_database_/i.exec(name)?.[1] ?? []))];
  const doubled = [...kinds, ...(times.length > 1 ? times : [])];
  return doubled.length === 0 ? [] : [problem('LOAD_SETS_SEVERAL', { databases: doubled })];
}

function placeProblems(inputs: FormInputs, set: DumpSet): Problem[] {
  const text = inputs.container.trim();
  const prefix = inputs.prefix.trim();
  if (text === '') return [problem('CONTAINER_NEEDED')];
  const asked = readContainer(text);
  if (!asked) return [problem('CONTAINER_UNREADABLE', { text })];
  if (prefix === '') return [problem('LOAD_PREFIX_MISSING', { container: text })];
  if (!set.account) return [problem('ACCOUNT_UNKNOWN', { account: asked.account })];
  if (!set.hasContainer) return [problem('CONTAINER_UNKNOWN', asked)];
  return set.files.some(({ kind }) => kind === 'database')
    ? []
    : [problem('LOAD_NO_DATABASE', { place: `${asked.account}/${asked.container}/${prefix}` })];
}

function dumpSetProblems(inputs: FormInputs, set: DumpSet): Problem[] {
  const place = placeProblems(inputs, set);
  if (place.length > 0) return place;
  const known = set.files.flatMap(({ database }) => (database === undefined ? [] : [database]));
  const unknown = readNames(inputs.database).filter((name) => !known.includes(name));
  const wanted = wantedFiles(inputs, set.files);
  const twice = twiceProblems(wanted);
  return [
    ...unknown.map((name) => problem('LOAD_DATABASE_UNKNOWN', { name, known })),
    ...(twice.length > 0 ? twice : mixedProblems(set.files)),
    ...wanted.flatMap((file) => contentProblems(file, set)),
    ...(wanted.length === 0 && unknown.length === 0
      ? [problem('LOAD_NO_DATABASE', { place: `${inputs.container.trim()}/${inputs.prefix.trim()}` })]
      : []),
  ];
}

function archiveProblems(
  file: DumpFile,
  archive: ArchiveContents,
  server: ServerFacts,
  inside: LoadTargetFacts,
): Problem[] {
  const database = file.database ?? '';
  const needs = major(archive.postgresVersion);
  const missing = archive.extensions.filter(
    (extension) => extension !== 'plpgsql' && !inside.availableExtensions.includes(extension),
  );
  return [
    ...(needs > major(inside.postgresVersion)
      ? [
          problem('LOAD_SERVER_OLDER', {
            server: server.name,
            is: inside.postgresVersion,
            needs: String(needs),
            database,
          }),
        ]
      : []),
    ...missing.map((extension) =>
      problem('LOAD_EXTENSION_MISSING', { ...ofServer(server), extension, database }),
    ),
  ];
}

/** What of the files does not go together with the server. */
function fitProblems(inputs: FormInputs, { set, target }: LoadFacts): Problem[] {
  const { match, inside } = target;
  if (match.kind !== 'one' || inside?.kind !== 'open') return [];
  const { facts } = inside;
  return wantedFiles(inputs, set.files).flatMap((file) => {
    const there = facts.databases.find(({ name }) => name === file.database);
    const contents = set.contents[file.name];
    return [
      ...(there && !there.isEmpty
        ? [problem('LOAD_DATABASE_EXISTS', { name: there.name, server: match.server.name })]
        : []),
      ...(contents?.kind === 'archive' ? archiveProblems(file, contents, match.server, facts) : []),
    ];
  });
}

export const loadProblems = (inputs: FormInputs, facts: LoadFacts, policy: Policy): Problem[] => [
  ...dumpSetProblems(inputs, facts.set),
  ...loadTargetProblems(inputs, facts.target, policy),
  ...fitProblems(inputs, facts),
  ...choiceProblems(inputs),
];

/** What nobody has to put right, and an approver has to know. */
export function loadSetWarnings(inputs: FormInputs, { files, contents, markedAt }: DumpSet): string[] {
  const wanted = wantedFiles(inputs, files);
  const archives = wanted.flatMap(({ name }) => {
    const found = contents[name];
    return found?.kind === 'archive' ? [found] : [];
  });
  const plain = wanted.filter(({ name }) => contents[name]?.kind === 'sql');
  const isBare =
    archives.length > 0 && archives.every(({ owners, hasGrants }) => owners.length === 0 && !hasGrants);
  return [
    ...(isBare
      ? [
          'These files carry no owners and grants, as those of single servers do: everything will belong to roles without rights, one for each database.',
        ]
      : []),
    ...(!isBare && !files.some(({ kind }) => kind === 'roles')
      ? [
          'There is no file with roles: owners and grants can only be kept for roles that are on the server already.',
        ]
      : []),
    ...(markedAt === undefined
      ? ['No file tells the time of the backup, so the data cannot be proven to be of a moment.']
      : []),
    ...(plain.length > 0
      ? [
          `Plain SQL, which can only be looked at by running it: ${plain.map(({ database }) => database ?? '').join(', ')}.`,
        ]
      : []),
  ];
}
