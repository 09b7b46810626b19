/** What local Azure remembers of backup vaults. Times are ISO strings or milliseconds since 1970. */
import type { UserFacingError } from './vault-errors';

export interface BackupVault {
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Short form, for example `canadacentral`. */
  readonly location: string;
  /** Of the system-assigned identity, with which the vault reaches servers, containers and secrets. */
  readonly principalId: string;
  readonly redundancy: 'GeoRedundant' | 'LocallyRedundant';
  readonly replicatedRegions: readonly string[];
  readonly crossRegionRestore: 'Enabled' | 'Disabled';
  /** When cross-region restore was enabled: the paired region needs two days before it shows anything. */
  readonly crossRegionSince?: string;
  readonly crossSubscriptionRestore: 'Enabled' | 'Disabled' | 'PermanentlyDisabled';
  readonly immutability: 'Disabled' | 'Unlocked' | 'Locked';
  /** Name of the guard in the vault's own resource group. */
  readonly guard?: string;
  readonly changedAt: string;
}

export interface ResourceGuard {
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly guardsRestore: boolean;
}

export interface BackupInstance {
  readonly name: string;
  /** Name of its vault. */
  readonly vault: string;
  readonly server: string;
  /** Only of a single server: there every database is protected for itself. */
  readonly database?: string;
  /** Address of the secret that opens a single server. */
  readonly secretUri?: string;
  readonly location: string;
}

export interface PointFile {
  readonly kind: 'database' | 'roles' | 'schemas' | 'tablespaces' | 'marker';
  readonly database?: string;
  /** Name inside the point's folder. */
  readonly file: string;
  readonly bytes: number;
}

export interface Rehydrated {
  readonly status: 'CREATE_IN_PROGRESS' | 'COMPLETED';
  readonly expiresAt?: string;
}

export interface RecoveryPoint {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly instance: string;
  readonly at: string;
  readonly tier: 'VaultStore' | 'ArchiveStore';
  readonly storeId: string;
  readonly expiresAt: string;
  /** Only of an archived point that somebody had fetched. */
  readonly rehydrated?: Rehydrated;
  /** True when the paired region has it as well. */
  readonly isInSecondary: boolean;
  /** Begins the name of every file that is made of it: server and time of the backup. */
  readonly backupName: string;
  readonly files: readonly PointFile[];
}

export interface FilesTarget {
  readonly kind: 'files';
  readonly account: string;
  readonly container: string;
  /** As the caller wrote it. */
  readonly url: string;
  readonly prefix: string;
}

export interface DatabaseTarget {
  readonly kind: 'database';
  readonly databaseId: string;
  readonly server: string;
  readonly database: string;
  readonly secretUri: string;
}

export interface RestoreOrder {
  readonly pointId: string;
  readonly store: 'VaultStore' | 'ArchiveStore';
  /** Asked for by the kind of the request. */
  readonly rehydration?: { readonly priority: 'Standard' | 'High'; readonly days: number };
  /** Short form. */
  readonly restoreLocation: string;
  readonly target: FilesTarget | DatabaseTarget;
  /** Ids of requests to a resource guard. */
  readonly guardRequests: readonly string[];
}

/** How the next job of a vault shall go; ordered by a test. */
export interface JobShape {
  readonly status?: 'CompletedWithWarnings' | 'Failed';
  readonly stuck?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Rehydration {
  readonly priority: 'Standard' | 'High';
  readonly days: number;
  readonly untilMs: number;
  readonly isDone: boolean;
}

export interface VaultJob {
  readonly id: string;
  readonly vault: string;
  readonly instance: string;
  readonly kind: 'Backup' | 'Restore' | 'Rehydrate';
  readonly isCrossRegion: boolean;
  readonly activityId: string;
  readonly status: 'InProgress' | 'Completed' | 'CompletedWithWarnings' | 'Failed';
  readonly startTime: string;
  readonly endTime?: string;
  /** A job cannot be seen before the operation that made it has succeeded. */
  readonly visibleAtMs: number;
  /** When files or rows begin to move: at once, or after the rehydration. */
  readonly transferFromMs: number;
  /** The earliest moment at which it may end, however quick the work was. */
  readonly endsAtMs: number;
  /** The point that is restored or that was made. */
  readonly pointId?: string;
  /** Of a restore. */
  readonly order?: RestoreOrder;
  readonly rehydration?: Rehydration;
  readonly shape?: JobShape;
  /** True from the moment on at which something in the target may be this job's own work. */
  readonly hasBegun: boolean;
  readonly bytes: number;
  readonly error?: UserFacingError;
  readonly changedAt: string;
}

export interface VaultOperation {
  readonly id: string;
  readonly kind: 'validate' | 'trigger';
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly vault: string;
  /** Region whose path the links carry. */
  readonly location: string;
  readonly isCrossRegion: boolean;
  readonly startTime: string;
  readonly endsAtMs: number;
  readonly activityId: string;
  /** What a validation has to look at. */
  readonly instance?: string;
  readonly order?: RestoreOrder;
  /** Undefined while a validation still looks. */
  readonly outcome?: { readonly error?: UserFacingError };
  readonly jobId?: string;
}

export interface VaultState {
  vaults: BackupVault[];
  guards: ResourceGuard[];
  instances: BackupInstance[];
  recoveryPoints: RecoveryPoint[];
  jobs: VaultJob[];
  vaultOperations: Record<string, VaultOperation>;
  /** By name of the vault: what was ordered for its next jobs. */
  nextJobs: Record<string, JobShape[]>;
  /** Azure's seconds; null sends no Retry-After. */
  vaultRetryAfter: { validate: number | null; trigger: number | null };
}

export const emptyVaultState = (): VaultState => ({
  vaults: [],
  guards: [],
  instances: [],
  recoveryPoints: [],
  jobs: [],
  vaultOperations: {},
  nextJobs: {},
  vaultRetryAfter: { validate: 10, trigger: 30 },
});
