/**
 * Gathers the facts that a restore from a vault is judged by, makes the plan, and lets Azure check it too. Read-only; throws
 * only when Azure does not answer.
 */
import { choosePoint, type ChosenPoint } from './restore/choose-point';
import { instanceSubject, matchInstance } from './protected';
import { isCovered, isLoginAllowed, isModeCovered } from './restore/policy';
import { loadTarget } from './load-preflight';
import { makeVaultPlan } from './restore/make-vault-plan';
import { modeOf } from './restore/judge-moment';
import { needsRehydration } from './restore/judge-vault';
import { normaliseRegion } from './restore/asked-place';
import {
  containerId,
  databaseSubject,
  readContainer,
  secretUri,
  vaultTargetName,
} from './restore/judge-vault-target';
import { isVaultPlan } from './restore/plan';
import type { DatabasePlace, FilesPlace, VaultPreflightFacts } from './restore/vault-facts';
import type { Deps } from './deps';
import type { FormInputs } from './restore/form-inputs';
import type { InstanceFacts, VaultFacts } from './restore/vaults';
import type { MissingRights } from './restore/judge-place';
import type { PlanResult, Wish } from './restore/make-plan';

/** What our own identity does in a vault. What it does in a secondary region is left to Azure's own check of the restore. */
const vaultActions = [
  'Microsoft.DataProtection/backupVaults/backupInstances/read',
  'Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read',
  'Microsoft.DataProtection/backupVaults/backupInstances/validateRestore/action',
  'Microsoft.DataProtection/backupVaults/backupInstances/restore/action',
  'Microsoft.DataProtection/backupVaults/backupJobs/read',
] as const;
const archiveActions = ['Microsoft.DataProtection/backupVaults/backupInstances/rehydrate/action'] as const;

const groupOf = ({ subscriptionId, resourceGroup }: VaultFacts): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;

async function missingRights(
  deps: Deps,
  vault: VaultFacts,
  point: ChosenPoint | undefined,
): Promise<MissingRights[]> {
  const isArchived = point?.kind === 'one' && needsRehydration(point.point, deps.clock.now());
  const wanted = [...vaultActions, ...(isArchived ? archiveActions : [])];
  const actions = await deps.places.missingRights(groupOf(vault), wanted);
  return actions.length === 0 ? [] : [{ assignee: deps.settings.azureClientId, scope: vault.id, actions }];
}

/** Undefined for a scope that is gone. */
const rolesAt = async (
  deps: Deps,
  { principalId }: VaultFacts,
  scope: string,
): Promise<readonly string[] | undefined> =>
  principalId === undefined ? [] : deps.vaultTargets.rolesOf(principalId, scope);

/** On a place that was there a moment ago, and has to be: on one that is gone nobody has a role. */
const rolesOf = async (deps: Deps, vault: VaultFacts, scope: string): Promise<readonly string[]> =>
  (await rolesAt(deps, vault, scope)) ?? [];

async function filesPlace(
  deps: Deps,
  inputs: FormInputs,
  vault: VaultFacts,
): Promise<FilesPlace | undefined> {
  const asked = readContainer(inputs.container);
  if (!asked) return undefined;
  const account = await deps.vaultTargets.account(asked.account);
  if (!account?.containers.includes(asked.container))
    return { roles: [], isPrefixUsed: false, ...(account ? { account } : {}) };
  const prefix = inputs.prefix.trim();
  const [blobs, roles] = await Promise.all([
    prefix === '' ? [] : deps.vaultTargets.blobs(account, asked.container, prefix),
    rolesOf(deps, vault, containerId(account, asked.container)),
  ]);
  return { account, roles, isPrefixUsed: blobs.length > 0 };
}

/** What the policy does not let anybody restore to, or with, is refused for that: nothing more is asked of Azure. */
async function databasePlace(deps: Deps, inputs: FormInputs, vault: VaultFacts): Promise<DatabasePlace> {
  const none: DatabasePlace = { rolesOnServer: [], rolesOnSecret: [] };
  const target = inputs.target.trim();
  const server = target === '' ? undefined : await deps.vaultTargets.singleServer(target);
  if (server && !isModeCovered(deps.policy, databaseSubject(server, inputs), 'vault-database'))
    return { ...none, server };
  const uri = isLoginAllowed(deps.policy, target, inputs.secret.trim())
    ? secretUri(inputs.secret)
    : undefined;
  const secret = uri === undefined ? undefined : await deps.vaultTargets.secret(uri);
  const [rolesOnServer, rolesOnSecret] = await Promise.all([
    server ? rolesOf(deps, vault, server.id) : [],
    secret ? rolesOf(deps, vault, secret.vaultId) : [],
  ]);
  return {
    rolesOnServer,
    rolesOnSecret,
    ...(server ? { server } : {}),
    ...(secret ? { secret } : {}),
  };
}

