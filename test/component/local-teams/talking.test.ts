import { bot, personas } from '../../../infra/local/identities';
import { setStage, until, type Stage } from './stage';

const [oncall] = personas;
jest.setTimeout(60_000);

let stage: Stage;

beforeAll(async () => {
  stage = await setStage({ messagePatienceMilliseconds: 3_000 });
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.heard.length = 0;
  stage.onActivity(() => ({ status: 200 }));
});

const say = (as: string, conversation: string, text: string, replyTo?: string) =>
  stage.call('POST', '/local/say', { as, conversation, text, ...(replyTo ? { replyTo } : {}) });
const view = async (as: string, conversation: string, since = '') =>
  (await stage.call('GET', `/local/view?as=${as}&conversation=${conversation}&since=${since}`)).body.messages;

test('each person sees the channels, the chats they are in, and their own chat with the bot', async () => {
  const idsOf = async (as: string) =>
    (await stage.call('GET', `/local/conversations?as=${as}`)).body.map(({ id }: { id: string }) => id);
  expect(await idsOf('dba')).toEqual(['db-oncall', 'db-approvals', 'group-dba', 'personal:dba']);
  expect(await idsOf('guest')).toEqual(['db-oncall', 'db-approvals', 'personal:guest']);
  const people = (await stage.call('GET', '/local/personas')).body;
  expect(people[0]).toMatchObject({ persona: 'oncall', teamsId: oncall?.teamsId, name: 'Ines Okafor' });
});

test('a sentence with a mention reaches the bot as an activity shaped like one of Teams', async () => {
  const { body } = await say('oncall', 'db-oncall', '@Restore Desk restore orders-pg\nlatest');
  expect(body.delivery).toBe('delivered');
  expect(stage.heard).toHaveLength(1);
  expect(stage.heard[0]?.activity).toMatchObject({
    type: 'message',
    id: body.messageId,
    channelId: 'msteams',
    serviceUrl: `${stage.teams.origin}/`,
    text: '<at>Restore Desk</at> restore orders-pg\nlatest',
    textFormat: 'plain',
    localTimezone: 'Europe/Berlin',
    from: { id: oncall?.teamsId, aadObjectId: oncall?.aadObjectId, name: oncall?.name },
    recipient: { id: bot.teamsId },
    conversation: {
      id: `19:db-oncall@thread.tacv2;messageid=${body.messageId}`,
      conversationType: 'channel',
      isGroup: true,
    },
    channelData: { team: { id: '19:platform@thread.tacv2' }, channel: { id: '19:db-oncall@thread.tacv2' } },
    entities: [
      { type: 'mention', text: '<at>Restore Desk</at>', mentioned: { id: bot.teamsId } },
      { type: 'clientInfo', timezone: 'Europe/Berlin' },
    ],
  });
  const seen = await view('guest', 'db-oncall');
  expect(seen.at(-1)).toMatchObject({
    text: 'Restore Desk restore orders-pg\nlatest',
    rootId: body.messageId,
    card: null,
    from: { kind: 'user', name: 'Ines Okafor' },
  });
});

test('without a mention the bot hears nothing in channels and group chats, and everything in its own chat', async () => {
  await say('dba', 'db-oncall', 'just talking');
  await say('dba', 'group-dba', 'just talking');
  expect(stage.heard).toHaveLength(0);
  await say('dba', 'personal:dba', 'help');
  expect(stage.heard[0]?.activity).toMatchObject({
    text: 'help',
    conversation: { conversationType: 'personal' },
  });
  expect(stage.heard[0]?.activity['conversation'].id).toMatch(/^a:1/);
});

test('a reply stays in the thread of its root', async () => {
  const root = (await say('oncall', 'db-oncall', 'something is wrong')).body.messageId;
  const first = (await say('dba', 'db-oncall', 'what?', root)).body.messageId;
  const second = (await say('oncall', 'db-oncall', '@restore desk status', first)).body.messageId;
  expect(stage.heard[0]?.activity['conversation'].id).toBe(`19:db-oncall@thread.tacv2;messageid=${root}`);
  const seen = await view('dba', 'db-oncall');
  expect(seen.find(({ id }: { id: string }) => id === second).rootId).toBe(root);
});

