/** How the data of a copy is proven: the owner's own questions to it. All of it is sealed in the plan. */
export interface ProofProbe {
  /** Where `newestWrite` is asked. */
  readonly database?: string;
  /** SQL giving one row with one timestamptz: the newest write in the copy. */
  readonly newestWrite?: string;
  /** SQL with $1 = a timestamptz, giving the newest write at or before it; asked of the source for comparison. */
  readonly newestWriteUpTo?: string;
  readonly toleranceSeconds: number;
  /** Columns in which the owner's programs write when something was written. */
  readonly timeColumns?: readonly TimeColumn[];
  /** Tables without which the copy is not what was asked for, also where no source is left to compare with. */
  readonly requiredTables?: readonly OwnersTable[];
  readonly checks?: readonly OwnersCheck[];
  /** Tables of the copy are counted exactly up to this many rows each. */
  readonly exactCountRows?: number;
  /** B-tree indexes are read through, where the extension amcheck is installed. */
  readonly amcheck?: boolean;
}

/** Of a copy that holds only these databases: the questions to others stay unasked. */
export function probeWithin(probe: ProofProbe, databases: readonly string[]): ProofProbe {
  const within = <T extends { readonly database: string }>(all: readonly T[] | undefined): readonly T[] =>
    (all ?? []).filter(({ database }) => databases.includes(database));
  const { database, newestWrite, newestWriteUpTo, ...others } = probe;
  const isAsked = database !== undefined && databases.includes(database);
  return {
    ...others,
    ...(isAsked ? { database } : {}),
    ...(isAsked && newestWrite !== undefined ? { newestWrite } : {}),
    ...(isAsked && newestWriteUpTo !== undefined ? { newestWriteUpTo } : {}),
    timeColumns: within(probe.timeColumns),
    requiredTables: within(probe.requiredTables),
    checks: within(probe.checks),
  };
}

export interface OwnersTable {
  readonly database: string;
  /** `orders`, or with its schema: `sales.orders`. */
  readonly table: string;
}

export interface TimeColumn extends OwnersTable {
  readonly column: string;
}

/** A statement of the owner that gives one value, and the value that it has to give. */
export interface OwnersCheck {
  readonly name: string;
  readonly database: string;
  readonly sql: string;
  readonly expect: string | number | boolean;
}
