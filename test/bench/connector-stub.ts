/**
 * The other side of the wire, as small as it can be: publishes the key that activities are signed with, hands out tokens,
 * takes every reply, and, over https, answers as an Azure in which everything is still going on.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { bot, mainSubscriptionId } from '../../infra/local/identities';

const issuer = 'https://api.botframework.com';

export interface ConnectorStub {
  readonly url: string;
  readonly armUrl: string;
  /** One token, used for every activity, as the real connector uses its tokens until they expire. */
  readonly authorization: string;
  /** How many replies and edits have come in. */
  replies(): number;
  /** The servers that Azure lists from now on; none before. */
  showServers(servers: readonly object[]): void;
  /** How many times they were listed, whole. */
  lists(): number;
  close(): Promise<void>;
}

function send(response: ServerResponse, body: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3_600;

const token = () => ({
  access_token: 'bench',
  client_id: bot.appId,
  expires_in: '3600',
  expires_on: String(inAnHour()),
  token_type: 'Bearer',
});

/** Bodies are read to the end and not looked at. */
const drained = (request: IncomingMessage, then: () => void): void => void request.resume().once('end', then);

function answersTo(keys: readonly JWK[], self: () => string, count: () => number): RequestListener {
  return (request, response) =>
    drained(request, () => {
      const path = request.url ?? '';
      if (path.startsWith('/.well-known/openidconfiguration')) {
        const jwks = { issuer, jwks_uri: `${self()}keys`, id_token_signing_alg_values_supported: ['RS256'] };
        return send(response, jwks);
      }
      if (path === '/keys') return send(response, { keys });
      if (path.startsWith('/msi/token')) return send(response, token());
      if (request.method === 'GET') return send(response, {}, 404);
      const id = `reply-${count()}`;
      return send(response, { id, activityId: id }, 201);
    });
}

const pageSize = 200;

/** Operations run for ever; everybody is a member; servers are those that a measurement shows, all of them in one subscription. */
function startArm() {
  // Written once: what a page costs to write is not the product's.
  let pages: (origin: string) => string[] = () => [];
  let lists = 0;
  const answers: RequestListener = (request, response) =>
    drained(request, () => {
      const { pathname = '', searchParams } = new URL(request.url ?? '', 'https://arm');
      if (pathname.includes('/azureAsyncOperation/'))
        return send(response, { status: 'InProgress' }, 200, { 'retry-after': '15' });
      const [, user] = /^\/v1\.0\/users\/([^/]+)$/.exec(pathname) ?? [];
      if (user !== undefined) return send(response, { id: user, accountEnabled: true, userType: 'Member' });
      const from = Number(searchParams.get('$skiptoken') ?? 0);
      const all = pathname.endsWith('/flexibleServers') ? pages(`https://${request.headers.host ?? ''}`) : [];
      if (from > 0 && from === all.length - 1) lists += 1;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(all[from] ?? JSON.stringify({ value: [] }));
    });
  const showServers = (servers: readonly object[]): void => {
    const written = new Map<string, string[]>();
    const count = Math.ceil(servers.length / pageSize);
    const write = (origin: string): string[] =>
      Array.from({ length: count }, (_, nth) => {
        const value = servers.slice(nth * pageSize, (nth + 1) * pageSize);
        const path = `/subscriptions/${mainSubscriptionId}/providers/Microsoft.DBforPostgreSQL/flexibleServers`;
        const nextLink = `${origin}${path}?api-version=2025-08-01&$skiptoken=${nth + 1}`;
        return JSON.stringify(nth + 1 < count ? { value, nextLink } : { value });
      });
    pages = (origin) => {
      const known = written.get(origin) ?? write(origin);
      written.set(origin, known);
      return known;
    };
  };
  return { answers, showServers, lists: () => lists };
}

export async function startConnectorStub(tls: { cert: string; key: string }): Promise<ConnectorStub> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const published = { ...jwk, kid, x5t: kid, use: 'sig', alg: 'RS256', endorsements: ['msteams'] };
  let taken = 0;
  let url = '';
  const connector = createServer(
    answersTo(
      [published],
      () => url,
      () => ++taken,
    ),
  );
  url = `http://127.0.0.1:${await listen(connector)}/`;
  const azure = startArm();
  const arm = createTlsServer(tls, azure.answers);
  const signed = await new SignJWT({ serviceurl: url })
    .setProtectedHeader({ alg: 'RS256', kid, x5t: kid, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(bot.appId)
    .setNotBefore('0s')
    .setExpirationTime('1h')
    .sign(privateKey);
  return {
    url,
    armUrl: `https://127.0.0.1:${await listen(arm)}`,
    authorization: `Bearer ${signed}`,
    replies: () => taken,
    showServers: azure.showServers,
    lists: azure.lists,
    close: async () => {
      for (const server of [connector, arm]) server.closeAllConnections();
      await Promise.all([connector, arm].map((server) => new Promise((done) => server.close(done))));
    },
  };
}
