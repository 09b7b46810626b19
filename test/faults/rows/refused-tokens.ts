/**
 * S3: whoever is not the Bot Connector. Every way in which a token, a channel or a service address can be wrong, on messages and
 * on presses, at the real server over HTTP: refused, nothing reaches the turns, and the product calls nobody for it.
 */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { bot, tenantId } from '../../../infra/local/identities';
import { buildApp } from '../../../bot/app';
import { createDeliveries } from '../../../bot/deliveries';
import { buildServer } from '../../../bot/server';
import { DeskAdapter } from '../../../bot/adapter';
import { envelope, startEdgeStage, type EdgeStage } from '../edge-stage';
import { martin } from '../../fakes/facts';
import type { BotConfig } from '../../../bot/config';
import type { Row, Violation } from '../row';

const issuer = 'https://api.botframework.com';

type Signer = Parameters<SignJWT['sign']>[0];

interface Connector {
  readonly url: string;
  /** Of another service, which a token or an activity may name. */
  readonly foreignUrl: string;
  readonly key: Signer;
  readonly publicKey: string;
  readonly kid: string;
  /** Calls but those for the keys; emptied by the look. */
  calls(): readonly string[];
  close(): Promise<void>;
}

async function listening(server: HttpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const closed = (server: HttpServer): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });

