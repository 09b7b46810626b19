/** What a sentence is read with, and what it comes to. */
import type { DeletedServer, ServerFacts } from './servers';
import type { FormInputs } from './form-inputs';
import type { Instant } from './instant';

export interface ParsedRestore {
  readonly inputs: FormInputs;
  /** What was understood, one short phrase each, in the order of the form. */
  readonly understood: readonly string[];
  /** Parts of the sentence that were not understood, as they were said. */
  readonly notUnderstood: readonly string[];
}

/** Names that a sentence can hold; everything else in it is only words. */
export interface KnownNames {
  readonly servers: readonly ServerFacts[];
  /** Given only when the sentence speaks of a deletion. */
  readonly deleted: readonly DeletedServer[];
  /** What vaults protect, as people call it; given only when the sentence speaks of a vault. */
  readonly protectedTitles: readonly string[];
}

export interface SpokenBy {
  readonly now: Instant;
  /** IANA zone of the requester. */
  readonly zone: string;
}
