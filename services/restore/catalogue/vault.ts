/**
 * What stands in the way of a restore from a Backup vault, who can change that, and the command that does. Commands are
 * offered, never run: they change what other people own.
 */
import { list, say, type Explanation } from './explanation';

interface Grant {
  readonly principal: string;
  readonly role: string;
  readonly scope: string;
}

const grant = ({ principal, role, scope }: Grant): string =>
  `az role assignment create --assignee-object-id ${principal} --assignee-principal-type ServicePrincipal --role "${role}" --scope ${scope}`;

interface PointNone {
  readonly name: string;
  readonly wanted: string;
  /** The oldest of those that were asked for. */
  readonly oldest?: string;
  /** The newest of those that were left out, since the archive was asked for. */
  readonly notArchived?: string;
}

function whatThereIs({ oldest, notArchived }: PointNone): string {
  const recent =
    notArchived === undefined
      ? undefined
      : `The newest one that is not archived is of ${notArchived}; choose one of the list, or say "from vault".`;
  if (oldest === undefined) return recent ?? 'There is none at all yet.';
  return [`The oldest one is of ${oldest}.`, ...(recent === undefined ? [] : [recent])].join(' ');
}

interface NamedVault {
  readonly vault: string;
  readonly group: string;
  readonly subscriptionId: string;
}

const vaultUpdate = ({ vault, group, subscriptionId }: NamedVault, change: string): string =>
  `az dataprotection backup-vault update --vault-name ${vault} --resource-group ${group} --subscription ${subscriptionId} ${change}`;

/** Turns on restores in the secondary region. */
export const crossRegionCommand = (vault: NamedVault): string =>
  vaultUpdate(vault, '--cross-region-restore-state Enabled');
export const immutabilityCommand = (vault: NamedVault): string =>
  vaultUpdate(vault, '--immutability-state Unlocked');

/** What people have to know before they turn it on. */
export const crossRegionCost =
  'It cannot be turned off again, is charged per stored GB, and takes up to 48 h until the first copies can be used';

