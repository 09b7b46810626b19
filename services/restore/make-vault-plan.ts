/** From what a person typed and what Azure says of its vaults to a plan, or to all the reasons why there is none. */
import {
  containerId,
  readContainer,
  restoreLocation,
  secretUri,
  vaultTargetName,
} from './judge-vault-target';
import {
  daysOf,
  instanceProblems,
  needsRehydration,
  pointProblems,
  priorityOf,
  vaultProblems,
} from './judge-vault';
import {
  isCovered,
  isModeCovered,
  policyProblems,
  probeFor,
  ruleFor,
  strictest,
  type Policy,
  type PolicyRule,
  type PolicySubject,
} from './policy';
import { choiceProblems, readNames, termsFor } from './load-choices';
import { loadTargetProblems } from './judge-load';
import { loadServer } from './make-load-plan';
import { askedAt, judgingOf, lengthProblems, reasonProblems, type PlanResult, type Wish } from './make-plan';
import { looserWarnings, standingServer } from './policy-destination';
import { modeOf } from './judge-moment';
import { problem, type Problem } from './errors';
import { vaultTargetProblems } from './judge-vault-target';
import type { FormInputs } from './form-inputs';
import { vaultRoles, type InstanceFacts, type RecoveryPoint, type VaultFacts } from './vaults';
import type { VaultDatabasePlan, VaultFilesPlan, VaultPlan, VaultToServerPlan } from './vault-plan';
import type { Ask, Destination } from './policy-subject';
import type { ServerFacts } from './servers';
import type { VaultPreflightFacts } from './vault-facts';

/** What is restored comes out of the vault: of a server that is gone its identity needs to read nothing. */
const judgedSource = (facts: VaultPreflightFacts): VaultPreflightFacts =>
  facts.isSourceGone === true ? { ...facts, rolesOnSource: [vaultRoles.reader.id] } : facts;

/** All problems at once, or the plan. Pure: the same facts always give the same plan, and so the same hash. */
export function makeVaultPlan(wish: Wish, facts: VaultPreflightFacts, policy: Policy): PlanResult {
  const { inputs } = wish;
  const { subject, instance, vault, point } = facts;
  const judge = judgingOf(wish, facts);
  const ask = askOf(wish, facts);
  const policyWords = subject ? policyProblems(policy, subject, ask, judge) : [];
  // Of what the policy does not cover nothing is told: not its vault, its points or its state.
  if (subject && !isCovered(policy, subject))
    return { kind: 'refused', problems: [...lengthProblems(inputs), ...policyWords] };
  const rule = subject && strictestRule(facts, subject, ask, policy);
  const problems = [
    ...lengthProblems(inputs),
    ...instanceProblems(inputs, facts),
    ...vaultProblems(judgedSource(facts)),
    ...pointProblems(inputs, facts),
    ...vaultTargetProblems(inputs, facts, policy),
    ...chainProblems(wish, facts, policy),
    ...reasonProblems(inputs, rule),
    ...policyWords,
  ];
  if (problems.length > 0 || instance.kind !== 'one' || !vault || !subject || !rule || point?.kind !== 'one')
    return { kind: 'refused', problems };
  const plan = planFor(inputs, facts, { instance: instance.server, vault, point: point.point, policy, rule });
  if (!plan) return { kind: 'refused', problems };
  const { postgresVersion = '' } = point.point;
  const warnings = [...guardWarnings(vault, plan), ...looserWarnings(subject, ask.to ?? [])];
  const shown = {
    ...{ sku: '', storageGb: 0, postgresVersion, askedAt: askedAt(wish, facts) },
    ...(warnings.length > 0 ? { warnings } : {}),
  };
  return { kind: 'plan', rule, plan, shown };
}

/** Whether Azure guards restores at all is not written anywhere, so this refuses nothing. */
const guardWarnings = ({ name, isGuarded }: VaultFacts, { guardRequests }: VaultPlan): string[] =>
  isGuarded && guardRequests.length === 0
    ? [
        `${name} stands behind a resource guard; no approved request is configured, so Azure may refuse the restore.`,
      ]
    : [];

