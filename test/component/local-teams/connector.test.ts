import { generateKeyPair, SignJWT } from 'jose';
import { bot, personas, tenantId } from '../../../infra/local/identities';
import { CARD_TYPE, setStage, until, type Json, type Stage } from './stage';

jest.setTimeout(60_000);

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const approvals = '19:db-approvals@thread.tacv2';
const activitiesOf = (id: string) => `/v3/conversations/${encodeURIComponent(id)}/activities`;
const newPost = (text: string, channel = approvals): Json => ({
  isGroup: true,
  channelData: { channel: { id: channel } },
  activity: { type: 'message', text },
});
const card = (words: string): Json => ({
  type: 'message',
  attachments: [
    {
      contentType: CARD_TYPE,
      content: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: words }] },
    },
  ],
});
const lastSeen = async (conversation: string, as = 'manager'): Promise<Json> =>
  (await stage.call('GET', `/local/view?as=${as}&conversation=${conversation}`)).body.messages.at(-1);

test('a new post in a channel begins a thread that can be answered, edited and deleted', async () => {
  const created = await stage.asBot('POST', '/v3/conversations', newPost('Approval needed'));
  expect(created.status).toBe(201);
  expect(created.body.id).toBe(`${approvals};messageid=${created.body.activityId}`);

  const thread = activitiesOf(created.body.id);
  const reply = await stage.asBot('POST', thread, card('first'));
  expect(reply.status).toBe(201);
  expect(await lastSeen('db-approvals')).toMatchObject({
    rootId: created.body.activityId,
    editedAt: null,
    from: { kind: 'bot', name: 'Restore Desk' },
    card: { body: [{ text: 'first' }] },
  });

  expect((await stage.asBot('PUT', `${thread}/${reply.body.id}`, card('second'))).status).toBe(200);
  const edited = await lastSeen('db-approvals');
  expect(edited['card'].body[0].text).toBe('second');
  expect(edited['editedAt']).not.toBeNull();

  expect((await stage.asBot('DELETE', `${thread}/${reply.body.id}`)).status).toBe(200);
  expect(await lastSeen('db-approvals')).toMatchObject({ card: null, text: '' });
  expect((await lastSeen('db-approvals'))['deletedAt']).not.toBeNull();
  expect((await stage.asBot('PUT', `${thread}/${reply.body.id}`, card('third'))).status).toBe(404);
  expect((await stage.asBot('PUT', `${thread}/12345`, card('third'))).status).toBe(404);
});

test('a reader sees words: no mention markup, and no XML where the text is XML', async () => {
  const said = async (activity: Json) => {
    await stage.asBot('POST', activitiesOf('19:group-dba@thread.v2'), { type: 'message', ...activity });
    const { text, mentions } = await lastSeen('group-dba');
    return { text, mentions };
  };
  const mention = {
    type: 'mention',
    text: '<at>Divya Rao</at>',
    mentioned: { id: '29:x', name: 'Divya Rao' },
  };
  const text = '<at>Divya Rao</at> <b>R-1</b>: a &lt; b &amp; c<br/>done';
  expect(await said({ text, textFormat: 'xml', entities: [mention] })).toEqual({
    text: 'Divya Rao R-1: a < b & c\ndone',
    mentions: ['Divya Rao'],
  });
  expect((await said({ text: 'a &lt; **b**' })).text).toBe('a &lt; **b**');
});

test('a chat with one person is opened by their Teams id or their Entra id', async () => {
  const [oncall] = personas;
  for (const id of [oncall?.teamsId, oncall?.aadObjectId]) {
    const { status, body } = await stage.asBot('POST', '/v3/conversations', {
      bot: { id: bot.teamsId },
      members: [{ id }],
      tenantId,
    });
    expect(status).toBe(201);
    expect((await stage.asBot('POST', activitiesOf(body.id), { type: 'message', text: 'done' })).status).toBe(
      201,
    );
  }
  expect(await lastSeen('personal:oncall', 'oncall')).toMatchObject({ text: 'done' });
  const stranger = { members: [{ id: '29:nobody' }], tenantId };
  expect((await stage.asBot('POST', '/v3/conversations', stranger)).status).toBe(403);
});

