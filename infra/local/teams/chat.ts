/** What a person does in Teams: say, press a button, look something up while typing. */
import { randomUUID } from 'node:crypto';
import type { Persona } from '../identities';
import { envelope, invokeActivity, messageActivity, submitActivity, type Scene } from './activities';
import type { BotAnswer, BotEndpoint } from './bot-endpoint';
import { buttonTitles, currentInputs, findAction, findInput, gatheredData, inputIds } from './card-actions';
import type { Conversation } from './conversations';
import { readActionAnswer, type ActionAnswer } from './invoke-answer';
import { isObject, listIn, objectIn, textIn, type JsonObject } from './json';
import { markMentions, mentionsBot } from './mention-markup';
import type { Message, MessageStore } from './messages';
import type { PersonalCards } from './personal-cards';
import { cardSeenBy } from './refresh-rules';
import { Refusal } from './refusal';

/** Long enough for the bot to be restarted by its supervisor. */
const MESSAGE_PATIENCE_MILLISECONDS = 10_000;
/** Teams shows no more than so many results under a typeahead input. */
const SEARCH_RESULT_LIMIT = 15;

export interface ChatParts {
  readonly store: MessageStore;
  readonly endpoint: BotEndpoint;
  readonly personalCards: PersonalCards;
  readonly serviceUrl: () => string;
  readonly messagePatienceMilliseconds?: number;
}

export interface Said {
  readonly messageId: string;
  readonly delivery: string;
}

export interface Press {
  readonly title?: string | undefined;
  readonly verb?: string | undefined;
  readonly inputs?: JsonObject | undefined;
  readonly data?: unknown;
}

export interface Look {
  readonly inputId: string;
  readonly query: string;
  readonly inputs?: JsonObject | undefined;
}

export interface Chat {
  say(person: Persona, conversation: Conversation, text: string, replyTo?: string): Promise<Said>;
  press(person: Persona, conversation: Conversation, messageId: string, press: Press): Promise<ActionAnswer>;
  search(
    person: Persona,
    conversation: Conversation,
    messageId: string,
    look: Look,
  ): Promise<{ title: string; value: string }[]>;
  invoke(person: Persona, conversation: Conversation, activity: JsonObject): Promise<BotAnswer>;
  deliverAgain(messageId: string): Promise<BotAnswer>;
}

export function createChat(parts: ChatParts): Chat {
  return {
    say: (person, conversation, text, replyTo) => say(parts, person, conversation, { text, replyTo }),
    press: (person, conversation, messageId, wanted) => press(parts, person, conversation, messageId, wanted),
    search: (person, conversation, messageId, look) => search(parts, person, conversation, messageId, look),
    invoke: (person, conversation, activity) => {
      const base = envelope(sceneOf(parts, person, conversation, undefined));
      return parts.endpoint.post({ ...base, type: 'invoke', id: `f:${randomUUID()}`, ...activity });
    },
    deliverAgain: (messageId) => deliverAgain(parts, messageId),
  };
}

function sceneOf(
  parts: ChatParts,
  person: Persona,
  conversation: Conversation,
  rootId: string | undefined,
): Scene {
  return { person, conversation, rootId, serviceUrl: parts.serviceUrl(), at: new Date() };
}

function messageIn(store: MessageStore, conversation: Conversation, messageId: string): Message {
  const message = store.find(messageId);
  if (message?.conversation === conversation.id && !message.deletedAt) return message;
  throw new Refusal(404, `There is no message "${messageId}" in "${conversation.id}".`);
}

async function say(
  parts: ChatParts,
  person: Persona,
  conversation: Conversation,
  words: { text: string; replyTo: string | undefined },
): Promise<Said> {
  const { store } = parts;
  const repliedTo = words.replyTo === undefined ? undefined : messageIn(store, conversation, words.replyTo);
  const { text, mentions } = markMentions(words.text);
  const isForBot =
    store.installationOf(conversation.id) !== 'removed' &&
    (conversation.kind === 'personal' || mentionsBot(mentions));
  const id = store.nextId();
  const rootId = conversation.kind === 'channel' ? (repliedTo?.rootId ?? id) : id;
  const scene = sceneOf(parts, person, conversation, rootId);
  const activity = messageActivity(scene, { id, text, mentions, replyToId: repliedTo?.id });
  store.add({
    id,
    rootId,
    conversation: conversation.id,
    replyToId: repliedTo?.id ?? null,
    from: { id: person.teamsId, name: person.name, kind: 'user' },
    text,
    textFormat: 'plain',
    entities: mentions,
    card: null,
    delivery: isForBot ? 'delivering' : 'not-for-bot',
    activity: isForBot ? activity : null,
  });
  if (!isForBot) return { messageId: id, delivery: 'not-for-bot' };
  const patience = parts.messagePatienceMilliseconds ?? MESSAGE_PATIENCE_MILLISECONDS;
  const answer = await parts.endpoint.postPatiently(activity, patience);
  const delivery = isTaken(answer) ? 'delivered' : 'not-delivered';
  store.change(id, { delivery });
  return { messageId: id, delivery };
}

