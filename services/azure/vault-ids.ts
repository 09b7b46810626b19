/** Names of what Azure Backup knows. Its ids come in any case; ours are always written in the same one. */

export interface VaultId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly vault: string;
}

const vaultPattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DataProtection\/backupVaults\/([^/]+)/i;

/** Of the vault itself, or of anything in it. */
export function parseVaultId(id: string): VaultId | undefined {
  const [, subscriptionId, resourceGroup, vault] = vaultPattern.exec(id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || vault === undefined) return undefined;
  return { subscriptionId, resourceGroup, vault };
}

export const vaultIdOf = ({ subscriptionId, resourceGroup, vault }: VaultId): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.DataProtection/backupVaults/${vault}`;

export interface InstanceId extends VaultId {
  readonly instance: string;
}

export function parseInstanceId(id: string): InstanceId | undefined {
  const vault = parseVaultId(id);
  const instance = /\/backupInstances\/([^/]+)$/i.exec(id)?.[1];
  return vault && instance !== undefined ? { ...vault, instance } : undefined;
}

export const instanceIdOf = (id: InstanceId): string => `${vaultIdOf(id)}/backupInstances/${id.instance}`;

/** Of an ARM id, or of what is only a name already. */
export const lastSegment = (id: string): string => id.split('/').at(-1) ?? id;

export interface DatasourceId {
  readonly serverId: string;
  readonly server: string;
  readonly resourceGroup: string;
  /** Only of a database of a single server. */
  readonly database?: string;
}

const datasourcePattern =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/(?:flexibleServers|servers)\/([^/]+))(?:\/databases\/([^/]+))?$/i;

export function parseDatasourceId(id: string): DatasourceId | undefined {
  const [, serverId, resourceGroup, server, database] = datasourcePattern.exec(id) ?? [];
  if (serverId === undefined || resourceGroup === undefined || server === undefined) return undefined;
  return { serverId, server, resourceGroup, ...(database === undefined ? {} : { database }) };
}

/** What people call it. */
export const datasourceTitle = ({ server, database }: DatasourceId): string =>
  database === undefined ? server : `${server}/${database}`;
