/** Whoever is not the Bot Connector, and whatever is no activity: a plain refusal, and nothing at all happens. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { calculateJwkThumbprint, importJWK, SignJWT, type JWK } from 'jose';
import { bot, personas } from '../../../infra/local/identities';
import { conversations } from '../../../infra/local/teams/conversations';
import { envelope } from '../../../infra/local/teams/activities';
import { until } from '../../fixtures/supervisor/processes';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';

jest.setTimeout(240_000);
let environment: LocalEnvironment;
let database: Client;
let key: Awaited<ReturnType<typeof importJWK>>;
let kid: string;
let publicKey: string;

const oncall = personas[0];
/** Where an answer of the bot would be accepted, and so seen. */
const chat = conversations.find(({ id }) => id === 'personal:oncall');

beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'refused' });
  database = new Client({ connectionString: environment.databaseUrl });
  await database.connect();
  const jwk = JSON.parse(
    readFileSync(join(environment.stateDir, 'teams', 'signing-key.json'), 'utf8'),
  ) as JWK;
  key = await importJWK(jwk, 'RS256');
  kid = await calculateJwkThumbprint(jwk);
  // The bot is told of every conversation it is installed in; until then things still happen by themselves.
  await until('every conversation has arrived', async () => {
    const { rows } = await database.query<{ thread_key: string }>('select thread_key from conversation');
    return conversations.every(({ wireId }) => rows.some(({ thread_key }) => thread_key === wireId));
  });
  publicKey = JSON.stringify({ kty: jwk.kty, n: jwk.n, e: jwk.e });
});
afterAll(async () => {
  await database?.end();
  await environment?.stop();
});

const serviceUrl = (): string => `http://127.0.0.1:${environment.ports.teams}/`;

let number = 0;
function activity(changes: object = {}): Record<string, unknown> {
  if (!oncall || !chat) throw new Error('nobody lives here');
  number += 1;
  const scene = {
    person: oncall,
    conversation: chat,
    serviceUrl: serviceUrl(),
    at: new Date(),
  };
  return {
    ...envelope(scene),
    type: 'message',
    id: `refused-${number}`,
    text: '<at>Restore Desk</at> list',
    ...changes,
  };
}

interface Claims {
  readonly issuer?: string;
  readonly audience?: string;
  readonly serviceUrl?: string;
  readonly expires?: string;
  readonly notBefore?: string;
  readonly kid?: string;
}

const token = (claims: Claims = {}, signingKey: Parameters<SignJWT['sign']>[0] = key): Promise<string> =>
  new SignJWT({ serviceurl: claims.serviceUrl ?? serviceUrl() })
    .setProtectedHeader({ alg: 'RS256', kid: claims.kid ?? kid, x5t: claims.kid ?? kid, typ: 'JWT' })
    .setIssuer(claims.issuer ?? 'https://api.botframework.com')
    .setAudience(claims.audience ?? bot.appId)
    .setNotBefore(claims.notBefore ?? '0s')
    .setExpirationTime(claims.expires ?? '1h')
    .sign(signingKey);

