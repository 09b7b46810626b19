/**
 * Hands what the outbox holds to the messenger. One message at a time has one sender, edits of it follow each other, and
 * an edit that comes too soon waits: Teams limits how often a bot may write into a conversation.
 */
import { millisBetween, plusSeconds } from './restore/instant';
import { DeskError } from './restore/errors';
import type { Clock, FaultPoint, MessageRef, Messenger, Reachable, Store } from './restore/ports';
import type { Outbox, OutboxSlot } from './store/outbox';
import type { Log } from './deps';

/** Least seconds between two edits of one message that may be coalesced. */
const editPauseSeconds = 3;

export interface Notifier {
  deliver(slot: string): Promise<void>;
}

interface NotifierDeps {
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
  }
}

/** A live card is edited into words that stay true, so that a post whose answer is lost leaves nothing stale behind. */
async function open(deps: NotifierDeps, slot: OutboxSlot, to: Reachable): Promise<MessageRef | undefined> {
  if (slot.message.kind !== 'progress') return undefined;
  const ref = await deps.messenger.send(
    to,
    { kind: 'notice', version: 1, ...slot.message.opening },
    undefined,
  );
  await deps.outbox.noteSent(slot.slot, 0, ref);
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
    await deps.outbox.noteSent(name, slot.wanted, ref);
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