interface Known {
  readonly instance: InstanceFacts;
  readonly vault: VaultFacts;
  readonly point: RecoveryPoint;
  readonly policy: Policy;
  readonly rule: PolicyRule;
}

type Common = Omit<VaultFilesPlan, 'mode' | 'target'>;

function planFor(inputs: FormInputs, facts: VaultPreflightFacts, known: Known): VaultPlan | undefined {
  const { instance, vault, point, policy, rule } = known;
  const priority = priorityOf(inputs);
  const days = daysOf(inputs);
  const rehydration =
    needsRehydration(point, facts.now) && priority && days !== undefined ? { priority, days } : undefined;
  const common: Common = {
    version: 1,
    source: { id: instance.sourceId, name: instance.title, location: instance.location },
    vault: { id: vault.id, name: vault.name, location: vault.location },
    instanceId: instance.id,
    point: { id: point.id, time: point.time, store: point.store },
    ...(rehydration ? { rehydration } : {}),
    ...(facts.secondary === undefined ? {} : { crossRegion: { region: facts.secondary } }),
    guardRequests: vault.isGuarded ? facts.guardRequests : [],
    policy: { version: policy.version, rule: rule.name },
  };
  switch (modeOf(inputs)) {
    case 'vault-database':
      return databasePlan(inputs, facts, common);
    case 'vault-to-server':
      return chainPlan(inputs, facts, common, policy);
    default:
      return filesPlan(inputs, facts, common);
  }
}

function filesPlan(
  inputs: FormInputs,
  facts: VaultPreflightFacts,
  common: Common,
): VaultFilesPlan | undefined {
  const asked = readContainer(inputs.container);
  const account = facts.files?.account;
  if (!asked || !account) return undefined;
  return {
    ...common,
    mode: 'vault-files',
    target: {
      id: containerId(account, asked.container),
      name: vaultTargetName(inputs),
      subscriptionId: account.subscriptionId,
      resourceGroup: account.resourceGroup,
      location: restoreLocation(facts),
      account: account.name,
      container: asked.container,
      prefix: inputs.prefix.trim(),
      url: `${account.blobEndpoint.replace(/\/$/, '')}/${asked.container}`,
    },
  };
}

const loadedServer = ({ loadTarget }: VaultPreflightFacts): ServerFacts | undefined =>
  loadTarget?.match.kind === 'one' ? loadTarget.match.server : undefined;

function filesDestination(inputs: FormInputs, facts: VaultPreflightFacts): Destination | undefined {
  const asked = readContainer(inputs.container);
  const account = facts.files?.account;
  if (!asked || !account) return undefined;
  const { subscriptionId, resourceGroup, name } = account;
  const container = `${name}/${asked.container}`;
  return { kind: 'container', subscriptionId, resourceGroup, region: restoreLocation(facts), container };
}

function databaseDestination(inputs: FormInputs, facts: VaultPreflightFacts): Destination | undefined {
  const server = facts.database?.server;
  if (!server) return undefined;
  const { subscriptionId, resourceGroup } = server;
  const name = vaultTargetName(inputs);
  return { kind: 'server', subscriptionId, resourceGroup, region: restoreLocation(facts), server: name };
}

/** Undefined until every place of this way is known. */
function placesOf(inputs: FormInputs, facts: VaultPreflightFacts): readonly Destination[] | undefined {
  if (modeOf(inputs) === 'vault-database') {
    const to = databaseDestination(inputs, facts);
    return to && [to];
  }
  const files = filesDestination(inputs, facts);
  if (!files || modeOf(inputs) === 'vault-files') return files && [files];
  const server = loadedServer(facts);
  return server && [files, standingServer(server)];
}

function askOf(wish: Wish, facts: VaultPreflightFacts): Ask {
  const to = placesOf(wish.inputs, facts);
  const ask: Ask = { action: 'restore', mode: modeOf(wish.inputs), at: askedAt(wish, facts) };
  if (!to || facts.instance.kind !== 'one') return ask;
  const from = facts.instance.server.location;
  return { ...ask, to, regionChange: to.some(({ region }) => region !== undefined && region !== from) };
}

