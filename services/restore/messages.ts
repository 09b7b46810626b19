/**
 * What the desk says, as data: versioned view models. The outbox stores these, never cards; `cards/` turns them into
 * Adaptive Cards for one kind of viewer.
 */
import type { Applied } from './applied';
import type { DifferenceGroup } from './differences';
import type { Problem } from './errors';
import type { FormField, FormInputs } from './form-inputs';
import type { Instant } from './instant';
import type { Person } from './person';
import type { ObjectFailure } from './dump-ports';
import type { ServerAddress } from './servers';
import type { Plan, RestoreMode, VaultMode } from './plan';
import type { StatusWord, VaultGot } from './state';
import type { ClosedQuestion } from './waiting';
import type { Glass, Review } from './review';
import type { Cost } from './prices';
import type { Loss } from './proof-findings';
import type { SealedRule } from './sealed-rule';
import type { Verdict } from './proof';

/**
 * Who looks at a card: decides which buttons it shows, never what a click may do. `signed` has given an approval already, and
 * reads; `on-call` decides nothing and may start it without approval.
 */
export type Viewer = 'approver' | 'requester' | 'signed' | 'on-call' | 'reader';

/** What a button carries back, and all it carries back. */
export interface CardKey {
  readonly about: 'draft' | 'request';
  readonly id: string;
  readonly revision: number;
  readonly nonce: string;
}

/** One entry of a list on a form: what is shown, and what the input then holds. */
export interface Choice {
  readonly title: string;
  readonly value: string;
}

/** Lists that are searched while somebody types. */
export type SearchedList = 'servers' | 'deleted-servers' | 'backups' | 'protected' | 'recovery-points';

/** What stands in the same form, for lists that depend on it; empty where it was not sent. */
export type SearchedForm = Pick<FormInputs, 'source' | 'region' | 'vault'>;

export interface FormMessage {
  readonly kind: 'form';
  readonly version: 1;
  readonly key: CardKey;
  readonly requester: Person;
  readonly inputs: FormInputs;
  readonly understood: readonly string[];
  readonly notUnderstood: readonly string[];
  readonly problems: readonly Problem[];
  /** The fields that this mode and this server have. */
  readonly fields: readonly FormField[];
  /** What can be chosen; a field without an entry is typed. */
  readonly choices: Readonly<Partial<Record<FormField, readonly Choice[]>>>;
  /** Ways to restore that this server does not have, each with the reason. */
  readonly notOffered: readonly string[];
  /** The moment as it was understood, absent when there is none or the start fixes it. */
  readonly moment?: Instant;
  readonly now: Instant;
  readonly zone: string;
  readonly window?: { readonly earliest?: Instant; readonly server: string };
  /** Which data it will be, where that is not a chosen moment: the last replicated, or until a deletion. */
  readonly dataLine?: string;
  /** What follows the source, what can never be changed later and what can only grow, in words. */
  readonly follows?: string;
  /** Said when the server is shown as it was seen earlier: Azure does not answer for it now. */
  readonly knownSince?: Instant;
  readonly state: 'open' | 'checking' | 'cancelled';
}

export interface ApprovalLine {
  readonly by: Person;
  readonly at: Instant;
  readonly comment: string;
}

export interface RequestClocks {
  readonly remindAt?: Instant;
  readonly escalateAt?: Instant;
  /** Who is called then, and once it has happened may decide as well. */
  readonly escalateTo: readonly string[];
  readonly escalatedAt?: Instant;
}

export type RequestEnding =
  | { readonly kind: 'open' }
  | { readonly kind: 'approved'; readonly approvals: readonly ApprovalLine[] }
  /** Somebody started it without the approvals that it needs. */
  | { readonly kind: 'started'; readonly glass: Glass }
  /** The requester changed it: another card asks for the new revision. */
  | { readonly kind: 'replaced'; readonly at: Instant; readonly revision: number }
  | { readonly kind: 'rejected'; readonly by: Person; readonly at: Instant; readonly reason: string }
  | { readonly kind: 'withdrawn'; readonly at: Instant }
  | { readonly kind: 'expired'; readonly at: Instant };

/** The request as approvers and the requester see it until it is decided, and after. */
export interface RequestMessage {
  readonly kind: 'request';
  readonly version: 1;
  /** `approval` in the approvals channel, `direct` in a chat with one approver, `receipt` in the requester's thread. */
  readonly place: 'approval' | 'direct' | 'receipt';
  readonly key: CardKey;
  readonly requester: Person;
  readonly zone: string;
  readonly reason: string;
  readonly ticket: string;
  readonly plan: Plan;
  readonly planHash: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly rule: Pick<SealedRule, 'name' | 'stages'>;
  /** What the clocks bring before the end; absent where they bring nothing. */
  readonly clocks?: RequestClocks;
  /** Open, or answered; the open one is the last. Absent where nobody asked. */
  readonly questions?: readonly (ClosedQuestion & { readonly goesOnAt?: Instant })[];
  /** What the last edit changed. */
  readonly edited?: readonly string[];
  /** Who may start it at once, without approval. */
  readonly mayBreakGlass?: readonly Person[];
  readonly review?: Review;
  readonly approvals: readonly ApprovalLine[];
  readonly duration: DurationRange;
  readonly shown: { readonly sku: string; readonly storageGb: number; readonly postgresVersion: string };
  readonly ending: RequestEnding;
  readonly status: StatusWord;
  /** What was written since the chosen moment; absent where there is none, and in messages of older versions. */
  readonly loss?: Loss;
  /** What a reader must know besides: a deadline of Azure's, or how old the knowledge of the source is. */
  readonly dataLine?: string;
  /** Of a new server; absent where nobody gave a price. */
  readonly cost?: Cost;
  /** Facts of the plan beyond source, moment and name, one short line each: region, network, zone, tags, expiry. */
  readonly options: readonly string[];
  /** What an approver must have read before anything else. */
  readonly warnings: readonly string[];
  readonly followUps: readonly FollowUpLine[];
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
  /** What the last step found, once it is over. */
  readonly verdict?: Verdict['kind'];
  readonly lastSignOfLife: Instant;
  readonly now: Instant;
  readonly note: string;
  /** Present while the restore can still be stopped. */
  readonly cancelKey?: CardKey;
}

