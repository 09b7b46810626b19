/**
 * Hands what the outbox holds to the messenger. One message at a time has one sender, edits of it follow each other, and
 * an edit that comes too soon waits: Teams limits how often a bot may write into a conversation.
 */
import { canonicalJson } from './restore/canonical-json';
import { messageWords } from './restore/evidence-words';
import { millisBetween, plusSeconds } from './restore/instant';
import type { Digest } from './restore/digest';
import { DeskError } from './restore/errors';
import type { Message } from './restore/messages';
import type {
  Clock,
  FaultPoint,
  JournalEntry,
  MessageRef,
  Messenger,
  Reachable,
  Store,
} from './restore/ports';
import type { Outbox, OutboxSlot } from './store/outbox';
import type { Log } from './deps';

/** Least seconds between two edits of one message that may be coalesced. */
const editPauseSeconds = 3;

export interface Notifier {
  deliver(slot: string): Promise<void>;
}

interface NotifierDeps {
  readonly digest: Digest;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly messenger: Messenger;
  readonly clock: Clock;
  readonly faultPoint: FaultPoint;
  readonly log: Log;
}

function waitsUntil(slot: OutboxSlot, now: string): string | undefined {
  if (slot.pace === 'at-once' || slot.lastSentAt === undefined) return undefined;
  const due = plusSeconds(slot.lastSentAt, editPauseSeconds);
  return millisBetween(now, due) > 0 ? due : undefined;
}

/** What the journal keeps of a message: where it stands, what it says in short, and the hash of all that it says. */
function messageSent(
  { digest, clock }: NotifierDeps,
  { slot, requestId, wanted }: OutboxSlot,
  message: Message,
  ref: MessageRef,
  edited: MessageRef | undefined,
): JournalEntry {
  // A message that could not be edited any more is posted anew.
  const isEdit = edited?.messageId === ref.messageId;
  return {
    ...{ requestId, kind: isEdit ? 'message-edited' : 'message-posted' },
    ...{ actor: 'restore-desk', at: clock.now() },
    body: {
      ...{ slot, version: wanted, says: message.kind, words: messageWords(message) },
      ...{ conversation: ref.conversation, messageId: ref.messageId },
      contentHash: digest(canonicalJson(message)),
    },
  };
}

/** Where a message goes; undefined while the one that it belongs beside is not posted yet. */
async function reachable(deps: NotifierDeps, { destination }: OutboxSlot): Promise<Reachable | undefined> {
  if (destination.kind !== 'beside') return destination;
  const other = await deps.outbox.read(destination.slot);
  return other?.ref && { kind: 'thread', thread: other.ref.conversation };
}

/** Copies of a message that were posted without our knowing get the newest version too, as far as they still exist. */
async function sendCopies(
  deps: NotifierDeps,
  slot: OutboxSlot,
  to: Reachable,
  own: MessageRef,
): Promise<void> {
  for (const copy of slot.copies) {
    // One that was pressed before its own post was written down is no second one.
    if (copy.messageId === own.messageId) continue;
    const sent: MessageRef | undefined = await deps.messenger
      .send(to, slot.message, copy)
      .catch((error: unknown) => {
        deps.log.warn({ slot: slot.slot, error }, 'a second copy of a message could not be edited');
        return undefined;
      });
    if (sent !== undefined && sent.messageId !== copy.messageId)
      await deps.outbox.forgetCopy(slot.slot, copy);
    if (sent?.messageId === copy.messageId)
      await deps.store.change((changes) =>
        changes.journal(messageSent(deps, slot, slot.message, sent, copy)),
      );
  }
}

/** A live card is edited into words that stay true, so that a post whose answer is lost leaves nothing stale behind. */
async function open(deps: NotifierDeps, slot: OutboxSlot, to: Reachable): Promise<MessageRef | undefined> {
  if (slot.message.kind !== 'progress') return undefined;
  const words: Message = { kind: 'notice', version: 1, ...slot.message.opening };
  const ref = await deps.messenger.send(to, words, undefined);
  await deps.outbox.noteSent(slot.slot, 0, ref, messageSent(deps, slot, words, ref, undefined));
  return ref;
}

/** Somebody who has no chat with the bot is told in the channel only: nothing waits for them. */
const cannotReach =
  (deps: NotifierDeps, slot: string) =>
  (error: unknown): undefined => {
    if (!(error instanceof DeskError) || error.problem.code !== 'PERSON_UNREACHABLE') throw error;
    deps.log.warn({ slot, because: error.problem.sentence }, 'somebody has no chat with the bot');
    return undefined;
  };

export function createNotifier(deps: NotifierDeps): Notifier {
  const lookAgain = (slot: string, at: string): Promise<void> =>
    deps.store.change((changes) => changes.enqueue({ kind: 'deliver', slot }, at));
  const sendNewest = async (name: string): Promise<void> => {
    const slot = await deps.outbox.read(name);
    if (!slot || slot.sent >= slot.wanted) return;
    const later = waitsUntil(slot, deps.clock.now());
    if (later !== undefined) return lookAgain(name, later);
    const to = await reachable(deps, slot);
    if (!to) return lookAgain(name, plusSeconds(deps.clock.now(), 1));
    const posted = slot.ref ?? (await open(deps, slot, to));
    const ref = await deps.messenger.send(to, slot.message, posted).catch(cannotReach(deps, name));
    if (!ref) return deps.outbox.giveUp(name, slot.wanted);
    deps.faultPoint('message-sent');
    await deps.outbox.noteSent(
      ...([name, slot.wanted, ref, messageSent(deps, slot, slot.message, ref, posted)] as const),
    );
    await sendCopies(deps, slot, to, ref);
  };
  return {
    deliver: async (name) => {
      const held = await deps.store.exclusively(`slot/${name}`, () => sendNewest(name));
      // Somebody else is sending an older version: look again when they are done.
      if (!held)
        await deps.store.change((changes) =>
          changes.enqueue({ kind: 'deliver', slot: name }, plusSeconds(deps.clock.now(), 1)),
        );
    },
  };
}
