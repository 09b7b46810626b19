/** Plans of restores from a Backup vault: one recovery point, and the one place where its data shall come into being. */
import type { Instant } from './instant';
import type { LoadTerms } from './load-plan';
import type { ProofProbe } from './proof-probe';

interface VaultPlanCommon {
  readonly version: 1;
  /** What is protected: `orders-pg`, or `legacy-srv/orders`. */
  readonly source: { readonly id: string; readonly name: string; readonly location: string };
  readonly vault: { readonly id: string; readonly name: string; readonly location: string };
  readonly instanceId: string;
  readonly point: {
    /** Azure's id of the recovery point. */
    readonly id: string;
    readonly time: Instant;
    readonly store: 'vault' | 'archive';
  };
  /** Only of an archived point: how quickly it is fetched back, and for how many days it then stays. */
  readonly rehydration?: { readonly priority: 'Standard' | 'High'; readonly days: number };
  /** Set where the copies in the vault's secondary region are restored from, and there. */
  readonly crossRegion?: { readonly region: string };
  /** ARM ids of the requests that a resource guard wants to see; empty where none is configured. */
  readonly guardRequests: readonly string[];
  readonly policy: { readonly version: string; readonly rule: string };
  readonly proof?: ProofProbe;
}

interface VaultTarget {
  /** ARM id of the container, or of the database to be. */
  readonly id: string;
  /** `shoprestores/restores/<prefix>`, or `legacy-srv/orders_r1`. */
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
}

interface FilesTarget extends VaultTarget {
  readonly account: string;
  readonly container: string;
  /** No blob may begin with it; Azure fails the restore then. */
  readonly prefix: string;
  /** Of the container, as Azure wants it. */
  readonly url: string;
}

export interface VaultFilesPlan extends VaultPlanCommon {
  readonly mode: 'vault-files';
  readonly target: FilesTarget;
}

/** Files first, and then what they hold into a server: one plan, one approval. */
export interface VaultToServerPlan extends VaultPlanCommon {
  readonly mode: 'vault-to-server';
  /** Where Azure writes the files on the way. */
  readonly target: FilesTarget;
  readonly load: LoadTerms;
}

/** Of both Azure Backup is asked for files. */
export type FilesPlan = VaultFilesPlan | VaultToServerPlan;

export interface VaultDatabasePlan extends VaultPlanCommon {
  readonly mode: 'vault-database';
  readonly target: VaultTarget & {
    readonly serverId: string;
    readonly server: string;
    readonly database: string;
    /** Names the key vault secret with the login to restore with; never its value. Shown to nobody in chat. */
    readonly secretUri: string;
  };
}

export type VaultPlan = FilesPlan | VaultDatabasePlan;

export const vaultModes = [
  'vault-files',
  'vault-to-server',
  'vault-database',
] as const satisfies readonly VaultPlan['mode'][];

/** Whether Azure Backup is asked for files rather than for a database. */
export const writesFiles = (plan: VaultPlan): plan is FilesPlan => plan.mode !== 'vault-database';
