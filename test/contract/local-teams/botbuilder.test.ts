/**
 * The other side of the wire is the bot library itself, with authentication on: what it accepts and how it calls back
 * is the contract that local Teams has to meet.
 */
import {
  CardFactory,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  MessageFactory,
  TeamsInfo,
  TurnContext,
  type ConversationReference,
} from 'botbuilder';
import { generateKeyPair, SignJWT } from 'jose';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bot, personas, team, tenantId } from '../../../infra/local/identities';
import { CARD_TYPE, setStage, until, type Json, type Stage } from '../../component/local-teams/stage';

jest.setTimeout(60_000);

let stage: Stage;
let botServer: Server;
let adapter: CloudAdapter | undefined;
let onTurn: (context: TurnContext) => Promise<void>;
const heardTypes: string[] = [];
const identityVariables = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'] as const;

beforeAll(async () => {
  onTurn = async ({ activity }) => void heardTypes.push(activity.type);
  botServer = createServer((request, response) => void receive(request, response));
  await new Promise<void>((resolve) => botServer.listen(0, '127.0.0.1', resolve));
  stage = await setStage({ botPort: (botServer.address() as AddressInfo).port, keepInstallation: true });
  process.env['IDENTITY_ENDPOINT'] = stage.identityEndpoint;
  process.env['IDENTITY_HEADER'] = 'local';
  adapter = adapterTrusting(`${stage.teams.origin}/.well-known/openidconfiguration`);
  await until(() => heardTypes.filter((type) => type === 'installationUpdate').length === 8, 20);
});
afterAll(async () => {
  for (const name of identityVariables) delete process.env[name];
  await stage.close();
  botServer.closeAllConnections();
  await new Promise((resolve) => botServer.close(resolve));
});