/** Publishes its key, hands out tokens, and writes down every other call; and a stranger beside it that does just that. */
async function startConnector(): Promise<Connector> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  let calls: string[] = [];
  let url = '';
  const keys = [{ ...jwk, kid, x5t: kid, use: 'sig', alg: 'RS256', endorsements: ['msteams'] }];
  const known: Readonly<Record<string, () => object>> = {
    '/.well-known/openidconfiguration': () => ({
      ...{ issuer, jwks_uri: `${url}keys`, id_token_signing_alg_values_supported: ['RS256'] },
    }),
    '/keys': () => ({ keys }),
  };
  const connector = createServer((request, response) => {
    request.resume();
    const path = (request.url ?? '').split('?')[0] ?? '';
    const answer = known[path];
    if (!answer) calls.push(`${request.method ?? ''} ${path}`);
    const token = {
      ...{ access_token: 'local', expires_in: '3600', token_type: 'Bearer' },
      expires_on: String(Math.floor(Date.now() / 1_000) + 3_600),
    };
    const isToken = path.startsWith('/msi');
    const body = answer?.() ?? (isToken ? token : { id: 'reply' });
    response.statusCode = answer || isToken ? 200 : 201;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  url = await listening(connector);
  const stranger = createServer((request, response) => {
    calls.push(`stranger ${request.url ?? ''}`);
    response.end('{}');
  });
  const foreignUrl = await listening(stranger);
  return {
    ...{ url, foreignUrl, key: privateKey, kid },
    publicKey: JSON.stringify({ kty: jwk.kty, n: jwk.n, e: jwk.e }),
    calls: () => {
      const seen = calls;
      calls = [];
      return seen;
    },
    close: async () => {
      await Promise.all([closed(connector), closed(stranger)]);
    },
  };
}

interface Claims {
  readonly issuer?: string;
  readonly audience?: string;
  readonly serviceUrl?: string;
  readonly from?: string;
  readonly until?: string;
  readonly kid?: string;
  readonly key?: Signer;
  readonly more?: Record<string, unknown>;
}

const token = (at: Connector, claims: Claims = {}): Promise<string> =>
  new SignJWT({ serviceurl: claims.serviceUrl ?? at.url, ...claims.more })
    .setProtectedHeader({ alg: 'RS256', kid: claims.kid ?? at.kid, x5t: claims.kid ?? at.kid, typ: 'JWT' })
    .setIssuer(claims.issuer ?? issuer)
    .setAudience(claims.audience ?? bot.appId)
    .setNotBefore(claims.from ?? '0s')
    .setExpirationTime(claims.until ?? '1h')
    .sign(claims.key ?? at.key);

function byHand(at: Connector, header: object, sign: (text: string) => string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(Date.now() / 1_000);
  const claims = { iss: issuer, aud: bot.appId, serviceurl: at.url, nbf: seconds - 5, exp: seconds + 3_600 };
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(text)}`;
}

const strangerKey = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
const entra = `https://login.microsoftonline.com/${tenantId}/v2.0`;
const otherTenant = 'https://sts.windows.net/99999999-2222-4222-8222-222222222222/';

/** By name: the whole header. */
const tokens: Readonly<Record<string, (at: Connector) => Promise<string> | string>> = {
  none: () => '',
  'an empty bearer': () => 'Bearer ',
  'another scheme': () => 'Basic dXNlcjpwYXNz',
  garbage: () => 'Bearer garbage',
  'three parts of garbage': () => 'Bearer a.b.c',
  'a wrong key': async (at) => `Bearer ${await token(at, { key: strangerKey })}`,
  'a key nobody published': async (at) => `Bearer ${await token(at, { key: strangerKey, kid: 'other' })}`,
  'a wrong issuer': async (at) => `Bearer ${await token(at, { issuer: 'https://evil.example' })}`,
  'Entra as issuer': async (at) =>
    `Bearer ${await token(at, { issuer: entra, more: { appid: bot.appId, ver: '2.0' } })}`,
  'another tenant as issuer': async (at) =>
    `Bearer ${await token(at, { issuer: otherTenant, more: { tid: '99999999-2222-4222-8222-222222222222' } })}`,
  'a wrong audience': async (at) =>
    `Bearer ${await token(at, { audience: '99999999-4444-4444-8444-444444444444' })}`,
  'a foreign service in the token': async (at) => `Bearer ${await token(at, { serviceUrl: at.foreignUrl })}`,
  'an expired token': async (at) => `Bearer ${await token(at, { from: '-2h', until: '-10m' })}`,
  'a token of later': async (at) => `Bearer ${await token(at, { from: '30m', until: '2h' })}`,
  'no algorithm': (at) => `Bearer ${byHand(at, { alg: 'none', typ: 'JWT', kid: at.kid }, () => '')}`,
  'the public key as secret': (at) =>
    `Bearer ${byHand(at, { alg: 'HS256', typ: 'JWT', kid: at.kid }, (text) => createHmac('sha256', at.publicKey).update(text).digest('base64url'))}`,
  'a changed token': async (at) => `Bearer ${(await token(at)).replace(/\.[^.]{10}/, '.eyJhdWQiOi')}`,
};
const good = async (at: Connector): Promise<string> => `Bearer ${await token(at)}`;

/** By name: what the body says of itself. */
const bodies: Readonly<Record<string, (at: Connector) => object>> = {
  'the channel AseChannel': () => ({ channelId: 'AseChannel' }),
  'the emulator': () => ({ channelId: 'emulator' }),
  'direct line': () => ({ channelId: 'directline' }),
  'no channel': () => ({ channelId: undefined }),
  'a foreign service': (at) => ({ serviceUrl: at.foreignUrl }),
  'no service': () => ({ serviceUrl: undefined }),
  'a service that is no address': () => ({ serviceUrl: 'smba' }),
};

const kinds: readonly object[] = [
  { type: 'message', text: 'help' },
  { type: 'invoke', name: 'adaptiveCard/action', value: { action: { verb: 'request.approve', data: {} } } },
  { type: 'installationUpdate', action: 'add' },
];

const configOf = ({ url }: Connector): BotConfig => ({
  ...{ mode: 'local', host: '127.0.0.1', port: 0, appId: bot.appId, tenantId, appType: 'UserAssignedMSI' },
  ...{ password: undefined, approvalsChannelId: '19:db-approvals@thread.tacv2', serviceUrls: [url] },
  localConnector: { metadataUrl: `${url}.well-known/openidconfiguration`, issuer },
  ...{ defaultZone: 'UTC', logLevel: 'error' },
});

interface Served {
  readonly url: string;
  turns(): number;
  close(): Promise<void>;
}

/** The server, the token check and the turns of the product. */
async function serve({ deps, service }: EdgeStage, connector: Connector): Promise<Served> {
  const config = configOf(connector);
  const adapter = new DeskAdapter(config);
  const { addressBook } = service;
  const messenger = {
    ...{ adapter, addressBook, approvalsChannelId: config.approvalsChannelId, tenantId },
    defaultServiceUrl: connector.url,
  };
  const deliveries = createDeliveries();
  const app = buildApp({ desk: service, door: config, messenger, deliveries, log: deps.log });
  let turns = 0;
  const server = buildServer({
    ...{ config, log: deps.log, unready: async () => [], metrics: () => undefined },
    turn: (authorization, activity) =>
      adapter.run(authorization, activity, async (context) => {
        turns += 1;
        await app(context);
      }),
  });
  const url = await listening(server.server);
  return { url, turns: () => turns, close: () => closed(server.server) };
}

interface Attempt {
  readonly name: string;
  readonly header: string;
  readonly body: object;
}

async function attempts(at: Connector): Promise<Attempt[]> {
  const wrongTokens = Object.entries(tokens).map(async ([name, make]) => [name, await make(at), {}] as const);
  const wrongBodies = Object.entries(bodies).map(
    async ([name, change]) => [name, await good(at), change(at)] as const,
  );
  // AseChannel takes another way through the framework, chosen by the body: with each of the tokens as well.
  const both = Object.entries(tokens).map(
    async ([name, make]) => [`${name} over AseChannel`, await make(at), { channelId: 'AseChannel' }] as const,
  );
  const all = await Promise.all([...wrongTokens, ...wrongBodies, ...both]);
  return all.flatMap(([name, header, change]) =>
    kinds.map((kind) => ({
      ...{ name, header },
      body: envelope({ person: martin }, { serviceUrl: at.url, ...kind, ...change }),
    })),
  );
}

const post = async (url: string, { header, body }: Attempt): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${url}api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(header === '' ? {} : { authorization: header }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
};

async function refusalProblems(served: Served, at: Connector, attempt: Attempt): Promise<string[]> {
  const turns = served.turns();
  const { status, text } = await post(served.url, attempt);
  const calls = at.calls();
  return [
    ...([400, 401, 403].includes(status) ? [] : [`answered with ${status}`]),
    ...(served.turns() === turns ? [] : ['reached the turns']),
    ...(calls.length === 0 ? [] : [`the product called ${calls.join(', ')}`]),
    ...(/\n\s+at |node_modules|eyJ/.test(text) ? ['the answer shows insides'] : []),
  ];
}

/** What is right is taken and answered, before and after, so that a refusal is one of what is wrong. */
async function takesTheRight(served: Served, at: Connector): Promise<Violation[]> {
  const turns = served.turns();
  const body = envelope({ person: martin }, { serviceUrl: at.url, type: 'message', text: 'help' });
  const { status } = await post(served.url, { name: 'right', header: await good(at), body });
  const replied = at.calls().some((call) => call.startsWith('POST /v3/conversations/'));
  return status === 200 && served.turns() === turns + 1 && replied
    ? []
    : [{ what: `a right token is answered with ${status}, replied: ${replied}`, case: 'right' }];
}

async function runTable(rounds: number): Promise<{ cases: number; violations: Violation[] }> {
  const [edge, at] = [await startEdgeStage(), await startConnector()];
  process.env['IDENTITY_ENDPOINT'] = `${at.url}msi/token`;
  process.env['IDENTITY_HEADER'] = 'faults';
  const served = await serve(edge, at);
  const violations: Violation[] = [];
  let cases = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      violations.push(...(await takesTheRight(served, at)));
      for (const attempt of await attempts(at)) {
        cases += 1;
        for (const what of await refusalProblems(served, at, attempt))
          violations.push({ what, case: { name: attempt.name, body: attempt.body } });
      }
      violations.push(...(await takesTheRight(served, at)));
    }
    return { cases, violations };
  } finally {
    delete process.env['IDENTITY_ENDPOINT'];
    delete process.env['IDENTITY_HEADER'];
    await served.close();
    await at.close();
    await edge.end();
  }
}

const perRound = (2 * Object.keys(tokens).length + Object.keys(bodies).length) * kinds.length;

export const refusedTokens: Row = {
  id: 'S3',
  what: 'Tokens, channels and service addresses that are wrong, on messages, presses and installations, over HTTP',
  full: 10 * perRound,
  slice: perRound,
  run: async (size) => ({
    ...(await runTable(Math.max(1, Math.round(size / perRound)))),
    checked:
      'refused with 400, 401 or 403, no turn begins, and but for the published keys the product calls nobody; the right token before and after is taken and answered',
  }),
};