async function deliverAgain({ store, endpoint }: ChatParts, messageId: string): Promise<BotAnswer> {
  const message = store.find(messageId);
  if (!message?.activity) throw new Refusal(404, `The bot was never sent a message "${messageId}".`);
  const answer = await endpoint.post(message.activity);
  if (message.delivery !== 'delivered' && isTaken(answer)) store.change(messageId, { delivery: 'delivered' });
  return answer;
}

function isTaken(answer: BotAnswer): boolean {
  return answer.kind === 'answered' && answer.status < 400;
}

async function press(
  parts: ChatParts,
  person: Persona,
  conversation: Conversation,
  messageId: string,
  wanted: Press,
): Promise<ActionAnswer> {
  const card = await cardOnScreen(parts, person, conversation, messageId);
  const message = messageIn(parts.store, conversation, messageId);
  const pressed = card && findAction(card, wanted);
  if (!pressed) {
    const name = wanted.title ?? wanted.verb ?? '';
    const reason = card
      ? `${person.name} sees no button "${name}" on this card.`
      : `Message "${messageId}" has no card.`;
    throw new Refusal(404, reason, { available: card ? buttonTitles(card) : [] });
  }
  const data = gatheredData(pressed, wanted.inputs ?? {}, wanted.data);
  switch (pressed.action['type']) {
    case 'Action.Execute':
      return parts.personalCards.execute(message, person, pressed, data);
    case 'Action.Submit': {
      const scene = sceneOf(parts, person, conversation, message.rootId);
      const activity = submitActivity(scene, parts.store.nextId(), message.id, data);
      return submitAnswer(await parts.endpoint.postPatiently(activity, MESSAGE_PATIENCE_MILLISECONDS));
    }
    case 'Action.OpenUrl':
      return { status: 200, type: 'openUrl', value: { url: pressed.action['url'] } };
    default:
      // A fold or a card inside the card opens on the screen of the person; nothing is sent.
      return { status: 200, type: String(pressed.action['type']), value: null };
  }
}

function submitAnswer(answer: BotAnswer): ActionAnswer {
  if (answer.kind !== 'answered' || !isTaken(answer)) return readActionAnswer(answer);
  return { status: answer.status, type: 'submitted', value: null };
}

async function cardOnScreen(
  parts: ChatParts,
  person: Persona,
  conversation: Conversation,
  messageId: string,
): Promise<JsonObject | null> {
  messageIn(parts.store, conversation, messageId);
  await parts.personalCards.catchUp(messageId, person);
  return cardSeenBy(person, messageIn(parts.store, conversation, messageId));
}

async function search(
  parts: ChatParts,
  person: Persona,
  conversation: Conversation,
  messageId: string,
  look: Look,
): Promise<{ title: string; value: string }[]> {
  const card = await cardOnScreen(parts, person, conversation, messageId);
  const input = card ? findInput(card, look.inputId) : undefined;
  if (!card || !input) {
    throw new Refusal(404, `There is no input "${look.inputId}" on this card.`, {
      available: card ? inputIds(card) : [],
    });
  }
  const source = objectIn(input['choices.data']);
  if (source['type'] !== 'Data.Query') return matching(readResults(input['choices']), look.query);
  const value = {
    queryText: look.query,
    dataset: textIn(source['dataset']) ?? '',
    queryOptions: {
      skip: 0,
      top: Math.min(Number(source['count'] ?? SEARCH_RESULT_LIMIT), SEARCH_RESULT_LIMIT),
    },
    ...(source['associatedInputs'] === 'auto' ? { data: currentInputs(card, look.inputs) } : {}),
  };
  const message = messageIn(parts.store, conversation, messageId);
  const scene = sceneOf(parts, person, conversation, message.rootId);
  const invoke = { id: `f:${randomUUID()}`, name: 'application/search', value, replyToId: messageId };
  const answer = await parts.endpoint.post(invokeActivity(scene, invoke));
  if (answer.kind !== 'answered' || answer.status >= 400) {
    const failure = readActionAnswer(answer);
    throw new Refusal(
      502,
      textIn(objectIn(failure.value)['message']) ?? 'The app did not answer the search.',
    );
  }
  return readResults(objectIn(objectIn(answer.body)['value'])['results']).slice(0, SEARCH_RESULT_LIMIT);
}

function readResults(results: unknown): { title: string; value: string }[] {
  return listIn(results)
    .filter(isObject)
    .map((result) => ({ title: String(result['title']), value: String(result['value']) }));
}

function matching(choices: { title: string; value: string }[], query: string) {
  const wanted = query.toLowerCase();
  return choices.filter(({ title }) => title.toLowerCase().includes(wanted)).slice(0, SEARCH_RESULT_LIMIT);
}
