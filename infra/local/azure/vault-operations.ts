/**
 * The long-running operations of backup vaults, which only stand at the beginning: a validation ends with a verdict, a
 * trigger ends in two seconds with the job that goes on without it.
 */
import { randomUUID } from 'node:crypto';
import { ArmError } from './arm-error';
import type { ArmAnswer, ArmCall } from './arm-route';
import { groupId, jobId, vaultId, vaultOf } from './backup-vaults';
import { isSignedBy, signature } from './operation-links';
import { checkRestore, type CheckDeps } from './restore-checks';
import type { Store } from './store';
import { BackupRefused, errorBody, userFacing } from './vault-errors';
import type {
  BackupInstance,
  BackupVault,
  RecoveryPoint,
  RestoreOrder,
  VaultJob,
  VaultOperation,
} from './vault-model';

/** Azure's times, in seconds. */
const azureSeconds = { validate: 25, trigger: 2 } as const;

interface Asked {
  readonly vault: BackupVault;
  readonly isCrossRegion: boolean;
}

export interface Validation extends Asked {
  readonly instance: BackupInstance;
  readonly point: RecoveryPoint;
  readonly order: RestoreOrder;
}

export interface VaultOperations {
  validate(wish: Validation): VaultOperation;
  /** The operation at whose end the job is told. */
  trigger(wish: Asked & { readonly job: VaultJob }): VaultOperation;
  find(id: string): VaultOperation | undefined;
  /** Looks again at what a former process left without a verdict. */
  resume(): void;
  close(): void;
}

export interface OperationDeps extends CheckDeps {
  readonly timeScale: number;
}

/** Azure makes the id of two others. */
const newId = (): string => Buffer.from(`${randomUUID()};${randomUUID()}`).toString('base64');

export function createVaultOperations(deps: OperationDeps): VaultOperations {
  const { store, timeScale } = deps;
  let closed = false;
  const put = (operation: VaultOperation): VaultOperation => {
    if (closed) return operation;
    store.state.vaultOperations[operation.id] = operation;
    store.save();
    return operation;
  };
  const begin = (kind: VaultOperation['kind'], { vault, isCrossRegion }: Asked): VaultOperation => {
    const nowMs = Date.now();
    const location = isCrossRegion ? (vault.replicatedRegions[0] ?? vault.location) : vault.location;
    return {
      ...{ id: newId(), kind, vault: vault.name, location, isCrossRegion, activityId: randomUUID() },
      ...{ subscriptionId: vault.subscriptionId, resourceGroup: vault.resourceGroup },
      startTime: new Date(nowMs).toISOString(),
      endsAtMs: nowMs + (azureSeconds[kind] * 1000) / timeScale,
    };
  };
  const look = async (operation: VaultOperation): Promise<void> => {
    put({ ...operation, outcome: await verdict(deps, operation) });
  };
  return {
    validate: (wish) => {
      const { instance, order } = wish;
      const operation = put({ ...begin('validate', wish), instance: instance.name, order });
      void look(operation);
      return operation;
    },
    trigger: (wish) => put({ ...begin('trigger', wish), jobId: wish.job.id, outcome: {} }),
    find: (id) => store.state.vaultOperations[id],
    resume: () => {
      for (const operation of Object.values(store.state.vaultOperations))
        if (operation.outcome === undefined) void look(operation);
    },
    close: () => {
      closed = true;
    },
  };
}

async function verdict(
  deps: OperationDeps,
  operation: VaultOperation,
): Promise<NonNullable<VaultOperation['outcome']>> {
  const { order, isCrossRegion, activityId } = operation;
  const { instances, recoveryPoints } = deps.store.state;
  const instance = instances.find(({ name }) => name === operation.instance);
  const point = recoveryPoints.find(({ id }) => id === order?.pointId);
  try {
    if (!instance || !point || !order) throw new Error('Something that was to be validated is gone.');
    const vault = vaultOf(deps.store, operation);
    await checkRestore(deps, { vault, instance, point, order, isCrossRegion, hasBegun: false });
    return {};
  } catch (error) {
    if (!(error instanceof BackupRefused)) console.error(`The validation ${operation.id} failed:`, error);
    const known =
      error instanceof BackupRefused ? error : new BackupRefused('CloudInternalError', String(error));
    return { error: userFacing(known, activityId) };
  }
}

