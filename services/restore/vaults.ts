/**
 * What the desk knows of Backup vaults and of what lies in them. A vault protects *instances* (a flexible server, or one
 * database of a retired single server); an instance has *recovery points*; a restore from one is a *job*. Times are
 * instants in UTC, ids are full ARM ids unless said otherwise.
 */
import type { Instant } from './instant';
import type { Problem } from './errors';

export type Datasource = 'flexible-server' | 'single-server-database';

export interface VaultFacts {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Normalised region, for example canadacentral. */
  readonly location: string;
  /** Of the vault's own identity; absent where it has none. */
  readonly principalId?: string;
  readonly redundancy: 'local' | 'zone' | 'geo';
  readonly crossRegionRestore: boolean;
  readonly crossSubscriptionRestore: 'on' | 'off' | 'off-for-ever';
  readonly immutability: 'off' | 'on' | 'locked';
  readonly isGuarded: boolean;
  /** Where its copies lie; absent where Azure does not say. */
  readonly secondaryRegion?: string;
}

export interface InstanceFacts {
  readonly id: string;
  readonly name: string;
  readonly vaultId: string;
  readonly vaultName: string;
  readonly subscriptionId: string;
  /** Of the vault. */
  readonly resourceGroup: string;
  readonly datasource: Datasource;
  /** What people call it: `orders-pg`, or `legacy-srv/orders`. */
  readonly title: string;
  /** The server itself, or the one that holds the database. */
  readonly server: { readonly id: string; readonly name: string; readonly resourceGroup: string };
  /** Of a single-server database. */
  readonly database?: string;
  /** ARM id of what is protected. */
  readonly sourceId: string;
  /** Region of what is protected. */
  readonly location: string;
  /** Azure's word, for example ProtectionConfigured. */
  readonly protectionState: string;
  /** Where Azure says that it can be restored to besides its own region. */
  readonly secondaryRegion?: string;
}

/** `vaults`: Resource Graph did not answer, and the vaults were asked one by one. */
export interface InstanceList {
  readonly instances: readonly InstanceFacts[];
  readonly knownFrom: 'graph' | 'vaults';
}

export interface RecoveryPoint {
  /** Azure's id of it, unique in its instance; no ARM id. */
  readonly id: string;
  readonly time: Instant;
  /** Where it can be restored from: an archived point has to be rehydrated first. */
  readonly store: 'vault' | 'archive';
  readonly expiresAt?: Instant;
  /** Of an archived point that was rehydrated: until then it can be restored from the vault tier. */
  readonly rehydratedUntil?: Instant;
  /** Somebody's rehydration of it is under way. */
  readonly isRehydrating: boolean;
  /** False for a backup that Azure calls partial. */
  readonly isComplete: boolean;
  readonly postgresVersion?: string;
}

export interface AccountFacts {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** `https://shoprestores.blob.core.windows.net/`, as Azure says it. */
  readonly blobEndpoint: string;
  readonly allowsCrossTenantReplication: boolean;
  /** Azure's backup service is kept out by the account's network rules. */
  readonly keepsAzureOut: boolean;
  readonly containers: readonly string[];
}

/** A key vault and one secret in it: never its value. */
export interface SecretFacts {
  readonly vaultId: string;
  readonly vaultName: string;
  /** Absent where there is no such secret. */
  readonly secret?: { readonly isEnabled: boolean };
  readonly access:
    | { readonly kind: 'roles' }
    /** Entra object ids that an access policy lets read secrets, in lower case. */
    | { readonly kind: 'policies'; readonly readers: readonly string[] };
}

/** A single server that a database can be restored to. */
export interface SingleServerFacts {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly version: string;
  readonly hostName: string;
  readonly databases: readonly string[];
  /** A firewall rule lets Azure's own services in. */
  readonly letsAzureIn: boolean;
}

export interface BlobFacts {
  /** With its whole path inside the container. */
  readonly name: string;
  readonly bytes: number;
  /** Changes with every write: what was looked at can be told from what replaced it. */
  readonly etag: string;
}

export type JobStatus = 'running' | 'completed' | 'completed-with-warnings' | 'failed' | 'cancelled';

export interface JobFacts {
  /** The job's GUID, in lower case; no ARM id. */
  readonly id: string;
  readonly vaultId: string;
  readonly vaultName: string;
  readonly instanceId?: string;
  /** What people call its source. */
  readonly title: string;
  readonly isCrossRegion: boolean;
  readonly status: JobStatus;
  /** Azure's own word for it. */
  readonly statusWord: string;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly pointId?: string;
  readonly pointTime?: Instant;
  /** URL of a container, or ARM id of a database. */
  readonly destination?: string;
  readonly prefix?: string;
  readonly bytes?: number;
  /** In their order, for example Trigger Restore. */
  readonly subTasks: readonly { readonly name: string; readonly status: string }[];
  readonly warnings: readonly string[];
  /** Of a failed job. */
  readonly failure?: Problem;
}

export interface VaultRole {
  readonly id: string;
  readonly name: string;
  /** Roles that hold the same rights and more, by their ids. */
  readonly includedIn: readonly string[];
}

const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
const longTermRetention = 'c088a766-074b-43ba-90d4-1fb21feae531';
const blobOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b';
const secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const keyVaultAdministrator = '00482a5a-887f-4fb3-b363-3b7fe8e74483';

/** Roles that Azure's documents ask for on the way of a vault restore (built-in roles, by their ids). */
export const vaultRoles = {
  blobContributor: {
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    name: 'Storage Blob Data Contributor',
    includedIn: [blobOwner],
  },
  reader: {
    id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    name: 'Reader',
    includedIn: [owner, contributor, longTermRetention],
  },
  secretsUser: {
    id: '4633458b-17de-408a-b874-0445c86b69e6',
    name: 'Key Vault Secrets User',
    includedIn: [secretsOfficer, keyVaultAdministrator],
  },
} as const satisfies Record<string, VaultRole>;

/** `roles`: ids that a principal has. */
export const hasRole = (roles: readonly string[], { id, includedIn }: VaultRole): boolean =>
  [id, ...includedIn].some((each) => roles.includes(each));
