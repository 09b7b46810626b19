/** What the core needs from Backup vaults and from the places that they restore to. */
import type { Instant } from './instant';
import type { OperationUrl, StartAnswer } from './ports';
import type { Problem } from './errors';
import type { VaultPlan } from './vault-plan';
import type {
  AccountFacts,
  BlobFacts,
  InstanceFacts,
  InstanceList,
  JobFacts,
  RecoveryPoint,
  SecretFacts,
  SingleServerFacts,
  VaultFacts,
} from './vaults';

/** Reads of vaults. All of them may throw a DeskError of the codes AZURE_*, and no one else's error. */
export interface VaultReader {
  /** Protected PostgreSQL servers and databases in all configured subscriptions. */
  instances(): Promise<InstanceList>;
  vaults(): Promise<readonly VaultFacts[]>;
  vault(id: string): Promise<VaultFacts | undefined>;
  instance(id: string): Promise<InstanceFacts | undefined>;
  /** Newest first. With `secondary` those that can be restored in that region. */
  points(instance: InstanceFacts, secondary?: string): Promise<readonly RecoveryPoint[]>;
  /** Restore jobs of all vaults since the instant, newest first, whoever started them, those in secondary regions too. */
  jobs(since: Instant): Promise<readonly JobFacts[]>;
}

/** Reads of the places that a vault restores to, and of who may do what there. They throw as VaultReader does. */
export interface VaultTargetReader {
  /** By its name, which is unique in the world; undefined where no configured subscription has it. */
  account(name: string): Promise<AccountFacts | undefined>;
  /** Those of all configured subscriptions, by name; only the first 20 with their containers. */
  accounts(): Promise<readonly AccountFacts[]>;
  /** Blobs that begin with the prefix, read with our own identity. */
  blobs(account: AccountFacts, container: string, prefix: string): Promise<readonly BlobFacts[]>;
  /** The first bytes of a blob, as text in latin1; at most `bytes` of them. */
  beginning(account: AccountFacts, container: string, blob: string, bytes: number): Promise<string>;
  /** Ids (GUIDs, in lower case) of the roles that a principal has at the scope or above it; undefined for a scope that is gone. */
  rolesOf(principalId: string, scope: string): Promise<readonly string[] | undefined>;
  /** By a URI such as https://kv-shop.vault.azure.net/secrets/pgconn; undefined where no configured subscription has the key vault. */
  secret(uri: string): Promise<SecretFacts | undefined>;
  singleServer(name: string): Promise<SingleServerFacts | undefined>;
}

export type Validation = { readonly kind: 'valid' } | { readonly kind: 'refused'; readonly because: Problem };

export type VaultOperation =
  | { readonly kind: 'running'; readonly retryAfterSeconds: number }
  /** The job was made; `jobId` is its GUID in lower case, absent where Azure does not say. */
  | { readonly kind: 'succeeded'; readonly jobId?: string }
  | { readonly kind: 'failed'; readonly because: Problem }
  /** Azure does not know the operation (any more), or does not tell of it; the list of jobs has to be asked. */
  | { readonly kind: 'gone' };

/** Where the jobs of a plan are listed: in its vault, or in the secondary region. */
export interface JobPlace {
  readonly vaultId: string;
  readonly vaultLocation: string;
  readonly crossRegion?: string;
}

export interface VaultOrders {
  /**
   * Azure's own check; takes half a minute and changes nothing. Throws AZURE_UNREACHABLE where Azure did not come to an
   * answer on the plan: it is silent, busy with something else, or in trouble itself. The same check can be made again.
   */
  validate(plan: VaultPlan): Promise<Validation>;
  /** Sends the restore once, with no retry. `onAccepted` is awaited before this resolves, with the operation's URL if Azure gave one. */
  trigger(
    plan: VaultPlan,
    onAccepted: (operation: OperationUrl | undefined) => Promise<void>,
  ): Promise<StartAnswer>;
  operation(url: OperationUrl): Promise<VaultOperation>;
  /** One job. May be told from one list that was read for all jobs of the place; undefined where the list does not hold it. */
  job(place: JobPlace, jobId: string): Promise<JobFacts | undefined>;
  /** The restore jobs of the place, read anew: what an order with a lost answer is looked for in. */
  jobs(place: JobPlace): Promise<readonly JobFacts[]>;
}
