/** Who is in a conversation, in the words of the Connector. */
import { personas, team, tenantId, type Persona } from '../identities';
import { resolveWireId } from './conversations';
import type { JsonObject } from './json';
import { ConnectorRefusal } from './refusal';

/** The id of a team stands for all its members, as it does in Teams. */
export function membersOf(wireId: string): readonly Persona[] {
  if (wireId === team.id) return personas;
  const address = resolveWireId(wireId);
  if (address) return address.conversation.members;
  throw new ConnectorRefusal(
    403,
    'BotNotInConversationRoster',
    'The bot is not part of the conversation roster.',
  );
}

export function findMember(wireId: string, memberId: string): Persona {
  const member = membersOf(wireId).find(
    ({ teamsId, aadObjectId }) => teamsId === memberId || aadObjectId === memberId.toLowerCase(),
  );
  if (member) return member;
  throw new ConnectorRefusal(404, 'MemberNotFoundInConversation', 'Member not found in conversation.');
}

export function memberAccount(person: Persona): JsonObject {
  const [givenName = person.name, ...rest] = person.name.replace(/ \(Guest\)$/, '').split(' ');
  const isGuest = person.persona === 'guest';
  return {
    id: person.teamsId,
    name: person.name,
    objectId: person.aadObjectId,
    aadObjectId: person.aadObjectId,
    givenName,
    surname: rest.join(' '),
    email: person.userPrincipalName,
    userPrincipalName: person.userPrincipalName,
    tenantId,
    userRole: isGuest ? 'guest' : 'user',
  };
}

const SMALLEST_PAGE = 50;
const LARGEST_PAGE = 500;

/** A page of members; the token is the place to go on. */
export function memberPage(wireId: string, pageSize: unknown, token: unknown): JsonObject {
  const size = Math.min(LARGEST_PAGE, Math.max(SMALLEST_PAGE, Number(pageSize ?? SMALLEST_PAGE) || 0));
  const start = Number(token ?? 0) || 0;
  const members = membersOf(wireId);
  const next = start + size;
  return {
    members: members.slice(start, next).map(memberAccount),
    ...(next < members.length ? { continuationToken: String(next) } : {}),
  };
}
