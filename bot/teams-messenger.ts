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
import type { Destination, MessageRef, Messenger } from '../services/restore/ports';
import type { DeskAdapter } from './adapter';
import type { Message } from '../services/restore/messages';

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
export async function circleOf(
  deps: MessengerDeps,
  client: ConnectorClient | undefined,
  conversation: string,
  message: Message,
): Promise<Circle> {
  const people = peopleIn(message);
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

async function serviceUrlOf(deps: MessengerDeps, key: string): Promise<string> {
  const kept = (await deps.addressBook.conversation(key)) as ConversationReference | undefined;
  return kept?.serviceUrl ?? deps.defaultServiceUrl;
}

/** Key under which the newest service address of the tenant is kept, for posts that start a conversation. */
export const newestServiceUrl = 'newest-service-url';

export function createTeamsMessenger(deps: MessengerDeps): Messenger {
  const post = async (
    client: ConnectorClient,
    destination: Destination,
    activity: Partial<Activity>,
  ): Promise<MessageRef> => {
    if (destination.kind === 'approvals') return startPost(deps, client, activity);
    const { id } = await client.conversations.sendToConversation(destination.thread, activity);
    return { conversation: destination.thread, messageId: id };
  };
  return {
    send: async (destination, message, edit) => {
      const key = destination.kind === 'thread' ? destination.thread : newestServiceUrl;
      const client = await deps.adapter.connector(await serviceUrlOf(deps, key));
      const home = destination.kind === 'thread' ? destination.thread : deps.approvalsChannelId;
      const activity = toActivity(
        renderMessage(message, 'reader', await circleOf(deps, client, home, message)),
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