function adapterTrusting(openIdMetadataUrl: string): CloudAdapter {
  return new CloudAdapter(
    new ConfigurationBotFrameworkAuthentication({
      MicrosoftAppId: bot.appId,
      MicrosoftAppType: 'UserAssignedMSI',
      MicrosoftAppTenantId: tenantId,
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadataUrl,
      ToBotFromChannelTokenIssuer: 'https://api.botframework.com',
      ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${tenantId}`,
      ToChannelFromBotOAuthScope: 'https://api.botframework.com',
      OAuthUrl: 'https://api.botframework.com',
    }),
  );
}

/** As much of a web server as the adapter needs. */
async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  // Local Teams is up before the adapter of this test is: it has to come again.
  if (!adapter) {
    response.writeHead(503).end();
    return;
  }
  const shim = {
    socket: request.socket,
    status: (code: number) => (response.statusCode = code),
    header: (name: string, value: string) => response.setHeader(name, value),
    send: (body: unknown) => response.write(typeof body === 'string' ? body : JSON.stringify(body)),
    end: () => response.end(),
  };
  const { method, headers } = request;
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Json;
  await adapter.process({ method: method ?? '', headers, body }, shim as never, (context) => onTurn(context));
}

const say = (as: string, conversation: string, text: string) =>
  stage.call('POST', '/local/say', { as, conversation, text });
const view = async (as: string, conversation: string): Promise<Json[]> =>
  (await stage.call('GET', `/local/view?as=${as}&conversation=${conversation}`)).body.messages;

test('an echo goes round: signed in, authenticated out, as a reply in the thread', async () => {
  onTurn = async (context) => {
    await context.sendActivity(`I heard: ${TurnContext.removeRecipientMention(context.activity)}`);
  };
  const said = await say('oncall', 'db-oncall', '@Restore Desk hello');
  expect(said.body.delivery).toBe('delivered');
  expect((await view('guest', 'db-oncall')).at(-1)).toMatchObject({
    text: 'I heard: hello',
    rootId: said.body.messageId,
    from: { kind: 'bot', name: bot.name },
  });
});

test('a message is edited, deleted and posted later by a stored reference', async () => {
  let reference: Partial<ConversationReference> = {};
  let editedId = '';
  onTurn = async (context) => {
    reference = TurnContext.getConversationReference(context.activity);
    editedId = (await context.sendActivity('first'))?.id ?? '';
  };
  await say('dba', 'group-dba', '@Restore Desk hello');
  await adapter?.continueConversationAsync(bot.appId, reference, async (context) => {
    await context.updateActivity({ ...MessageFactory.text('second'), id: editedId });
    const goes = await context.sendActivity('goes away');
    await context.deleteActivity(goes?.id ?? '');
  });
  const [edited, deleted] = (await view('dba', 'group-dba')).slice(-2);
  expect(edited).toMatchObject({ id: editedId, text: 'second' });
  expect(deleted).toMatchObject({ text: '', deletedAt: expect.any(String) });
});

test('the bot begins a thread in a channel and a chat with one person on its own', async () => {
  const serviceUrl = `${stage.teams.origin}/`;
  const begin = async (parameters: Json, text: string) => {
    const seen: { id?: string } = {};
    await adapter?.createConversationAsync(
      bot.appId,
      'msteams',
      serviceUrl,
      'https://api.botframework.com',
      parameters as never,
      async (context) => {
        seen.id = context.activity.conversation.id;
        await context.sendActivity(text);
      },
    );
    return seen.id;
  };
  const thread = await begin(
    {
      isGroup: true,
      channelData: { channel: { id: '19:db-approvals@thread.tacv2' } },
      activity: MessageFactory.text('Approval needed'),
    },
    'in the thread',
  );
  expect(thread).toMatch(/^19:db-approvals@thread\.tacv2;messageid=\d+$/);
  const [root, reply] = (await view('manager', 'db-approvals')).slice(-2);
  expect([root?.['text'], reply?.['text'], reply?.['rootId']]).toEqual([
    'Approval needed',
    'in the thread',
    root?.['id'],
  ]);
  await begin({ bot: { id: bot.teamsId }, members: [{ id: personas[1]?.teamsId }], tenantId }, 'for you');
  expect((await view('manager', 'personal:manager')).at(-1)).toMatchObject({ text: 'for you' });
});

test('the library finds people by Teams id and by Entra id, the roster page by page, and the team', async () => {
  const found: Json = {};
  onTurn = async (context) => {
    found['byTeamsId'] = await TeamsInfo.getMember(context, context.activity.from.id);
    found['byEntraId'] = await TeamsInfo.getMember(context, personas[2]?.aadObjectId ?? '');
    found['page'] = await TeamsInfo.getPagedMembers(context, 50);
    found['team'] = await TeamsInfo.getTeamDetails(context);
    found['channels'] = await TeamsInfo.getTeamChannels(context);
  };
  await say('oncall', 'db-oncall', '@Restore Desk who is here');
  expect(found['byTeamsId']).toMatchObject({ aadObjectId: personas[0]?.aadObjectId, tenantId });
  expect(found['byEntraId'].id).toBe(personas[2]?.teamsId);
  expect(found['page'].members).toHaveLength(5);
  expect(found['team'].id).toBe(team.id);
  expect(found['channels'].map(({ name }: Json) => name)).toEqual(['db-oncall', 'db-approvals']);
});

test('a card action is an invoke whose answer replaces the card of the one who pressed', async () => {
  const card = (text: string, title: string): Json => ({
    type: 'AdaptiveCard',
    version: '1.5',
    body: [{ type: 'TextBlock', text }],
    actions: [{ type: 'Action.Execute', title, verb: 'press', data: { n: 1 } }],
  });
  onTurn = async (context) => {
    if (context.activity.type === 'message') {
      await context.sendActivity({ attachments: [CardFactory.adaptiveCard(card('before', 'Press'))] });
      return;
    }
    const value = card(`pressed ${JSON.stringify(context.activity.value.action.data)}`, 'Again');
    await context.sendActivity({
      type: 'invokeResponse',
      value: { status: 200, body: { statusCode: 200, type: CARD_TYPE, value } },
    });
  };
  await say('oncall', 'personal:oncall', 'card please');
  const messageId = (await view('oncall', 'personal:oncall')).at(-1)?.['id'];
  const press = { as: 'oncall', conversation: 'personal:oncall', messageId, title: 'Press' };
  expect((await stage.call('POST', '/local/click', press)).body).toMatchObject({
    status: 200,
    type: CARD_TYPE,
  });
  expect((await view('oncall', 'personal:oncall')).at(-1)?.['card'].body[0].text).toBe('pressed {"n":1}');
});

test('a token signed with another key, or for another service address, is refused by the library', async () => {
  const complain = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const turn = jest.fn(async () => undefined);
  onTurn = turn;
  const { privateKey } = await generateKeyPair('RS256');
  const { keys } = (await stage.call('GET', '/.well-known/keys')).body;
  const forged = await new SignJWT({ serviceurl: `${stage.teams.origin}/` })
    .setProtectedHeader({ alg: 'RS256', kid: keys[0].kid })
    .setIssuer('https://api.botframework.com')
    .setAudience(bot.appId)
    .setExpirationTime('1h')
    .sign(privateKey);
  const activity = {
    type: 'message',
    text: 'let me in',
    channelId: 'msteams',
    serviceUrl: `${stage.teams.origin}/`,
    conversation: { id: 'x' },
  };
  const response = await fetch(`http://127.0.0.1:${(botServer.address() as AddressInfo).port}/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${forged}`, connection: 'close' },
    body: JSON.stringify(activity),
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
  const elsewhere = {
    as: 'oncall',
    conversation: 'db-oncall',
    activity: { serviceUrl: 'http://127.0.0.1:1/' },
  };
  expect((await stage.call('POST', '/local/invoke', elsewhere)).body.status).toBe(401);
  expect(turn).not.toHaveBeenCalled();
  complain.mockRestore();
});
