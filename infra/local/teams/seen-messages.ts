/** Messages as one person reads them. */
import type { Persona } from '../identities';
import type { JsonObject } from './json';
import { mentionedNames, readableText } from './mention-markup';
import type { Message, MessageAuthor } from './messages';
import { cardSeenBy } from './refresh-rules';

export interface SeenMessage {
  readonly id: string;
  readonly rootId: string;
  readonly replyToId: string | null;
  readonly from: MessageAuthor;
  /** What a person reads: mentions as plain names. */
  readonly text: string;
  readonly textFormat: string;
  /** The names in the text that are mentions. */
  readonly mentions: readonly string[];
  readonly card: JsonObject | null;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  /** Only for what the person said themselves. */
  readonly delivery?: string;
}

export function seenBy(person: Persona, message: Message): SeenMessage {
  const isGone = message.deletedAt !== null;
  return {
    id: message.id,
    rootId: message.rootId,
    replyToId: message.replyToId,
    from: message.from,
    text: isGone ? '' : readableText(message.text, message.textFormat),
    textFormat: message.textFormat,
    mentions: isGone ? [] : mentionedNames(message.entities),
    card: cardSeenBy(person, message),
    createdAt: message.createdAt,
    editedAt: message.editedAt,
    deletedAt: message.deletedAt,
    ...(message.from.id === person.teamsId && message.delivery !== 'not-for-bot'
      ? { delivery: message.delivery }
      : {}),
  };
}

/**
 * Whether something about the message is news since then. `since` is either the id of the last message that was seen
 * (news are the ones after it) or a time (news are from that moment on).
 */
export function isNewsSince(since: string, person: Persona, message: Message): boolean {
  const isMessageId = /^\d+$/.test(since);
  const sinceMilliseconds = isMessageId ? Number(since) + 1 : Date.parse(since);
  const moments = [
    message.createdAt,
    message.editedAt,
    message.deletedAt,
    message.personalCards[person.persona]?.at,
  ];
  return moments.some((moment) => typeof moment === 'string' && Date.parse(moment) >= sinceMilliseconds);
}
