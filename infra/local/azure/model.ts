/** What local Azure remembers. Times are ISO strings or microseconds; durations carry their unit in the name. */
import type { EntraState } from './entra-directory';
import type { Micros } from './instants';
import type { KeyVault } from './key-vaults';
import type { StorageAccount } from './storage-accounts';
import type { VaultState } from './vault-model';

export type ServerState =
  'Ready' | 'Provisioning' | 'Updating' | 'Starting' | 'Stopping' | 'Stopped' | 'Restarting' | 'Dropping';

export interface BackupRecord {
  readonly name: string;
  readonly kind: 'Full' | 'Customer On-Demand';
  readonly completedAt: Micros;
}

/** Addresses of keys, and full ids of the identities that may use them. */
export interface CustomerKeys {
  readonly primaryKeyURI: string;
  readonly primaryUserAssignedIdentityId: string;
  readonly geoBackupKeyURI?: string;
  readonly geoBackupUserAssignedIdentityId?: string;
}

export interface ServerShape {
  readonly sku: { readonly name: string; readonly tier: string };
  readonly version: string;
  readonly storage: {
    readonly type: string;
    readonly iops: number;
    readonly tier: string;
    readonly storageSizeGB: number;
    readonly autoGrow: string;
  };
  readonly network: {
    readonly publicNetworkAccess: string;
    readonly delegatedSubnetResourceId?: string;
    readonly privateDnsZoneArmResourceId?: string;
  };
  readonly retentionDays: number;
  readonly geoRedundantBackup: string;
  readonly availabilityZone: string;
  readonly authConfig: Readonly<Record<string, unknown>>;
  /** Missing where Azure keeps the key. */
  readonly customerKeys?: CustomerKeys;
}

export interface FirewallRule {
  readonly name: string;
  readonly startIpAddress: string;
  readonly endIpAddress: string;
}

export interface EntraAdministrator {
  readonly objectId: string;
  /** Name of its role in the server. */
  readonly principalName: string;
  readonly principalType: string;
  readonly tenantId: string;
}

/** What another provider has hung on a server. */
export interface Extension {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What lies in the paired region of a geo-redundant server, some time behind it. */
export interface GeoCopy {
  readonly backup: BackupRecord;
  /** Everything committed up to here is in the copy. */
  readonly until: Micros;
  readonly copiedAtMs: number;
}

export interface ServerRecord {
  readonly name: string;
  /** Folder below `servers/`; differs from the name, since a dropped server's archive stays. */
  readonly folder: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Short form, for example `canadacentral`. */
  readonly location: string;
  readonly createdAt: string;
  /** Until then a GET answers 404, though the name is taken. */
  readonly visibleAtMs: number;
  readonly administratorLogin: string;
  readonly administratorPassword: string;
  /** Of the superuser that stands for Azure itself; never leaves this process. */
  readonly superuserPassword: string;
  readonly shape: ServerShape;
  readonly tags: Readonly<Record<string, string>>;
  readonly state: ServerState;
  readonly port: number;
  /** Of a stopped server: nothing was committed after this. */
  readonly stoppedAt?: Micros;
  readonly backups: readonly BackupRecord[];
  readonly firewallRules: readonly FirewallRule[];
  /** Missing: only the one that every server begins with. */
  readonly administrators?: readonly EntraAdministrator[];
  readonly locks?: readonly Extension[];
  readonly diagnosticSettings?: readonly Extension[];
  /** Missing until the first copy is complete, and for servers without geo-redundancy. */
  readonly geoCopy?: GeoCopy;
}

/** A single server: the older kind, of which each database is protected for itself. */
export interface LegacyServer {
  /** Its cluster, kept and run as those of the flexible servers are. */
  readonly server: ServerRecord;
}

/** A dropped server: its archive and backups stay on disk, for whoever revives it. */
export interface DroppedServer {
  readonly server: ServerRecord;
  readonly droppedAt: string;
}

export interface OperationRecord {
  readonly id: string;
  /** The word in the body of the 202, for example `RestoreSnapshotManagementOperation`. */
  readonly operation: string;
  readonly subscriptionId: string;
  readonly location: string;
  readonly startTime: string;
  /** The earliest moment at which it may end, however quick the work was. */
  readonly endsAtMs: number;
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
  readonly error?: { readonly code: string; readonly message: string };
  /** What to do, so that a restarted process can do it again from the start. */
  readonly work: { readonly kind: string; readonly server: string; readonly [detail: string]: unknown };
  /** For the activity log: what was asked of which resource, and by whom. */
  readonly asked?: Asked;
}

export interface Asked {
  readonly resourceId: string;
  readonly action: string;
  readonly caller: string;
}

export interface ActivityEvent extends Asked {
  readonly id: string;
  /** The same for all events of one operation. */
  readonly correlationId: string;
  readonly status: 'Started' | 'Succeeded' | 'Failed';
  readonly at: string;
  /** When the log took the event in; it cannot be found before. */
  readonly submittedAt: string;
}

export interface RoleAssignment {
  readonly name: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly scope: string;
}

export interface AzureState extends VaultState {
  seeded: boolean;
  servers: Record<string, ServerRecord>;
  dropped: DroppedServer[];
  operations: Record<string, OperationRecord>;
  roleAssignments: RoleAssignment[];
  downRegions: string[];
  /** Oldest first. */
  activity: ActivityEvent[];
  storageAccounts: StorageAccount[];
  keyVaults: KeyVault[];
  legacyServers: LegacyServer[];
  /** People and groups of the tenant, as Graph tells of them. */
  directory: EntraState;
}
