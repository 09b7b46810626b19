/** What the bot's answer to a card action means for the person who pressed the button. */
import type { BotAnswer } from './bot-endpoint';
import { isObject, textIn, type JsonObject } from './json';

const CARD_ANSWER = 'application/vnd.microsoft.card.adaptive';

export interface ActionAnswer {
  readonly status: number;
  readonly type: string;
  readonly value: unknown;
}

export function readActionAnswer(answer: BotAnswer): ActionAnswer {
  if (answer.kind !== 'answered') {
    return failure(
      answer.kind === 'refused' ? 502 : 504,
      answer.kind === 'refused' ? 'BotUnreachable' : 'BotDidNotAnswer',
      `The app could not be reached (${answer.reason}).`,
    );
  }
  const { status, body } = answer;
  if (!isObject(body) || textIn(body['type']) === undefined) {
    return failure(
      status >= 400 ? status : 502,
      'BotError',
      `The app answered ${status} without saying anything.`,
    );
  }
  if (status >= 400) {
    const value = isObject(body['value']) ? body['value'] : {};
    return failure(
      status,
      textIn(value['code']) ?? 'BotError',
      textIn(value['message']) ?? `The app answered ${status}.`,
    );
  }
  const statusCode = typeof body['statusCode'] === 'number' ? body['statusCode'] : status;
  return { status: statusCode, type: String(body['type']), value: body['value'] ?? null };
}

/** The card of an answer, when the answer is one. */
export function cardIn(answer: ActionAnswer): JsonObject | undefined {
  return answer.type === CARD_ANSWER && answer.status < 400 && isObject(answer.value)
    ? answer.value
    : undefined;
}

function failure(status: number, code: string, message: string): ActionAnswer {
  return { status, type: 'error', value: { code, message } };
}
