/** What had to be read to judge a load; absent where something before it is missing already. */
import type { AccountFacts } from './vaults';
import type { DumpContents, LoadTargetFacts } from './dump-ports';
import type { DumpFile } from './load-plan';
import type { Instant } from './instant';
import type { Match, ServerFacts } from './servers';
import type { Problem } from './errors';

export interface LoadTargetSeen {
  readonly match: Match<ServerFacts>;
  /** As the server itself tells; a problem where it does not let us look. */
  readonly inside?:
    | { readonly kind: 'open'; readonly facts: LoadTargetFacts }
    | { readonly kind: 'closed'; readonly because: Problem };
  /** An open request of the desk for the same server. */
  readonly openForTarget?: string;
}

/** A dump set as it lies in its container. */
export interface DumpSet {
  readonly account?: AccountFacts;
  readonly hasContainer: boolean;
  readonly files: readonly DumpFile[];
  /** Of database files, by their names; absent for one that could not be looked into in time. */
  readonly contents: Readonly<Record<string, DumpContents>>;
  readonly markedAt?: Instant;
}

export interface LoadFacts {
  readonly target: LoadTargetSeen;
  readonly set: DumpSet;
  readonly now: Instant;
}
