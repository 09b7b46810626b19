/** What the core needs to look into a copy and into its source. */
import type { Instant } from './instant';
import type { Loss, ProofFindings } from './proof-findings';
import type { ProofProbe } from './proof-probe';
import type { ServerFacts } from './servers';

/** What is looked for, and where. */
export interface ProofTask {
  /** The asked moment. */
  readonly moment: Instant;
  /** Nothing that was written after it belongs into the copy; the moment itself, unless Azure was asked for a later one. */
  readonly upTo: Instant;
  /** What was committed from then on the copy wrote itself. */
  readonly bornAt: Instant;
  readonly probe?: ProofProbe;
  /** ARM id; absent where the copy is no physical one, or nobody is to ask the source. */
  readonly sourceId?: string;
  /** Only these, where a server holds more than what was restored. */
  readonly databases?: readonly string[];
}

export interface CopyProver {
  /**
   * Opens the copy and, if it can, the source; both read-only. A source that is gone or silent is a finding. Throws a
   * sentence when the copy cannot be opened. Takes at most some minutes.
   */
  look(copy: ServerFacts, task: ProofTask): Promise<ProofFindings>;
}

export interface LossReader {
  /** What was written since. Never throws: what cannot be told is unknown. */
  since(server: ServerFacts, moment: Instant): Promise<Loss>;
}
