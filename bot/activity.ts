/**
 * From an activity to an event of ours, once, at the door. After it nobody looks at raw activities. Who speaks comes from
 * the fields that the Teams service fills in; everything a person could have typed or forged is only content.
 */
import type { Activity } from 'botframework-schema';
import { randomUUID } from 'node:crypto';
import { decodeCardKey, type CardVerb } from '../cards/actions';
import { fieldLimits, noInputs, pickInputs } from '../services/restore/form-inputs';
import { readFormInputs } from '../cards/form-input';
import { isZone } from '../services/restore/instant';
import type { CardKey, SearchedForm } from '../services/restore/messages';
import type { MessageRef } from '../services/restore/ports';
import type { Person } from '../services/restore/person';

export interface Speaker {
  readonly person: Person;
  readonly teamsId: string;
  readonly zone: string;
}

/** In channels and group chats Teams hands over only messages that mention the bot: the app asks for no more. */
export interface Place {
  /** Conversation id as Teams has it, thread included; names the thread everywhere. */
  readonly thread: string;
  readonly serviceUrl: string;
  /** `chat`: one person and the bot; what is said there nobody else sees. */
  readonly kind: 'chat' | 'shared';
}

export type BotEvent =
  | {
      readonly kind: 'message';
      readonly by: Speaker;
      readonly in: Place;
      readonly text: string;
      readonly deliveryKey: string;
    }
  | {
      readonly kind: 'card-action';
      readonly by: Speaker;
      readonly in: Place;
      readonly verb: CardVerb;
      readonly key: CardKey;
      readonly inputs: unknown;
      readonly card: MessageRef;
      /** True for an invoke, which wants its answer in the response; false for an old client's Action.Submit. */
      readonly invoke: boolean;
      readonly deliveryKey: string;
    }
  | {
      readonly kind: 'search';
      readonly by: Speaker;
      readonly in: Place;
      readonly dataset: string;
      readonly query: string;
      /** What stands in other inputs of the card, for lists that depend on it. */
      readonly form: SearchedForm;
    }
  | { readonly kind: 'arrived'; readonly in: Place }
  | { readonly kind: 'outsider'; readonly invoke: boolean }
  | { readonly kind: 'unsupported'; readonly what: string; readonly invoke: boolean };

export interface Door {
  readonly tenantId: string;
  readonly defaultZone: string;
}

interface ClientInfo {
  readonly type?: string;
  readonly timezone?: unknown;
}

/** Whatever a sender put there instead of a list is no list. */
const entitiesOf = <T>(activity: Activity): readonly (T | null | undefined)[] =>
  Array.isArray(activity.entities) ? (activity.entities as T[]) : [];

function zoneOf(activity: Activity, door: Door): string {
  const client = entitiesOf<ClientInfo>(activity).find((entity) => entity?.type === 'clientInfo');
  const candidates = [client?.timezone, activity.localTimezone];
  return (
    candidates.find((zone): zone is string => typeof zone === 'string' && isZone(zone)) ?? door.defaultZone
  );
}

/** Every tenant that the service names is ours, and it names one. */
function isInside({ conversation, ...activity }: Activity, door: Door): boolean {
  const channelTenant = (activity.channelData as { tenant?: { id?: unknown } } | undefined)?.tenant?.id;
  const tenants = [conversation?.tenantId, channelTenant].filter((tenant) => tenant !== undefined);
  return (
    tenants.length > 0 &&
    tenants.every((tenant) => typeof tenant === 'string' && tenant.toLowerCase() === door.tenantId)
  );
}

/** Without what no database holds: NUL, and halves of characters. */
const storable = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\ufffd');

const storableInputs = (data: unknown): unknown =>
  typeof data !== 'object' || data === null || Array.isArray(data)
    ? data
    : Object.fromEntries(
        Object.entries(data).map(([name, value]: [string, unknown]) => [
          name,
          typeof value === 'string' ? storable(value) : value,
        ]),
      );

/** Undefined for anybody who is not an identified member of our tenant. */
function speakerOf(activity: Activity, door: Door): Speaker | undefined {
  const { from } = activity;
  if (
    !isInside(activity, door) ||
    typeof from?.aadObjectId !== 'string' ||
    from.aadObjectId === '' ||
    typeof from.id !== 'string'
  )
    return undefined;
  const name =
    typeof from.name === 'string' && from.name !== '' ? storable(from.name.slice(0, 80)) : 'somebody';
  return {
    person: { aadObjectId: from.aadObjectId.toLowerCase(), name, tenantId: door.tenantId },
    teamsId: from.id,
    zone: zoneOf(activity, door),
  };
}

const placeOf = (activity: Activity): Place => ({
  thread: activity.conversation.id,
  serviceUrl: activity.serviceUrl,
  kind: activity.conversation.conversationType === 'personal' ? 'chat' : 'shared',
});

