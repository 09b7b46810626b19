/** Puts the local Teams together and runs it on loopback. */
import express, { json, type ErrorRequestHandler, type Express } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { controlRouter, loopbackGuard } from '../wire/control';
import { faultMiddleware } from '../wire/fault-middleware';
import { createFaults } from '../wire/faults';
import { openJournal } from '../wire/journal';
import { createBotEndpoint, type BotEndpoint } from './bot-endpoint';
import { createBotTokenCheck } from './bot-token';
import { createChat } from './chat';
import type { LocalTeamsConfig } from './config';
import { connectorRouter } from './connector';
import { conversations } from './conversations';
import { announce, installEverywhere } from './installation';
import { createLive, type Live } from './live';
import { openMessageStore, type Message, type MessageStore } from './messages';
import { pageRouter } from './page-files';
import { personaRouter } from './persona-api';
import { createPersonalCards, type PersonalCards } from './personal-cards';
import { createRateLimits } from './rate-limits';
import { Refusal } from './refusal';
import { seenBy } from './seen-messages';
import { openConnectorSigner, openIdMetadata, type ConnectorSigner } from './signing';

/** Between two automatic refreshes of one card for one person. */
const REFRESH_THROTTLE_MILLISECONDS = 60_000;
/** A whole activity may be larger than what the Connector accepts; the size limit has to be able to say so. */
const LARGEST_BODY = '8mb';

export interface RunningTeams {
  readonly port: number;
  readonly origin: string;
  stop(): Promise<void>;
}

interface Parts {
  readonly config: LocalTeamsConfig;
  readonly store: MessageStore;
  readonly signer: ConnectorSigner;
  readonly endpoint: BotEndpoint;
  readonly personalCards: PersonalCards;
  readonly live: Live;
  readonly origin: () => string;
  readonly serviceUrl: () => string;
  readonly stopping: AbortSignal;
}

export interface StartOptions extends LocalTeamsConfig {
  readonly messagePatienceMilliseconds?: number;
}

export async function startLocalTeams(options: StartOptions): Promise<RunningTeams> {
  const stop = new AbortController();
  const address = { port: options.port };
  const origin = (): string => `http://127.0.0.1:${address.port}`;
  const serviceUrl = (): string => `${origin()}/`;
  const store = openMessageStore(options.stateDir);
  const signer = await openConnectorSigner(options.stateDir);
  const endpoint = createBotEndpoint({
    endpoint: options.botEndpoint,
    signer,
    serviceUrl,
    stopping: stop.signal,
  });
  const throttleMilliseconds = REFRESH_THROTTLE_MILLISECONDS / options.timeScale;
  const personalCards = createPersonalCards({ store, endpoint, serviceUrl, throttleMilliseconds });
  const live = createLive();
  const parts: Parts = {
    ...{ config: options, store, signer, endpoint, personalCards, live, origin, serviceUrl },
    stopping: stop.signal,
  };
  tellViewers(parts);
  const server = createServer(buildApp(parts, options.messagePatienceMilliseconds));
  address.port = await listen(server, options.port);
  void installEverywhere({ store, endpoint, serviceUrl, stopping: stop.signal });
  return {
    port: address.port,
    origin: origin(),
    stop: async () => {
      stop.abort();
      live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function buildApp(parts: Parts, messagePatienceMilliseconds: number | undefined): Express {
  const { config, store, endpoint, personalCards, live, serviceUrl, stopping } = parts;
  const journal = openJournal(join(config.stateDir, 'journal.jsonl'));
  const faults = createFaults();
  const chat = createChat({
    ...{ store, endpoint, personalCards, serviceUrl },
    ...(messagePatienceMilliseconds === undefined ? {} : { messagePatienceMilliseconds }),
  });
  const app = express();
  app.disable('x-powered-by');
  app.get('/.well-known/openidconfiguration', (_request, response) => {
    response.json(openIdMetadata(parts.origin()));
  });
  app.get('/.well-known/keys', (_request, response) => {
    response.json(parts.signer.keySet);
  });
  app.use(
    '/v3',
    json({ limit: LARGEST_BODY }),
    faultMiddleware({ journal, faults, isJournaled: () => true }),
    connectorRouter({
      ...{ store, serviceUrl },
      limits: createRateLimits(),
      checkBotToken: createBotTokenCheck(config.localAzureUrl),
      onTyping: (conversation) =>
        live.tell(conversation, 'typing', () => ({ conversation: conversation.id })),
    }),
  );
  app.use('/local', loopbackGuard());
  app.get('/local/ready', (_request, response) => {
    response.json({ ready: true });
  });
  app.use('/local', controlRouter({ journal, faults }));
  app.use(
    '/local',
    personaRouter({
      ...{ store, chat, live, personalCards },
      setInstalled: async (conversation, isInstalled) => {
        const told = await announce(conversation, isInstalled, { store, endpoint, serviceUrl, stopping });
        if (!told) throw new Refusal(502, 'The app could not be told.');
        store.setInstalled(conversation.id, isInstalled);
      },
    }),
  );
  app.use(pageRouter());
  app.use(answerSurprise);
  return app;
}

/** Keeps open windows up to date: first the cards of their own, then the news. */
function tellViewers({ store, personalCards, live }: Parts): void {
  const tell = (message: Message): void => {
    const conversation = conversations.find(({ id }) => id === message.conversation);
    if (!conversation) return;
    live.tell(conversation, 'message', ({ person, openConversation }) => ({
      conversation: conversation.id,
      message: openConversation === conversation.id ? seenBy(person, message) : null,
      createdAt: message.createdAt,
      isMine: message.from.id === person.teamsId,
    }));
  };
  store.onChange((message) => {
    tell(message);
    if (!message.card?.['refresh'] || message.deletedAt) return;
    for (const person of live.viewersOf(message.conversation)) void personalCards.catchUp(message.id, person);
  });
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

const answerSurprise: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = (error as { status?: unknown }).status;
  console.error(error);
  response
    .status(typeof status === 'number' ? status : 500)
    .json({ error: { code: 'InternalError', message: 'Local Teams could not carry this out.' } });
};
