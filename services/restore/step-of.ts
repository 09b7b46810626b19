import type { Instant } from './instant';
import type { Run } from './state';

/** A step as people see it: its name, and what in a run tells when it began and ended. */
export interface StepOf {
  readonly name: string;
  readonly from: (run: Run) => Instant | undefined;
  /** Undefined for the last one, which ends with the request. */
  readonly to: (run: Run) => Instant | undefined;
  /** The long one, which an estimate belongs to. */
  readonly isLong?: true;
}
