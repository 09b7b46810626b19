/** What Azure Backup said no to, or failed at. One entry for each kind of cause, with who can do something about it. */
import { say, type Explanation } from './explanation';

/** `what` is Azure's own sentence; `action` its advice, where it is short enough to be read. */
interface Told {
  readonly what: string;
  readonly action?: string;
}

const advised = (
  sentence: string,
  hint: string,
  { action }: Pick<Told, 'action'>,
  retryable = false,
): Explanation => say(sentence, action === undefined ? hint : `${hint} Azure advises: ${action}`, retryable);

export const vaultAzure = {
  AZURE_VAULT_FORBIDDEN: () =>
    say(
      'Azure does not let Restore Desk work with this vault.',
      'The owner of the vault must give its identity the roles Backup Operator and Reader there.',
    ),
  AZURE_VAULT_GUARDED: (p: Told) =>
    advised(
      'A resource guard stands before the vault and wants an approved request of its own.',
      'The owner of the guard must approve one, and the owner of Restore Desk must name it in the configuration.',
      p,
    ),
  AZURE_VAULT_NO_READER: (p: Told) =>
    advised(
      'The identity of the vault may not look at the PostgreSQL server.',
      'The owner of the server must give it the role Reader there, then wait some minutes.',
      p,
    ),
  AZURE_VAULT_BACKUP_LOGIN: (p: Told) =>
    advised(
      'The PostgreSQL server does not let the backup user of the vault in.',
      'The database lead must set that user up on the server again.',
      p,
    ),
  AZURE_VAULT_LOGIN: (p: Told) =>
    advised(
      'The PostgreSQL server does not accept the login of the key vault secret.',
      'The owner of the secret must put the present login into it.',
      p,
    ),
  AZURE_VAULT_DATABASE_RIGHTS: (p: Told) =>
    advised(
      'The login of the key vault secret may not do enough on the PostgreSQL server.',
      'The database lead must let it create databases and make it a member of azure_pg_admin.',
      p,
    ),
  AZURE_VAULT_SECRET: (p: Told) =>
    advised(
      'Azure Backup cannot use the key vault secret.',
      'Its owner must check that the key vault and the secret exist, that it is enabled, and how its content is written.',
      p,
    ),
  AZURE_VAULT_SECRET_ACCESS: (p: Told) =>
    advised(
      'The identity of the vault may not read the key vault secret.',
      'The owner of the key vault must give it the role Key Vault Secrets User, or an access policy with get and list.',
      p,
    ),
  AZURE_VAULT_KEPT_OUT: (p: Told) =>
    advised(
      'The network rules of the PostgreSQL server keep Azure Backup out.',
      'The owner of the server must let Azure services in.',
      p,
    ),
  AZURE_VAULT_CONTAINER: (p: Told) =>
    advised(
      'The identity of the vault cannot write to the container.',
      'The owner of the storage account must give it the role Storage Blob Data Contributor and check the network rules.',
      p,
    ),
  AZURE_VAULT_REPLICATION: (p: Told) =>
    advised(
      'The storage account does not allow replication across tenants, which Azure Backup needs to write there.',
      'The owner of the storage account must allow it.',
      p,
    ),
  AZURE_VAULT_ACCOUNT_LOCKED: (p: Told) =>
    advised(
      'The storage account is locked at the moment.',
      'Its owner must look what holds it; then try again.',
      p,
    ),
  AZURE_VAULT_TARGET_TAKEN: (p: Told) =>
    advised(
      'What the restore would create is there already, and Azure overwrites nothing.',
      'Make a new request with another name or prefix.',
      p,
    ),
  AZURE_VAULT_NOT_FOUND: (p: Told) =>
    advised(
      `Azure Backup does not find something that the restore names: ${p.what}`,
      'Check that the source and the target still exist and request again.',
      p,
    ),
  AZURE_VAULT_POINT: (p: Told) =>
    advised(
      'Azure Backup does not restore from this recovery point.',
      'Make a new request with another recovery point.',
      p,
    ),
  AZURE_VAULT_LOWER_VERSION: (p: Told) =>
    advised(
      'The target server runs an older major version of PostgreSQL than the backup.',
      'Make a new request with a server of the same version or a newer one.',
      p,
    ),
  AZURE_VAULT_CONNECTION: (p: Told) =>
    advised(
      'The PostgreSQL server closed the connection of Azure Backup.',
      'Try again when the server is less busy.',
      p,
      true,
    ),
  AZURE_VAULT_BUSY: (p: Told) =>
    advised('Azure Backup cannot do this at the moment.', 'Try again in a few minutes.', p, true),
  AZURE_VAULT_INPUT: (p: Told) =>
    advised(
      `Azure Backup does not understand the request: ${p.what}`,
      'The owner of Restore Desk must look at it with the code below; the same request would fail again.',
      p,
    ),
  AZURE_VAULT_INTERNAL: (p: Told) =>
    advised(
      'Azure Backup failed with an internal error.',
      'Try again later; then ask Azure support with the tracking id.',
      p,
      true,
    ),
  AZURE_VAULT_REFUSED: (p: Told) =>
    advised(
      `Azure Backup refuses this restore: ${p.what}`,
      'The owner of the vault can tell what has to be changed.',
      p,
    ),
  AZURE_VAULT_FAILED: (p: Told) =>
    advised(
      `Azure Backup reported a failure: ${p.what}`,
      'The code below names the cause for Azure support.',
      p,
      true,
    ),
  AZURE_BLOBS_FORBIDDEN: (p: { account: string }) =>
    say(
      `Azure does not let Restore Desk read the blobs of ${p.account}.`,
      'The owner of the storage account must give its identity the role Storage Blob Data Reader and let it through the network rules.',
    ),
} satisfies Record<string, (p: never) => Explanation>;
