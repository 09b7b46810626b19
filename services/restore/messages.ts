/**
 * What the desk says, as data: versioned view models. The outbox stores these, never cards; `cards/` turns them into
 * Adaptive Cards for one kind of viewer.
 */
import type { Problem } from './errors';
import type { FormInputs } from './form-inputs';
import type { Instant } from './instant';
import type { Person } from './person';
import type { BackupFacts, ServerAddress } from './servers';
import type { Plan } from './plan';
import type { StatusWord } from './state';

/** Who looks at a card: decides which buttons it shows, never what a click may do. */
export type Viewer = 'approver' | 'requester' | 'reader';

/** What a button carries back, and all it carries back. */
export interface CardKey {
  readonly about: 'draft' | 'request';
  readonly id: string;
  readonly revision: number;
  readonly nonce: string;
}

export interface ServerChoice {
  readonly name: string;
  readonly label: string;
}

export interface FormMessage {
  readonly kind: 'form';
  readonly version: 1;
  readonly key: CardKey;
  readonly requester: Person;
  readonly inputs: FormInputs;
  readonly understood: readonly string[];
  readonly notUnderstood: readonly string[];
  readonly problems: readonly Problem[];
  readonly servers: readonly ServerChoice[];
  /** Backups to choose from, newest first; empty when none are known. */
  readonly backups: readonly BackupFacts[];
  readonly resourceGroups: readonly string[];
  readonly zones: readonly string[];
  /** The moment as it was understood, absent when there is none or it is `latest`. */
  readonly moment?: Instant;
  readonly now: Instant;
  readonly zone: string;
  readonly window?: { readonly earliest?: Instant; readonly server: string };
  /** What follows the source and cannot be chosen, in words. */
  readonly follows?: string;
  readonly state: 'open' | 'checking' | 'cancelled';
}

export interface ApprovalLine {
  readonly by: Person;
  readonly at: Instant;
  readonly comment: string;
}

export type RequestEnding =
  | { readonly kind: 'open' }
  | { readonly kind: 'approved'; readonly approvals: readonly ApprovalLine[] }
  | { readonly kind: 'rejected'; readonly by: Person; readonly at: Instant; readonly reason: string }
  | { readonly kind: 'withdrawn'; readonly at: Instant }
  | { readonly kind: 'expired'; readonly at: Instant };

/** The request as approvers and the requester see it until it is decided, and after. */
export interface RequestMessage {
  readonly kind: 'request';
  readonly version: 1;
  /** `approval` in the approvals channel, `receipt` in the requester's thread. */
  readonly place: 'approval' | 'receipt';
  readonly key: CardKey;
  readonly requester: Person;
  readonly zone: string;
  readonly reason: string;
  readonly ticket: string;
  readonly plan: Plan;
  readonly planHash: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly rule: { readonly name: string; readonly needed: number; readonly approvers: readonly Person[] };
  readonly approvals: readonly ApprovalLine[];
  readonly duration: DurationRange;
  readonly shown: { readonly sku: string; readonly storageGb: number; readonly postgresVersion: string };
  readonly ending: RequestEnding;
  readonly status: StatusWord;
  readonly exactRequest: string;
}

/** From evidence: absent numbers mean that there is no history yet. */
export type DurationRange =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'range';
      readonly fromMillis: number;
      readonly toMillis: number;
      readonly restores: number;
    };

export interface ProgressStep {
  readonly name: string;
  readonly state: 'done' | 'running' | 'next' | 'failed';
  readonly millis?: number;
  readonly note?: string;
}

export interface ProgressMessage {
  readonly kind: 'progress';
  readonly version: 1;
  /**
   * The words the message is posted with, before its card is edited in. They stay true whatever happens later: a post
   * whose answer is lost is made again, and what it leaves behind must not tell an old story.
   */
  readonly opening: { readonly text: string; readonly mentions: readonly Person[] };
  readonly requestId: string;
  readonly source: string;
  readonly target: string;
  readonly status: StatusWord;
  readonly elapsedMillis: number;
  readonly steps: readonly ProgressStep[];
  readonly lastSignOfLife: Instant;
  readonly now: Instant;
  readonly note: string;
}

export interface OutcomeMessage {
  readonly kind: 'outcome';
  readonly version: 1;
  readonly requestId: string;
  readonly status: StatusWord;
  readonly requester: Person;
  readonly source: string;
  readonly target: string;
  readonly hostName: string;
  readonly address: ServerAddress;
  readonly asked: Instant;
  readonly newestWrite?: Instant;
  readonly finding: string;
  readonly tookMillis: number;
  readonly endedAt: Instant;
  readonly zone: string;
}

export interface FailureMessage {
  readonly kind: 'failure';
  readonly version: 1;
  readonly key: CardKey;
  readonly requester: Person;
  readonly source: string;
  readonly target: string;
  readonly failure: Problem;
  readonly endedAt: Instant;
  readonly canRetry: boolean;
  /** What a retry needs: the approval it has, or a new one. */
  readonly retryNeeds: 'same approval' | 'new approval';
  readonly serverMayExist: boolean;
  /** Set once somebody tried again: the button is gone. */
  readonly retriedAt?: Instant;
}

/** A plain message with mentions: what happened, in one or two lines. */
export interface NoticeMessage {
  readonly kind: 'notice';
  readonly version: 1;
  /** Text in which {0}, {1}, ... stand for the mentioned people. */
  readonly text: string;
  readonly mentions: readonly Person[];
}

/** An answer to a text command: a short card of lines. */
export interface AnswerMessage {
  readonly kind: 'answer';
  readonly version: 1;
  readonly title: string;
  readonly status?: StatusWord;
  readonly lines: readonly AnswerLine[];
  readonly hint?: string;
}

export interface AnswerLine {
  readonly text: string;
  readonly detail?: string;
  readonly code?: boolean;
}

export type Message =
  | FormMessage
  | RequestMessage
  | ProgressMessage
  | OutcomeMessage
  | FailureMessage
  | NoticeMessage
  | AnswerMessage;
