/**
 * The turns of the bot. The framework's router only brings activities here; answers to invokes are sent by ourselves,
 * because the router would otherwise push one person's private card to everybody.
 */
import { Application } from '@microsoft/teams-ai';
import type { TurnContext } from 'botbuilder';
import { randomUUID } from 'node:crypto';
import { DeskError, problem, type Problem } from '../services/restore/errors';
import { renderMessage } from '../cards/render';
import { sayProblem } from '../services/answering';
import { circleOf, newestServiceUrl, toAttachment, type MessengerDeps } from './teams-messenger';
import { actsAnew, handleCardAction, takenAlready, type CardAnswer } from './handlers/card-action';
import { handleMessage } from './handlers/message';
import { handleSearch } from './handlers/search';
import type { Deliveries } from './deliveries';
import { toBotEvent, type BotEvent, type Door, type Place } from './activity';
import type { Log } from '../services/deps';
import type { AnswerMessage, Message, Viewer } from '../services/restore/messages';
import type { RestoreService } from '../services/restore-service';

export interface AppDeps {
  readonly desk: RestoreService;
  readonly door: Door;
  readonly messenger: MessengerDeps;
  readonly deliveries: Deliveries;
  readonly log: Log;
}

interface InvokeBody {
  readonly statusCode: number;
  readonly type: string;
  readonly value: unknown;
}

const answerInvoke = async (context: TurnContext, body: InvokeBody | object, status = 200): Promise<void> => {
  await context.sendActivity({ type: 'invokeResponse', value: { status, body } });
};

const sentence = (because: Problem): string => `${because.sentence} ${because.hint}`;

const asMessage = (value: string): InvokeBody => ({
  statusCode: 200,
  type: 'application/vnd.microsoft.activity.message',
  value,
});

const asError = (statusCode: number, because: Problem): InvokeBody => ({
  statusCode,
  type: 'application/vnd.microsoft.error',
  value: { code: because.code, message: sentence(because) },
});

async function cardFor(deps: AppDeps, place: Place, message: Message, viewer: Viewer): Promise<object> {
  const circle = await circleOf(deps.messenger, undefined, place.thread, message);
  return renderMessage(message, viewer, circle).card ?? {};
}

async function invokeBody(deps: AppDeps, place: Place, answer: CardAnswer): Promise<InvokeBody> {
  switch (answer.kind) {
    case 'card':
      return {
        statusCode: 200,
        type: 'application/vnd.microsoft.card.adaptive',
        value: await cardFor(deps, place, answer.message, answer.viewer),
      };
    case 'refused':
      return asMessage(sentence(answer.because));
    case 'said':
      return asMessage(answer.sentence);
    case 'forged':
      return asError(400, problem('CARD_NOT_UNDERSTOOD'));
  }
}

const say = (title: string): AnswerMessage => ({ kind: 'answer', version: 1, title, lines: [] });

/** Teams turned it away: nobody has read it. After anything else somebody may have, though no answer came back. */
const isTurnedAway = (error: unknown): boolean => {
  const { statusCode = 0 } = error as { statusCode?: number };
  return statusCode >= 400 && statusCode < 500;
};

async function reply(deps: AppDeps, context: TurnContext, place: Place, message: Message): Promise<void> {
  const attachments = [toAttachment(await cardFor(deps, place, message, 'reader'))];
  try {
    await context.sendActivity({ type: 'message', attachments });
  } catch (error) {
    if (isTurnedAway(error)) throw error;
    // A second sentence, of a fault, might stand below the first, which is right.
    deps.log.warn({ error }, 'an answer may not have arrived');
  }
}

/** What the bot must remember of a conversation to write into it later, and of a person to mention them. */
async function learn(deps: AppDeps, event: BotEvent): Promise<void> {
  if (!('in' in event)) return;
  const { addressBook } = deps.desk;
  const reference = { serviceUrl: event.in.serviceUrl };
  await addressBook.keepConversation(event.in.thread, reference);
  await addressBook.keepConversation(newestServiceUrl, reference);
  if ('by' in event)
    await addressBook.keepMember(event.by.person.aadObjectId, {
      teamsId: event.by.teamsId,
      name: event.by.person.name,
    });
}

