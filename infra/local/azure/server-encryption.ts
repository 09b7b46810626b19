/** Customer-managed keys: which ones a PUT names, and what has to stand together. The keys themselves are never opened here. */
import { createHash } from 'node:crypto';
import { invalidValue } from './arm-error';
import type { ArmCall } from './arm-route';
import { part, text, type Json } from './json-parts';
import type { CustomerKeys, ServerShape } from './model';

/** The keys a body names, undefined when it names none; both halves of each pair, and only identities the server has. */
export function askedKeys(body: ArmCall['body']): CustomerKeys | undefined {
  const asked = part(part(body, 'properties'), 'dataEncryption');
  const type = text(asked['type']) ?? 'SystemManaged';
  if (type === 'SystemManaged') return undefined;
  if (type !== 'AzureKeyVault')
    throw invalidValue(`The value '${type}' of the property 'dataEncryption.type' is not supported.`);
  const [primaryKeyURI, primaryUserAssignedIdentityId] = keyPair(body, asked, 'primary');
  if (primaryKeyURI === undefined || primaryUserAssignedIdentityId === undefined)
    throw invalidValue(
      "Customer-managed encryption needs 'primaryKeyURI' and 'primaryUserAssignedIdentityId' together.",
    );
  const [geoBackupKeyURI, geoBackupUserAssignedIdentityId] = keyPair(body, asked, 'geoBackup');
  return {
    ...{ primaryKeyURI, primaryUserAssignedIdentityId },
    ...(geoBackupKeyURI === undefined || geoBackupUserAssignedIdentityId === undefined
      ? {}
      : { geoBackupKeyURI, geoBackupUserAssignedIdentityId }),
  };
}

function keyPair(body: Json, asked: Json, of: 'primary' | 'geoBackup'): [string?, string?] {
  const [uri, identity] = [text(asked[`${of}KeyURI`]), text(asked[`${of}UserAssignedIdentityId`])];
  if (uri === undefined && identity === undefined) return [];
  if (uri === undefined || identity === undefined)
    throw invalidValue(`'${of}KeyURI' and '${of}UserAssignedIdentityId' have to be given together.`);
  const assigned = Object.keys(part(part(body, 'identity'), 'userAssignedIdentities'));
  if (!assigned.some((known) => known.toLowerCase() === identity.toLowerCase()))
    throw invalidValue(`The identity '${identity}' is not assigned to the server.`);
  return [uri, identity];
}

/** The copy in the paired region is encrypted with a key of that region. */
export function requireGeoKey(keys: CustomerKeys | undefined, geoRedundantBackup: string): void {
  if (keys !== undefined && geoRedundantBackup === 'Enabled' && keys.geoBackupKeyURI === undefined)
    throw invalidValue(
      'Geo-redundant backup of a server with customer-managed keys needs a key and an identity for the paired region.',
    );
}

/** The key of the source belongs to the region of the source: the new server is told one of its own region. */
export function requireKeysOfTarget(source: ServerShape, body: ArmCall['body']): void {
  if (source.customerKeys === undefined) return;
  const asked = askedKeys(body);
  if (asked === undefined || asked.primaryKeyURI === source.customerKeys.primaryKeyURI)
    throw invalidValue(
      'The source server is encrypted with customer-managed keys: a geo-restore needs a key and an identity of the target region.',
    );
}

/** Always the same for one identity, as in a directory. */
function idOf(identity: string, what: string): string {
  const hex = createHash('sha256').update(`${what} ${identity.toLowerCase()}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The two parts of a server that show its keys. */
export function encryptionJson(keys: CustomerKeys | undefined) {
  if (keys === undefined) return { dataEncryption: { type: 'SystemManaged' } };
  const status = {
    primaryEncryptionKeyStatus: 'Valid',
    ...(keys.geoBackupKeyURI === undefined ? {} : { geoBackupEncryptionKeyStatus: 'Valid' }),
  };
  return { dataEncryption: { type: 'AzureKeyVault', ...keys, ...status } };
}

export function identityJson(keys: CustomerKeys | undefined) {
  if (keys === undefined) return {};
  const ids = [keys.primaryUserAssignedIdentityId, keys.geoBackupUserAssignedIdentityId ?? ''];
  const identities = [...new Set(ids)]
    .filter((id) => id !== '')
    .map((id) => [id, { principalId: idOf(id, 'principal'), clientId: idOf(id, 'client') }]);
  return {
    identity: { type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(identities) as object },
  };
}
