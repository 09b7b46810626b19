/** What makes a vault do something in its own region: validate, restore, rehydrate, back up. */
import { randomUUID } from 'node:crypto';
import { ArmError } from './arm-error';
import type { ArmAnswer, ArmCall, ArmRoute } from './arm-route';
import { guardId, requireInstance, vaultType } from './backup-vaults';
import { caseless, part, text } from './json-parts';
import { findPoint } from './recovery-points';
import { readRehydration, readRestoreOrder } from './restore-request';
import type { Store } from './store';
import { BackupRefused, errorBody, invalidInput, userFacing } from './vault-errors';
import type { NewJob } from './vault-jobs';
import type { BackupInstance, BackupVault, RecoveryPoint, RestoreOrder } from './vault-model';
import { acceptedByVault } from './vault-operations';
import { instancePath, type VaultRouteDeps } from './vault-routes';

const type = `${vaultType}/backupInstances`;

export function vaultRestoreRoutes(deps: VaultRouteDeps): readonly ArmRoute[] {
  const { store, operations, timeScale } = deps;
  const action = (verb: string, handle: (call: ArmCall) => ArmAnswer): ArmRoute => ({
    ...{ method: 'post', path: `${instancePath}/${verb}`, type, action: `${type}/${verb}/action`, handle },
  });
  const trigger = (call: ArmCall, vault: BackupVault, wish: Omit<NewJob, 'isCrossRegion'>): ArmAnswer => {
    const job = deps.jobs.start({ ...wish, isCrossRegion: false });
    const operation = operations.trigger({ vault, isCrossRegion: false, job });
    return acceptedByVault(store, operation, call, timeScale);
  };
  return [
    action('validateRestore', (call) => {
      const [vault, instance] = requireInstance(store, call);
      const order = readRestoreOrder(restoreObject(call.body), instance);
      const point = requirePoint(store, instance, order.pointId);
      const operation = operations.validate({ vault, instance, point, order, isCrossRegion: false });
      return acceptedByVault(store, operation, call, timeScale);
    }),
    action('restore', (call) => {
      const [vault, instance] = requireInstance(store, call);
      const order = readRestoreOrder(call.body, instance);
      const point = requirePoint(store, instance, order.pointId);
      requireGuardsLeave(store, vault, order);
      const { rehydration } = order;
      return trigger(call, vault, {
        ...{ kind: 'Restore', instance, point, order },
        ...(rehydration ? { rehydration } : {}),
      });
    }),
    action('rehydrate', (call) => {
      const [vault, instance] = requireInstance(store, call);
      const body = part({ body: caseless(call.body) }, 'body');
      const point = requirePoint(store, instance, text(body['recoverypointid']) ?? '');
      const rehydration = readRehydration(body);
      if (point.tier !== 'ArchiveStore') throw invalidInput('The recovery point is not in the archive tier.');
      return trigger(call, vault, { kind: 'Rehydrate', instance, point, rehydration });
    }),
    action('backup', (call) => {
      const [vault, instance] = requireInstance(store, call);
      const options = part(part({ body: caseless(call.body) }, 'body'), 'backupruleoptions');
      if (text(options['rulename']) === undefined)
        throw invalidInput("The property 'backupRuleOptions.ruleName' is missing.");
      return trigger(call, vault, { kind: 'Backup', instance });
    }),
  ];
}

/** A validation carries the restore object one level down. */
export function restoreObject(body: unknown): unknown {
  const { restorerequestobject: inner } = part({ body: caseless(body) }, 'body');
  if (typeof inner !== 'object' || inner === null)
    throw invalidInput("The property 'restoreRequestObject' is missing.");
  return inner;
}

export function requirePoint(store: Store, instance: BackupInstance, id: string): RecoveryPoint {
  const point = findPoint(store, instance, id);
  if (!point) throw invalidInput(`The recovery point '${id}' is not one of ${instance.name}.`);
  return point;
}

/** Where the guard watches restores, somebody else has to have opened the way with a request to the guard. */
function requireGuardsLeave(store: Store, vault: BackupVault, { guardRequests }: RestoreOrder): void {
  const guard = store.state.guards.find(({ name }) => name === vault.guard);
  if (!guard?.guardsRestore) return;
  const own = `${guardId(vault)}/`.toLowerCase();
  if (guardRequests.some((id) => id.toLowerCase().startsWith(own))) return;
  const refused = new BackupRefused(
    'UserErrorResourceGuardRequestMissing',
    `The vault ${vault.name} is protected by ${guardId(vault)}.`,
    'LinkedAuthorizationFailed',
  );
  const { code, message, additionalInfo } = errorBody(userFacing(refused, randomUUID()));
  throw new ArmError(403, code, message, { cause: 'service', additionalInfo });
}