/** Asked before a restore that has started is stopped: what can be undone and what cannot. */
export interface CancelMessage {
  readonly kind: 'cancel';
  readonly version: 1;
  readonly key: CardKey;
  readonly askedBy: Person;
  readonly source: string;
  readonly target: string;
  readonly zone: string;
  readonly state:
    /**
     * `what` says in one sentence each what happens on a yes and what cannot be undone; `removes` is true where the server
     * that was ordered is deleted.
     */
    | { readonly phase: 'open'; readonly what: readonly string[]; readonly removes: boolean }
    | { readonly phase: 'confirmed'; readonly by: Person; readonly at: Instant }
    | { readonly phase: 'over'; readonly outcome: string };
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
  readonly mode: RestoreMode;
  /** What the data is compared with: the asked moment; of a geo restore that of its order, of a deleted server that of its deletion. */
  readonly asked: Instant;
  readonly newestWrite?: Instant;
  readonly finding: string;
  /** What was compared in one line, or further findings, then what is worth knowing. Absent in messages of older versions. */
  readonly findings?: readonly string[];
  /** What acts by itself in the copy, by name. */
  readonly wakes?: readonly string[];
  /** What Azure really gave the new server where it could differ from the source, in words: redundancy, zone. */
  readonly got: readonly string[];
  /** What is left to do by hand, each with its command. */
  readonly followUps: readonly FollowUpLine[];
  /** What the source has besides the data. Absent where it was not compared, and in messages of older versions. */
  readonly differences?: readonly DifferenceLine[];
  /** Why it was not compared, in one sentence. */
  readonly notCompared?: string;
  /** What its buttons carry; absent in messages of older versions, which have none. */
  readonly key?: CardKey;
  readonly tookMillis: number;
  readonly endedAt: Instant;
  readonly zone: string;
}

export interface DifferenceLine {
  readonly group: DifferenceGroup;
  /** Whether a button offers to apply it now. */
  readonly canApply: boolean;
  readonly applied?: Applied;
}

/** What a restore from a vault gave. */
export interface DeliveryMessage {
  readonly kind: 'delivery';
  readonly version: 1;
  readonly requestId: string;
  readonly status: StatusWord;
  readonly requester: Person;
  readonly source: string;
  readonly target: string;
  readonly vault: string;
  readonly mode: VaultMode;
  readonly pointTime: Instant;
  /** Of what was looked at; warnings of Azure stand beside it. */
  readonly verdict: Verdict['kind'];
  readonly finding: string;
  readonly got: VaultGot;
  /** Of a new database: its name. */
  readonly database?: string;
  readonly tookMillis: number;
  readonly endedAt: Instant;
  readonly zone: string;
}

/** What came of files that were loaded into a server. */
export interface LoadedMessage {
  readonly kind: 'loaded';
  readonly version: 1;
  readonly key: CardKey;
  readonly status: StatusWord;
  readonly requester: Person;
  readonly source: string;
  /** The server. */
  readonly target: string;
  readonly hostName: string;
  readonly address: ServerAddress;
  /** As the files' own mark tells it. */
  readonly backupTime?: Instant;
  readonly verdict: Verdict['kind'];
  readonly finding: string;
  /** One short line each; further findings against the copy first. */
  readonly findings: readonly string[];
  /** What may act by itself in the copy. */
  readonly wakes: readonly string[];
  readonly parts: readonly LoadedPartLine[];
  /** Of Azure's job, word for word. */
  readonly warnings: readonly string[];
  readonly jobId?: string;
  readonly tookMillis: number;
  readonly endedAt: Instant;
  readonly zone: string;
  readonly canRetry: boolean;
  /** Until then what failed can be tried again under the approval it has. */
  readonly retryUntil?: Instant;
  /** Set once somebody tried again: the button is gone. */
  readonly retriedAt?: Instant;
}

/** `name` is `roles` or `database shop`. */
export type LoadedPartLine =
  | {
      readonly name: string;
      readonly outcome: 'loaded';
      readonly notes: readonly string[];
      readonly tables?: number;
      readonly bytes?: number;
    }
  | {
      readonly name: string;
      readonly outcome: 'failed';
      readonly because: Problem;
      readonly failures: readonly ObjectFailure[];
    };

export interface FollowUpLine {
  readonly what: string;
  readonly command: string;
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
  /** What the restore was to make. */
  readonly makes: 'server' | 'files' | 'database' | 'databases';
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
  | DeliveryMessage
  | LoadedMessage
  | CancelMessage
  | FailureMessage
  | NoticeMessage
  | AnswerMessage;