/** The region whose copies are asked for; undefined for the vault's own. */
export function secondaryOf(inputs: Pick<FormInputs, 'region'>, location: string): string | undefined {
  const region = normaliseRegion(inputs.region);
  return region === '' || region === location ? undefined : region;
}

type Inside = Pick<
  VaultPreflightFacts,
  'vault' | 'secondary' | 'points' | 'point' | 'files' | 'database' | 'hasVaultThere'
> &
  Pick<VaultPreflightFacts, 'rolesOnSource' | 'isSourceGone' | 'missingRights'>;

const nothingInside: Inside = { points: [], hasVaultThere: false, rolesOnSource: [], missingRights: [] };

/** In a region whose copies cannot be had there is nothing to list; the reason is said by the judge. */
const canList = (vault: VaultFacts, secondary: string | undefined): boolean =>
  secondary === undefined || (vault.redundancy === 'geo' && vault.crossRegionRestore);

/** Which point is chosen decides which rights are needed. */
async function pointFacts(
  deps: Deps,
  inputs: FormInputs,
  { instance, vault, secondary }: { instance: InstanceFacts; vault: VaultFacts; secondary?: string },
): Promise<Pick<Inside, 'points' | 'point' | 'missingRights'>> {
  const points = canList(vault, secondary) ? await deps.vaults.points(instance, secondary) : [];
  const isListed = points.length > 0 || secondary === undefined;
  const point = isListed ? choosePoint(instance.title, points, inputs) : undefined;
  return { points, missingRights: await missingRights(deps, vault, point), ...(point ? { point } : {}) };
}

async function inside(deps: Deps, inputs: FormInputs, instance: InstanceFacts): Promise<Inside> {
  const vault = await deps.vaults.vault(instance.vaultId);
  if (!vault) return nothingInside;
  const secondary = secondaryOf(inputs, vault.location);
  const isDatabase = modeOf(inputs) === 'vault-database';
  const elsewhere = secondary === undefined ? {} : { secondary };
  const [ofPoint, rolesOnSource, files, database, all] = await Promise.all([
    pointFacts(deps, inputs, { instance, vault, ...elsewhere }),
    rolesAt(deps, vault, instance.server.id),
    isDatabase ? undefined : filesPlace(deps, inputs, vault),
    isDatabase ? databasePlace(deps, inputs, vault) : undefined,
    secondary === undefined ? [] : deps.vaults.vaults(),
  ]);
  return {
    vault,
    ...ofPoint,
    ...elsewhere,
    rolesOnSource: rolesOnSource ?? [],
    isSourceGone: rolesOnSource === undefined,
    hasVaultThere: all.some(({ location }) => location === secondary),
    ...(files ? { files } : {}),
    ...(database ? { database } : {}),
  };
}

async function gather(
  deps: Deps,
  inputs: FormInputs,
  self: string | undefined,
): Promise<VaultPreflightFacts> {
  const isChain = modeOf(inputs) === 'vault-to-server';
  const [{ instances }, open, target] = await Promise.all([
    deps.vaults.instances(),
    isChain ? undefined : deps.store.openRequestForTarget(vaultTargetName(inputs)),
    isChain ? loadTarget(deps, inputs, self) : undefined,
  ]);
  const match = matchInstance(deps, instances, inputs);
  const instance = match.kind === 'one' ? match.server : undefined;
  const subject = instance && instanceSubject(deps, instance);
  // What the policy does not cover is refused for that; nothing about it is asked for.
  const known =
    instance && subject && isCovered(deps.policy, subject)
      ? await inside(deps, inputs, instance)
      : nothingInside;
  return {
    ...known,
    instance: match,
    subscriptions: deps.settings.subscriptionIds,
    allowsSingleServers: deps.settings.allowsSingleServers,
    guardRequests: deps.settings.guardRequests,
    now: deps.clock.now(),
    ...(subject ? { subject } : {}),
    ...(target ? { loadTarget: target } : {}),
    ...(open === undefined || open === self ? {} : { openForTarget: open }),
  };
}

/** `self` is the request that is being judged again; its own destination is not in its own way. */
export async function vaultPreflight(deps: Deps, wish: Wish, self?: string): Promise<PlanResult> {
  const facts = await gather(deps, wish.inputs, self);
  const planned = makeVaultPlan(wish, facts, deps.policy);
  if (planned.kind !== 'plan' || !isVaultPlan(planned.plan)) return planned;
  // Azure's own check comes last: it takes half a minute, and says one thing at a time.
  const checked = await deps.vaultOrders.validate(planned.plan);
  return checked.kind === 'valid' ? planned : { kind: 'refused', problems: [checked.because] };
}
