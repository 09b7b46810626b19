/**
 * A plan is exactly what will be sent to Azure, sealed by a hash. Everything in it is fixed by the approval; what may
 * drift without harm (size, window edges) is shown beside it and not in it.
 */
import { canonicalJson } from './canonical-json';
import type { Instant } from './instant';
import type { Digest } from './digest';
import type { ProofProbe } from './proof-probe';
import { vaultModes, type VaultPlan } from './vault-plan';
import type { FilesToServerPlan, LoadServer, LoadTerms } from './load-plan';
import type { Encryption, HighAvailability, Network, StorageType } from './servers';

interface PlanCommon {
  readonly version: 1;
  readonly source: { readonly id: string; readonly name: string; readonly location: string };
  readonly target: {
    /** Full ARM id; the name in it never changes, so a repeated order can only name the same server. */
    readonly id: string;
    readonly name: string;
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly location: string;
  };
  /** Public or private as the source: Azure allows no change between the two in a restore. */
  readonly network: Network;
  readonly geoRedundantBackup: boolean;
  /** Absent where Azure chooses, or where the region has none. */
  readonly availabilityZone?: string;
  /** Absent where it follows the source. */
  readonly storageType?: StorageType;
  /** Customer-managed keys as they are sent; absent where they follow the source by themselves or there are none. */
  readonly encryption?: Encryption;
  /** The requester's own tags; the desk's come on top. */
  readonly tags: Readonly<Record<string, string>>;
  /** Day (YYYY-MM-DD, UTC) that the expiry tag names. The desk asks then; nothing is deleted by itself. */
  readonly expires?: string;
  /** Wishes that Azure would ignore in a restore: left for afterwards, and listed. */
  readonly followUps: readonly FollowUp[];
  readonly policy: { readonly version: string; readonly rule: string };
  /** The probe that will prove the data moment, as the policy had it when the plan was made. */
  readonly proof?: ProofProbe;
}

/** High availability in the PUT of a restore is dropped by Azure without a word, so it is never sent. */
export interface FollowUp {
  readonly kind: 'high-availability';
  readonly mode: HighAvailability;
}

export interface LatestPlan extends PlanCommon {
  /** The moment is sealed as a word and fixed in the intent when the restore starts. */
  readonly mode: 'latest';
}

export interface PointInTimePlan extends PlanCommon {
  readonly mode: 'point-in-time';
  readonly moment: Instant;
}

/** A restore to the completion of a backup: Azure has no log to replay, so it is the quickest. */
export interface FastPlan extends PlanCommon {
  readonly mode: 'fast';
  readonly backup: { readonly name: string; readonly completedAt: Instant };
  /** What is asked of Azure: never before the completion, which a rounded instant could be. */
  readonly moment: Instant;
}

/** Into the paired region, to the last data that arrived there; the moment Azure wants is fixed at the start. */
export interface GeoPlan extends PlanCommon {
  readonly mode: 'geo';
}

/** A deleted server, brought back under another name. */
export interface DroppedPlan extends PlanCommon {
  readonly mode: 'dropped';
  readonly deletedAt: Instant;
  /** What is asked of Azure: the time at which the log took the deletion. */
  readonly moment: Instant;
}

/** Gives a new server, by a PUT. */
export type ServerPlan = LatestPlan | PointInTimePlan | FastPlan | GeoPlan | DroppedPlan;
export type ServerMode = ServerPlan['mode'];

export type Plan = ServerPlan | VaultPlan | FilesToServerPlan;
export type RestoreMode = Plan['mode'];
export type VaultMode = VaultPlan['mode'];

export const isVaultMode = (mode: RestoreMode): mode is VaultMode =>
  vaultModes.some((known) => known === mode);
export const isVaultPlan = (plan: Plan): plan is VaultPlan => isVaultMode(plan.mode);

/** Loads files that are there; nothing is asked of Azure. */
export const isFilesPlan = (plan: Plan): plan is FilesToServerPlan => plan.mode === 'files-to-server';

/** What a plan loads into a server; undefined for one that Azure alone carries out. */
export function loadTerms(plan: Plan): LoadTerms | undefined {
  return plan.mode === 'files-to-server' || plan.mode === 'vault-to-server' ? plan.load : undefined;
}

/** What people wait for: a server, files, a database. Of a chain that is the server at its end. */
export const promised = (plan: Plan): Pick<LoadServer, 'id' | 'name'> =>
  loadTerms(plan)?.server ?? plan.target;

/** The moment that is sealed in the plan; undefined where the start fixes it. */
export function sealedMoment(plan: Plan): Instant | undefined {
  if (isVaultPlan(plan)) return plan.point.time;
  if (isFilesPlan(plan)) return plan.markedAt;
  return plan.mode === 'latest' || plan.mode === 'geo' ? undefined : plan.moment;
}

/** What an order is for, by a name that no other order has at the same time: an ARM id, with the beginning of the files where it makes some. */
export const targetKey = (plan: Plan): string =>
  plan.mode === 'vault-files' || plan.mode === 'vault-to-server'
    ? `${plan.target.id}/${plan.target.prefix}`
    : plan.target.id;

export const hashPlan = (plan: Plan, digest: Digest): string => digest(canonicalJson(plan));

/** `7f3a·19c2`: enough for a person to compare, and for `approve R-1 7f3a`. */
export const shortHash = (hash: string): string => `${hash.slice(0, 4)}·${hash.slice(4, 8)}`;

/** Accepts what a person types from the card: at least four hex digits from the start, the dot left out or not. */
export function isHashPrefix(typed: string, hash: string): boolean {
  const digits = typed.toLowerCase().replace(/[·.\s-]/g, '');
  return /^[0-9a-f]{4,64}$/.test(digits) && hash.startsWith(digits);
}
