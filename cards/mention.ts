/** Mentions: text with `<at>` tags and the entities that make them work. People whose Teams id is unknown stay plain names. */
import { inert, oneLine } from './escape';
import type { Circle, Mention } from './circle';
import type { Person } from '../services/restore/person';

export interface Mentioned {
  readonly text: string;
  readonly mentions: readonly Mention[];
}

const nameLimit = 80;

/**
 * A name that means the same in XML and in markdown, since a mention has to be written alike in the text and in its
 * entity: it cannot close its tag, start a link or be read as formatting.
 */
const plainName = (person: Person): string =>
  oneLine(person.name.replace(/[<>&\\`*_{}[\]#|~!]/g, ''), nameLimit) || 'somebody';

function mentionWith(person: Person, circle: Circle, unknown: (name: string) => string): Mentioned {
  const id = circle.teamsId(person.aadObjectId);
  const name = plainName(person);
  if (id === undefined) return { text: unknown(name), mentions: [] };
  const text = `<at>${name}</at>`;
  return { text, mentions: [{ text, id, name }] };
}

/** For the text of a message. */
export const mention = (person: Person, circle: Circle): Mentioned =>
  mentionWith(person, circle, (name) => name);

/** For a card's text, which is markdown. */
export const cardMention = (person: Person, circle: Circle): Mentioned => mentionWith(person, circle, inert);

/** Several people in a row; a name and an id are declared once. More than `limit` of them are counted, not named. */
export function mentionAll(
  people: readonly Person[],
  circle: Circle,
  say: (person: Person, circle: Circle) => Mentioned = mention,
  limit = 20,
): Mentioned {
  const named = people.slice(0, limit).map((person) => say(person, circle));
  const rest = people.length > limit ? [`and ${people.length - limit} more`] : [];
  const unique = new Map(named.flatMap(({ mentions }) => mentions).map((entry) => [entry.id, entry]));
  return { text: [...named.map(({ text }) => text), ...rest].join(', '), mentions: [...unique.values()] };
}
