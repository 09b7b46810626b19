/** What the core needs from the world. Adapters are built by `createX(deps)`; nothing here is optional. */
import type { ApplicableKind } from './difference-changes';
import type { Problem } from './errors';
import type { Instant } from './instant';
import type { Message } from './messages';
import type { Person } from './person';
import type { RestoreMode, ServerPlan } from './plan';
import type { Draft, RestoreRequest, ThreadKey } from './request';
import type { DnsZoneFacts, Quota, RegionFacts, RegionPair, ResourceGroupFacts, SubnetFacts } from './places';
import type {
  BackupFacts,
  DeletedServer,
  KnownServer,
  NameCheck,
  ServerAddress,
  ServerFacts,
} from './servers';

export interface Clock {
  now(): Instant;
}

export interface Ids {
  /** Unguessable, at least 122 random bits. */
  nonce(): string;
}

/** Named places where a process may be made to die in tests. In production it does nothing. */
export type FaultPoint = (name: FaultPointName) => void;

export type FaultPointName =
  | 'decision-stored'
  | 'checked-before-intent'
  | 'intent-stored'
  | 'order-sent'
  | 'operation-stored'
  | 'order-accepted-stored'
  | 'server-ready-stored'
  | 'proof-taken'
  | 'outcome-stored'
  | 'message-sent'
  | 'draft-stored'
  | 'request-stored'
  | 'part-begun-stored'
  | 'part-ended-stored'
  | 'files-pinned-stored'
  | 'removal-noted'
  | 'removal-sent';

/** Reads of servers. All of them may throw a DeskError with AZURE_UNREACHABLE, and no one else's error. */
export interface ServerReader {
  /** Servers of one configured subscription. Those of a region that does not answer may be missing. */
  list(subscriptionId: string): Promise<readonly ServerFacts[]>;
  get(id: string): Promise<ServerFacts | undefined>;
  backups(id: string): Promise<readonly BackupFacts[]>;
  /** Deletions of servers since the instant, newest first; `before` is never filled in here. */
  deletions(subscriptionId: string, since: Instant): Promise<readonly DeletedServer[]>;
}

/** Reads of where a new server could stand. They throw as ServerReader does. */
export interface PlaceReader {
  /** The name that people gave the subscription. */
  subscriptionName(subscriptionId: string): Promise<string | undefined>;
  checkName(subscriptionId: string, name: string): Promise<NameCheck>;
  resourceGroup(subscriptionId: string, name: string): Promise<ResourceGroupFacts | undefined>;
  resourceGroups(subscriptionId: string): Promise<readonly ResourceGroupFacts[]>;
  region(subscriptionId: string, location: string): Promise<RegionFacts>;
  pair(subscriptionId: string, location: string): Promise<RegionPair>;
  /** Undefined when Azure names no limit for the cores of servers. */
  quota(subscriptionId: string, location: string): Promise<Quota | undefined>;
  /** Those of the actions that our own identity may not do there. `scope` is the ARM id of a group or a subnet. */
  missingRights(scope: string, actions: readonly string[]): Promise<readonly string[]>;
  subnet(id: string): Promise<SubnetFacts | undefined>;
  /** Subnets of a subscription in a region that are delegated to flexible servers. */
  subnets(subscriptionId: string, location: string): Promise<readonly SubnetFacts[]>;
  dnsZone(id: string): Promise<DnsZoneFacts | undefined>;
  dnsZones(subscriptionId: string): Promise<readonly DnsZoneFacts[]>;
}

/** The order as the intent holds it: everything that a repeated sending needs to be the same order. */
export interface StartOrder {
  readonly plan: ServerPlan;
  readonly moment: Instant;
  readonly requestId: string;
  readonly nonce: string;
  /** Entra object id of the requester. */
  readonly owner: string;
}

/** The URL at which Azure tells how an operation goes. Signed, so a secret: never shown, logged or journalled. */
export type OperationUrl = string;

export type StartAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly because: Problem }
  /** Certainly not accepted; may be sent again after the pause. */
  | { readonly kind: 'not-now'; readonly retryAfterSeconds: number }
  /** Nobody knows whether Azure accepted it: the world has to be looked at before anything is sent again. */
  | { readonly kind: 'unclear'; readonly what: string };

export type OperationStatus =
  | { readonly kind: 'running'; readonly retryAfterSeconds: number }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly because: Problem }
  /** Azure does not know the operation (any more); the server itself has to be asked. */
  | { readonly kind: 'gone' };

