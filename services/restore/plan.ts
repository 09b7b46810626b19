/**
 * A plan is exactly what will be sent to Azure, sealed by a hash. Everything in it is fixed by the approval; what may
 * drift without harm (size, window edges) is shown beside it and not in it.
 */
import { canonicalJson } from './canonical-json';
import type { Instant } from './instant';
import type { Digest } from './digest';
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

export type Plan = LatestPlan | PointInTimePlan | FastPlan | GeoPlan | DroppedPlan;
export type RestoreMode = Plan['mode'];

/** The moment that is sealed in the plan; undefined where the start fixes it. */
export const sealedMoment = (plan: Plan): Instant | undefined =>
  plan.mode === 'latest' || plan.mode === 'geo' ? undefined : plan.moment;

export interface ProofProbe {
  readonly database: string;
  /** SQL giving one row with one timestamptz: the newest write in the copy. */
  readonly newestWrite: string;
  /** SQL with $1 = a timestamptz, giving the newest write at or before it; asked of the source for comparison. */
  readonly newestWriteUpTo?: string;
  readonly toleranceSeconds: number;
}

export const hashPlan = (plan: Plan, digest: Digest): string => digest(canonicalJson(plan));

/** `7f3a·19c2`: enough for a person to compare, and for `approve R-1 7f3a`. */
export const shortHash = (hash: string): string => `${hash.slice(0, 4)}·${hash.slice(4, 8)}`;

/** Accepts what a person types from the card: at least four hex digits from the start, the dot left out or not. */
export function isHashPrefix(typed: string, hash: string): boolean {
  const digits = typed.toLowerCase().replace(/[·.\s-]/g, '');
  return /^[0-9a-f]{4,64}$/.test(digits) && hash.startsWith(digits);
}

/**
 * What differs between two plans, in words of the card, each with the value before and after where it is a short one. Ids are
 * the same in any spelling: Azure writes them differently in a list and in a single answer.
 */
export function planChanges(before: Plan, after: Plan): string[] {
  const fields: [string, (plan: Plan) => unknown][] = [
    ['the way to restore', (plan) => plan.mode],
    ['the moment', (plan) => sealedMoment(plan) ?? 'fixed at the start'],
    ['the backup', (plan) => (plan.mode === 'fast' ? plan.backup : null)],
    ['the deletion', (plan) => (plan.mode === 'dropped' ? plan.deletedAt : null)],
    ['the source', (plan) => plan.source.id.toLowerCase()],
    ['the region of the source', (plan) => plan.source.location],
    ['the new server', (plan) => plan.target.id.toLowerCase()],
    ['the region', (plan) => plan.target.location],
    ['the network', (plan) => plan.network],
    ['the backup redundancy', (plan) => (plan.geoRedundantBackup ? 'geo-redundant' : 'local')],
    ['the availability zone', (plan) => plan.availabilityZone ?? 'none'],
    ['the storage type', (plan) => plan.storageType ?? 'as the source'],
    ['the encryption keys', (plan) => plan.encryption],
    ['the tags', (plan) => plan.tags],
    ['the expiry', (plan) => plan.expires ?? 'none'],
    ['what is left for afterwards', (plan) => plan.followUps],
    ['the policy version', (plan) => plan.policy.version],
    ['the policy rule', (plan) => plan.policy.rule],
    ['the proof of the data', (plan) => plan.proof],
  ];
  return fields.flatMap(([name, of]) => {
    const [was, is] = [of(before), of(after)];
    if (canonicalJson(was ?? null) === canonicalJson(is ?? null)) return [];
    return typeof was === 'string' && typeof is === 'string' ? [`${name} (${was}, now ${is})`] : [name];
  });
}
