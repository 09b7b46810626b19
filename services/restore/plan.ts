/**
 * A plan is exactly what will be sent to Azure, sealed by a hash. Everything in it is fixed by the approval; what may
 * drift without harm (size, window edges) is shown beside it and not in it.
 */
import { canonicalJson } from './canonical-json';
import type { Instant } from './instant';
import type { Digest } from './digest';
import type { Network } from './servers';

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
  /** Follows the source: Azure allows no change between public and private in a restore. */
  readonly network: Network;
  readonly geoRedundantBackup: boolean;
  readonly policy: { readonly version: string; readonly rule: string };
  /** The probe that will prove the data moment, as the policy had it when the plan was made. */
  readonly proof?: ProofProbe;
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

export type Plan = LatestPlan | PointInTimePlan | FastPlan;
export type RestoreMode = Plan['mode'];

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

/** What differs between two plans, in words of the card; empty when they are the same. */
export function planChanges(before: Plan, after: Plan): string[] {
  const fields: [string, (plan: Plan) => unknown][] = [
    ['the way to restore', (plan) => plan.mode],
    ['the moment', (plan) => (plan.mode === 'latest' ? 'latest' : plan.moment)],
    ['the backup', (plan) => (plan.mode === 'fast' ? plan.backup : null)],
    ['the source', (plan) => plan.source],
    ['the new server', (plan) => plan.target],
    ['the network', (plan) => plan.network],
    ['the backup redundancy', (plan) => plan.geoRedundantBackup],
    ['the policy', (plan) => plan.policy],
    ['the proof of the data', (plan) => plan.proof],
  ];
  return fields
    .filter(([, of]) => canonicalJson(of(before)) !== canonicalJson(of(after)))
    .map(([name]) => name);
}
