/** A request as it is stored: who asked, the sealed plan, who may decide, and where it stands. */
import { nextClock } from './waiting';
import type { CardKey } from './messages';
import type { FormInputs } from './form-inputs';
import type { Instant } from './instant';
import type { Person } from './person';
import type { Cost } from './prices';
import type { Loss } from './proof-findings';
import type { Plan } from './plan';
import type { Problem } from './errors';
import type { RequestState } from './state';
import type { Review } from './review';
import type { SealedRule } from './sealed-rule';

/** Shown on the card but not sealed: these may drift between the request and the start. */
export interface ShownFacts {
  readonly sku: string;
  readonly storageGb: number;
  readonly postgresVersion: string;
  /** Of a new server, where the owner's price list knows its size. */
  readonly cost?: Cost;
  readonly earliestRestoreAt?: Instant;
  /** When it was asked, for the hours of the policy: it is judged by them again before it starts. */
  readonly askedAt?: Instant;
  /** Set when the source was judged as it was seen then, because Azure did not answer for it. */
  readonly knownSince?: Instant;
  /** What was written to the source since the moment, as far as it told in time; absent where nobody chose a moment. */
  readonly loss?: Loss;
  /** What else an approver must have read, one sentence each. */
  readonly warnings?: readonly string[];
}

/** An opaque name of a conversation, thread included; only the messenger knows how to reach it. */
export type ThreadKey = string;

export interface RestoreRequest {
  /** `R-42`. */
  readonly id: string;
  /** Counts approval rounds: a new approval after a failure is a new revision, and old cards of it are void. */
  readonly revision: number;
  /** Goes into card data; a payload without the current one changes nothing. */
  readonly nonce: string;
  readonly requester: Person;
  /** IANA zone in which the requester reads times. */
  readonly zone: string;
  readonly inputs: FormInputs;
  readonly plan: Plan;
  readonly planHash: string;
  readonly rule: SealedRule;
  readonly shown: ShownFacts;
  /** The form it came from; its message in the thread is the request's receipt. */
  readonly draftId: string;
  readonly thread: ThreadKey;
  readonly createdAt: Instant;
  readonly state: RequestState;
  /** Owed since somebody started it without approval. */
  readonly review?: Review;
  /** Who changed it or asked for it again since the requester did: they decide nothing about it. */
  readonly editors?: readonly Person[];
  /** Who has a card of their own in a chat with the bot: called by an escalation, or too many for a view of their own. */
  readonly toldDirectly?: readonly Person[];
  /** Forms in which it was edited, or could have been until its end; each became a receipt of it. */
  readonly editDrafts?: readonly string[];
  /** Forms in which it may still be edited. */
  readonly openEdits?: readonly string[];
  /** In which the plan differs from that of the revision before, in words; of an edited request. */
  readonly edited?: readonly string[];
}

/** What the buttons of a request's cards carry. */
export const requestKey = ({ id, revision, nonce }: RestoreRequest): CardKey => ({
  about: 'request',
  id,
  revision,
  nonce,
});

/** When its clock has to be looked at: that of the waiting for approvers, or that of an open review, whichever comes first. */
export function clockOf({ state, review }: Pick<RestoreRequest, 'state' | 'review'>): Instant | undefined {
  const waits = state.phase === 'awaiting-approval' ? nextClock(state) : undefined;
  const owed = review?.kind === 'due' ? review.remindAt : undefined;
  if (waits === undefined || owed === undefined) return waits ?? owed;
  return waits < owed ? waits : owed;
}

/** What tries to load files are known by on the server and on our disk, in all rounds of a request. Unguessable. */
export const loadKey = ({ draftId }: Pick<RestoreRequest, 'draftId'>): string => draftId;

/** A form that somebody is filling in. It becomes a request when its plan can be made. */
export interface Draft {
  readonly id: string;
  readonly nonce: string;
  readonly requester: Person;
  readonly zone: string;
  readonly inputs: FormInputs;
  readonly understood: readonly string[];
  readonly notUnderstood: readonly string[];
  readonly problems: readonly Problem[];
  readonly thread: ThreadKey;
  readonly createdAt: Instant;
  /** `check`: somebody only wants to know whether it could be restored; no request ever comes of it. Absent for `request`. */
  readonly purpose?: 'check';
  /** The request that it changes, as it was when the form was opened. */
  readonly edits?: { readonly requestId: string; readonly revision: number };
  readonly state:
    | { readonly phase: 'open' }
    /** Submitted; its facts are being read from Azure. */
    | { readonly phase: 'checking' }
    | { readonly phase: 'submitted'; readonly requestId: string }
    | { readonly phase: 'cancelled' };
}