export const vault = {
  PROTECTED_UNKNOWN: (p: { name: string; nearest: readonly string[] }) =>
    say(
      `No Backup vault protects ${p.name}.`,
      p.nearest.length > 0 ? `Did you mean ${list(p.nearest)}?` : 'Say "instances" for what is protected.',
    ),
  PROTECTED_TWICE: (p: { name: string; vaults: readonly string[] }) =>
    say(`${p.name} is protected in several vaults: ${list(p.vaults)}.`, 'Choose the vault.'),
  PROTECTED_AMBIGUOUS: (p: { name: string; matches: readonly string[] }) =>
    say(`"${p.name}" could be ${list(p.matches)}.`, 'Choose it from the list, or give the full name.'),
  LEGACY_OFF: (p: { name: string }) =>
    say(
      `${p.name} lies on a single server, a service that Azure has retired.`,
      'The owner of Restore Desk can turn restores of single servers on (SINGLE_SERVER_RESTORES=on).',
    ),
  PROTECTION_STATE: (p: { name: string; state: string }) =>
    say(
      `${p.name} cannot be restored while its protection is in the state ${p.state}.`,
      'The vault owner must bring the protection in order; then ask again.',
      true,
    ),
  FILES_ONLY: (p: { name: string }) =>
    say(
      `Azure restores ${p.name} from a vault as files only: it is a flexible server.`,
      'Choose files into a container.',
    ),
  POINT_GONE: (p: { id: string }) =>
    say(`The recovery point ${p.id} is not in the vault any more.`, 'Choose another one of the list.'),
  POINT_NONE: (p: PointNone) =>
    say(`The vault holds no recovery point of ${p.name} ${p.wanted}.`, whatThereIs(p)),
  POINT_EXPIRED: (p: { time: string; expired: string }) =>
    say(`The recovery point of ${p.time} expired at ${p.expired}.`, 'Choose another one of the list.'),
  POINT_PARTIAL: (p: { time: string }) =>
    say(`The backup of ${p.time} was not complete.`, 'Choose another recovery point.'),
  POINT_REHYDRATING: (p: { time: string }) =>
    say(
      `The recovery point of ${p.time} is being fetched back from the archive already.`,
      'Wait until that has ended ("jobs" tells); then it can be restored at once.',
      true,
    ),
  REHYDRATION_PRIORITY: (p: { priority: string }) =>
    say(`"${p.priority}" is no priority for fetching from the archive.`, 'Choose Standard or High.'),
  REHYDRATION_DAYS: (p: { days: string }) =>
    say(
      `A fetched recovery point cannot be kept for "${p.days}" days.`,
      'Azure keeps it for 10 to 30 days; 15 is usual.',
    ),
  VAULT_GONE: (p: { vault: string }) =>
    say(`The vault ${p.vault} is not there any more.`, 'Say "instances" for what is protected where.'),
  VAULT_RIGHTS_MISSING: (p: { vault: string; scope: string; actions: readonly string[]; assignee: string }) =>
    say(
      `Restore Desk may not do this in the vault ${p.vault}: ${list(p.actions)}.`,
      `The owner of the vault must give its identity roles that hold these actions, such as Backup Operator and Reader: az role assignment create --role "Backup Operator" --assignee ${p.assignee} --scope ${p.scope} && az role assignment create --role Reader --assignee ${p.assignee} --scope ${p.scope}`,
    ),
  VAULT_WITHOUT_IDENTITY: (p: NamedVault) =>
    say(
      `The vault ${p.vault} has no identity, so Azure cannot write a restore anywhere.`,
      `Its owner must run: ${vaultUpdate(p, '--type SystemAssigned')}`,
    ),
  VAULT_ROLE_MISSING: (p: Grant & { vault: string; where: string }) =>
    say(
      `The vault ${p.vault} lacks the role ${p.role} on ${p.where}.`,
      `The owner of ${p.where} must run, and wait some minutes: ${grant(p)}`,
      true,
    ),
  CROSS_SUBSCRIPTION_OFF: (p: NamedVault & { forEver: boolean }) =>
    say(
      `The vault ${p.vault} may not restore into another subscription.`,
      p.forEver
        ? 'That was turned off for ever; choose a place in the subscription of the vault.'
        : `Its owner can run: ${vaultUpdate(p, '--cross-subscription-restore-state Enabled')}`,
    ),
  CONTAINER_NEEDED: () =>
    say(
      'A container for the files is needed.',
      'Write it as account/container, for example shoprestores/restores.',
    ),
  CONTAINER_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" is no container.`, 'Write it as account/container, for example shoprestores/restores.'),
  ACCOUNT_UNKNOWN: (p: { account: string }) =>
    say(
      `There is no storage account ${p.account} in the subscriptions of Restore Desk.`,
      'Choose another one, or have its owner give Restore Desk the role Reader on it.',
    ),
  ACCOUNT_ELSEWHERE: (p: { account: string; is: string; location: string }) =>
    say(
      `The storage account ${p.account} is in ${p.is}, the restore runs in ${p.location}.`,
      `Choose an account in ${p.location}.`,
    ),
  ACCOUNT_CROSS_TENANT: (p: { account: string; group: string; subscriptionId: string }) =>
    say(
      `The storage account ${p.account} does not allow replication across tenants, which Azure Backup needs.`,
      `Its owner can run: az storage account update --name ${p.account} --resource-group ${p.group} --subscription ${p.subscriptionId} --allow-cross-tenant-replication true. It weakens the account: turn it off again after the restore.`,
    ),
  ACCOUNT_CLOSED: (p: { account: string; group: string; subscriptionId: string }) =>
    say(
      `The network rules of the storage account ${p.account} keep Azure Backup out.`,
      `Its owner can run: az storage account update --name ${p.account} --resource-group ${p.group} --subscription ${p.subscriptionId} --public-network-access Enabled --bypass AzureServices`,
    ),
  CONTAINER_UNKNOWN: (p: { account: string; container: string }) =>
    say(
      `The storage account ${p.account} has no container ${p.container}.`,
      `Its owner can run: az storage container create --name ${p.container} --account-name ${p.account} --auth-mode login`,
    ),
  PREFIX_UNUSABLE: (p: { prefix: string }) =>
    say(
      `"${p.prefix}" cannot be the beginning of the file names.`,
      'Use 3 to 100 letters, digits, dots, hyphens and underscores.',
    ),
  PREFIX_USED: (p: { prefix: string; container: string }) =>
    say(
      `${p.container} holds files already that begin with ${p.prefix}; Azure would fail the restore.`,
      'Choose another beginning.',
    ),
  DATABASE_UNUSABLE: (p: { name: string }) =>
    say(
      `"${p.name}" cannot be the name of the new database.`,
      'Use 1 to 63 lower-case letters, digits, hyphens and underscores, beginning with a letter.',
    ),
  DATABASE_EXISTS: (p: { name: string; server: string }) =>
    say(
      `${p.server} has a database ${p.name} already, and Azure never restores over one.`,
      'Choose another name; applications can be turned to it, or data copied over, afterwards.',
    ),
  SINGLE_SERVER_UNKNOWN: (p: { name: string }) =>
    say(
      `There is no single server ${p.name} in the subscriptions of Restore Desk.`,
      'Databases of single servers can only be restored to a single server; choose one, or files.',
    ),
  DATABASE_NOT_COVERED: (p: { name: string }) =>
    say(
      `No policy rule lets a database be restored to ${p.name}.`,
      'Choose another server or name, or ask the owner of Restore Desk to add a rule.',
    ),
  SINGLE_SERVER_ELSEWHERE: (p: { name: string; is: string; location: string }) =>
    say(
      `The server ${p.name} is in ${p.is}, the restore runs in ${p.location}.`,
      `Choose one in ${p.location}.`,
    ),
  SINGLE_SERVER_OLDER: (p: { name: string; is: string; version: string }) =>
    say(
      `The server ${p.name} runs PostgreSQL ${p.is}, the backup is of ${p.version}.`,
      'Choose a server of the same or a newer version.',
    ),
  SINGLE_SERVER_CLOSED: (p: { name: string; group: string; subscriptionId: string }) =>
    say(
      `The firewall of ${p.name} keeps Azure's own services out, so Azure Backup cannot restore to it.`,
      `Its owner can run: az postgres server firewall-rule create --server-name ${p.name} --resource-group ${p.group} --subscription ${p.subscriptionId} --name AllowAllWindowsAzureIps --start-ip-address 0.0.0.0 --end-ip-address 0.0.0.0. Delete the rule again after the restore.`,
    ),
  SECRET_NEEDED: () =>
    say('A key vault secret with the login for the restore is needed.', 'Choose one of the list.'),
  SECRET_UNKNOWN: (p: { secret: string }) =>
    say(
      `There is no secret ${p.secret}.`,
      'Choose one of the list; the owner of the key vault can make one that holds the connection string.',
    ),
  SECRET_NOT_NAMED: (p: { secret: string; server: string }) =>
    say(
      `The secret ${p.secret} is not one that the owner has named for ${p.server}.`,
      'Choose one of the list, or ask the owner of Restore Desk to name this one in the policy.',
    ),
  SECRET_DISABLED: (p: { secret: string }) =>
    say(`The secret ${p.secret} is disabled.`, 'Its owner must enable it, or choose another one.'),
  SECRET_POLICY_MISSING: (p: { vault: string; keyVault: string; principal: string }) =>
    say(
      `The vault ${p.vault} may not read secrets of ${p.keyVault}.`,
      `Its owner must run: az keyvault set-policy --name ${p.keyVault} --object-id ${p.principal} --secret-permissions get list`,
      true,
    ),
  CROSS_REGION_LOCAL: (p: { vault: string; redundancy: string }) =>
    say(
      `The vault ${p.vault} keeps its copies in one region only (${p.redundancy} redundancy).`,
      'Redundancy cannot be changed once something is protected; restore in the region of the vault.',
    ),
  CROSS_REGION_OFF: (p: NamedVault) =>
    say(
      `Restores in another region are turned off for the vault ${p.vault}.`,
      `Its owner can run: ${crossRegionCommand(p)}. ${crossRegionCost}.`,
    ),
  CROSS_REGION_ELSEWHERE: (p: { vault: string; region: string; secondary: string }) =>
    say(
      `The copies of the vault ${p.vault} lie in ${p.secondary}, not in ${p.region}.`,
      `Ask for ${p.secondary}, or restore in the region of the vault.`,
    ),
  CROSS_REGION_NO_COPIES: (p: { name: string; region: string }) =>
    say(
      `No recovery point of ${p.name} has arrived in ${p.region} yet.`,
      'The first ones can take 48 h after the feature was turned on, later ones 12 h and more. Ask again later.',
      true,
    ),
  CROSS_REGION_NO_VAULT: (p: { region: string; group: string; subscriptionId: string }) =>
    say(
      `There is no Backup vault in ${p.region}, which a restore there needs.`,
      `The owner of ${p.group} can run: az dataprotection backup-vault create --vault-name vault-${p.region} --resource-group ${p.group} --subscription ${p.subscriptionId} --location ${p.region} --type SystemAssigned --storage-settings datastore-type=VaultStore type=LocallyRedundant`,
    ),
  JOB_VANISHED: (p: { source: string }) =>
    say(
      `Azure took the restore of ${p.source} and shows no job for it.`,
      'Say "jobs" to look for it, and ask Azure support before anything is started again.',
    ),
  JOB_UNCLEAR: (p: { source: string }) =>
    say(
      `Nobody could find out whether Azure started the restore of ${p.source}.`,
      'Nothing is sent again. Say "jobs", look at the destination, and make a new request under other names if it is still needed.',
    ),
  JOB_NEVER_ENDED: (p: { job: string; hours: number }) =>
    say(
      `The restore job ${p.job} has not ended within ${p.hours} h.`,
      'Azure cannot cancel it. Look at it in the vault ("jobs" lists it) and ask Azure support.',
    ),
  JOB_CANCELLED: (p: { job: string }) =>
    say(
      `Somebody cancelled the restore job ${p.job} in Azure.`,
      'Ask who did, and make a new request if it is still needed.',
    ),
  JOB_FAILED: (p: { job: string }) =>
    say(
      `The restore job ${p.job} failed, and Azure gave no reason.`,
      'Look at it in the vault ("jobs" lists it); then make a new request.',
    ),
} satisfies Record<string, (p: never) => Explanation>;
