/** Reading what a caller asks of a restore. Property names count in any spelling, as do the words that choose a kind. */
import type { Json } from './json-parts';
import { caseless, part, text } from './json-parts';
import { findRegion } from './regions';
import { invalidInput } from './vault-errors';
import type { BackupInstance, DatabaseTarget, FilesTarget, RestoreOrder } from './vault-model';

const isWord = (value: unknown, word: string): boolean =>
  typeof value === 'string' && value.toLowerCase() === word.toLowerCase();

function required(body: Json, name: string): string {
  const value = text(body[name.toLowerCase()]);
  if (value === undefined) throw invalidInput(`The property '${name}' is missing.`);
  return value;
}

/** `body` is the bare restore object of `restore`, or what `validateRestore` has under `restoreRequestObject`. */
export function readRestoreOrder(given: unknown, instance: BackupInstance): RestoreOrder {
  const body = part({ body: caseless(given) }, 'body');
  const withRehydration = isWord(body['objecttype'], 'AzureBackupRestoreWithRehydrationRequest');
  if (!withRehydration && !isWord(body['objecttype'], 'AzureBackupRecoveryPointBasedRestoreRequest'))
    throw invalidInput("The property 'objectType' names no restore that PostgreSQL knows.");
  const targetInfo = part(body, 'restoretargetinfo');
  if (!isWord(targetInfo['recoveryoption'], 'FailIfExists'))
    throw invalidInput("The property 'recoveryOption' must be 'FailIfExists'.");
  const restoreLocation = findRegion(required(targetInfo, 'restoreLocation'))?.name;
  if (restoreLocation === undefined) throw invalidInput("The property 'restoreLocation' names no region.");
  return {
    pointId: required(body, 'recoveryPointId').toLowerCase(),
    store: readStore(body),
    ...(withRehydration ? { rehydration: readRehydration(body) } : {}),
    restoreLocation,
    target: readTarget(targetInfo, instance),
    guardRequests: readGuardRequests(body['resourceguardoperationrequests']),
  };
}

function readStore(body: Json): RestoreOrder['store'] {
  const value = required(body, 'sourceDataStoreType');
  if (isWord(value, 'VaultStore')) return 'VaultStore';
  if (isWord(value, 'ArchiveStore')) return 'ArchiveStore';
  throw invalidInput("The property 'sourceDataStoreType' must be 'VaultStore' or 'ArchiveStore'.");
}

const daysAllowed = { lowest: 10, highest: 30 } as const;

/** `body` has lower-case property names. */
export function readRehydration(body: Json): NonNullable<RestoreOrder['rehydration']> {
  const priority = (['Standard', 'High'] as const).find((word) => isWord(body['rehydrationpriority'], word));
  if (priority === undefined)
    throw invalidInput("The property 'rehydrationPriority' must be 'Standard' or 'High'.");
  const days = Number(/^P(\d+)D$/i.exec(required(body, 'rehydrationRetentionDuration'))?.[1]);
  if (!(days >= daysAllowed.lowest && days <= daysAllowed.highest))
    throw invalidInput("The property 'rehydrationRetentionDuration' must be from P10D to P30D.");
  return { priority, days };
}

function readGuardRequests(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string') : [];
}

function readTarget(info: Json, instance: BackupInstance): RestoreOrder['target'] {
  if (isWord(info['objecttype'], 'RestoreFilesTargetInfo'))
    return readFilesTarget(part(info, 'targetdetails'));
  if (!isWord(info['objecttype'], 'RestoreTargetInfo'))
    throw invalidInput("The property 'objectType' of 'restoreTargetInfo' is not known.");
  if (instance.database === undefined) throw invalidInput('A flexible server can be restored as files only.');
  return readDatabaseTarget(info);
}

const containerUrl =
  /^https:\/\/([a-z0-9]{3,24})\.blob\.core\.windows\.net\/([a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9])\/?$/i;
const containerArmId = /\/storageAccounts\/([^/]+)\/blobServices\/default\/containers\/([^/]+)\/?$/i;

function readFilesTarget(details: Json): FilesTarget {
  const url = required(details, 'url');
  if (!isWord(details['restoretargetlocationtype'], 'AzureBlobs'))
    throw invalidInput("The property 'restoreTargetLocationType' must be 'AzureBlobs'.");
  const [, account, container] = containerUrl.exec(url) ?? [];
  if (account === undefined || container === undefined)
    throw invalidInput(`The address '${url}' is not that of a container.`);
  const armId = text(details['targetresourcearmid']);
  if (armId !== undefined) {
    const [, ...named] = containerArmId.exec(armId) ?? [];
    if (named.join('/').toLowerCase() !== `${account}/${container}`.toLowerCase())
      throw invalidInput("The properties 'url' and 'targetResourceArmId' do not name the same container.");
  }
  const prefix = required(details, 'filePrefix');
  return { kind: 'files', account: account.toLowerCase(), container: container.toLowerCase(), url, prefix };
}

const databaseId = /\/providers\/Microsoft\.DBforPostgreSQL\/servers\/([^/]+)\/databases\/([^/]+)\/?$/i;

function readDatabaseTarget(info: Json): DatabaseTarget {
  const id = required(part(info, 'datasourceinfo'), 'resourceID');
  const [, server, database] = databaseId.exec(id) ?? [];
  if (server === undefined || database === undefined)
    throw invalidInput(`The id '${id}' is not that of a database of a single server.`);
  const credentials = part(info, 'datasourceauthcredentials');
  const secretUri = required(part(credentials, 'secretstoreresource'), 'uri');
  return { kind: 'database', databaseId: id, server: server.toLowerCase(), database, secretUri };
}
