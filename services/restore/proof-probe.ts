/** How the data of a copy is proven: the owner's own questions to it. */
export interface ProofProbe {
  readonly database: string;
  /** SQL giving one row with one timestamptz: the newest write in the copy. */
  readonly newestWrite: string;
  /** SQL with $1 = a timestamptz, giving the newest write at or before it; asked of the source for comparison. */
  readonly newestWriteUpTo?: string;
  readonly toleranceSeconds: number;
}
