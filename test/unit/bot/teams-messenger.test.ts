/** Messages to people of whom Teams does not know, or does not tell, how to reach them. */
import { createTeamsMessenger, type MessengerDeps } from '../../../bot/teams-messenger';
import { martin } from '../../fakes/facts';
import { sample } from '../cards/sample-messages';

/** Teams as it answers when it is asked for a member of the approvals channel. */
function aMessenger(member: () => Promise<{ readonly id: string }>) {
  const conversations = {
    getConversationMember: member,
    createConversation: () => Promise.resolve({ id: 'chat' }),
    sendToConversation: () => Promise.resolve({ id: 'message' }),
  };
  const addressBook = {
    members: () => Promise.resolve(new Map()),
    keepMember: () => Promise.resolve(),
    conversation: () => Promise.resolve(undefined),
  };
  const deps = {
    ...{ adapter: { connector: () => Promise.resolve({ conversations }) }, addressBook },
    ...{ approvalsChannelId: 'channel', tenantId: 'tenant', defaultServiceUrl: 'https://example.test/' },
  };
  return createTeamsMessenger(deps as unknown as MessengerDeps);
}

const answers = (status: number) => (): Promise<never> =>
  Promise.reject(Object.assign(new Error(`status ${status}`), { statusCode: status }));
const sent = (member: () => Promise<{ readonly id: string }>) =>
  aMessenger(member).send({ kind: 'person', person: martin }, sample('request-vault'), undefined);

test('somebody whom Teams knows gets a message in a chat of their own', async () => {
  expect(await sent(() => Promise.resolve({ id: '29:martin' }))).toEqual({
    conversation: 'chat',
    messageId: 'message',
  });
});

test.each([403, 404])('somebody of whom Teams says %i has no chat with the bot', async (status) => {
  await expect(sent(answers(status))).rejects.toMatchObject({ problem: { code: 'PERSON_UNREACHABLE' } });
});

test.each([429, 503])('while Teams only says %i the message stays to be sent', async (status) => {
  await expect(sent(answers(status))).rejects.toMatchObject({ statusCode: status });
});