/** Teams may deliver a press again; most of them find their own first press, and the rest are told that they were there. */
async function pressed(
  { desk }: AppDeps,
  event: Extract<BotEvent, { kind: 'card-action' }>,
): Promise<CardAnswer> {
  const isRepeated = actsAnew(event.verb) && !(await desk.isFirstDelivery(event.deliveryKey));
  return isRepeated ? takenAlready(event) : handleCardAction(desk, event);
}

async function cardAction(
  deps: AppDeps,
  context: TurnContext,
  event: Extract<BotEvent, { kind: 'card-action' }>,
): Promise<void> {
  if (event.invoke)
    return answerInvoke(context, await invokeBody(deps, event.in, await pressed(deps, event)));
  if (!(await deps.desk.isFirstDelivery(event.deliveryKey))) return;
  const answer = await handleCardAction(deps.desk, event);
  if (answer.kind === 'refused') await reply(deps, context, event.in, sayProblem(answer.because));
  if (answer.kind === 'said') await reply(deps, context, event.in, say(answer.sentence));
}

async function search(
  deps: AppDeps,
  context: TurnContext,
  event: Extract<BotEvent, { kind: 'search' }>,
): Promise<void> {
  const results = await handleSearch(deps.desk, event);
  await answerInvoke(context, {
    statusCode: 200,
    type: 'application/vnd.microsoft.search.searchResponse',
    value: { results },
  });
}

async function handle(deps: AppDeps, context: TurnContext, event: BotEvent): Promise<void> {
  switch (event.kind) {
    case 'message': {
      const answer = await handleMessage(deps.desk, event);
      if (answer) await reply(deps, context, event.in, answer);
      return;
    }
    case 'card-action':
      return cardAction(deps, context, event);
    case 'search':
      return search(deps, context, event);
    case 'arrived':
      return;
    case 'outsider':
      if (event.invoke) await answerInvoke(context, asError(403, problem('OUTSIDE_TENANT')));
      return;
    case 'unsupported':
      if (event.invoke) await answerInvoke(context, asError(400, problem('CARD_NOT_UNDERSTOOD')));
      return;
  }
}

/** A fault of ours: the person gets a sentence, the log gets the cause under the same reference. */
async function answerFault(
  deps: AppDeps,
  context: TurnContext,
  event: BotEvent,
  error: unknown,
): Promise<void> {
  const reference = randomUUID().slice(0, 8);
  deps.log.error({ reference, event: event.kind, error }, 'a turn failed');
  const because =
    error instanceof DeskError && error.problem.retryable
      ? error.problem
      : problem('UNEXPECTED', { reference });
  const invoke = 'invoke' in event ? event.invoke : event.kind === 'search';
  if (invoke) return answerInvoke(context, asError(500, because));
  const rendered = renderMessage(sayProblem(because), 'reader', { teamsId: () => undefined });
  if (event.kind === 'message' || event.kind === 'card-action') {
    await context.sendActivity({
      type: 'message',
      attachments: rendered.card ? [toAttachment(rendered.card)] : [],
    });
  }
}

/**
 * After a second of every turn the library shows that the bot is typing, whatever its option says, from one timer for all turns at
 * once: a delivery that comes again, and is not answered, would look as if it were. Ours answer in less.
 */
class Turns extends Application {
  override startTypingTimer(): void {
    // Nothing is shown.
  }
}

export function buildApp(deps: AppDeps): (context: TurnContext) => Promise<void> {
  const application = new Turns({
    removeRecipientMention: false,
    longRunningMessages: false,
  });
  application.activity(
    async () => true,
    async (context) => {
      const event = toBotEvent(context.activity, deps.door);
      await deps.deliveries.once(event, async () => {
        try {
          await learn(deps, event);
          await handle(deps, context, event);
        } catch (error) {
          await answerFault(deps, context, event, error);
        }
      });
    },
  );
  return async (context) => {
    await application.run(context);
  };
}
