/**
 * User-specific views. A card with `refresh` asks the bot for the card of one person: when that person opens the chat,
 * when the message is edited while they have it open, and when the last ask is a minute (divided by the time scale) old.
 * The answer is kept for that person only and dropped when the bot edits the message.
 */
import { randomUUID } from 'node:crypto';
import type { Persona } from '../identities';
import { invokeActivity } from './activities';
import type { BotEndpoint } from './bot-endpoint';
import type { FoundAction } from './card-actions';
import { conversations, type Conversation } from './conversations';
import { cardIn, readActionAnswer, type ActionAnswer } from './invoke-answer';
import { textIn, type JsonObject } from './json';
import type { Message, MessageStore } from './messages';
import { automaticRefresh, isRefreshDue, type LastAsk } from './refresh-rules';

/** So many cards are on the screen when a chat is opened; older ones are asked for anew only after an edit. */
const CARDS_ON_SCREEN = 25;
/** An edit while the bot answers makes the answer stale; a bot that edits in every refresh is stopped here. */
const ATTEMPTS_PER_REFRESH = 3;

export interface PersonalCards {
  /** The person opens the chat: all due refreshes are finished when this resolves. */
  open(conversation: Conversation, person: Persona): Promise<void>;
  /** Refreshes this one message if it was edited, or never refreshed, since this person last saw it. */
  catchUp(messageId: string, person: Persona): Promise<void>;
  /** Sends a pressed Action.Execute; an answered card replaces the card for this person. */
  execute(message: Message, person: Persona, pressed: FoundAction, data: unknown): Promise<ActionAnswer>;
}

export interface PersonalCardsOptions {
  readonly store: MessageStore;
  readonly endpoint: BotEndpoint;
  readonly serviceUrl: () => string;
  readonly throttleMilliseconds: number;
}

interface Desk extends PersonalCardsOptions {
  /** By message and person. */
  readonly lastAsks: Map<string, LastAsk>;
  readonly running: Map<string, Promise<void>>;
}

export function createPersonalCards(options: PersonalCardsOptions): PersonalCards {
  const desk: Desk = { ...options, lastAsks: new Map(), running: new Map() };
  return {
    open: (conversation, person) => openChat(desk, conversation, person),
    catchUp: async (messageId, person) => {
      const message = desk.store.find(messageId);
      if (message) await refreshOnce(desk, message, person, false);
    },
    execute: async (message, person, pressed, data) => {
      const answer = await ask(desk, message, person, {
        action: sentAction(pressed.action, data),
        trigger: 'manual',
      });
      const card = cardIn(answer);
      if (card) keep(desk, message.id, person, card);
      return answer;
    },
  };
}

const keyOf = (messageId: string, person: Persona): string => `${messageId} ${person.persona}`;

async function openChat(desk: Desk, conversation: Conversation, person: Persona): Promise<void> {
  const withRefresh = desk.store
    .of(conversation.id)
    .filter((message) => !message.deletedAt && message.card?.['refresh'] !== undefined);
  const onScreen = new Set(withRefresh.slice(-CARDS_ON_SCREEN));
  await Promise.all(withRefresh.map((message) => refreshOnce(desk, message, person, onScreen.has(message))));
}

/** Two windows of one person, or a view during an edit, share one ask. */
async function refreshOnce(desk: Desk, message: Message, person: Persona, mayRepeat: boolean): Promise<void> {
  const key = keyOf(message.id, person);
  await desk.running.get(key);
  const startedMeanwhile = desk.running.get(key);
  if (startedMeanwhile) return startedMeanwhile;
  const mine = refresh(desk, message.id, person, mayRepeat).finally(() => desk.running.delete(key));
  desk.running.set(key, mine);
  return mine;
}

async function refresh(desk: Desk, messageId: string, person: Persona, mayRepeat: boolean): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_PER_REFRESH; attempt++) {
    const message = desk.store.find(messageId);
    const action = message && automaticRefresh(person, message);
    const check = {
      lastAsk: desk.lastAsks.get(keyOf(messageId, person)),
      mayRepeat: mayRepeat && attempt === 0,
      throttleMilliseconds: desk.throttleMilliseconds,
      now: Date.now(),
    };
    if (!action || !isRefreshDue(person, message, check)) return;
    const invoke = { action: sentAction(action, action['data'] ?? {}), trigger: 'automatic' };
    const card = cardIn(await ask(desk, message, person, invoke));
    if (card && desk.store.find(messageId)?.revision === message.revision)
      keep(desk, messageId, person, card);
  }
}

async function ask(desk: Desk, message: Message, person: Persona, value: JsonObject): Promise<ActionAnswer> {
  const conversation = conversations.find(({ id }) => id === message.conversation);
  if (!conversation) throw new Error(`Message ${message.id} is in no known conversation.`);
  desk.lastAsks.set(keyOf(message.id, person), { revision: message.revision, at: Date.now() });
  const scene = {
    ...{ person, conversation, rootId: message.rootId },
    serviceUrl: desk.serviceUrl(),
    at: new Date(),
  };
  const invoke = { id: `f:${randomUUID()}`, name: 'adaptiveCard/action', value, replyToId: message.id };
  return readActionAnswer(await desk.endpoint.post(invokeActivity(scene, invoke)));
}

function keep(desk: Desk, messageId: string, person: Persona, card: JsonObject): void {
  const message = desk.store.find(messageId);
  if (!message || message.deletedAt) return;
  const kept = { card, at: new Date().toISOString() };
  desk.store.change(messageId, { personalCards: { ...message.personalCards, [person.persona]: kept } });
}

/** The action as the invoke carries it. */
function sentAction(action: JsonObject, data: unknown): JsonObject {
  const id = textIn(action['id']);
  return {
    type: 'Action.Execute',
    ...(id === undefined ? {} : { id }),
    title: textIn(action['title']) ?? '',
    verb: textIn(action['verb']) ?? '',
    data,
  };
}
