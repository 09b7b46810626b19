/** What the bot posts, edits and deletes: from an activity on the wire to a message in a conversation. */
import { bot } from '../identities';
import type { Conversation } from './conversations';
import { isObject, listIn, textIn, type JsonObject } from './json';
import type { Message, MessageStore } from './messages';
import { ConnectorRefusal } from './refusal';

/** Card and text together, counted as UTF-16; what Teams documents as about 100 KB. */
const MESSAGE_LIMIT_UTF16_BYTES = 100 * 1024;

const ADAPTIVE_CARD = 'application/vnd.microsoft.card.adaptive';

interface BotContent {
  readonly text: string;
  readonly textFormat: string;
  readonly entities: readonly unknown[];
  readonly card: JsonObject | null;
}

export interface Place {
  readonly conversation: Conversation;
  readonly rootId: string | undefined;
  readonly replyToId: string | undefined;
}

export function postBotMessage(store: MessageStore, place: Place, activity: JsonObject): Message {
  const content = readContent(activity);
  return store.add({
    ...content,
    conversation: place.conversation.id,
    rootId: place.conversation.kind === 'channel' ? place.rootId : undefined,
    replyToId: place.replyToId ?? null,
    from: { id: bot.teamsId, name: bot.name, kind: 'bot' },
    delivery: 'not-for-bot',
    activity: null,
  });
}

export function editBotMessage(store: MessageStore, message: Message, activity: JsonObject): void {
  const content = readContent(activity);
  store.change(message.id, {
    ...content,
    editedAt: new Date().toISOString(),
    revision: message.revision + 1,
    personalCards: {},
  });
}

export function deleteBotMessage(store: MessageStore, message: Message): void {
  store.change(message.id, { deletedAt: new Date().toISOString(), personalCards: {}, text: '', card: null });
}

function readContent(activity: JsonObject): BotContent {
  const attachments = listIn(activity['attachments']).filter(isObject);
  const text = textIn(activity['text']) ?? '';
  if (!text && attachments.length === 0) {
    throw new ConnectorRefusal(400, 'BadSyntax', 'A message needs text or an attachment.');
  }
  // A JavaScript string counts UTF-16 units, of two bytes each.
  const size = 2 * (text.length + (attachments.length ? JSON.stringify(attachments).length : 0));
  if (size > MESSAGE_LIMIT_UTF16_BYTES) {
    throw new ConnectorRefusal(
      413,
      'MessageSizeTooBig',
      `The message has ${size} bytes, more than ${MESSAGE_LIMIT_UTF16_BYTES}.`,
    );
  }
  const card = attachments.find(({ contentType }) => contentType === ADAPTIVE_CARD)?.['content'];
  return {
    text,
    textFormat: textIn(activity['textFormat']) ?? 'markdown',
    entities: listIn(activity['entities']),
    card: isObject(card) ? card : null,
  };
}
