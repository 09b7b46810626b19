/** From a domain message to what a conversation gets: text with mentions, and a card for one kind of viewer. */
import type { Circle, Mention } from './circle';
import { answerCard } from './answer';
import { cancelCard } from './cancel';
import { deliveryCard } from './delivery';
import { failureCard } from './failure';
import { formCard } from './form';
import { inertXml, oneLine } from './escape';
import { loadedCard } from './loaded';
import { mention, mentionAll } from './mention';
import { outcomeCard } from './outcome';
import { progressCard } from './progress';
import { nextAsked } from './signatures';
import { requestCard, requestSummary } from './request';
import type {
  CancelMessage,
  Message,
  NoticeMessage,
  RequestMessage,
  Viewer,
} from '../services/restore/messages';
import type { Person } from '../services/restore/person';

export interface Rendered {
  /** XML text of the message; empty where the card says it all. */
  readonly text: string;
  readonly mentions: readonly Mention[];
  readonly card?: object;
  /** One plain line for notifications. */
  readonly summary: string;
}

/** A placeholder counts where it stands first: the same signs inside somebody's words stay as they were typed. */
const fillIn = (text: string, names: readonly string[]): string =>
  names.reduce((said, name, index) => said.replace(`{${index}}`, () => name), text);

function notice(message: NoticeMessage, circle: Circle): Rendered {
  const people = message.mentions.map((person) => mention(person, circle));
  return {
    text: fillIn(
      inertXml(message.text),
      people.map(({ text }) => text),
    ),
    mentions: people.flatMap(({ mentions }) => mentions),
    summary: oneLine(
      fillIn(
        message.text,
        message.mentions.map(({ name }) => name),
      ),
      summaryLimit,
    ),
  };
}

/** One line in a list of notifications. */
const summaryLimit = 300;

/** A card that somebody in particular waits for: they are named in the text around it. */
function calling(person: Person, circle: Circle, words: string, summary: string, card: object): Rendered {
  const called = mention(person, circle);
  return {
    text: `${called.text} ${inertXml(words)}`,
    mentions: called.mentions,
    summary: oneLine(summary, summaryLimit),
    card,
  };
}

function request(message: RequestMessage, viewer: Viewer, circle: Circle): Rendered {
  const summary = requestSummary(message);
  const asks = message.place === 'approval' && message.ending.kind === 'open';
  const called = asks ? mentionAll(nextAsked(message), circle) : { text: '', mentions: [] };
  const call = called.text === '' ? '' : `${called.text}: `;
  const text = message.place === 'receipt' ? '' : `${call}${inertXml(summary)}`;
  return {
    text,
    mentions: called.mentions,
    card: requestCard(message, viewer, circle),
    summary: oneLine(summary, summaryLimit),
  };
}

const silent = (card: object, summary: string): Rendered => ({
  text: '',
  mentions: [],
  card,
  summary: oneLine(summary, summaryLimit),
});

/** Stays above the card when its state has moved on, so it says the state too. */
function cancelWords({ key, target, state }: CancelMessage): string {
  switch (state.phase) {
    case 'open':
      return state.removes ? `Stop ${key.id} and delete ${target}?` : `Stop ${key.id}?`;
    case 'confirmed':
      return `${key.id} is being stopped: ${target}`;
    case 'over':
      return `${key.id}: ${state.outcome}`;
  }
}

export function renderMessage(message: Message, viewer: Viewer, circle: Circle): Rendered {
  switch (message.kind) {
    case 'form':
      return silent(formCard(message), 'Restore request form');
    case 'request':
      return request(message, viewer, circle);
    case 'progress':
      return {
        ...notice({ kind: 'notice', version: 1, ...message.opening }, circle),
        card: progressCard(message),
        summary: `${message.requestId} is ${message.status}`,
      };
    case 'outcome': {
      const words = `${message.requestId} is ${message.status}: ${message.target}`;
      return calling(message.requester, circle, words, words, outcomeCard(message));
    }
    case 'delivery': {
      const words = `${message.requestId} is ${message.status}: ${message.target}`;
      return calling(message.requester, circle, words, words, deliveryCard(message));
    }
    case 'loaded': {
      const words = `${message.key.id} is ${message.status}: ${message.target}`;
      return calling(message.requester, circle, words, words, loadedCard(message));
    }
    case 'cancel': {
      const words = cancelWords(message);
      return calling(message.askedBy, circle, words, words, cancelCard(message));
    }
    case 'failure': {
      const { id } = message.key;
      const summary = `${id} failed: ${message.failure.sentence}`;
      // The sentence stands in the card right below.
      return calling(
        message.requester,
        circle,
        `${id} failed: ${message.target}`,
        summary,
        failureCard(message),
      );
    }
    case 'answer':
      return silent(answerCard(message), message.title);
    case 'notice':
      return notice(message, circle);
  }
}
