/** The Bot Connector, version 3, as far as a Teams bot calls it. */
import { Router, type ErrorRequestHandler, type Request, type Response } from 'express';
import { channels, personas, team, tenantId } from '../identities';
import { deleteBotMessage, editBotMessage, postBotMessage, type Place } from './bot-messages';
import type { BotTokenCheck } from './bot-token';
import { conversations, resolveWireId, wireIdOf, type Conversation } from './conversations';
import { isObject, listIn, objectIn, textIn, type JsonObject } from './json';
import type { Message, MessageStore } from './messages';
import type { RateLimits } from './rate-limits';
import { ConnectorRefusal } from './refusal';
import { findMember, memberAccount, memberPage, membersOf } from './roster';

export interface ConnectorParts {
  readonly store: MessageStore;
  readonly limits: RateLimits;
  readonly checkBotToken: BotTokenCheck;
  readonly serviceUrl: () => string;
  /** The bot shows that it is typing. */
  readonly onTyping: (conversation: Conversation) => void;
}

/** Mount behind the JSON body reader and the fault middleware. */
export function connectorRouter(parts: ConnectorParts): Router {
  const router = Router();
  router.use(async (request, _response, next) => {
    await parts.checkBotToken(request.headers.authorization);
    next();
  });
  conversationRoutes(router, parts);
  activityRoutes(router, parts);
  memberRoutes(router, parts);
  router.use(() => {
    throw new ConnectorRefusal(404, 'NotFound', 'The Connector has no such operation.');
  });
  router.use(answerRefusal);
  return router;
}

function conversationRoutes(router: Router, parts: ConnectorParts): void {
  router.post('/conversations', (request, response) => {
    const body = objectIn(request.body);
    const activity = isObject(body['activity']) ? body['activity'] : undefined;
    const conversation = conversationToCreate(body);
    requireMembership(conversation, parts.store);
    parts.limits.take('write', conversation.wireId);
    const isChannel = conversation.kind === 'channel';
    if (isChannel && !activity) {
      throw new ConnectorRefusal(400, 'BadSyntax', 'A new post in a channel needs an activity.');
    }
    const place: Place = { conversation, rootId: undefined, replyToId: undefined };
    const message = activity && postBotMessage(parts.store, place, activity);
    if (message) response.locals['operationId'] = message.id;
    response.status(201).json({
      id: wireIdOf(conversation, message?.id),
      ...(message ? { activityId: message.id } : {}),
      serviceUrl: parts.serviceUrl(),
    });
  });
}

function conversationToCreate(body: JsonObject): Conversation {
  const channelData = objectIn(body['channelData']);
  const channelId = textIn(objectIn(channelData['channel'])['id']);
  if (channelId !== undefined) {
    const address = resolveWireId(channelId);
    if (address?.conversation.kind === 'channel') return address.conversation;
    throw new ConnectorRefusal(404, 'ConversationNotFound', 'There is no such channel.');
  }
  const claimedTenant = textIn(body['tenantId']) ?? textIn(objectIn(channelData['tenant'])['id']);
  if (claimedTenant !== tenantId) {
    throw new ConnectorRefusal(400, 'BadArgument', 'The tenant id is missing or not that of the bot.');
  }
  const memberIds = listIn(body['members']).map((member) => textIn(objectIn(member)['id']));
  const [memberId] = memberIds;
  if (memberIds.length !== 1 || memberId === undefined) {
    throw new ConnectorRefusal(400, 'BadSyntax', 'A chat of a bot is with exactly one member.');
  }
  const person = personas.find(({ teamsId, aadObjectId }) => [teamsId, aadObjectId].includes(memberId));
  const chat = conversations.find(({ id }) => id === `personal:${person?.persona}`);
  if (chat) return chat;
  throw new ConnectorRefusal(403, 'ForbiddenOperationException', 'The member is not known in this tenant.');
}

