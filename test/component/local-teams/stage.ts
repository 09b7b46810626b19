/** A stage for tests of the local Teams: the real thing on a free port, a stub bot, and local Azure's keys. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { bot, tenantId } from '../../../infra/local/identities';
import { startLocalTeams, type RunningTeams } from '../../../infra/local/teams/server';

export type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

export interface BotReply {
  readonly status?: number;
  readonly body?: unknown;
}

export interface Stage {
  readonly teams: RunningTeams;
  readonly stateDir: string;
  /** Everything the bot was sent, in order, with the token it came with. */
  readonly heard: { activity: Json; authorization: string }[];
  readonly botToken: string;
  /** Where a managed identity gets that token. */
  readonly identityEndpoint: string;
  /** What the bot answers from now on. */
  onActivity(reply: (activity: Json) => BotReply | Promise<BotReply>): void;
  stopBot(): Promise<void>;
  startBot(): Promise<void>;
  /** A token signed by "local Azure" with other claims than the right ones. */
  tokenWith(claims: Json): Promise<string>;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  asBot(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; body: any; headers: Headers }>; // eslint-disable-line @typescript-eslint/no-explicit-any
  restartTeams(): Promise<void>;
  close(): Promise<void>;
}

export const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

export interface StageOptions {
  readonly timeScale?: number;
  /** Without: the test begins when the bot was told of all conversations, and `heard` is empty. */
  readonly keepInstallation?: boolean;
  readonly messagePatienceMilliseconds?: number;
  /** A bot of the test's own instead of the stub. */
  readonly botPort?: number;
}

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const stateDir = await mkdtemp(join(tmpdir(), 'local-teams-'));
  const keys = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'azure', alg: 'RS256' };
  const azure = await serve((request) =>
    request.url?.startsWith('/msi/token')
      ? {
          body: {
            access_token: botToken,
            token_type: 'Bearer',
            expires_on: Math.floor(Date.now() / 1_000) + 3_600,
          },
        }
      : { body: { keys: [jwk] } },
  );
  const heard: Stage['heard'] = [];
  let reply: (activity: Json) => BotReply | Promise<BotReply> = () => ({ status: 200 });
  const hear = async (request: IncomingMessage, body: string): Promise<BotReply> => {
    const activity = JSON.parse(body) as Json;
    heard.push({ activity, authorization: request.headers.authorization ?? '' });
    return reply(activity);
  };
  let stub = await serve(hear);
  const botPort = options.botPort ?? portOf(stub);
  const tokenWith = (claims: Json): Promise<string> =>
    new SignJWT({ appid: bot.appId, aud: 'https://api.botframework.com', tid: tenantId, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'azure' })
      .setExpirationTime('1h')
      .sign(keys.privateKey);
  const botToken = await tokenWith({});
  const teamsOptions = {
    stateDir,
    port: 0,
    timeScale: options.timeScale ?? 60,
    botEndpoint: `http://127.0.0.1:${botPort}/api/messages`,
    localAzureUrl: `http://127.0.0.1:${portOf(azure)}`,
    ...(options.messagePatienceMilliseconds === undefined
      ? {}
      : { messagePatienceMilliseconds: options.messagePatienceMilliseconds }),
  };
  let teams = await startLocalTeams(teamsOptions);
  const stage: Stage = {
    get teams() {
      return teams;
    },
    ...{ stateDir, heard, botToken, tokenWith },
    identityEndpoint: `http://127.0.0.1:${portOf(azure)}/msi/token`,
    onActivity: (next) => (reply = next),
    stopBot: () => shut(stub),
    startBot: async () => {
      stub = await serve(hear, botPort);
    },
    call: (method, path, body) => fetchJson(`${teams.origin}${path}`, method, body, {}),
    asBot: (method, path, body, token = botToken) =>
      fetchJson(`${teams.origin}${path}`, method, body, { authorization: `Bearer ${token}` }),
    restartTeams: async () => {
      await teams.stop();
      teams = await startLocalTeams(teamsOptions);
    },
    close: async () => {
      await teams.stop();
      await shut(stub);
      await shut(azure);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
  if (!options.keepInstallation) {
    await until(() => heard.filter(({ activity }) => activity['type'] === 'installationUpdate').length === 8);
    heard.length = 0;
  }
  return stage;
}

/** Waits for a state; the deadline only ends a test that would never pass. */
export async function until(isSo: () => boolean | Promise<boolean>, seconds = 10): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function fetchJson(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<{ status: number; body: Json; headers: Headers }> {
  const response = await fetch(url, {
    method,
    headers: {
      ...headers,
      connection: 'close',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    body: isJson ? (JSON.parse(text) as Json) : { text },
    headers: response.headers,
  };
}

async function serve(
  answer: (request: IncomingMessage, body: string) => BotReply | Promise<BotReply>,
  port = 0,
): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void Promise.resolve(answer(request, Buffer.concat(chunks).toString())).then(({ status, body }) => {
        response.writeHead(status ?? 200, { 'content-type': 'application/json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
