import { redaction, scrub } from '../../../bot/log-redaction';

const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJpbmVzIn0.c2lnbmF0dXJl';
const signed =
  'https://management.azure.com/subscriptions/1/operations/2?api-version=2025-08-01&t=638&c=MIIHhz&s=Abc_-9&h=qwe';

test.each([
  ['a bearer token', `authorization: Bearer ${token}`, [token, 'eyJ']],
  ['an opaque bearer token', 'bearer abc.def~ghi+jkl/mno==', ['abc.def']],
  ['a token without its word', `{"access_token":"${token}"}`, ['eyJ', 'c2lnbmF0dXJl']],
  ['a signed address', signed, ['638', 'MIIHhz', 'Abc_-9', 'qwe']],
  ['a signed storage address', 'https://x.blob.core.windows.net/c/b?sv=1&sig=abc%2Bdef', ['abc%2Bdef']],
  ['a signed address in capitals', 'https://x/?SIG=abcdef', ['abcdef']],
  ['a database address', 'postgresql://desk:hunter2@db:5432/desk', ['hunter2']],
  ['a password with an at sign', 'postgres://desk:hunt@er2@db/desk', ['hunt', 'er2']],
  ['a password without a user', 'postgres://:hunter2@db/desk', ['hunter2']],
  ['a password in any address', 'https://bot:hunter2@proxy:8080', ['hunter2']],
  ['a secret in a form', 'POST x?grant=a&client_secret=hunter2&z=1', ['hunter2']],
])('%s is cut out', (_what, text, secrets) => {
  for (const secret of secrets) expect(scrub(text)).not.toContain(secret);
  expect(scrub(text)).toMatch(/removed/);
});

test.each([
  'https://management.azure.com/subscriptions/1?api-version=2025-08-01',
  'R-7 failed at 13:05:00, ask ines@shop.example',
  'the bearer of bad news.',
  'connect ECONNREFUSED 127.0.0.1:5440',
])('"%s" stays readable', (text) => {
  const [first = ''] = text.split(' ');
  expect(scrub(text)).toContain(first);
  expect(scrub(text).length).toBeGreaterThan(text.length / 2);
});

const serialize = redaction.serializers?.['error'] as (error: unknown) => unknown;

test('of an error only its own words go into the log, never the request that a client hung onto it', () => {
  const cause = Object.assign(new Error(`GET ${signed}`), { request: { headers: { authorization: token } } });
  const error = Object.assign(new Error('poll failed', { cause }), {
    statusCode: 500,
    config: { password: 'hunter2' },
  });
  const line = JSON.stringify(serialize(error));
  expect(line).toContain('poll failed');
  expect(line).toContain('500');
  for (const secret of ['Abc_-9', 'eyJ', 'hunter2', 'authorization']) expect(line).not.toContain(secret);
});

test.each([
  [null],
  [undefined],
  ['Bearer abcdef'],
  [7],
  [{ message: { deep: 1 } }],
  [new Error('x', { cause: null })],
])('whatever was thrown (%p), the log line is written', (thrown) => {
  expect(JSON.stringify(serialize(thrown))).not.toContain('abcdef');
});

test('a cause that is its own cause comes to an end', () => {
  const error = new Error('round');
  error.cause = error;
  expect(JSON.stringify(serialize(error)).length).toBeLessThan(20_000);
});
