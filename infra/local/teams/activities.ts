/** Activities as Teams sends them to a bot: pure builders, one per kind. */
import { DateTime } from 'luxon';
import { bot, team, tenantId, type Persona } from '../identities';
import { wireIdOf, type Conversation } from './conversations';
import type { JsonObject } from './json';
import type { Mention } from './mention-markup';

export interface Scene {
  readonly person: Persona;
  readonly conversation: Conversation;
  /** Root message of the thread; only channels have threads. */
  readonly rootId?: string | undefined;
  /** Exactly the string that the token's serviceurl claim carries. */
  readonly serviceUrl: string;
  readonly at: Date;
}

const LOCALE = 'en-GB';
const countries: Readonly<Record<string, string>> = {
  'Europe/Berlin': 'DE',
  'Europe/London': 'GB',
  'Europe/Stockholm': 'SE',
  'America/Toronto': 'CA',
};

export function envelope({ person, conversation, rootId, serviceUrl, at }: Scene): JsonObject {
  const isChannel = conversation.kind === 'channel';
  return {
    timestamp: at.toISOString(),
    localTimestamp: DateTime.fromJSDate(at).setZone(person.timeZone).toISO(),
    localTimezone: person.timeZone,
    locale: LOCALE,
    serviceUrl,
    channelId: 'msteams',
    from: { id: person.teamsId, name: person.name, aadObjectId: person.aadObjectId },
    conversation: {
      id: wireIdOf(conversation, rootId),
      conversationType: conversation.kind,
      tenantId,
      ...(conversation.kind === 'personal' ? {} : { isGroup: true }),
    },
    recipient: { id: bot.teamsId, name: bot.name },
    channelData: {
      tenant: { id: tenantId },
      ...(isChannel && {
        teamsChannelId: conversation.wireId,
        teamsTeamId: team.id,
        channel: { id: conversation.wireId },
        team: { id: team.id },
      }),
    },
  };
}

function clientInfo(person: Persona): JsonObject {
  return {
    type: 'clientInfo',
    locale: LOCALE,
    country: countries[person.timeZone] ?? 'DE',
    platform: 'Web',
    timezone: person.timeZone,
  };
}

export interface Utterance {
  readonly id: string;
  readonly text: string;
  readonly mentions: readonly Mention[];
  readonly replyToId?: string | undefined;
}

export function messageActivity(scene: Scene, said: Utterance): JsonObject {
  return {
    ...envelope(scene),
    type: 'message',
    id: said.id,
    text: said.text,
    textFormat: 'plain',
    attachments: [{ contentType: 'text/html', content: htmlOf(said) }],
    entities: [...said.mentions, clientInfo(scene.person)],
    ...(said.replyToId ? { replyToId: said.replyToId } : {}),
  };
}

/** Teams sends the same words a second time as HTML, mentions as numbered spans. */
function htmlOf({ text, mentions }: Utterance): string {
  let html = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  mentions.forEach(({ mentioned }, index) => {
    const span = `<span itemscope itemtype="http://schema.skype.com/Mention" itemid="${index}">${mentioned.name}</span>`;
    html = html.replace(`&lt;at&gt;${mentioned.name}&lt;/at&gt;`, span);
  });
  return `<p>${html.replace(/\n/g, '<br>')}</p>`;
}

/** Action.Submit: a message without words that carries the inputs. */
export function submitActivity(scene: Scene, id: string, replyToId: string, value: unknown): JsonObject {
  return {
    ...envelope(scene),
    type: 'message',
    id,
    replyToId,
    value,
    entities: [clientInfo(scene.person)],
  };
}

export function invokeActivity(
  scene: Scene,
  invoke: { id: string; name: string; value: unknown; replyToId?: string | undefined },
): JsonObject {
  const base = envelope(scene);
  const replyToId = invoke.replyToId;
  return {
    ...base,
    type: 'invoke',
    id: invoke.id,
    name: invoke.name,
    value: invoke.value,
    ...(replyToId ? { replyToId } : {}),
    entities: [clientInfo(scene.person)],
    channelData: {
      ...(base['channelData'] as JsonObject),
      source: { name: 'message' },
      ...(replyToId ? { legacy: { replyToId } } : {}),
    },
  };
}

/** The two activities that tell a bot it was added to, or removed from, a conversation. */
export function installationActivities(scene: Scene, isAdded: boolean, newId: () => string): JsonObject[] {
  const base = envelope(scene);
  const membership = [{ id: bot.teamsId, name: bot.name }];
  const isTeam = scene.conversation.kind === 'channel';
  const channelData = {
    ...(base['channelData'] as JsonObject),
    ...(isTeam && { team: { id: team.id, name: team.name, aadGroupId: team.aadGroupId } }),
  };
  return [
    {
      ...base,
      type: 'conversationUpdate',
      id: newId(),
      ...(isAdded ? { membersAdded: membership } : { membersRemoved: membership }),
      channelData: {
        ...channelData,
        ...(isTeam && { eventType: isAdded ? 'teamMemberAdded' : 'teamMemberRemoved' }),
      },
    },
    {
      ...base,
      type: 'installationUpdate',
      id: newId(),
      action: isAdded ? 'add' : 'remove',
      channelData: { ...channelData, source: { name: 'message' } },
    },
  ];
}
