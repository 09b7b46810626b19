/** Storage accounts that a restore could write its files to, with their containers: from Azure's management side alone. */
import type { AccountFacts } from '../restore/vaults';
import { normaliseLocation, subscriptionOf } from './arm-id';
import type { ArmReads } from './arm-reads';
import { isForbidden, isNotFound } from './errors';

const apiVersion = '2023-05-01';

/** Network rules of a storage account and of a key vault alike. */
interface NetworkRules {
  readonly publicNetworkAccess?: string | null;
  readonly networkAcls?: { readonly bypass?: string | null; readonly defaultAction?: string | null } | null;
}

interface StorageAccount {
  readonly id?: string;
  readonly name?: string;
  readonly location?: string;
  readonly properties?: NetworkRules & {
    readonly primaryEndpoints?: { readonly blob?: string | null } | null;
    readonly allowCrossTenantReplication?: boolean | null;
  };
}

/** Azure's own services come in unless the door is shut for all, or for all who are not named and they are not. */
function keepsAzureOut({ publicNetworkAccess, networkAcls }: NetworkRules): boolean {
  if (publicNetworkAccess?.toLowerCase() === 'disabled') return true;
  if (networkAcls?.defaultAction?.toLowerCase() !== 'deny') return false;
  const letIn = (networkAcls.bypass ?? '').split(',').map((word) => word.trim().toLowerCase());
  return !letIn.includes('azureservices');
}

const groupOf = (id: string): string => /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '';

/** None where the account is gone by now, or where we may see it and not what is in it. */
async function containersOf(reads: ArmReads, id: string): Promise<string[]> {
  try {
    const path = `${id}/blobServices/default/containers`;
    const listed = (await reads.list(path, { 'api-version': apiVersion })) as readonly { name?: string }[];
    return listed.flatMap(({ name }) => name ?? []).sort();
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return [];
    throw error;
  }
}

function accountFacts(
  { id = '', name = '', location = '', properties = {} }: StorageAccount,
  containers: readonly string[],
): AccountFacts {
  return {
    ...{ id, name, subscriptionId: subscriptionOf(id), resourceGroup: groupOf(id) },
    location: normaliseLocation(location),
    blobEndpoint: properties.primaryEndpoints?.blob ?? `https://${name}.blob.core.windows.net/`,
    allowsCrossTenantReplication: properties.allowCrossTenantReplication === true,
    keepsAzureOut: keepsAzureOut(properties),
    containers,
  };
}

const byName = (a: StorageAccount, b: StorageAccount): number => (a.name ?? '').localeCompare(b.name ?? '');

/**
 * A form reads the list every minute, each account costs a read, and the pace of the reads is everybody's: a subscription
 * with hundreds of accounts would hold up restores. A name that somebody types is read with its containers wherever it stands.
 */
const mostWithContainers = 20;

/** Those that `isMeant`, of the subscriptions together and by name; only the first 20 with their containers. */
export async function readAccounts(
  reads: ArmReads,
  subscriptionIds: readonly string[],
  isMeant: (name: string) => boolean,
): Promise<AccountFacts[]> {
  const lists = subscriptionIds.map((id) =>
    reads.list(`/subscriptions/${id}/providers/Microsoft.Storage/storageAccounts`, {
      'api-version': apiVersion,
    }),
  );
  const accounts = (await Promise.all(lists)).flat() as StorageAccount[];
  const meant = accounts.filter(({ name = '' }) => isMeant(name)).sort(byName);
  return Promise.all(
    meant.map(async (account, index) =>
      accountFacts(account, index < mostWithContainers ? await containersOf(reads, account.id ?? '') : []),
    ),
  );
}
