/** What was found in a copy and in its source, as it stands there: what it means is judged elsewhere. */
import type { Instant } from './instant';

export interface ProofFindings {
  readonly copy: ServerFindings;
  readonly source: SourceFindings;
  /** Newest writes by the owner's own knowledge, that of the owner's statement first. */
  readonly writes: readonly NewestWrite[];
  readonly checks: readonly CheckFinding[];
}

export type SourceFindings =
  | { readonly kind: 'looked-at'; readonly server: ServerFindings }
  /** Gone, silent or closed, or nobody wanted it to be asked; `why` goes on after "the source". */
  | { readonly kind: 'not-looked-at'; readonly why: string };

/** Newest write found by one statement or in one column of time. */
export interface NewestWrite {
  /** `orders.placed_at of shop`; absent for the owner's statement. */
  readonly column?: string;
  /** Null where there is none. */
  readonly inCopy: Instant | null;
  /** Newest that the source holds at or before the asked moment; absent when it was not or could not be asked. */
  readonly inSource?: Instant | null;
  /** Why it could not be read from the copy; `inCopy` means nothing then. */
  readonly failed?: string;
}

export interface CheckFinding {
  readonly name: string;
  readonly expected: string;
  /** What the statement gave, or what the server said against it. */
  readonly result:
    | { readonly kind: 'value'; readonly value: string | null }
    | { readonly kind: 'failed'; readonly message: string };
}

export interface ServerFindings {
  /** Given by initdb; a physical copy has that of its source. */
  readonly systemIdentifier?: string;
  readonly timeline?: number;
  readonly commits: Commits;
  /** Below it every OID had been given away; absent where the counter seems to have begun anew. Of the copy only. */
  readonly highestOid?: number;
  readonly roles: readonly FoundThing[];
  readonly databases: readonly DatabaseFindings[];
  /** Databases that nobody looked into, each with the reason. */
  readonly closed: readonly { readonly name: string; readonly why: string }[];
  readonly wakes: readonly Waking[];
}

export type Commits =
  | { readonly kind: 'untracked' }
  | {
      readonly kind: 'tracked';
      /** Last one at or before the asked moment. */
      readonly newest?: Instant;
      /** First one after it that the copy cannot have made itself, or that the source made. */
      readonly next?: Instant;
    };

/** Something with a name and an OID of its own. Roles and databases belong to the server, the rest to a database. */
export interface FoundThing {
  readonly oid: number;
  readonly name: string;
  /** Of things of the source that the copy lacks. */
  readonly origin?: Origin;
}

/** What tells whether something of the source was there at the asked moment; nothing is known where both are absent. */
export interface Origin {
  /** When the transaction that wrote it was committed. */
  readonly committedAt?: Instant;
  /** Whether that transaction is among those that the copy has replayed. */
  readonly isInCopy?: boolean;
}

export interface DatabaseFindings {
  readonly oid: number;
  readonly name: string;
  readonly bytes: number;
  readonly tables: readonly FoundTable[];
  /** Set when there were more than are listed: the last OID that is. */
  readonly tablesUpTo?: number;
  readonly extensions: readonly FoundThing[];
  readonly indexes: readonly FoundIndex[];
  readonly indexesUpTo?: number;
  /** By name, as far as there are not too many. */
  readonly sequences: readonly string[];
  /** Sequences whose next value their column has already. */
  readonly behind: readonly SequenceBehind[];
  readonly amcheck?: AmcheckFinding;
}

export interface FoundTable extends FoundThing {
  /** `name` is with its schema where that is not `public`. */
  readonly schema: string;
  /** Unlogged tables are empty after every recovery; partitioned ones hold nothing themselves. */
  readonly holds: 'rows' | 'unlogged rows' | 'partitions';
  readonly bytes: number;
  /** Of the last ANALYZE or VACUUM. */
  readonly estimatedRows?: number;
  /** Counted, of small ones in the copy. */
  readonly rows?: number;
  /** Of a table that is empty in the copy: rows in the source that are as old as this. */
  readonly oldRow?: Origin;
}

export interface FoundIndex extends FoundThing {
  readonly schema: string;
  readonly table: string;
  readonly isValid: boolean;
}

export interface SequenceBehind {
  readonly name: string;
  readonly column: string;
}

export type AmcheckFinding =
  | { readonly kind: 'not-installed' }
  | { readonly kind: 'not-possible'; readonly why: string }
  | {
      readonly kind: 'read';
      readonly indexes: number;
      readonly left: number;
      readonly damaged: readonly { readonly name: string; readonly message: string }[];
    };

/** What acts by itself in a copy, by name: a copy is not harmless. */
export interface Waking {
  readonly kind: 'subscription' | 'cron job' | 'foreign server' | 'event trigger' | 'preloaded library';
  readonly name: string;
  /** Absent for what belongs to the server. */
  readonly database?: string;
}

/** What was written after the moment, and so would not be in the copy. */
export type Loss =
  /** Transactions that wrote: `counted` by their numbers; of all kinds: `average`, the rate since the statistics began. */
  | {
      readonly kind: 'counted' | 'average';
      readonly transactions: number;
      readonly lastAt?: Instant;
    }
  | { readonly kind: 'unknown' };
