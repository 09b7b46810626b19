/** What of `Microsoft.DataProtection` is read, and the settings of a vault that can be changed. */
import { ArmError, resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import {
  dataSourceId,
  instanceJson,
  instancesOf,
  jobJson,
  jobsOf,
  requireInstance,
  requireVault,
  sameName,
  vaultJson,
  vaultOf,
  vaultType,
} from './backup-vaults';
import { caseless, part, text, type Json } from './json-parts';
import { isDown, requireRegionUp } from './outages';
import { findPoint, inWindow, pointJson, pointsOf } from './recovery-points';
import type { Store } from './store';
import { invalidInput } from './vault-errors';
import type { VaultJobs } from './vault-jobs';
import type { BackupVault } from './vault-model';
import { operationResult, operationStatus, requireSigned, type VaultOperations } from './vault-operations';

export interface VaultRouteDeps {
  readonly store: Store;
  readonly operations: VaultOperations;
  readonly jobs: VaultJobs;
  readonly timeScale: number;
  readonly pageSize: number;
}

export const provider = 'Microsoft.DataProtection';
const subscription = '/subscriptions/:subscriptionId';
export const groupPath = `${subscription}/resourceGroups/:resourceGroup/providers/${provider}`;
export const vaultPath = `${groupPath}/backupVaults/:vaultName`;
export const instancePath = `${vaultPath}/backupInstances/:instanceName`;

const instanceType = `${vaultType}/backupInstances`;
const pointType = `${instanceType}/recoveryPoints`;

/** A GET whose right is the plain reading of its type. */
const reading = (path: string, type: string, handle: ArmRoute['handle']): ArmRoute => ({
  ...{ method: 'get', path, type, action: `${type}/read`, handle },
});

export function vaultRoutes(deps: VaultRouteDeps): readonly ArmRoute[] {
  const { store, pageSize } = deps;
  const list = (call: ArmCall): ArmAnswer => {
    const { subscriptionId = '', resourceGroup } = call.params;
    const vaults = store.state.vaults.filter(
      (vault) =>
        sameName(vault.subscriptionId, subscriptionId) &&
        sameName(vault.resourceGroup, resourceGroup ?? vault.resourceGroup) &&
        !isDown(store, vault.location),
    );
    return ok(page(vaults.map(vaultJson), call, pageSize));
  };
  return [
    reading(`${subscription}/providers/${vaultType}`, vaultType, list),
    reading(`${groupPath}/backupVaults`, vaultType, list),
    reading(vaultPath, vaultType, (call) => ok(vaultJson(requireVault(store, call)))),
    {
      ...{ method: 'patch', path: vaultPath, type: vaultType, action: `${vaultType}/write` },
      handle: (call) => ok(vaultJson(changeVault(store, requireVault(store, call), call.body))),
    },
    ...instanceRoutes(deps),
    ...jobRoutes(deps),
    ...operationRoutes(deps),
  ];
}

function instanceRoutes({ store, pageSize }: VaultRouteDeps): readonly ArmRoute[] {
  return [
    reading(`${vaultPath}/backupInstances`, instanceType, (call) => {
      const vault = requireVault(store, call);
      const instances = instancesOf(store, vault).map((instance) => instanceJson(vault, instance));
      return ok(page(instances, call, pageSize));
    }),
    reading(instancePath, instanceType, (call) => ok(instanceJson(...requireInstance(store, call)))),
    // Below any resource: the instances that protect it.
    reading(`${subscription}/*resource/providers/${provider}/backupInstances`, instanceType, (call) => {
      const resource = call.path.replace(/\/providers\/Microsoft\.DataProtection\/backupInstances\/?$/i, '');
      const instances = store.state.instances
        .map((instance) => [vaultOf(store, instance), instance] as const)
        .filter(([vault, instance]) => sameName(dataSourceId(vault, instance), resource))
        .map(([vault, instance]) => instanceJson(vault, instance));
      return ok(page(instances, call, pageSize));
    }),
    reading(`${instancePath}/recoveryPoints`, pointType, (call) => {
      const [vault, instance] = requireInstance(store, call);
      const points = inWindow(pointsOf(store, instance), call);
      return ok(
        page(
          points.map((point) => pointJson(vault, instance, point)),
          call,
          pageSize,
        ),
      );
    }),
    reading(`${instancePath}/recoveryPoints/:pointId`, pointType, (call) => {
      const [vault, instance] = requireInstance(store, call);
      const id = call.params['pointId'] ?? '';
      const point = findPoint(store, instance, id);
      if (!point) throw resourceNotFound(pointType, id, vault.resourceGroup);
      return ok(pointJson(vault, instance, point));
    }),
    {
      ...{ method: 'post', path: `${instancePath}/findRestorableTimeRanges`, type: instanceType },
      action: `${instanceType}/findRestorableTimeRanges/action`,
      handle: (call) => {
        requireInstance(store, call);
        // Backups of PostgreSQL are single points: there is no range between them.
        const properties = {
          objectType: 'AzureBackupFindRestorableTimeRangesResponse',
          restorableTimeRanges: [],
        };
        return ok({ id: call.path, type: `${instanceType}/findRestorableTimeRanges`, properties });
      },
    },
  ];
}

function jobRoutes({ store, pageSize }: VaultRouteDeps): readonly ArmRoute[] {
  const type = `${vaultType}/backupJobs`;
  return [
    reading(`${vaultPath}/backupJobs`, type, (call) => {
      const jobs = jobsOf(store, requireVault(store, call)).filter(({ isCrossRegion }) => !isCrossRegion);
      return ok(
        page(
          jobs.map((job) => jobJson(store, job)),
          call,
          pageSize,
        ),
      );
    }),
    reading(`${vaultPath}/backupJobs/:jobId`, type, (call) => {
      const vault = requireVault(store, call);
      const id = call.params['jobId'] ?? '';
      const job = jobsOf(store, vault).find((known) => sameName(known.id, id) && !known.isCrossRegion);
      if (!job) throw resourceNotFound(type, `${vault.name}/${id}`, vault.resourceGroup);
      return ok(jobJson(store, job));
    }),
  ];
}

function operationRoutes({ store, operations, timeScale }: VaultRouteDeps): readonly ArmRoute[] {
  const find = (call: ArmCall) => {
    const { operationId: id = '', subscriptionId = '' } = call.params;
    const operation = operations.find(id);
    if (!operation || !sameName(operation.subscriptionId, subscriptionId))
      throw new ArmError(404, 'OperationNotFound', `The operation '${id}' was not found.`, {
        cause: 'service',
      });
    requireRegionUp(store, operation.location);
    requireSigned(operation, call);
    return operation;
  };
  const status = (call: ArmCall) => operationStatus(store, find(call), call, timeScale);
  const location = `${subscription}/providers/${provider}/locations/:location`;
  return [
    reading(`${vaultPath}/operationStatus/:operationId`, `${vaultType}/operationStatus`, status),
    reading(`${groupPath}/operationStatus/:operationId`, `${provider}/operationStatus`, status),
    reading(`${location}/operationStatus/:operationId`, `${provider}/locations/operationStatus`, status),
    reading(`${location}/operationResults/:operationId`, `${provider}/locations/operationResults`, (call) =>
      operationResult(store, find(call), call, timeScale),
    ),
  ];
}

function wantedState<T extends string>(body: Json, name: string, allowed: readonly T[]): T | undefined {
  const value = text(part(body, name.toLowerCase())['state']);
  if (value === undefined) return undefined;
  const known = allowed.find((word) => sameName(word, value));
  if (known === undefined) throw invalidInput(`The state of '${name}' must be one of ${allowed.join(', ')}.`);
  return known;
}

/** Changes what the body names of the vault's settings; some of them cannot be taken back. */
function changeVault(store: Store, vault: BackupVault, body: Json): BackupVault {
  const properties = part(part({ body: caseless(body) }, 'body'), 'properties');
  const [features, security] = [part(properties, 'featuresettings'), part(properties, 'securitysettings')];
  const onOff = ['Enabled', 'Disabled'] as const;
  const crossRegion = wantedState(features, 'crossRegionRestoreSettings', onOff);
  const crossSubscription = wantedState(features, 'crossSubscriptionRestoreSettings', [
    ...onOff,
    'PermanentlyDisabled',
  ]);
  const immutability = wantedState(security, 'immutabilitySettings', ['Disabled', 'Unlocked', 'Locked']);
  if (crossRegion === 'Enabled' && vault.redundancy !== 'GeoRedundant')
    throw invalidInput('Cross-region restore needs a vault with geo-redundant storage.');
  if (crossSubscription && vault.crossSubscriptionRestore === 'PermanentlyDisabled')
    throw invalidInput('Cross-subscription restore was disabled for ever.');
  if (immutability && vault.immutability === 'Locked')
    throw invalidInput('The immutability of the vault is locked.');
  const now = new Date().toISOString();
  const isNewlyOn = crossRegion === 'Enabled' && vault.crossRegionRestore !== 'Enabled';
  const changed: BackupVault = {
    ...vault,
    ...(crossRegion ? { crossRegionRestore: crossRegion } : {}),
    ...(isNewlyOn ? { crossRegionSince: now } : {}),
    ...(crossSubscription ? { crossSubscriptionRestore: crossSubscription } : {}),
    ...(immutability ? { immutability } : {}),
    changedAt: now,
  };
  store.state.vaults = store.state.vaults.map((known) => (known.name === vault.name ? changed : known));
  store.save();
  return changed;
}