function activityRoutes(router: Router, parts: ConnectorParts): void {
  const post = (request: Request, response: Response): void => {
    const { conversation, rootId } = resolve(request, parts.store);
    parts.limits.take('write', parameter(request, 'conversationId'));
    const activity = objectIn(request.body);
    if (activity['type'] === 'typing') {
      parts.onTyping(conversation);
      response.status(202).json({ id: parts.store.nextId() });
      return;
    }
    if (activity['type'] !== 'message') {
      throw new ConnectorRefusal(
        400,
        'BadArgument',
        `Activities of type "${String(activity['type'])}" are not supported.`,
      );
    }
    const repliedTo = request.params['activityId'];
    const replied = typeof repliedTo === 'string' ? parts.store.find(repliedTo) : undefined;
    const isHere = replied?.conversation === conversation.id;
    const message = postBotMessage(
      parts.store,
      {
        conversation,
        rootId: rootId ?? (isHere ? replied.rootId : undefined),
        replyToId: isHere ? replied.id : undefined,
      },
      activity,
    );
    // For the journal: by this id the message is known from now on.
    response.locals['operationId'] = message.id;
    response.status(201).json({ id: message.id });
  };
  router.post('/conversations/:conversationId/activities', post);
  router.post('/conversations/:conversationId/activities/:activityId', post);
  router.put('/conversations/:conversationId/activities/:activityId', (request, response) => {
    const message = ownMessage(request, parts);
    editBotMessage(parts.store, message, objectIn(request.body));
    response.json({ id: message.id });
  });
  router.delete('/conversations/:conversationId/activities/:activityId', (request, response) => {
    deleteBotMessage(parts.store, ownMessage(request, parts));
    response.status(200).end();
  });
}

function memberRoutes(router: Router, parts: ConnectorParts): void {
  const read = (request: Request): string => {
    const wireId = parameter(request, 'conversationId');
    const members = membersOf(wireId);
    if (members.length > 0) parts.limits.take('read', wireId);
    return wireId;
  };
  router.get('/conversations/:conversationId/members', (request, response) => {
    response.json(membersOf(read(request)).map(memberAccount));
  });
  router.get('/conversations/:conversationId/pagedmembers', (request, response) => {
    response.json(memberPage(read(request), request.query['pageSize'], request.query['continuationToken']));
  });
  router.get('/conversations/:conversationId/members/:memberId', (request, response) => {
    response.json(memberAccount(findMember(read(request), parameter(request, 'memberId'))));
  });
  const requireTeam = (request: Request): void => {
    if (parameter(request, 'teamId') !== team.id) {
      throw new ConnectorRefusal(404, 'TeamNotFound', 'There is no such team.');
    }
    parts.limits.take('read', team.id);
  };
  router.get('/teams/:teamId', (request, response) => {
    requireTeam(request);
    response.json({
      id: team.id,
      name: team.name,
      aadGroupId: team.aadGroupId,
      tenantId,
      channelCount: channels.length,
      memberCount: personas.length,
    });
  });
  router.get('/teams/:teamId/conversations', (request, response) => {
    requireTeam(request);
    const list = channels.map(({ name, conversationId }) => ({ id: conversationId, name, type: 'standard' }));
    response.json({ conversations: list });
  });
}

function parameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}

function resolve(
  request: Request,
  store: MessageStore,
): { conversation: Conversation; rootId: string | undefined } {
  const address = resolveWireId(parameter(request, 'conversationId'));
  if (!address) {
    throw new ConnectorRefusal(
      403,
      'BotNotInConversationRoster',
      'The bot is not part of the conversation roster.',
    );
  }
  requireMembership(address.conversation, store);
  const root = address.rootId === undefined ? undefined : store.find(address.rootId);
  if (address.rootId !== undefined && root?.conversation !== address.conversation.id) {
    throw new ConnectorRefusal(404, 'ConversationNotFound', 'The thread does not exist.');
  }
  return { conversation: address.conversation, rootId: root?.rootId };
}

function requireMembership(conversation: Conversation, store: MessageStore): void {
  if (store.installationOf(conversation.id) !== 'removed') return;
  throw new ConnectorRefusal(
    403,
    'BotNotInConversationRoster',
    'The bot is not part of the conversation roster.',
  );
}

/** The message of the path; only what the bot said itself can be edited or deleted by it. */
function ownMessage(request: Request, parts: ConnectorParts): Message {
  const { conversation } = resolve(request, parts.store);
  parts.limits.take('write', parameter(request, 'conversationId'));
  const message = parts.store.find(parameter(request, 'activityId'));
  if (!message || message.conversation !== conversation.id || message.deletedAt) {
    throw new ConnectorRefusal(404, 'ActivityNotFoundInConversation', 'The message does not exist any more.');
  }
  if (message.from.kind !== 'bot') {
    throw new ConnectorRefusal(403, 'Forbidden', 'Only messages of the bot can be changed by the bot.');
  }
  return message;
}

const answerRefusal: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof ConnectorRefusal)) return next(error);
  response
    .status(error.status)
    .set(error.headers)
    .json({ error: { code: error.code, message: error.message } });
};