export interface RestoreOrders {
  /** Sends the order once, with no retry. `onAccepted` is awaited before this resolves, with the operation's URL if Azure gave one. */
  send(
    order: StartOrder,
    onAccepted: (operation: OperationUrl | undefined) => Promise<void>,
  ): Promise<StartAnswer>;
  /** How the operation that makes `targetId` goes. May be told from what was read of many servers at once. */
  poll(operation: OperationUrl, targetId: string): Promise<OperationStatus>;
  /** Asks Azure once to delete a server. Who calls has proven that the server is ours. */
  remove(serverId: string): Promise<RemoveAnswer>;
}

export type RemoveAnswer =
  /** Accepted, or there is nothing to delete. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly because: Problem }
  /** Busy, throttled or unanswered: deleting again does no harm. */
  | { readonly kind: 'not-now'; readonly retryAfterSeconds: number };

/** Names of the tags that an order carries, so that what it made can be told from what others made. */
export const targetTags = {
  request: 'restore-desk-request',
  nonce: 'restore-desk-nonce',
  owner: 'restore-desk-owner',
  expires: 'restore-desk-expires',
} as const;

export interface ServerLocator {
  locate(server: ServerFacts): Promise<ServerAddress>;
}

/** The stored promise to order one server: exists before anything is sent, at most one per approval and attempt. */
export interface Intent {
  readonly requestId: string;
  readonly revision: number;
  readonly attempt: number;
  readonly nonce: string;
  readonly targetId: string;
  readonly moment: Instant;
  readonly createdAt: Instant;
  /** Counts sendings that Azure may have accepted: 0 means that nothing is on its way. */
  readonly sendings: number;
  readonly lastSentAt?: Instant;
  readonly operation?: OperationUrl;
  readonly acceptedAt?: Instant;
  /** GUID of the restore job in a vault, once it is known. */
  readonly jobId?: string;
  /** First of the unbroken run of look-ups that found the name free and the server absent. */
  readonly absentSince?: Instant;
  /** After an unclear sending the name was seen taken: Azure had accepted something, so nothing is ever sent again. */
  readonly nameSeenTaken: boolean;
  /** When the server was first seen Ready while its operation still ran. */
  readonly readySeenAt?: Instant;
  /** When Azure was last asked to take the server away again. */
  readonly removalSentAt?: Instant;
}

