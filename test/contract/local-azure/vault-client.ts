/** Backup vaults as a caller meets them: bare calls, the bodies of restores, and waiting for what they end in. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { arm, rgShop } from './arm-client';
import { until } from './server-data';
import { startTestAzure, type TestAzure } from './start-local-azure';

export const startVaultAzure = (options: Readonly<Record<string, string>> = {}): Promise<TestAzure> =>
  startTestAzure({ LOCAL_HISTORY_SECONDS: '60', ...options }, 'test/fixtures/blob-folder-azure-main.ts');

export const dataProtection = `${rgShop}/providers/Microsoft.DataProtection`;
export const vaultPath = (vault: string): string => `${dataProtection}/backupVaults/${vault}`;
export const secondary = `${dataProtection}/locations/canadaeast`;

export interface UserFacing {
  readonly code: string;
  readonly message: string;
  readonly recommendedAction: readonly string[];
  readonly isUserError: boolean;
  readonly innerError: { readonly code: string; readonly additionalInfo: object };
  readonly properties: { readonly ActivityId: string };
}

/** The fields of all bodies the tests look at; which of them are there depends on the call. */
export interface VaultBody {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly startTime: string;
  readonly endTime: string;
  readonly jobId: string;
  readonly nextLink?: string;
  readonly value: readonly VaultBody[];
  readonly properties: Readonly<Record<string, unknown>> & {
    readonly jobId?: string;
    readonly status: string;
  };
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly additionalInfo: readonly { readonly type: string; readonly info: UserFacing }[];
  };
}

export interface VaultReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: VaultBody;
}

export async function call(
  azure: TestAzure,
  method: string,
  pathOrUrl: string,
  body?: unknown,
  version = '2025-07-01',
): Promise<VaultReply> {
  const reply = await arm(azure, method, pathOrUrl, { ...(body === undefined ? {} : { body }), version });
  return { ...reply, body: reply.body as unknown as VaultBody };
}

/** Full id of the only instance of a server (and database) in a vault. */
export async function instanceOf(azure: TestAzure, vault: string, source: string): Promise<string> {
  const { body } = await call(azure, 'GET', `${vaultPath(vault)}/backupInstances`);
  const found = body.value.find(({ name }) => name.startsWith(source));
  if (!found) throw new Error(`There is no instance of ${source} in ${vault}.`);
  return found.id;
}

export interface Point {
  readonly id: string;
  readonly at: string;
  readonly tier: string;
  readonly store: Readonly<Record<string, unknown>>;
}

export const toPoint = ({ name, properties }: VaultBody): Point => {
  const [store = {}] = properties['recoveryPointDataStoresDetails'] as Record<string, unknown>[];
  return { id: name, at: String(properties['recoveryPointTime']), tier: String(store['type']), store };
};

/** Newest first. */
export const pointsOf = async (azure: TestAzure, instance: string): Promise<readonly Point[]> =>
  (await call(azure, 'GET', `${instance}/recoveryPoints`)).body.value.map(toPoint);

export const filesOrder = (point: string, prefix: string, details: object = {}, more: object = {}) => ({
  objectType: 'AzureBackupRecoveryPointBasedRestoreRequest',
  ...{ recoveryPointId: point, sourceDataStoreType: 'VaultStore' },
  restoreTargetInfo: {
    ...{ objectType: 'RestoreFilesTargetInfo', recoveryOption: 'FailIfExists' },
    restoreLocation: 'canadacentral',
    targetDetails: {
      ...{ filePrefix: prefix, restoreTargetLocationType: 'AzureBlobs' },
      ...{ url: 'https://shoprestores.blob.core.windows.net/restores', ...details },
    },
  },
  ...more,
});

export const legacyServer = `${rgShop}/providers/Microsoft.DBforPostgreSQL/servers/legacy-srv`;

export const databaseOrder = (point: string, database: string, secret = 'kv-shop:pgconn-target') => {
  const [keyVault, name] = secret.split(':');
  const kind = { datasourceType: 'Microsoft.DBforPostgreSQL/servers/databases' };
  return {
    objectType: 'AzureBackupRecoveryPointBasedRestoreRequest',
    ...{ recoveryPointId: point, sourceDataStoreType: 'VaultStore' },
    restoreTargetInfo: {
      ...{
        objectType: 'RestoreTargetInfo',
        recoveryOption: 'FailIfExists',
        restoreLocation: 'canadacentral',
      },
      datasourceInfo: {
        objectType: 'Datasource',
        ...kind,
        resourceID: `${legacyServer}/databases/${database}`,
      },
      datasourceSetInfo: { objectType: 'DatasourceSet', ...kind, resourceID: legacyServer },
      datasourceAuthCredentials: {
        objectType: 'SecretStoreBasedAuthCredentials',
        secretStoreResource: {
          ...{ uri: `https://${keyVault}.vault.azure.net/secrets/${name}`, secretStoreType: 'AzureKeyVault' },
        },
      },
    },
  };
};

/** The status body in which an accepted call ends. */
export async function ended(azure: TestAzure, accepted: VaultReply): Promise<VaultBody> {
  if (accepted.status !== 202) throw new Error(`Not accepted: ${JSON.stringify(accepted.body)}`);
  const poll = () => call(azure, 'GET', String(accepted.headers['azure-asyncoperation']));
  return (await until(poll, ({ body }) => body.status !== 'Inprogress')).body;
}

/** Path of the job that an accepted trigger made. */
export async function jobOf(azure: TestAzure, accepted: VaultReply): Promise<string> {
  const { status, properties } = await ended(azure, accepted);
  if (status !== 'Succeeded') throw new Error(`The trigger ended as ${status}.`);
  return properties.jobId ?? '';
}

/** The job in its last state. */
export async function jobEnd(azure: TestAzure, path: string): Promise<VaultBody> {
  const read = () => call(azure, 'GET', path);
  return (await until(read, ({ body }) => body.properties.status !== 'InProgress')).body;
}

/** Posts a restore and waits for its job. */
export async function restored(azure: TestAzure, instance: string, order: object): Promise<VaultBody> {
  return jobEnd(azure, await jobOf(azure, await call(azure, 'POST', `${instance}/restore`, order)));
}

export const blobFolder = (azure: TestAzure, account = 'shoprestores'): string =>
  join(azure.stateDir, 'blobs', account, 'restores');

/** Names of the files in a container that begin with the prefix, sorted. */
export const blobsOf = (azure: TestAzure, prefix: string, account?: string): readonly string[] =>
  readdirSync(blobFolder(azure, account))
    .filter((name) => name.startsWith(`${prefix}_`))
    .sort();