const isOver = ({ outcome, endsAtMs }: VaultOperation): boolean =>
  outcome !== undefined && Date.now() >= endsAtMs;

/** What a vault is said to have while an operation has not ended. */
const noTime = '0001-01-01T00:00:00Z';

function retryAfter({ state }: Store, { kind }: VaultOperation, timeScale: number): Record<string, string> {
  const seconds = state.vaultRetryAfter[kind];
  return seconds === null ? {} : { 'retry-after': String(Math.ceil(seconds / timeScale)) };
}

function links(store: Store, operation: VaultOperation, call: Pick<ArmCall, 'origin' | 'apiVersion'>) {
  const { subscriptionId, location, isCrossRegion } = operation;
  const query = new URLSearchParams({ 'api-version': call.apiVersion, ...signature(operation) }).toString();
  const region = `/subscriptions/${subscriptionId}/providers/Microsoft.DataProtection/locations/${location}`;
  const id = encodeURIComponent(operation.id);
  const owner = isCrossRegion ? region : vaultId(vaultOf(store, operation));
  return {
    status: `${call.origin}${owner}/operationStatus/${id}?${query}`,
    result: `${call.origin}${region}/operationResults/${id}?${query}`,
  };
}

/** The 202 of an accepted validation or trigger; it has no body. */
export function acceptedByVault(
  store: Store,
  operation: VaultOperation,
  call: ArmCall,
  timeScale: number,
): ArmAnswer {
  const { status, result } = links(store, operation, call);
  return {
    status: 202,
    headers: {
      'azure-asyncoperation': status,
      location: result,
      'content-length': '0',
      ...retryAfter(store, operation, timeScale),
    },
    operationId: operation.id,
  };
}

/** A restore in the vault's own region is told by its full id, a cross-region one by its bare number. */
function jobOf(store: Store, { jobId: id, isCrossRegion, vault }: VaultOperation) {
  if (id === undefined) return { objectType: 'OperationJobExtendedInfo' };
  const told = isCrossRegion ? id : jobId(vaultOf(store, { vault }), { id });
  return { jobId: told, objectType: 'OperationJobExtendedInfo' };
}

export function operationStatus(
  store: Store,
  operation: VaultOperation,
  call: ArmCall,
  timeScale: number,
): ArmAnswer {
  const { id, startTime, outcome, endsAtMs } = operation;
  const about = { id: decodeURIComponent(call.path), name: id };
  if (!isOver(operation)) {
    const body = { ...about, status: 'Inprogress', startTime, endTime: noTime };
    return { status: 200, body, headers: retryAfter(store, operation, timeScale) };
  }
  const times = { startTime, endTime: new Date(endsAtMs).toISOString() };
  const body = outcome?.error
    ? { ...about, status: 'Failed', ...times, error: errorBody(outcome.error) }
    : { ...about, status: 'Succeeded', ...times, properties: jobOf(store, operation) };
  return { status: 200, body };
}

export function operationResult(
  store: Store,
  operation: VaultOperation,
  call: ArmCall,
  timeScale: number,
): ArmAnswer {
  if (!isOver(operation)) {
    const { operationId: _running, ...answer } = acceptedByVault(store, operation, call, timeScale);
    return answer;
  }
  const error = operation.outcome?.error;
  if (!error) return { status: 200, body: jobOf(store, operation) };
  const { code, message, additionalInfo } = errorBody(error);
  throw new ArmError(400, code, message, { cause: 'service', additionalInfo });
}

/**
 * Links that were handed out count only as they were; the path below the resource group is nobody's link, and is
 * answered without a signature as well.
 */
export function requireSigned(operation: VaultOperation, call: ArmCall): void {
  const isBare = ['t', 'c', 's', 'h'].every((name) => call.query[name] === undefined);
  const ownPath = `${groupId(operation)}/providers/Microsoft.DataProtection/operationStatus/`;
  if (isBare && call.path.toLowerCase().startsWith(ownPath.toLowerCase())) return;
  if (!isSignedBy(signature(operation), call))
    throw new ArmError(
      403,
      'InvalidOperationLink',
      'The signature of the operation link is missing or changed.',
      { cause: 'service' },
    );
}