interface MentionEntity {
  readonly type?: string;
  readonly text?: unknown;
  readonly mentioned?: { readonly id?: unknown };
}

/** The text without the mention of the bot; mentions of people become their names, entities become characters. */
export function plainText(activity: Activity): string {
  const mentions = entitiesOf<MentionEntity>(activity).filter((entity) => entity?.type === 'mention');
  const withoutBot = mentions
    .filter(
      (mention): mention is MentionEntity & { readonly text: string } =>
        mention?.mentioned?.id === activity.recipient?.id &&
        typeof mention?.text === 'string' &&
        mention.text !== '',
    )
    .reduce(
      (text, mention) => text.replace(mention.text, ' '),
      typeof activity.text === 'string' ? activity.text : '',
    );
  return storable(withoutBot)
    .replace(/<at[^>]*>(.*?)<\/at>/gi, '$1')
    .replace(/<\/?(?:p|div|br|span|b|i|em|strong)[^>]*>/gi, ' ')
    .replace(/&nbsp;/gi, ' ')
    .replace(/&lt;/gi, '<')
    .replace(/&gt;/gi, '>')
    .replace(/&quot;/gi, '"')
    .replace(/&amp;/gi, '&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same each time that Teams delivers it. Without an id nobody can tell one from another, so each is one of its own. */
const deliveryKey = ({ conversation, id }: Activity): string =>
  `${conversation.id}/${typeof id === 'string' && id !== '' ? id : randomUUID()}`.slice(-400);

interface ExecuteValue {
  readonly action?: { readonly verb?: unknown; readonly data?: unknown };
}

function cardAction(
  activity: Activity,
  by: Speaker,
  verb: unknown,
  data: unknown,
  invoke: boolean,
): BotEvent {
  const decoded = decodeCardKey(verb, data);
  if (!decoded) return { kind: 'unsupported', what: 'card', invoke };
  const card = { conversation: activity.conversation.id, messageId: activity.replyToId ?? '' };
  return {
    kind: 'card-action',
    by,
    in: placeOf(activity),
    ...decoded,
    inputs: storableInputs(data),
    card,
    invoke,
    deliveryKey: deliveryKey(activity),
  };
}

interface SearchValue {
  readonly dataset?: unknown;
  readonly queryText?: unknown;
  /** Where Teams puts the other inputs of the card for a list that asks for them. */
  readonly data?: unknown;
  readonly queryOptions?: unknown;
}

/** The other inputs came beside the query in some clients and inside its options in others: together, in one place. */
function searchedForm({ data, queryOptions }: SearchValue): SearchedForm {
  const inOptions = (queryOptions as { data?: unknown } | null | undefined)?.data;
  const found = [data, inOptions, queryOptions]
    .map((place) => pickInputs(readFormInputs(place), noInputs))
    .find(({ source }) => source !== '');
  const { source, region, vault } = found ?? noInputs;
  return {
    source: source.slice(0, fieldLimits.source),
    region: region.slice(0, fieldLimits.region),
    vault: vault.slice(0, fieldLimits.vault),
  };
}

function invokeEvent(activity: Activity, by: Speaker): BotEvent {
  if (activity.name === 'adaptiveCard/action') {
    const { action } = (activity.value ?? {}) as ExecuteValue;
    return cardAction(activity, by, action?.verb, action?.data, true);
  }
  if (activity.name === 'application/search') {
    const { dataset, queryText, ...rest } = (activity.value ?? {}) as SearchValue;
    if (typeof dataset === 'string' && typeof queryText === 'string') {
      const asked = { dataset, query: storable(queryText.slice(0, 200)), form: searchedForm(rest) };
      return { kind: 'search', by, in: placeOf(activity), ...asked };
    }
  }
  return { kind: 'unsupported', what: `invoke ${String(activity.name).slice(0, 60)}`, invoke: true };
}

function messageEvent(activity: Activity, by: Speaker): BotEvent {
  const value = activity.value as { verb?: unknown } | undefined;
  if (typeof value === 'object' && value !== null && 'verb' in value)
    return cardAction(activity, by, value.verb, value, false);
  return {
    kind: 'message',
    by,
    in: placeOf(activity),
    text: plainText(activity),
    deliveryKey: deliveryKey(activity),
  };
}

export function toBotEvent(activity: Activity, door: Door): BotEvent {
  const invoke = activity.type === 'invoke';
  if (activity.type === 'installationUpdate' || activity.type === 'conversationUpdate')
    return isInside(activity, door)
      ? { kind: 'arrived', in: placeOf(activity) }
      : { kind: 'outsider', invoke: false };
  if (activity.type !== 'message' && !invoke) return { kind: 'unsupported', what: activity.type, invoke };
  const by = speakerOf(activity, door);
  if (!by) return { kind: 'outsider', invoke };
  return invoke ? invokeEvent(activity, by) : messageEvent(activity, by);
}