export interface JournalEntry {
  readonly requestId: string | null;
  /** `approved-by`, `checked`, `order-sent`, ... */
  readonly kind: string;
  readonly actor: Person | 'restore-desk';
  readonly at: Instant;
  /** Facts of the change; never a secret. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Work to be done later, by any replica. The same kind and key waits at most once. */
export type Job =
  | { readonly kind: 'advance'; readonly requestId: string }
  /** Looks what the clock of a request has brought. */
  | { readonly kind: 'clock'; readonly requestId: string }
  | { readonly kind: 'check-draft'; readonly draftId: string }
  | { readonly kind: 'deliver'; readonly slot: string }
  /** Gives a copy what it lacks of one kind, once somebody has asked for it. */
  | { readonly kind: 'apply'; readonly requestId: string; readonly group: ApplicableKind };

export interface DueJob {
  readonly job: Job;
  /** Absent for now. */
  readonly startAt?: Instant;
}

/** Where a message goes. */
export type Destination =
  | { readonly kind: 'thread'; readonly thread: ThreadKey }
  /** A post of its own in the approvals channel. */
  | { readonly kind: 'approvals' }
  /** An answer to another message of ours, once that is there. */
  | { readonly kind: 'beside'; readonly slot: string }
  /** A chat with one person. */
  | { readonly kind: 'person'; readonly person: Person };

/** What the messenger is given: what was beside a message has become its thread. */
export type Reachable = Exclude<Destination, { readonly kind: 'beside' }>;

/**
 * A message that has to reach people. One slot is one message in chat: posted when the slot is new, edited in place when
 * it holds a newer version.
 */
export interface OutboxMessage {
  readonly slot: string;
  readonly requestId: string | null;
  readonly destination: Destination;
  readonly message: Message;
  /** Edits that may be coalesced and kept apart by some seconds; the last one always goes out. */
  readonly pace: 'at-once' | 'coalesce';
}

/** Everything that belongs to one change, written in one transaction. */
export interface Changes {
  /** Written when the work is done, whenever it is called. */
  journal(entry: JournalEntry): Promise<void>;
  post(message: OutboxMessage): Promise<void>;
  enqueue(job: Job, startAt?: Instant): Promise<void>;
  /** Many at once; where one of the same kind and key waits already, it stays as it is. */
  enqueueAll(jobs: readonly DueJob[]): Promise<void>;
  /** False when somebody changed the request since it was read; nothing is written then. */
  saveRequest(request: RestoreRequest, readVersion: number): Promise<boolean>;
  addRequest(build: (id: string) => RestoreRequest): Promise<RestoreRequest>;
  /** False when somebody changed the draft since it was read. */
  saveDraft(draft: Draft, readVersion: number): Promise<boolean>;
  addDraft(draft: Draft): Promise<void>;
  addIntent(intent: Intent): Promise<void>;
  /** Names the job that carries an intent out; false when it is the job of another intent. */
  noteJob(intent: Intent, jobId: string): Promise<boolean>;
  /** True the first time this activity is seen; false for a repeated delivery. */
  isFirstDelivery(activityKey: string): Promise<boolean>;
}

export interface PastDuration {
  readonly mode: RestoreMode;
  readonly millis: number;
}

export interface Inventory {
  readonly servers: readonly KnownServer[];
  /** As they were last seen, by id in lower case. */
  readonly gone: ReadonlyMap<string, ServerFacts>;
  /** When the subscription that was read longest ago was read; absent while one was never read. */
  readonly readAt?: Instant;
}

export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

export interface Store {
  /** Runs the work in one transaction; everything or nothing. The work may be run again after a conflict. */
  change<T>(work: (changes: Changes) => Promise<T>): Promise<T>;
  request(id: string): Promise<Versioned<RestoreRequest> | undefined>;
  draft(id: string): Promise<Versioned<Draft> | undefined>;
  /** What the journal tells of a request, in order. */
  history(requestId: string): Promise<readonly JournalEntry[]>;
  /** Open requests first, then the newest ended ones. */
  requests(limit: number): Promise<readonly RestoreRequest[]>;
  openRequestForTarget(targetName: string): Promise<string | undefined>;
  /** How often one person, under any of these accounts, started something without approval, and what they still owe. */
  brokenGlass(
    accounts: readonly string[],
    since: Instant,
  ): Promise<{ readonly times: number; readonly owed?: string }>;
  intent(requestId: string, revision: number, attempt: number): Promise<Intent | undefined>;
  /**
   * Counts a sending; false, and nothing may be sent then, when another worker counted one since the intent was read or the
   * request is not ordering with this intent any more. `entry` goes into the journal with it, here and below.
   */
  noteSending(intent: Intent, at: Instant, entry: JournalEntry): Promise<boolean>;
  /** These write single facts of an intent as they become known; they never conflict with a move of the request. */
  noteReadySeen(intent: Intent, at: Instant): Promise<void>;
  noteRemovalSent(intent: Intent, at: Instant, entry: JournalEntry): Promise<void>;
  noteAccepted(
    intent: Intent,
    operation: OperationUrl | undefined,
    at: Instant,
    entry: JournalEntry,
  ): Promise<void>;
  /** The last sending was answered with a clear no. */
  noteTurnedAway(intent: Intent, entry: JournalEntry): Promise<void>;
  noteNameTaken(intent: Intent): Promise<void>;
  noteAbsent(intent: Intent, since: Instant | null): Promise<void>;
  /** Durations from start to usable of past restores, newest first. */
  pastDurations(limit: number): Promise<readonly PastDuration[]>;
  /** Servers as they were last seen, the gone ones left out. */
  knownServers(): Promise<Inventory>;
  /** Replaces what is known of one subscription's servers. Servers that stand in neither list are gone, and are kept for 30 days as deleted ones. */
  saveKnownServers(
    subscriptionId: string,
    seen: readonly ServerFacts[],
    unreachable: readonly string[],
    at: Instant,
  ): Promise<void>;
  /**
   * Holds the one right to work on something, across replicas, until `work` ends; undefined when somebody else holds it.
   * `lost` is aborted when the right is lost before that, with the connection to the state database.
   */
  exclusively<T>(
    name: string,
    work: (lost: AbortSignal) => Promise<T>,
  ): Promise<{ readonly done: T } | undefined>;
}

export interface Messenger {
  /** Posts a message, or edits the one given. Returns the id by which it can be edited. */
  send(destination: Reachable, message: Message, edit: MessageRef | undefined): Promise<MessageRef>;
}

/** Where a message was posted; opaque to everybody but the messenger. */
export interface MessageRef {
  readonly conversation: string;
  readonly messageId: string;
}