/** A server that is loaded into is changed: that has a rule of its own. */
const loadAsk = (wish: Wish, facts: VaultPreflightFacts, server: ServerFacts): Ask => ({
  ...askOf(wish, facts),
  mode: 'files-to-server',
  to: [standingServer(server)],
});

/** The server is policed like the source: what is asked and where it goes both have their rule, and the stricter one holds. */
function strictestRule(
  facts: VaultPreflightFacts,
  subject: PolicySubject,
  ask: Ask,
  policy: Policy,
): PolicyRule | undefined {
  const ofSource = ruleFor(policy, subject, ask);
  const server = loadedServer(facts);
  if (ask.mode !== 'vault-to-server' || !server) return ofSource;
  const to = [standingServer(server)];
  return strictest(policy, ofSource, ruleFor(policy, server, { ...ask, mode: 'files-to-server', to }));
}

/** What the files will hold is known only when they are there; what is asked for by name is looked for already. */
function chainProblems(wish: Wish, allFacts: VaultPreflightFacts, policy: Policy): Problem[] {
  const { inputs } = wish;
  const { loadTarget, instance, point } = allFacts;
  if (!loadTarget) return [];
  const { inside } = loadTarget;
  const server = loadedServer(allFacts);
  const facts = inside?.kind === 'open' ? inside.facts : undefined;
  const from = point?.kind === 'one' ? point.point.postgresVersion : undefined;
  const isOlder =
    facts && from !== undefined && Number.parseInt(facts.postgresVersion, 10) < Number.parseInt(from, 10);
  const named = readNames(inputs.database);
  const filled = facts?.databases.filter(({ name, isEmpty }) => !isEmpty && named.includes(name)) ?? [];
  const isItself =
    server && instance.kind === 'one' && server.id.toLowerCase() === instance.server.server.id.toLowerCase();
  return [
    ...loadTargetProblems(inputs, loadTarget, policy),
    // That no rule covers it at all is said of the server already.
    ...(server && isModeCovered(policy, server, 'files-to-server')
      ? policyProblems(policy, server, loadAsk(wish, allFacts, server), judgingOf(wish, allFacts))
      : []),
    ...(server && isItself ? [problem('LOAD_TARGET_IS_SOURCE', { name: server.name })] : []),
    ...(server && facts && isOlder
      ? [
          problem('LOAD_SERVER_OLDER', {
            server: server.name,
            is: facts.postgresVersion,
            needs: from,
            database: inputs.source.trim(),
          }),
        ]
      : []),
    ...(server
      ? filled.map(({ name }) => problem('LOAD_DATABASE_EXISTS', { name, server: server.name }))
      : []),
    ...choiceProblems(inputs),
  ];
}

function chainPlan(
  inputs: FormInputs,
  facts: VaultPreflightFacts,
  common: Common,
  policy: Policy,
): VaultToServerPlan | undefined {
  const files = filesPlan(inputs, facts, common);
  const server = loadedServer(facts);
  if (!files || !server) return undefined;
  const proof = facts.subject && probeFor(policy, facts.subject);
  return {
    ...files,
    mode: 'vault-to-server',
    load: termsFor(inputs, loadServer(server)),
    ...(proof ? { proof } : {}),
  };
}

function databasePlan(
  inputs: FormInputs,
  facts: VaultPreflightFacts,
  common: Common,
): VaultDatabasePlan | undefined {
  const server = facts.database?.server;
  const uri = secretUri(inputs.secret);
  if (!server || uri === undefined) return undefined;
  const database = inputs.database.trim();
  return {
    ...common,
    mode: 'vault-database',
    target: {
      id: `${server.id}/databases/${database}`,
      name: `${server.name}/${database}`,
      subscriptionId: server.subscriptionId,
      resourceGroup: server.resourceGroup,
      location: restoreLocation(facts),
      serverId: server.id,
      server: server.name,
      database,
      secretUri: uri,
    },
  };
}