/** A token whose parts are written by hand, as an attacker would. */
function handmade(header: object, sign: (text: string) => string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'https://api.botframework.com',
    aud: bot.appId,
    serviceurl: serviceUrl(),
    nbf: now - 5,
    exp: now + 3600,
  };
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${sign(text)}`;
}

async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${environment.ports.product}/api/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    body,
  });
  const text = await response.text();
  expect(text).not.toMatch(/\bat .+:\d+:\d+|node_modules/);
  return response.status;
}

const withToken = async (body: unknown, bearer: string): Promise<number> =>
  post(JSON.stringify(body), { authorization: `Bearer ${bearer}` });

/** Everything that would show that something happened. */
async function world(): Promise<unknown> {
  const tables = [
    'restore_request',
    'draft',
    'journal',
    'outbox',
    'delivery',
    'conversation',
    'teams_member',
    'start_intent',
  ];
  const { rows } = await database.query(
    tables
      .map(
        (table) =>
          `select '${table}' as name, count(*)::int as rows, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as content from ${table} t`,
      )
      .join(' union all '),
  );
  return { rows, said: (await environment.teams.journal()).length, pid: environment.productPid() };
}

async function refused(statuses: readonly number[], send: () => Promise<number>): Promise<void> {
  const before = await world();
  expect(statuses).toContain(await send());
  expect(await world()).toEqual(before);
}

/** Waits for so many answers of the bot in all, and until the bot has written down that each of them was sent. */
const answers = (count: number): Promise<boolean> =>
  until(`the bot has answered ${count} times`, async () => {
    const { rows } = await database.query('select 1 from outbox where sent < wanted');
    return rows.length === 0 && (await environment.teams.journal()).length === count;
  });

test('an activity that the connector signed is answered, so the refusals below are refusals of what is wrong', async () => {
  expect(await withToken(activity({ text: '<at>Restore Desk</at> help' }), await token())).toBe(200);
  await answers(1);
});

const strangerKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const forgeries: readonly [string, () => Promise<string> | string][] = [
  ['no token', () => ''],
  ['an empty bearer', () => 'Bearer '],
  ['another scheme', () => 'Basic dXNlcjpwYXNz'],
  ['garbage', () => 'Bearer garbage'],
  ['three dots', () => 'Bearer a.b.c'],
  ['the key of somebody else', async () => `Bearer ${await token({}, strangerKey)}`],
  ['a key that nobody published', async () => `Bearer ${await token({ kid: 'unknown' }, strangerKey)}`],
  ['another issuer', async () => `Bearer ${await token({ issuer: 'https://sts.windows.net/x/' })}`],
  [
    'another audience',
    async () => `Bearer ${await token({ audience: '99999999-4444-4444-8444-444444444444' })}`,
  ],
  [
    'another service in the token',
    async () => `Bearer ${await token({ serviceUrl: 'https://evil.example/' })}`,
  ],
  ['an expired token', async () => `Bearer ${await token({ expires: '-10m', notBefore: '-1h' })}`],
  ['a token of the future', async () => `Bearer ${await token({ notBefore: '30m' })}`],
  ['no signature', () => `Bearer ${handmade({ alg: 'none', typ: 'JWT', kid }, () => '')}`],
  [
    'a signature with the public key as secret',
    () =>
      `Bearer ${handmade({ alg: 'HS256', typ: 'JWT', kid }, (text) => createHmac('sha256', publicKey).update(text).digest('base64url'))}`,
  ],
  ['a changed token', async () => `Bearer ${(await token()).replace(/\.[^.]{10}/, '.eyJhdWQiOi')}`],
  ['a huge token', () => `Bearer ${'a'.repeat(12_000)}`],
];

test.each(forgeries)('%s: 401, for messages and for buttons', async (_what, authorization) => {
  const header = await authorization();
  for (const body of [
    activity(),
    activity({
      type: 'invoke',
      name: 'adaptiveCard/action',
      value: { action: { verb: 'request.approve', data: {} } },
    }),
  ])
    await refused([401], () => post(JSON.stringify(body), header === '' ? {} : { authorization: header }));
});

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const bodies: readonly [string, readonly number[], () => string][] = [
  ['no JSON', [400], () => '{"type": "message"'],
  ['nothing', [400], () => ''],
  ['a list', [400], () => JSON.stringify([activity()])],
  ['a text', [400], () => '"message"'],
  ['null', [400], () => 'null'],
  ['no type', [400], () => JSON.stringify(activity({ type: undefined }))],
  ['a type by prototype', [400], () => `{"__proto__": ${JSON.stringify(activity())}}`],
  ['another channel', [400], () => JSON.stringify(activity({ channelId: 'directline' }))],
  ['the emulator', [400], () => JSON.stringify(activity({ channelId: 'emulator' }))],
  ['a foreign service', [400], () => JSON.stringify(activity({ serviceUrl: 'https://evil.example/' }))],
  ['no conversation', [400], () => JSON.stringify(activity({ conversation: undefined }))],
  ['600 KB', [413], () => JSON.stringify(activity({ text: 'x'.repeat(600 * 1024) }))],
  ['a deep list instead of an activity', [400], () => nested(100_000)],
];

test.each(bodies)('%s is no activity, also with a good token', async (_what, statuses, body) => {
  const bearer = await token();
  await refused(statuses, () => post(body(), { authorization: `Bearer ${bearer}` }));
});

test('another kind of body is refused, and so is one that grows when it is unpacked', async () => {
  const authorization = `Bearer ${await token()}`;
  await refused([400, 415], () =>
    post(JSON.stringify(activity()), { authorization, 'content-type': 'text/plain' }),
  );
  await refused([400, 415], () =>
    post('type=message', { authorization, 'content-type': 'application/x-www-form-urlencoded' }),
  );
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 'x'));
  await refused([400, 413, 415], () => post(bomb, { authorization, 'content-encoding': 'gzip' }));
});

test('an activity with a bottomless value comes to an end', async () => {
  const text = JSON.stringify(
    activity({ type: 'invoke', name: 'adaptiveCard/action', value: 'deep' }),
  ).replace('"deep"', nested(50_000));
  const before = environment.productPid();
  expect(await post(text, { authorization: `Bearer ${await token()}` })).toBeLessThan(501);
  expect(environment.productPid()).toBe(before);
  expect(await environment.isReady()).toBe(true);
});

test('somebody of another tenant is not answered, whatever they say or press', async () => {
  const stranger = '99999999-2222-4222-8222-222222222222';
  const theirs = {
    conversation: { id: '19:their@thread.tacv2', tenantId: stranger },
    channelData: { tenant: { id: stranger } },
  };
  const bearer = await token();
  for (const changes of [
    {},
    { type: 'invoke', name: 'adaptiveCard/action', value: {} },
    { type: 'installationUpdate' },
    { type: 'conversationUpdate' },
  ])
    await refused([200, 403], () => withToken(activity({ ...theirs, ...changes }), bearer));
});

test('activities that the desk has no use for are taken and forgotten', async () => {
  const bearer = await token();
  for (const type of ['typing', 'messageReaction', 'event', 'endOfConversation', 'x'.repeat(1_000)])
    await refused([200, 202], () => withToken(activity({ type }), bearer));
});

test('other methods and paths lead nowhere', async () => {
  const origin = `http://127.0.0.1:${environment.ports.product}`;
  const ask = async (method: string, path: string) => (await fetch(`${origin}${path}`, { method })).status;
  expect(await ask('GET', '/api/messages')).toBe(405);
  for (const path of [
    '/',
    '/local/journal',
    '/api',
    '/api/messages/../../etc/passwd',
    '/%2e%2e/package.json',
  ])
    expect(await ask('GET', path)).toBe(404);
});

test('after all of it the same process still works', async () => {
  expect(await withToken(activity({ text: '<at>Restore Desk</at> help' }), await token())).toBe(200);
  // An answer to anything refused above would have come by now.
  await answers(2);
});
