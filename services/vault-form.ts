/** The form for a restore from a vault: what it needs to know, and its view model. It does not wait for a slow Azure. */
import { choosePoint } from './restore/choose-point';
import { completeVaultInputs } from './restore/complete-vault-inputs';
import { coveredInstances, instanceSubject, matchInstance, sourceChoices } from './protected';
import { formFields, type FormField, type FormInputs } from './restore/form-inputs';
import { instanceProblems, needsRehydration } from './restore/judge-vault';
import { formFrame } from './form-frame';
import { isCovered, isModeCovered, loginsFor } from './restore/policy';
import { earlyTargetProblems, loadChoices, loadTargets, withLoadDefaults } from './load-form';
import { matchTarget } from './load-preflight';
import { millisBetween, span, utc, type Instant } from './restore/instant';
import { modeOf } from './restore/judge-moment';
import { modeTitles } from './restore/mode-titles';
import { problem, type Problem } from './restore/errors';
import { rehydrationWords } from './restore/say-vault';
import { secondaryOf } from './vault-preflight';
import { vaultModes } from './restore/vault-plan';
import type { AccountFacts, InstanceFacts, RecoveryPoint, VaultFacts } from './restore/vaults';
import type { Choice, FormMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import type { InstanceMatch } from './restore/vault-facts';
import type { Match, ServerFacts } from './restore/servers';
import type { RestoreMode } from './restore/plan';

export interface VaultFormFacts {
  /** False while Azure has not told what vaults protect. */
  readonly isKnown: boolean;
  readonly match: InstanceMatch;
  readonly instances: readonly InstanceFacts[];
  readonly vault?: VaultFacts;
  readonly points: readonly RecoveryPoint[];
  readonly accounts: readonly AccountFacts[];
  /** Of a chain: servers that can be loaded into, and which one is named. */
  readonly loads?: { readonly targets: readonly ServerFacts[]; readonly match: Match<ServerFacts> };
}

/** What a form may tell of: what the policy does not cover stands there as its name only. */
function toldInstance(
  deps: Pick<Deps, 'servers' | 'policy'>,
  { match }: VaultFormFacts,
): InstanceFacts | undefined {
  const instance = match.kind === 'one' ? match.server : undefined;
  return instance && isCovered(deps.policy, instanceSubject(deps, instance)) ? instance : undefined;
}

const noVaultFacts: VaultFormFacts = {
  isKnown: true,
  match: { kind: 'none', nearest: [] },
  instances: [],
  points: [],
  accounts: [],
};

export async function vaultFormFacts(deps: Deps, inputs: FormInputs): Promise<VaultFormFacts> {
  const [all, instances, accounts] = await Promise.all([
    deps.knownVaults.instances(),
    coveredInstances(deps),
    deps.knownVaults.accounts(),
  ]);
  const match = matchInstance(deps, all ?? [], inputs);
  const loads = await loadFacts(deps, inputs);
  const outer = {
    ...noVaultFacts,
    ...{ isKnown: all !== undefined, match, instances, accounts },
    ...(loads ? { loads } : {}),
  };
  const instance = toldInstance(deps, outer);
  if (!instance) return outer;
  const vault = await deps.knownVaults.vault(instance.vaultId);
  const secondary = vault && secondaryOf(inputs, vault.location);
  const points = await deps.knownVaults.points(instance, secondary);
  return { ...outer, points, ...(vault ? { vault } : {}) };
}

async function loadFacts(deps: Deps, inputs: FormInputs): Promise<VaultFormFacts['loads']> {
  if (modeOf(inputs) !== 'vault-to-server') return undefined;
  const none = { kind: 'none', nearest: [] } as const;
  const [targets, match] = await Promise.all([
    loadTargets(deps),
    matchTarget(deps, inputs.target).catch(() => none),
  ]);
  return { targets, match };
}

/** Problems that are worth saying before anything is submitted: a source that nothing protects, no such point. */
export function earlyVaultProblems(deps: Deps, inputs: FormInputs, facts: VaultFormFacts): Problem[] {
  if (inputs.source.trim() === '') return [];
  if (!facts.isKnown) return [problem('AZURE_UNREACHABLE')];
  const { match, vault, points } = facts;
  const instance = match.kind === 'one' ? match.server : undefined;
  const subject = instance && instanceSubject(deps, instance);
  if (subject && !isCovered(deps.policy, subject)) return [problem('NO_POLICY_RULE', { name: subject.name })];
  const chosen = instance && points.length > 0 ? choosePoint(instance.title, points, inputs) : undefined;
  // While Azure is slow the vault is not known yet; that is no reason to call it gone.
  const known = instance && !vault ? [] : instanceProblems(inputs, judged(deps, facts));
  const ofTarget = facts.loads ? earlyTargetProblems(deps, inputs, facts.loads.match) : [];
  return [...known, ...(chosen?.kind === 'none' ? [chosen.because] : []), ...ofTarget];
}

const judged = (deps: Deps, { match, vault, points }: VaultFormFacts) => ({
  instance: match,
  points,
  ...(vault ? { vault } : {}),
  ...{ hasVaultThere: true, rolesOnSource: [], missingRights: [] },
  subscriptions: deps.settings.subscriptionIds,
  allowsSingleServers: deps.settings.allowsSingleServers,
  guardRequests: [],
  now: deps.clock.now(),
});

export function withVaultDefaults(
  deps: Deps,
  inputs: FormInputs,
  facts: VaultFormFacts,
  mark: string,
): FormInputs {
  const instance = toldInstance(deps, facts);
  const { vault, points, accounts } = facts;
  const location = vault && (secondaryOf(inputs, vault.location) ?? vault.location);
  return completeVaultInputs(facts.loads ? withLoadDefaults(inputs) : inputs, {
    ...{ points, accounts, mark, now: deps.clock.now() },
    loginsFor: (server) => loginsFor(deps.policy, server),
    ...(instance ? { instance } : {}),
    ...(vault ? { vault } : {}),
    ...(location === undefined ? {} : { location }),
  });
}

const plain = (value: string): Choice => ({ title: value, value });

/** `2026-11-20 03:10:18 UTC · 1 d 2 h before now · archive tier`. */
export function pointChoice(point: RecoveryPoint, now: Instant): Choice {
  const tier =
    point.store === 'archive' ? (needsRehydration(point, now) ? ' · archive tier' : ' · fetched back') : '';
  return {
    title: `${utc(point.time)} · ${span(millisBetween(point.time, now))} before now${tier}`,
    value: point.id,
  };
}

function pointOf(inputs: FormInputs, { points }: VaultFormFacts): RecoveryPoint | undefined {
  return points.find(({ id }) => id === inputs.backup);
}

function fieldsFor(inputs: FormInputs, facts: VaultFormFacts, now: Instant): FormField[] {
  const isDatabase = modeOf(inputs) === 'vault-database';
  const point = pointOf(inputs, facts);
  const { match, vault } = facts;
  const hasSecondary =
    vault?.redundancy === 'geo' || (vault && secondaryOf(inputs, vault.location) !== undefined);
  const shown = new Set<FormField>([
    'source',
    'mode',
    ...(match.kind === 'several' || inputs.vault !== '' ? (['vault'] as const) : []),
    ...(hasSecondary ? (['region'] as const) : []),
    'backup',
    ...(point && needsRehydration(point, now) ? (['rehydration', 'rehydrationDays'] as const) : []),
    ...(isDatabase ? (['target', 'database', 'secret'] as const) : (['container', 'prefix'] as const)),
    ...(facts.loads ? (['target', 'database', 'owners', 'grants', 'ownerMap', 'extras'] as const) : []),
    'reason',
    'ticket',
  ]);
  return formFields.filter((field) => shown.has(field));
}

function regionChoices({ vault, match }: VaultFormFacts): Choice[] {
  if (!vault) return [];
  const instance = match.kind === 'one' ? match.server : undefined;
  const secondary = instance?.secondaryRegion ?? vault.secondaryRegion;
  return [
    { title: `${vault.location} (the vault's own)`, value: vault.location },
    ...(secondary === undefined ? [] : [{ title: `${secondary} (copies, 12 h behind)`, value: secondary }]),
  ];
}

function containerChoices({ accounts, vault }: VaultFormFacts, inputs: FormInputs): Choice[] {
  const location = vault && (secondaryOf(inputs, vault.location) ?? vault.location);
  return accounts
    .filter((account) => location === undefined || account.location === location)
    .flatMap(({ name, containers }) => containers.map((container) => plain(`${name}/${container}`)));
}

function modeChoices(deps: Deps, instance: InstanceFacts | undefined, mode: RestoreMode): Choice[] {
  const isServer = instance?.datasource !== 'single-server-database';
  const serverModes: readonly RestoreMode[] = isServer
    ? ['point-in-time', 'latest', 'fast', 'geo', 'dropped']
    : [];
  const ofVault = vaultModes.filter((each) => each !== 'vault-database' || !isServer);
  const subject = instance && instanceSubject(deps, instance);
  return [...serverModes, ...ofVault]
    .filter((each) => each === mode || !subject || isModeCovered(deps.policy, subject, each))
    .map((value) => ({ title: modeTitles[value], value }));
}

function choicesFor(deps: Deps, draft: Draft, facts: VaultFormFacts, now: Instant): FormMessage['choices'] {
  const { inputs } = draft;
  const vaults = [...new Set(facts.instances.map(({ vaultName }) => vaultName))];
  const containers = containerChoices(facts, inputs);
  const logins = loginsFor(deps.policy, inputs.target.trim());
  return {
    source: sourceChoices(facts.instances),
    mode: modeChoices(deps, toldInstance(deps, facts), modeOf(inputs)),
    vault: vaults.map(plain),
    backup: facts.points.map((point) => pointChoice(point, now)),
    region: regionChoices(facts),
    rehydration: [
      { title: `Standard (${rehydrationWords.Standard})`, value: 'Standard' },
      { title: `High (${rehydrationWords.High})`, value: 'High' },
    ],
    ...(containers.length > 0 ? { container: containers } : {}),
    ...(logins.length > 0 ? { secret: logins.map(plain) } : {}),
    ...(facts.loads ? loadChoices(facts.loads.targets) : {}),
  };
}

function dataLine(inputs: FormInputs, facts: VaultFormFacts, now: Instant): string | undefined {
  const point = pointOf(inputs, facts);
  const instance = facts.match.kind === 'one' ? facts.match.server : undefined;
  if (!point || !instance) return undefined;
  const asked = choosePoint(instance.title, facts.points, { ...inputs, backup: '' });
  // What was asked for is named only where it is what stands in the field.
  const why =
    inputs.moment !== '' && asked.kind === 'one' && asked.point.id === point.id ? `${asked.why}: ` : '';
  const age = `${utc(point.time)}, ${span(millisBetween(point.time, now))} before now`;
  const archived = needsRehydration(point, now)
    ? ' It lies in the archive tier and has to be fetched back first.'
    : '';
  return `The data will be that of ${why}${age}. Vaults hold points, not moments.${archived}`;
}

const follows = (inputs: FormInputs): string =>
  modeOf(inputs) === 'vault-to-server'
    ? 'Azure writes the files into the container first; then roles and databases are added to the server, and what is there already stays as it is'
    : modeOf(inputs) === 'vault-database'
      ? 'Owners and grants are not in the copy, and the user of the secret gets all privileges on it. Files into a container, loaded into a flexible server, are the other way'
      : 'Every database of the backup is written, with roles, schemas and tablespaces in files of their own';

export function sayVaultForm(deps: Deps, draft: Draft, facts: VaultFormFacts = noVaultFacts): FormMessage {
  const { inputs } = draft;
  const now = deps.clock.now();
  const data = dataLine(inputs, facts, now);
  return {
    ...formFrame(draft, now),
    fields: fieldsFor(inputs, facts, now),
    choices: choicesFor(deps, draft, facts, now),
    notOffered: [],
    follows: follows(inputs),
    ...(data === undefined ? {} : { dataLine: data }),
  };
}
