/** What rules look at: what is restored, where it goes, how, and when. What is not known never makes a rule looser. */
import type { Instant } from './instant';
import type { RestoreMode } from './plan';
import type { Source } from './servers';

export const policyActions = ['restore', 'apply', 'extend', 'delete', 'salvage'] as const;
export type PolicyAction = (typeof policyActions)[number];

export type Exposure = 'public' | 'private';

/** The source. Tags and network are unknown for a deleted server that the desk never saw. */
export interface PolicySubject {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscriptionId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly network?: { readonly kind: Exposure };
}

/** Where something comes to lie: on a server, or as files in a container. */
export type Destination = ServerDestination | ContainerDestination;

interface Place {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly region?: string;
}

export interface ServerDestination extends Place {
  readonly kind: 'server';
  readonly server: string;
  /** Absent where nobody knows. */
  readonly network?: Exposure;
}

export interface ContainerDestination extends Place {
  readonly kind: 'container';
  /** `account/container`. */
  readonly container: string;
}

export interface Ask {
  readonly action: PolicyAction;
  readonly mode: RestoreMode;
  /** Every place that it comes to lie in; absent while that is not known. */
  readonly to?: readonly Destination[];
  /** It leaves the region of the source; absent where that is not known. */
  readonly regionChange?: boolean;
  /** When it was asked; absent where somebody wants to know what could be asked at all. */
  readonly at?: Instant;
}

/** Whether something could be restored in this way at all, wherever it would go. */
export const restoring = (mode: RestoreMode): Ask => ({ action: 'restore', mode });

/** A deleted server is judged by what it was. */
export function policySubject(source: Source): PolicySubject {
  if (source.kind !== 'deleted') return source.server;
  const { name, resourceGroup, subscriptionId, before } = source.server;
  return {
    ...{ name, resourceGroup, subscriptionId },
    ...(before ? { tags: before.tags, network: before.network } : {}),
  };
}
