/** Key vaults and the names of their secrets, from Azure's management side: it does not tell values, and none is asked for. */
import type { SecretFacts } from '../restore/vaults';
import { found, type ArmReads } from './arm-reads';

const apiVersion = '2023-07-01';

interface KeyVault {
  readonly id?: string;
  readonly name?: string;
  readonly properties?: {
    readonly vaultUri?: string | null;
    readonly enableRbacAuthorization?: boolean | null;
    readonly accessPolicies?: readonly AccessPolicy[] | null;
  };
}

interface AccessPolicy {
  readonly objectId?: string;
  readonly permissions?: { readonly secrets?: readonly string[] | null };
}

/** Names only: whatever else an answer holds is not looked at. */
interface Secret {
  readonly name?: string;
  readonly properties?: { readonly attributes?: { readonly enabled?: boolean | null } | null };
}

const uriPattern = /^https:\/\/([a-z0-9-]+)\.vault\.[a-z0-9.-]+\/secrets\/([0-9a-z-]+)(?:\/[0-9a-z]*)?\/?$/i;

async function keyVaults(reads: ArmReads, subscriptionIds: readonly string[]): Promise<KeyVault[]> {
  const lists = subscriptionIds.map((id) =>
    reads.list(`/subscriptions/${id}/providers/Microsoft.KeyVault/vaults`, { 'api-version': apiVersion }),
  );
  return (await Promise.all(lists)).flat() as KeyVault[];
}

/** Azure Backup wants both: it lists the versions of a secret before it gets one. */
function mayRead({ permissions }: AccessPolicy): boolean {
  const given = (permissions?.secrets ?? []).map((word) => word.toLowerCase());
  return given.includes('all') || ['get', 'list'].every((word) => given.includes(word));
}

const accessOf = ({ properties }: KeyVault): SecretFacts['access'] =>
  properties?.enableRbacAuthorization === true
    ? { kind: 'roles' }
    : {
        kind: 'policies',
        readers: (properties?.accessPolicies ?? [])
          .filter(mayRead)
          .flatMap(({ objectId }) => objectId?.toLowerCase() ?? []),
      };

export async function readSecret(
  reads: ArmReads,
  subscriptionIds: readonly string[],
  uri: string,
): Promise<SecretFacts | undefined> {
  const [, vaultName, secretName] = uriPattern.exec(uri) ?? [];
  if (vaultName === undefined || secretName === undefined) return undefined;
  const vault = (await keyVaults(reads, subscriptionIds)).find(
    ({ name }) => name?.toLowerCase() === vaultName.toLowerCase(),
  );
  if (vault?.id === undefined) return undefined;
  const secret = (await found(reads.resource(`${vault.id}/secrets/${secretName}`, apiVersion))) as
    Secret | undefined;
  return {
    ...{ vaultId: vault.id, vaultName: vault.name ?? vaultName },
    ...(secret ? { secret: { isEnabled: secret.properties?.attributes?.enabled !== false } } : {}),
    access: accessOf(vault),
  };
}
