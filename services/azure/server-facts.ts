/** A server as Azure describes it, in the words of the domain. Azure writes "" for what it does not tell. */
import type { Server } from '@azure/arm-postgresql-flexible';
import type { Encryption, HighAvailability, Network, ServerFacts, StorageType } from '../restore/servers';
import { normaliseLocation, parseServerId } from './arm-id';

const told = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function networkOf({ network }: Server): Network {
  const subnet = told(network?.delegatedSubnetResourceId);
  if (subnet === undefined) return { kind: 'public' };
  const zone = told(network?.privateDnsZoneArmResourceId);
  return {
    kind: 'private',
    delegatedSubnetId: subnet,
    ...(zone === undefined ? {} : { privateDnsZoneId: zone }),
  };
}

const storageTypes: readonly StorageType[] = ['Premium_LRS', 'PremiumV2_LRS', 'UltraSSD_LRS'];
const highAvailabilities: readonly HighAvailability[] = ['SameZone', 'ZoneRedundant'];

/** Only a server whose key and identity are both told is one with customer-managed keys. */
function encryptionOf({ dataEncryption }: Server): Encryption | undefined {
  if (dataEncryption?.type !== 'AzureKeyVault') return undefined;
  const primaryKeyUri = told(dataEncryption.primaryKeyURI);
  const primaryIdentityId = told(dataEncryption.primaryUserAssignedIdentityId);
  if (primaryKeyUri === undefined || primaryIdentityId === undefined) return undefined;
  const keyUri = told(dataEncryption.geoBackupKeyURI);
  const identityId = told(dataEncryption.geoBackupUserAssignedIdentityId);
  const hasGeoKey = keyUri !== undefined && identityId !== undefined;
  return { primaryKeyUri, primaryIdentityId, ...(hasGeoKey ? { geoBackup: { keyUri, identityId } } : {}) };
}

function optionalFacts(server: Server): Partial<ServerFacts> {
  const earliest = server.backup?.earliestRestoreDate;
  const createdAt = server.systemData?.createdAt;
  const storageType = storageTypes.find((known) => known === server.storage?.type);
  const highAvailability = highAvailabilities.find((known) => known === server.highAvailability?.mode);
  const availabilityZone = told(server.availabilityZone);
  const encryption = encryptionOf(server);
  const hostName = told(server.fullyQualifiedDomainName);
  return {
    ...(storageType === undefined ? {} : { storageType }),
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
    ...(highAvailability === undefined ? {} : { highAvailability }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(earliest === undefined ? {} : { earliestRestoreAt: earliest.toISOString() }),
    ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt).toISOString() }),
    ...(hostName === undefined ? {} : { hostName }),
    ...(server.authConfig?.passwordAuth === 'Disabled' ? { passwordSignIn: 'Disabled' } : {}),
  };
}

/** Undefined for what carries no id of a server. */
export function serverFacts(server: Server): ServerFacts | undefined {
  const id = server.id === undefined ? undefined : parseServerId(server.id);
  if (!id || server.id === undefined) return undefined;
  return {
    id: server.id,
    name: server.name ?? id.name,
    subscriptionId: id.subscriptionId,
    resourceGroup: id.resourceGroup,
    location: normaliseLocation(server.location),
    state: server.state ?? 'unknown',
    version: server.version ?? '',
    sku: server.sku?.name ?? '',
    tier: server.sku?.tier ?? '',
    storageGb: server.storage?.storageSizeGB ?? 0,
    tags: server.tags ?? {},
    network: networkOf(server),
    geoRedundantBackup: server.backup?.geoRedundantBackup === 'Enabled',
    retentionDays: server.backup?.backupRetentionDays ?? 7,
    ...optionalFacts(server),
  };
}
