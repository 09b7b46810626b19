/**
 * Whether a restore can be: what a validation looks at, and what a job meets when nobody validated before it. The first
 * thing that is in the way is thrown, as Azure reports one at a time.
 */
import type { Client } from 'pg';
import {
  dataSourceId,
  flexibleType,
  instanceId,
  sameName,
  secondaryRegion,
  singleType,
} from './backup-vaults';
import type { BlobStore } from './blob-store';
import {
  accountId,
  findAccount,
  findLegacy,
  findSecret,
  hasDataRole,
  letsAzureIn,
  mayRead,
  mayReadSecrets,
  readConnectionString,
  type DatabaseLogin,
} from './restore-targets';
import type { LegacyServer } from './model';
import type { ServerClusters } from './server-clusters';
import { withSession, type SessionTarget } from './server-session';
import type { Store } from './store';
import { BackupRefused } from './vault-errors';
import type {
  BackupInstance,
  BackupVault,
  DatabaseTarget,
  FilesTarget,
  RecoveryPoint,
  RestoreOrder,
} from './vault-model';

export interface CheckDeps {
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly blobs: BlobStore;
}

export interface ToCheck {
  readonly vault: BackupVault;
  readonly instance: BackupInstance;
  readonly point: RecoveryPoint;
  readonly order: RestoreOrder;
  readonly isCrossRegion: boolean;
  /** True when a former try of the same job may have left something in the target. */
  readonly hasBegun: boolean;
}

export async function checkRestore(deps: CheckDeps, wish: ToCheck): Promise<void> {
  checkPoint(wish);
  checkSource(deps.store, wish);
  checkPlace(wish);
  if (wish.order.target.kind === 'files') await checkFiles(deps, wish, wish.order.target);
  else await checkDatabase(deps, wish, wish.order.target);
}

/** True when an archived point lies ready to be read, for a while. */
export const isRehydrated = ({ rehydrated }: RecoveryPoint): boolean =>
  rehydrated?.status === 'COMPLETED' && Date.parse(rehydrated.expiresAt ?? '') > Date.now();

function checkPoint({ point, order, isCrossRegion }: ToCheck): void {
  if (Date.parse(point.expiresAt) <= Date.now())
    throw new BackupRefused(
      'UserErrorInvalidRecoveryPointInTime',
      `The recovery point ${point.id} expired at ${point.expiresAt}.`,
    );
  if (isCrossRegion && !point.isInSecondary)
    throw new BackupRefused(
      'UserErrorInvalidRecoveryPointInTime',
      `The recovery point ${point.id} is not in the secondary region.`,
    );
  if (point.tier !== order.store)
    throw new BackupRefused(
      'BMSUserErrorInvalidInput',
      `The recovery point is in ${point.tier}, and ${order.store} was asked for.`,
    );
  if (point.tier === 'ArchiveStore' && order.rehydration === undefined && !isRehydrated(point))
    throw new BackupRefused(
      'BMSUserErrorInvalidInput',
      'The recovery point is in the archive tier: it can only be restored with rehydration.',
    );
  if (point.tier === 'VaultStore' && order.rehydration !== undefined)
    throw new BackupRefused(
      'BMSUserErrorInvalidInput',
      'The recovery point is not in the archive tier and cannot be rehydrated.',
    );
}

function checkSource({ state }: Store, { vault, instance }: ToCheck): void {
  const source = dataSourceId(vault, instance).replace(/\/databases\/[^/]+$/, '');
  const type = instance.database === undefined ? flexibleType : singleType;
  if (!mayRead(state.roleAssignments, vault.principalId, type, source))
    throw new BackupRefused(
      'UserErrorMSIMissingPermissions',
      `The identity ${vault.principalId} of ${instanceId(vault, instance)} may not read ${source}.`,
      'AuthorizationFailed',
    );
}

/** A primary restore stays in the region of the vault, a cross-region one goes to the paired region. */
function checkPlace({ vault, order, isCrossRegion }: ToCheck): void {
  const wanted = isCrossRegion ? secondaryRegion(vault) : vault.location;
  if (order.restoreLocation !== wanted)
    throw new BackupRefused(
      'BMSUserErrorInvalidInput',
      `The restore location must be ${wanted ?? 'that of the vault'}, not ${order.restoreLocation}.`,
    );
}

function checkTargetPlace(
  { vault, order }: ToCheck,
  target: { readonly location: string; readonly subscriptionId: string },
): void {
  if (target.location !== order.restoreLocation)
    throw new BackupRefused(
      'BMSUserErrorInvalidInput',
      `The target is in ${target.location}, and the restore location is ${order.restoreLocation}.`,
    );
  if (!sameName(target.subscriptionId, vault.subscriptionId) && vault.crossSubscriptionRestore !== 'Enabled')
    throw new BackupRefused(
      'BMSUserErrorInvalidInput',
      `The vault does not allow restores to another subscription (${target.subscriptionId}).`,
    );
}

