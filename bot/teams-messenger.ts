/**
 * The Messenger port on the Bot Connector. Turns a domain message into an activity for its audience, posts it or edits
 * it, always by references of our own: nothing of a turn is kept.
 */
import type { Activity, Attachment, ConversationParameters } from 'botframework-schema';
import type { ConnectorClient } from 'botframework-connector';
import { renderMessage, type Rendered } from '../cards/render';
import type { Circle } from '../cards/circle';
import { peopleIn } from '../cards/people';
import type { AddressBook } from '../services/store/address-book';
import type { MessageRef, Messenger, Reachable } from '../services/restore/ports';
import type { DeskAdapter } from './adapter';
import { DeskError, problem } from '../services/restore/errors';
import type { Message, Viewer } from '../services/restore/messages';
import type { Person } from '../services/restore/person';

export interface ConversationReference {
  readonly serviceUrl: string;
}

export interface MessengerDeps {
  readonly adapter: DeskAdapter;
  readonly addressBook: AddressBook;
  readonly approvalsChannelId: string;
  readonly tenantId: string;
  readonly defaultServiceUrl: string;
}

const cardType = 'application/vnd.microsoft.card.adaptive';

export const toAttachment = (card: object): Attachment => ({ contentType: cardType, content: card });

function toActivity(rendered: Rendered): Partial<Activity> {
  return {
    type: 'message',
    textFormat: 'xml',
    ...(rendered.text === '' ? {} : { text: rendered.text }),
    summary: rendered.summary,
    entities: rendered.mentions.map(({ text, id, name }) => ({
      type: 'mention',
      text,
      mentioned: { id, name },
    })),
    ...(rendered.card === undefined ? {} : { attachments: [toAttachment(rendered.card)] }),
  };
}

/** The Teams ids of the people a message is about; unknown ones are asked of the conversation once and then kept. */
export const circleOf = (
  deps: MessengerDeps,
  client: ConnectorClient | undefined,
  conversation: string,
  message: Message,
): Promise<Circle> => circleWith(deps, client, conversation, peopleIn(message));

async function circleWith(
  deps: MessengerDeps,
  client: ConnectorClient | undefined,
  conversation: string,
  people: readonly Person[],
): Promise<Circle> {
  const known = new Map(await deps.addressBook.members(people.map(({ aadObjectId }) => aadObjectId)));
  for (const { aadObjectId } of client ? people : []) {
    if (known.has(aadObjectId)) continue;
    const member = await client?.conversations
      .getConversationMember(conversation, aadObjectId)
      .catch(() => undefined);
    if (member?.id === undefined) continue;
    const entry = { teamsId: member.id, name: member.name ?? '' };
    await deps.addressBook.keepMember(aadObjectId, entry);
    known.set(aadObjectId, entry);
  }
  return { teamsId: (aadObjectId) => known.get(aadObjectId)?.teamsId };
}

const statusOf = (error: unknown): number | undefined => (error as { statusCode?: number }).statusCode;

async function startPost(
  deps: MessengerDeps,
  client: ConnectorClient,
  activity: Partial<Activity>,
): Promise<MessageRef> {
  const parameters = {
    isGroup: true,
    bot: { id: '', name: 'Restore Desk' },
    channelData: { channel: { id: deps.approvalsChannelId }, tenant: { id: deps.tenantId } },
    activity,
  };
  const made = await client.conversations.createConversation(parameters as unknown as ConversationParameters);
  return { conversation: made.id, messageId: made.activityId };
}

const isNotThere = (error: unknown): boolean => [403, 404].includes(statusOf(error) ?? 0);

/** For a chat it has to be known: somebody of whom Teams says nothing now is asked about again, and not given up. */
async function memberIdOf(
  { approvalsChannelId }: MessengerDeps,
  client: ConnectorClient,
  { aadObjectId }: Person,
  unreachable: DeskError,
): Promise<string> {
  const member = await client.conversations
    .getConversationMember(approvalsChannelId, aadObjectId)
    .catch((error: unknown) => {
      throw isNotThere(error) ? unreachable : error;
    });
  if (member.id === undefined) throw unreachable;
  return member.id;
}

/** Teams knows one chat for every person and the bot: asked to make it, it answers with the one that is there. */
async function chatWith(deps: MessengerDeps, client: ConnectorClient, person: Person): Promise<string> {
  const circle = await circleWith(deps, client, deps.approvalsChannelId, [person]);
  const unreachable = new DeskError(problem('PERSON_UNREACHABLE', { name: person.name }));
  const id = circle.teamsId(person.aadObjectId) ?? (await memberIdOf(deps, client, person, unreachable));
  const parameters = {
    isGroup: false,
    bot: { id: '', name: 'Restore Desk' },
    members: [{ id }],
    tenantId: deps.tenantId,
    channelData: { tenant: { id: deps.tenantId } },
  };
  const made = await client.conversations
    .createConversation(parameters as unknown as ConversationParameters)
    .catch((error: unknown) => {
      throw isNotThere(error) ? unreachable : error;
    });
  return made.id;
}

async function serviceUrlOf(deps: MessengerDeps, key: string): Promise<string> {
  const kept = (await deps.addressBook.conversation(key)) as ConversationReference | undefined;
  return kept?.serviceUrl ?? deps.defaultServiceUrl;
}

/** Key under which the newest service address of the tenant is kept, for posts that start a conversation. */
export const newestServiceUrl = 'newest-service-url';

/** What everybody in a place may see; in a chat with one approver that is what they alone see. */
const viewerAt = ({ kind }: Reachable): Viewer => (kind === 'person' ? 'approver' : 'reader');

export function createTeamsMessenger(deps: MessengerDeps): Messenger {
  const post = async (
    client: ConnectorClient,
    destination: Reachable,
    activity: Partial<Activity>,
  ): Promise<MessageRef> => {
    if (destination.kind === 'approvals') return startPost(deps, client, activity);
    const conversation =
      destination.kind === 'person' ? await chatWith(deps, client, destination.person) : destination.thread;
    const { id } = await client.conversations.sendToConversation(conversation, activity);
    return { conversation, messageId: id };
  };
  return {
    send: async (destination, message, edit) => {
      const key = destination.kind === 'thread' ? destination.thread : newestServiceUrl;
      const client = await deps.adapter.connector(await serviceUrlOf(deps, key));
      const home = destination.kind === 'thread' ? destination.thread : deps.approvalsChannelId;
      const activity = toActivity(
        renderMessage(message, viewerAt(destination), await circleOf(deps, client, home, message)),
      );
      if (!edit) return post(client, destination, activity);
      try {
        await client.conversations.updateActivity(edit.conversation, edit.messageId, {
          ...activity,
          id: edit.messageId,
        });
        return edit;
      } catch (error) {
        // Somebody deleted the message: people must still see what became of the request.
        if (statusOf(error) === 404) return post(client, destination, activity);
        throw error;
      }
    },
  };
}