test('members are found by Teams id, by Entra id, as a list and by page, also of the team', async () => {
  const [, manager] = personas;
  const base = `/v3/conversations/${encodeURIComponent(approvals)}`;
  const byId = await stage.asBot('GET', `${base}/members/${encodeURIComponent(manager?.teamsId ?? '')}`);
  const byEntra = await stage.asBot('GET', `${base}/members/${manager?.aadObjectId}`);
  expect(byId.body).toEqual(byEntra.body);
  expect(byId.body).toMatchObject({ id: manager?.teamsId, aadObjectId: manager?.aadObjectId, tenantId });
  expect((await stage.asBot('GET', `${base}/members/29%3Anobody`)).status).toBe(404);
  const team = encodeURIComponent('19:platform@thread.tacv2');
  expect((await stage.asBot('GET', `/v3/conversations/${team}/members`)).body).toHaveLength(5);
  expect(
    (await stage.asBot('GET', `/v3/conversations/${team}/pagedmembers?pageSize=50`)).body.members,
  ).toHaveLength(5);
  expect((await stage.asBot('GET', `/v3/teams/${team}`)).body).toMatchObject({ name: 'Platform' });
  expect((await stage.asBot('GET', `/v3/teams/${team}/conversations`)).body.conversations).toHaveLength(2);
});

test('a message of more than 100 KB is refused, one just below is taken', async () => {
  const created = await stage.asBot('POST', '/v3/conversations', newPost('sizes'));
  const path = activitiesOf(created.body.id);
  const tooBig = await stage.asBot('POST', path, { type: 'message', text: 'x'.repeat(51_201) });
  expect([tooBig.status, tooBig.body.error.code]).toEqual([413, 'MessageSizeTooBig']);
  expect((await stage.asBot('POST', path, { type: 'message', text: 'x'.repeat(51_200) })).status).toBe(201);
});

test('the eighth post in one thread within a second is told when to come back; other threads go on', async () => {
  const first = (await stage.asBot('POST', '/v3/conversations', newPost('busy'))).body.id;
  const other = (await stage.asBot('POST', '/v3/conversations', newPost('calm'))).body.id;
  const post = (id: string) => stage.asBot('POST', activitiesOf(id), { type: 'message', text: 'x' });
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(first)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(1);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await post(other)).status).toBe(201);
});

test('only a token of the bot, signed by local Azure for the Connector, is let in', async () => {
  const path = '/v3/teams/x';
  const status = async (token: string) => (await stage.asBot('GET', path, undefined, token)).status;
  expect(await status(stage.botToken)).toBe(404);
  expect(await status('')).toBe(401);
  expect(await status('garbage')).toBe(401);
  expect(await status(await stage.tokenWith({ aud: 'https://management.azure.com' }))).toBe(401);
  expect(await status(await stage.tokenWith({ appid: 'another-app' }))).toBe(401);
  const { privateKey } = await generateKeyPair('RS256');
  const forged = await new SignJWT({ appid: bot.appId, aud: 'https://api.botframework.com' })
    .setProtectedHeader({ alg: 'RS256', kid: 'azure' })
    .setExpirationTime('1h')
    .sign(privateKey);
  expect(await status(forged)).toBe(401);
});

test('ordered faults meet the bot, and the journal tells which calls were accepted', async () => {
  const order = { method: 'POST', path: 'activities', answer: 'accept-then-reset' };
  expect((await stage.call('POST', '/local/faults', order)).status).toBe(200);
  const created = await stage.asBot('POST', '/v3/conversations', newPost('faults'));
  const path = activitiesOf(created.body.id);
  await expect(stage.asBot('POST', path, { type: 'message', text: 'lost' })).rejects.toThrow();
  const { entries } = (await stage.call('GET', '/local/journal')).body;
  expect(entries.at(-1)).toMatchObject({
    method: 'POST',
    status: 201,
    answered: false,
    body: { text: 'lost' },
  });
  expect(await lastSeen('db-approvals')).toMatchObject({ text: 'lost' });
});

test('a bot that is taken out of a conversation is told, and may not post there', async () => {
  stage.heard.length = 0;
  const set = (installed: boolean) =>
    stage.call('POST', '/local/installation', { conversation: 'group-dba', installed });
  await set(false);
  expect(stage.heard.map(({ activity }) => [activity['type'], activity['action']])).toEqual([
    ['conversationUpdate', undefined],
    ['installationUpdate', 'remove'],
  ]);
  const post = () =>
    stage.asBot('POST', activitiesOf('19:group-dba@thread.v2'), { type: 'message', text: 'x' });
  const refused = await post();
  expect([refused.status, refused.body.error.code]).toEqual([403, 'BotNotInConversationRoster']);
  await set(true);
  expect((await post()).status).toBe(201);
});

test('a bot that starts late is told once of every conversation', async () => {
  const late = await setStage({ keepInstallation: true });
  try {
    const told = () => late.heard.filter(({ activity }) => activity['type'] === 'installationUpdate');
    await until(() => told().length === 8);
    const conversations = told().map(({ activity }) => activity['conversation'].id);
    expect(new Set(conversations).size).toBe(8);
  } finally {
    await late.close();
  }
});