async function checkFiles({ store, blobs }: CheckDeps, wish: ToCheck, target: FilesTarget): Promise<void> {
  const account = findAccount(store, target.account);
  const unreachable = (why: string, code?: string): BackupRefused =>
    new BackupRefused('UserErrorContainerNotAccessible', why, code);
  if (!account) throw unreachable(`There is no storage account ${target.account}.`, 'ResourceNotFound');
  checkTargetPlace(wish, account);
  const scope = `${accountId(account)}/blobServices/default/containers/${target.container}`;
  const { principalId } = wish.vault;
  if (!hasDataRole(store.state.roleAssignments, principalId, 'Storage Blob Data Contributor', scope))
    throw unreachable(
      `The identity ${principalId} may not write to ${scope}.`,
      'AuthorizationPermissionMismatch',
    );
  if (!letsAzureIn(account))
    throw unreachable(`The network of ${account.name} is closed to Azure services.`, 'AuthorizationFailure');
  if (!account.allowCrossTenantReplication)
    throw new BackupRefused(
      'UserErrorCrossTenantOrsPolicyDisabled',
      `allowCrossTenantReplication of ${account.name} is false.`,
    );
  if (!(await blobs.hasContainer(target.account, target.container)))
    throw unreachable(`There is no container ${target.container} in ${account.name}.`, 'ContainerNotFound');
  if (!wish.hasBegun && (await blobs.list(target.account, target.container, target.prefix)).length > 0)
    throw new BackupRefused(
      'UserErrorTargetContainersExistOnAccount',
      `Files in ${target.url} begin with ${target.prefix}.`,
    );
}

const azureServicesRule = '0.0.0.0';

async function checkDatabase(deps: CheckDeps, wish: ToCheck, target: DatabaseTarget): Promise<void> {
  const { store, clusters } = deps;
  const legacy = findLegacy(store, target.server);
  if (!legacy)
    throw new BackupRefused(
      'UserErrorAzureResourceNotFoundByPlugin',
      `The server ${target.server} was not found.`,
      'ResourceNotFound',
    );
  checkTargetPlace(wish, legacy.server);
  const login = loginOfSecret(store, wish.vault, target.secretUri);
  const isOpen = legacy.server.firewallRules.some(
    ({ startIpAddress, endIpAddress }) =>
      startIpAddress === azureServicesRule && endIpAddress === azureServicesRule,
  );
  if (!isOpen)
    throw new BackupRefused(
      'UserErrorMissingNetworkSecurityPermissions',
      `The firewall of ${target.server} does not let Azure services in.`,
    );
  await asLogin(clusters, legacy, login, (client) => checkAsLogin(client, target, wish.hasBegun));
}

/** The login in a secret, if the vault may read it and it is of the right form. */
export function loginOfSecret(store: Store, { principalId }: BackupVault, uri: string): DatabaseLogin {
  const { vault, secret } = findSecret(store, uri);
  if (!vault) throw new BackupRefused('UserErrorInvalidSecretStore', `No key vault is known for ${uri}.`);
  if (!mayReadSecrets(store, vault, principalId))
    throw new BackupRefused(
      'UserErrorMissingPermissionsOnSecretStore',
      `The identity ${principalId} may not read secrets of ${vault.name}.`,
      'Forbidden',
    );
  if (!secret?.enabled)
    throw new BackupRefused('UserErrorInvalidSecret', `The secret ${uri} is missing or disabled.`);
  const login = readConnectionString(secret.value);
  if (!login)
    throw new BackupRefused('UserErrorSecretValueInUnsupportedFormat', `The secret ${uri} has another form.`);
  return login;
}

/** A session of the login on a single server. */
export const loginTarget = (
  clusters: ServerClusters,
  { server }: LegacyServer,
  { user, password }: DatabaseLogin,
  database = 'postgres',
): SessionTarget => ({ ...clusters.asAdministrator(server, database), user, password });

/** Codes of PostgreSQL for a login or password that it does not take. */
const rejected = ['28P01', '28000'];

export async function asLogin<T>(
  clusters: ServerClusters,
  legacy: LegacyServer,
  login: DatabaseLogin,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    return await withSession(loginTarget(clusters, legacy, login), use);
  } catch (error) {
    if (error instanceof BackupRefused) throw error;
    const { code = '', message = '' } = error as { code?: string; message?: string };
    throw rejected.includes(code)
      ? new BackupRefused('UserErrorDBUserAuthFailed', message, code)
      : new BackupRefused('UserErrorServerConnectionClosed', message, code);
  }
}

async function checkAsLogin(client: Client, target: DatabaseTarget, hasBegun: boolean): Promise<void> {
  const { rows } = await client.query<{ may: boolean; taken: boolean }>(
    `select rolcreatedb or rolsuper as may,
            exists (select from pg_database where datname = $1) as taken
     from pg_roles where rolname = current_user`,
    [target.database],
  );
  if (rows[0]?.may !== true)
    throw new BackupRefused('UserErrorMissingDBPermissions', 'The login has no CREATEDB right.');
  if (rows[0].taken && !hasBegun)
    throw new BackupRefused(
      'UserErrorDatabaseNameAlreadyInUse',
      `The database ${target.database} is on ${target.server} already.`,
    );
}
