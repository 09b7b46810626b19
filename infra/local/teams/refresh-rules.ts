/** When a card asks the bot for the card of one person; pure. */
import type { Persona } from '../identities';
import { conversations } from './conversations';
import { isObject, listIn, type JsonObject } from './json';
import type { Message } from './messages';

/** At most so many people are refreshed automatically, listed or by membership. */
const REFRESH_USER_LIMIT = 60;

export interface LastAsk {
  /** The edit of the message that the bot was asked about. */
  readonly revision: number;
  readonly at: number;
}

/** The card as this person sees it now. */
export function cardSeenBy(person: Persona, message: Message): JsonObject | null {
  return message.deletedAt ? null : (message.personalCards[person.persona]?.card ?? message.card);
}

/** The action with which the card, as this person sees it, refreshes itself for them without being asked. */
export function automaticRefresh(person: Persona, message: Message): JsonObject | undefined {
  const refresh = cardSeenBy(person, message)?.['refresh'];
  if (!isObject(refresh) || !isObject(refresh['action'])) return undefined;
  if (refresh['action']['type'] !== 'Action.Execute') return undefined;
  if (Array.isArray(refresh['userIds'])) {
    const listed = listIn(refresh['userIds']).slice(0, REFRESH_USER_LIMIT);
    return listed.includes(person.teamsId) ? refresh['action'] : undefined;
  }
  const members = conversations.find(({ id }) => id === message.conversation)?.members ?? [];
  return members.length <= REFRESH_USER_LIMIT ? refresh['action'] : undefined;
}

export interface DueCheck {
  readonly lastAsk: LastAsk | undefined;
  /** Whether a card that is up to date is asked for again once the throttle allows it. */
  readonly mayRepeat: boolean;
  readonly throttleMilliseconds: number;
  readonly now: number;
}

/** After an edit always; else on opening the chat, when the last ask is old enough. */
export function isRefreshDue(person: Persona, message: Message, check: DueCheck): boolean {
  if (!automaticRefresh(person, message)) return false;
  const { lastAsk, mayRepeat } = check;
  // After a restart of Teams a kept card is as good as one just asked for.
  if (!lastAsk) return mayRepeat || !message.personalCards[person.persona];
  if (lastAsk.revision < message.revision) return true;
  return mayRepeat && check.now - lastAsk.at >= check.throttleMilliseconds;
}
