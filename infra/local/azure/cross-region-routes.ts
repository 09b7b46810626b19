/** Restores from the paired region. The path names that region, so these go on answering when the vault's own is down. */
import { resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmCall, type ArmRoute } from './arm-route';
import {
  findInstance,
  findVault,
  instanceId,
  jobJson,
  jobsOf,
  sameName,
  secondaryRegion,
  vaultId,
  vaultOf,
  vaultType,
} from './backup-vaults';
import { caseless, part, text, type Json } from './json-parts';
import { requireRegionUp } from './outages';
import { inWindow, pointJson, pointsOf } from './recovery-points';
import { findRegion } from './regions';
import { readRestoreOrder } from './restore-request';
import type { Store } from './store';
import { invalidInput } from './vault-errors';
import type { BackupInstance, BackupVault, VaultJob } from './vault-model';
import { acceptedByVault } from './vault-operations';
import { requirePoint, restoreObject } from './vault-restore-routes';
import { groupPath, provider, type VaultRouteDeps } from './vault-routes';

/** How long after it was enabled the paired region shows nothing, in Azure's seconds. */
const firstCopyAzureSeconds = 48 * 3600;

export function crossRegionRoutes(deps: VaultRouteDeps): readonly ArmRoute[] {
  const { store, operations, pageSize, timeScale } = deps;
  const action = (verb: string, handle: ArmRoute['handle']): ArmRoute => ({
    ...{ method: 'post', path: `${groupPath}/locations/:location/${verb}`, handle },
    ...{ type: `${provider}/locations`, action: `${provider}/${rights}/${verb}/action` },
  });
  const readOrder = (call: ArmCall) => {
    const details = part(bodyOf(call), 'crossregionrestoredetails');
    const [vault, instance] = requireSecondaryInstance(deps, call, details);
    const order = readRestoreOrder(restoreObject(call.body), instance);
    const point = requirePoint(store, instance, order.pointId);
    return { vault, instance, order, point, isCrossRegion: true };
  };
  return [
    action('fetchSecondaryRecoveryPoints', (call) => {
      const [vault, instance] = requireSecondaryInstance(deps, call, bodyOf(call));
      const points = isCopied(vault, timeScale)
        ? pointsOf(store, instance).filter(({ isInSecondary }) => isInSecondary)
        : [];
      const found = inWindow(points, call).map((point) => pointJson(vault, instance, point));
      return ok(page(found, call, pageSize));
    }),
    action('validateCrossRegionRestore', (call) =>
      acceptedByVault(store, operations.validate(readOrder(call)), call, timeScale),
    ),
    action('crossRegionRestore', (call) => {
      const wish = readOrder(call);
      const { rehydration } = wish.order;
      const job = deps.jobs.start({ kind: 'Restore', ...wish, ...(rehydration ? { rehydration } : {}) });
      const operation = operations.trigger({ vault: wish.vault, isCrossRegion: true, job });
      return acceptedByVault(store, operation, call, timeScale);
    }),
    action('fetchCrossRegionRestoreJobs', (call) => {
      const found = crossRegionJobs(store, requireSecondaryVault(store, call, bodyOf(call)));
      return ok(
        page(
          found.map((job) => jobJson(store, job)),
          call,
          pageSize,
        ),
      );
    }),
    action('fetchCrossRegionRestoreJob', (call) => {
      const body = bodyOf(call);
      const vault = requireSecondaryVault(store, call, body);
      const id = text(body['jobid']) ?? '';
      const job = crossRegionJobs(store, vault).find((known) => sameName(known.id, id));
      if (!job) throw resourceNotFound(`${vaultType}/backupJobs`, `${vault.name}/${id}`, vault.resourceGroup);
      return ok(jobJson(store, job));
    }),
  ];
}

/** The rights of this family are named after its path. */
const rights = 'subscriptions/resourceGroups/providers/locations';

const bodyOf = (call: ArmCall): Json => part({ body: caseless(call.body) }, 'body');

const crossRegionJobs = (store: Store, vault: BackupVault): readonly VaultJob[] =>
  jobsOf(store, vault).filter(({ isCrossRegion }) => isCrossRegion);

const isCopied = ({ crossRegionSince }: BackupVault, timeScale: number): boolean =>
  Date.now() - Date.parse(crossRegionSince ?? '') >= (firstCopyAzureSeconds * 1000) / timeScale;

/** Refuses what no copy is kept of in the asked region. */
function requireSecondary(store: Store, call: ArmCall, body: Json, vault: BackupVault): void {
  const location = findRegion(call.params['location'] ?? '')?.name ?? '';
  requireRegionUp(store, location);
  const source = findRegion(text(body['sourceregion']) ?? '')?.name;
  if (source !== vault.location) throw invalidInput("The property 'sourceRegion' is not the vault's region.");
  if (vault.crossRegionRestore !== 'Enabled' || secondaryRegion(vault) !== location)
    throw resourceNotFound(vaultType, `${vault.name} in ${location}`, vault.resourceGroup);
}

function requireSecondaryVault(store: Store, call: ArmCall, body: Json): BackupVault {
  const id = text(body['sourcebackupvaultid']) ?? '';
  const vault = findVault(store, id.split('/').at(-1) ?? '');
  if (!vault || !sameName(vaultId(vault), id))
    throw invalidInput(`The property 'sourceBackupVaultId' is not the id of a vault: '${id}'.`);
  requireSecondary(store, call, body, vault);
  return vault;
}

function requireSecondaryInstance(
  { store }: VaultRouteDeps,
  call: ArmCall,
  body: Json,
): readonly [BackupVault, BackupInstance] {
  const id = text(body['sourcebackupinstanceid']) ?? '';
  const instance = findInstance(store, id.split('/').at(-1) ?? '');
  const vault = instance && vaultOf(store, instance);
  if (!instance || !vault || !sameName(instanceId(vault, instance), id))
    throw invalidInput(`The property 'sourceBackupInstanceId' is not the id of an instance: '${id}'.`);
  requireSecondary(store, call, body, vault);
  return [vault, instance];
}
