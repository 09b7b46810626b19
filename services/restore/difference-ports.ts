/** What the core needs to read what a copy does not carry, and to give it to the copy. */
import type { ApplicableKind } from './difference-changes';
import type { Problem } from './errors';
import type { SentRequest } from './sent-call';
import type { ServerDetails } from './server-details';

export interface ServerDetailsReader {
  /** Each kind for itself: one that cannot be read is `unknown` and hides no other. Throws nothing. */
  details(serverId: string): Promise<ServerDetails>;
}

export interface AppliedItem {
  /** Its name. */
  readonly what: string;
  readonly outcome: { readonly kind: 'applied' } | { readonly kind: 'refused'; readonly because: Problem };
  /** The call as it was sent, for the record; absent in what was stored before it was kept. */
  readonly request?: SentRequest;
}

export interface ApplyResult {
  /** Only what the copy still lacked; empty when there was nothing to do. */
  readonly items: readonly AppliedItem[];
  /** Something of it waits for a restart of the copy. */
  readonly needsRestart: boolean;
}

export interface DifferenceApplier {
  /**
   * Gives the copy what it lacks of one kind, item by item and each by its name, so that doing it twice is harmless. An item
   * that Azure refuses does not stop the others. Throws DIFFERENCE_UNREADABLE when nobody can tell what the copy lacks.
   */
  apply(copyId: string, kind: ApplicableKind, source: ServerDetails): Promise<ApplyResult>;
}
