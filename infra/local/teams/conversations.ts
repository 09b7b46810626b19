/**
 * Every place where people and the bot talk. A conversation has a short name, which people and the persona API use,
 * and an id on the wire, shaped as Teams shapes it. A thread of a channel is the channel's id plus its root message.
 */
import { channels, groupChat, personas, type Persona } from '../identities';
import { Refusal } from './refusal';

export type ConversationKind = 'channel' | 'groupChat' | 'personal';

export interface Conversation {
  readonly id: string;
  readonly wireId: string;
  readonly name: string;
  readonly kind: ConversationKind;
  readonly members: readonly Persona[];
}

const THREAD_MARK = ';messageid=';

export const conversations: readonly Conversation[] = [
  ...channels.map(({ name, conversationId }) => ({
    id: name,
    wireId: conversationId,
    name,
    kind: 'channel' as const,
    members: personas,
  })),
  {
    id: groupChat.name,
    wireId: groupChat.conversationId,
    name: 'Database group',
    kind: 'groupChat',
    members: personas.filter(({ persona }) => (groupChat.members as readonly string[]).includes(persona)),
  },
  ...personas.map((person) => ({
    id: `personal:${person.persona}`,
    wireId: `a:1${person.persona}-${person.aadObjectId}`,
    name: 'Restore Desk',
    kind: 'personal' as const,
    members: [person],
  })),
];

export function findPersona(persona: string): Persona {
  const found = personas.find((person) => person.persona === persona);
  if (found) return found;
  const known = personas.map((person) => person.persona).join(', ');
  throw new Refusal(400, `There is no persona "${persona}". The personas are ${known}.`);
}

/** The conversation as this person may see it; a conversation they are not in is refused, not hidden. */
export function findConversation(id: string, person: Persona): Conversation {
  const found = conversations.find((conversation) => conversation.id === id);
  if (!found) {
    const known = conversations.filter((c) => c.members.includes(person)).map((c) => c.id);
    throw new Refusal(404, `There is no conversation "${id}". ${person.name} has ${known.join(', ')}.`);
  }
  if (!found.members.includes(person)) throw new Refusal(403, `${person.name} is not a member of "${id}".`);
  return found;
}

export interface WireAddress {
  readonly conversation: Conversation;
  /** Present when the id names one thread of a channel. */
  readonly rootId: string | undefined;
}

export function resolveWireId(wireId: string): WireAddress | undefined {
  const [base = '', rootId] = wireId.split(THREAD_MARK);
  const conversation = conversations.find((candidate) => candidate.wireId === base);
  if (!conversation) return undefined;
  return { conversation, rootId: conversation.kind === 'channel' ? rootId : undefined };
}

/** The id an activity carries: in channels always that of the thread. */
export function wireIdOf(conversation: Conversation, rootId: string | undefined): string {
  return conversation.kind === 'channel' && rootId
    ? `${conversation.wireId}${THREAD_MARK}${rootId}`
    : conversation.wireId;
}
