/** Vaults and what they protect, from Azure's words to the core's. */
import type { Datasource, InstanceFacts, VaultFacts } from '../restore/vaults';
import { normaliseLocation } from './arm-id';
import type { BackupInstanceResource, BackupVaultResource } from './data-protection/models';
import {
  datasourceTitle,
  instanceIdOf,
  parseDatasourceId,
  parseInstanceId,
  parseVaultId,
  vaultIdOf,
} from './vault-ids';

const isWord = (text: string | null | undefined, word: string): boolean =>
  text?.toLowerCase() === word.toLowerCase();

function redundancyOf(types: readonly string[]): VaultFacts['redundancy'] {
  if (types.some((type) => isWord(type, 'GeoRedundant'))) return 'geo';
  return types.some((type) => isWord(type, 'ZoneRedundant')) ? 'zone' : 'local';
}

function crossSubscriptionOf(state: string | null | undefined): VaultFacts['crossSubscriptionRestore'] {
  if (isWord(state, 'PermanentlyDisabled')) return 'off-for-ever';
  return isWord(state, 'Enabled') ? 'on' : 'off';
}

function immutabilityOf(state: string | null | undefined): VaultFacts['immutability'] {
  if (isWord(state, 'Locked')) return 'locked';
  return isWord(state, 'Unlocked') ? 'on' : 'off';
}

/** Undefined for what is no vault. */
export function vaultFacts({
  id,
  location,
  identity,
  properties,
}: BackupVaultResource): VaultFacts | undefined {
  const parts = parseVaultId(id ?? '');
  if (!parts) return undefined;
  const { storageSettings, featureSettings, securitySettings, replicatedRegions } = properties ?? {};
  const [secondary] = replicatedRegions ?? [];
  const principalId = identity?.principalId ?? '';
  return {
    ...{ id: vaultIdOf(parts), name: parts.vault, subscriptionId: parts.subscriptionId },
    resourceGroup: parts.resourceGroup,
    location: normaliseLocation(location ?? ''),
    ...(principalId === '' ? {} : { principalId: principalId.toLowerCase() }),
    redundancy: redundancyOf((storageSettings ?? []).flatMap(({ type }) => type ?? [])),
    crossRegionRestore: isWord(featureSettings?.crossRegionRestoreSettings?.state, 'Enabled'),
    crossSubscriptionRestore: crossSubscriptionOf(featureSettings?.crossSubscriptionRestoreSettings?.state),
    immutability: immutabilityOf(securitySettings?.immutabilitySettings?.state),
    isGuarded: properties?.isVaultProtectedByResourceGuard === true,
    ...(secondary === undefined ? {} : { secondaryRegion: normaliseLocation(secondary) }),
  };
}

const datasources: ReadonlyMap<string, Datasource> = new Map([
  ['microsoft.dbforpostgresql/flexibleservers', 'flexible-server'],
  ['microsoft.dbforpostgresql/servers/databases', 'single-server-database'],
]);

/** Azure's words for what the desk can restore. */
export const datasourceTypes = [
  'Microsoft.DBforPostgreSQL/flexibleServers',
  'Microsoft.DBforPostgreSQL/servers/databases',
] as const;

export const datasourceOf = (type: string | null | undefined): Datasource | undefined =>
  datasources.get(type?.toLowerCase() ?? '');

/** Undefined for what is no protected PostgreSQL. `vault` tells the secondary region where the instance does not. */
export function instanceFacts(
  { id, properties }: BackupInstanceResource,
  vault?: VaultFacts,
): InstanceFacts | undefined {
  const { dataSourceInfo, currentProtectionState, protectionStatus } = properties ?? {};
  const sourceId = dataSourceInfo?.resourceID ?? '';
  const [parts, source] = [parseInstanceId(id ?? ''), parseDatasourceId(sourceId)];
  const datasource = datasourceOf(dataSourceInfo?.datasourceType);
  if (!parts || !source || !datasource) return undefined;
  const told = properties?.backupInstanceExtendedProperties?.protectedSecondaryRegion ?? '';
  const secondary = told === '' && vault?.crossRegionRestore === true ? vault.secondaryRegion : told;
  return {
    ...{ id: instanceIdOf(parts), name: parts.instance, vaultId: vaultIdOf(parts), vaultName: parts.vault },
    ...{ subscriptionId: parts.subscriptionId, resourceGroup: parts.resourceGroup, datasource },
    title: datasourceTitle(source),
    server: { id: source.serverId, name: source.server, resourceGroup: source.resourceGroup },
    ...(source.database === undefined ? {} : { database: source.database }),
    sourceId,
    location: normaliseLocation(dataSourceInfo?.resourceLocation ?? ''),
    protectionState: currentProtectionState ?? protectionStatus?.status ?? 'unknown',
    ...(secondary === undefined || secondary === '' ? {} : { secondaryRegion: normaliseLocation(secondary) }),
  };
}