test('a message waits for a bot that restarts, and is marked when the bot stays away', async () => {
  await stage.stopBot();
  const waiting = say('oncall', 'personal:oncall', 'are you there?');
  await until(async () => (await view('oncall', 'personal:oncall')).at(-1)?.delivery === 'delivering');
  await stage.startBot();
  expect((await waiting).body.delivery).toBe('delivered');

  await stage.stopBot();
  const lost = (await say('oncall', 'personal:oncall', 'and now?')).body;
  await stage.startBot();
  expect(lost.delivery).toBe('not-delivered');
  expect((await view('oncall', 'personal:oncall')).at(-1)).toMatchObject({ delivery: 'not-delivered' });

  await stage.call('POST', '/local/deliver-again', { messageId: lost.messageId });
  expect((await view('oncall', 'personal:oncall')).at(-1)).toMatchObject({ delivery: 'delivered' });
});

test('the same activity can be delivered once more, and any activity can be sent as somebody', async () => {
  const { messageId } = (await say('oncall', 'personal:oncall', 'once')).body;
  expect((await stage.call('POST', '/local/deliver-again', { messageId })).body.status).toBe(200);
  expect(stage.heard[1]?.activity).toEqual(stage.heard[0]?.activity);
  stage.onActivity(() => ({ status: 501 }));
  const activity = { name: 'task/fetch', value: { x: 1 }, channelId: 'emulator' };
  const answer = await stage.call('POST', '/local/invoke', {
    as: 'dba',
    conversation: 'db-oncall',
    activity,
  });
  expect(answer.body).toEqual({ status: 501, body: null });
  expect(stage.heard[2]?.activity).toMatchObject({
    type: 'invoke',
    ...activity,
    from: { name: 'Divya Rao' },
  });
});

test('"since" leaves out what was seen: after a message id, or from a time on', async () => {
  const first = (await say('oncall', 'db-approvals', 'one')).body.messageId;
  const second = (await say('oncall', 'db-approvals', 'two')).body.messageId;
  const ids = async (since: string) =>
    (await view('oncall', 'db-approvals', since)).map(({ id }: { id: string }) => id);
  expect(await ids(first)).toEqual([second]);
  expect(await ids(new Date(Number(second)).toISOString())).toEqual([second]);
});

test('whoever is unknown, not a member or not exact gets one clear sentence', async () => {
  const refused = async (path: string, body: unknown) => {
    const { status, body: answer } = await stage.call('POST', path, body);
    return `${status} ${answer.error}`;
  };
  const place = { as: 'guest', conversation: 'group-dba' };
  expect(await refused('/local/say', { ...place, as: 'nobody', text: 'x' })).toMatch(
    /^400 There is no persona/,
  );
  expect(await refused('/local/say', { ...place, text: 'x' })).toMatch(/^403 .*not a member of "group-dba"/);
  expect(await refused('/local/say', { ...place, conversation: 'x', text: 'x' })).toMatch(
    /^404 There is no conv/,
  );
  expect(await refused('/local/say', { as: 'guest' })).toMatch(
    /^400 The request is not complete: conversation/,
  );
  expect(
    await refused('/local/click', { as: 'guest', conversation: 'db-oncall', messageId: '1', title: 'X' }),
  ).toMatch(/^404 There is no message "1"/);
  expect(await refused('/local/deliver-again', { messageId: '1' })).toMatch(/^404 /);
});

test('messages survive a restart, and the bot is not installed a second time', async () => {
  const { messageId } = (await say('manager', 'db-approvals', 'kept')).body;
  const keys = (await stage.call('GET', '/.well-known/keys')).body;
  await stage.restartTeams();
  stage.heard.length = 0;
  expect((await view('manager', 'db-approvals')).at(-1)).toMatchObject({ id: messageId, text: 'kept' });
  expect((await stage.call('GET', '/.well-known/keys')).body).toEqual(keys);
  await say('manager', 'personal:manager', 'hello');
  expect(stage.heard.map(({ activity }) => activity['type'])).toEqual(['message']);
});
