import { bodyProblem } from '../../../bot/server';

const config = { serviceUrls: ['https://smba.trafficmanager.net/teams/', 'http://127.0.0.1:3979/'] };
const body = (changes: object = {}): Record<string, unknown> => ({
  type: 'message',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/22222222/',
  conversation: { id: 'c' },
  from: { id: '29:x' },
  recipient: { id: '28:bot' },
  ...changes,
});

test('an activity of a connector that is known here goes on to the token check', () => {
  expect(bodyProblem(body(), config)).toBeUndefined();
  expect(bodyProblem(body({ serviceUrl: 'http://127.0.0.1:3979/v3' }), config)).toBeUndefined();
});

test.each([
  ['null', null],
  ['a list', [body()]],
  ['a text', 'message'],
  ['nothing', undefined],
  ['no type', body({ type: undefined })],
  ['an empty type', body({ type: '' })],
  ['a type that is no text', body({ type: { toString: 'message' } })],
  ['another channel', body({ channelId: 'directline' })],
  ['no channel', body({ channelId: undefined })],
  ['no conversation', body({ conversation: null })],
  ['a conversation without id', body({ conversation: {} })],
  ['a conversation whose id is a number', body({ conversation: { id: 7 } })],
  ['no sender', body({ from: 'me' })],
  ['no recipient', body({ recipient: [] })],
  ['no service address', body({ serviceUrl: undefined })],
  ['a service address that is none', body({ serviceUrl: 'smba.trafficmanager.net' })],
  ['another host', body({ serviceUrl: 'https://evil.example/teams/' })],
  ['a known host as user name', body({ serviceUrl: 'https://smba.trafficmanager.net@evil.example/' })],
  ['a known host as part of another', body({ serviceUrl: 'https://smba.trafficmanager.net.evil.example/' })],
  ['a known host without encryption', body({ serviceUrl: 'http://smba.trafficmanager.net/teams/' })],
  ['a known host on another port', body({ serviceUrl: 'http://127.0.0.1:3980/' })],
  ['a list of addresses', body({ serviceUrl: ['https://smba.trafficmanager.net/teams/'] })],
])('%s is refused with a sentence', (_what, refused) => {
  expect(bodyProblem(refused, config)).toMatch(/^[A-Z].+\.$/);
});
