/** The form for files that are loaded into a server: what it needs to know, and its view model. */
import { formFrame } from './form-frame';
import { isModeCovered } from './restore/policy';
import { loadTargetProblems } from './restore/judge-load';
import { matchTarget } from './load-preflight';
import { modeTitles } from './restore/mode-titles';
import { sayDumpSet } from './restore/say-dump-set';
import { writeNames } from './restore/load-choices';
import type { AccountFacts } from './restore/vaults';
import type { Choice, FormMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import type { DumpSet } from './restore/load-facts';
import type { FormField, FormInputs } from './restore/form-inputs';
import type { Match, ServerFacts } from './restore/servers';
import type { Problem } from './restore/errors';

export interface LoadFormFacts {
  readonly targets: readonly ServerFacts[];
  readonly accounts: readonly AccountFacts[];
  readonly match: Match<ServerFacts>;
  readonly set?: DumpSet;
}

const noLoadFacts: LoadFormFacts = { targets: [], accounts: [], match: { kind: 'none', nearest: [] } };

/** Servers that the policy lets people load into. */
export async function loadTargets(deps: Pick<Deps, 'servers' | 'policy'>): Promise<readonly ServerFacts[]> {
  const { servers } = await deps.servers.list().catch(() => ({ servers: [] }));
  return servers.filter((server) => isModeCovered(deps.policy, server, 'files-to-server'));
}

export async function loadFormFacts(deps: Deps, inputs: FormInputs): Promise<LoadFormFacts> {
  const [targets, accounts, match, set] = await Promise.all([
    loadTargets(deps),
    deps.knownVaults.accounts(),
    matchTarget(deps, inputs.target).catch(() => noLoadFacts.match),
    deps.knownDumps.set(inputs.container, inputs.prefix).catch(() => undefined),
  ]);
  return { targets, accounts, match, ...(set ? { set } : {}) };
}

/** Worth saying before anything is submitted: a server that cannot be loaded into. */
export const earlyTargetProblems = (
  deps: Pick<Deps, 'policy'>,
  inputs: FormInputs,
  match: Match<ServerFacts>,
): Problem[] => (inputs.target.trim() === '' ? [] : loadTargetProblems(inputs, { match }, deps.policy));

const or = (typed: string, fallback: string): string => (typed.trim() === '' ? fallback : typed);

/** The defaults as values of their own, so that a reader sees them. */
export const withLoadDefaults = (inputs: FormInputs): FormInputs => ({
  ...inputs,
  owners: or(inputs.owners, 'keep'),
  grants: or(inputs.grants, 'keep'),
});

const fields: readonly FormField[] = [
  ...(['mode', 'container', 'prefix', 'target', 'database'] as const),
  ...(['owners', 'grants', 'ownerMap', 'extras', 'reason', 'ticket'] as const),
];

/** Fields of every form that ends in a load, and what can be chosen in them. */
export const loadChoices = (targets: readonly ServerFacts[]): FormMessage['choices'] => ({
  ...(targets.length === 0
    ? {}
    : {
        target: targets.map(({ name, location }): Choice => ({
          title: `${name} (${location})`,
          value: name,
        })),
      }),
  owners: [
    { title: 'keep', value: 'keep' },
    { title: 'drop: all belongs to Restore Desk', value: 'drop' },
  ],
  grants: [
    { title: 'keep', value: 'keep' },
    { title: 'drop: only owners may use it', value: 'drop' },
  ],
  extras: [
    { title: 'none', value: '' },
    { title: 'schemas', value: 'schemas' },
    { title: 'tablespaces', value: 'tablespaces' },
    { title: 'schemas and tablespaces', value: 'schemas, tablespaces' },
  ],
});

function databaseChoices(inputs: FormInputs, set: DumpSet | undefined): Choice[] {
  const names = set?.files.flatMap(({ database }) => (database === undefined ? [] : [database])) ?? [];
  if (names.length === 0) return [];
  const one = names.map((name): Choice => ({ title: name, value: writeNames([name]) }));
  const all: Choice[] = [{ title: 'all of them', value: '' }, ...one];
  return all.some(({ value }) => value === inputs.database)
    ? all
    : [...all, { title: inputs.database, value: inputs.database }];
}

export function sayLoadForm(
  deps: Pick<Deps, 'clock'>,
  draft: Draft,
  facts: LoadFormFacts = noLoadFacts,
): FormMessage {
  const { inputs } = draft;
  const now = deps.clock.now();
  const containers = facts.accounts.flatMap(({ name, containers: all }) =>
    all.map((container): Choice => ({ title: `${name}/${container}`, value: `${name}/${container}` })),
  );
  const databases = databaseChoices(inputs, facts.set);
  const data = facts.set && sayDumpSet(facts.set, now);
  return {
    ...formFrame(draft, now),
    fields,
    choices: {
      mode: [{ title: modeTitles['files-to-server'], value: 'files-to-server' }],
      ...loadChoices(facts.targets),
      ...(containers.length > 0 ? { container: containers } : {}),
      ...(databases.length > 0 ? { database: databases } : {}),
    },
    notOffered: [],
    follows: 'Roles and databases are added to the server; what is there already stays as it is',
    ...(data === undefined ? {} : { dataLine: data }),
  };
}
