/** The order to Azure whose answer is lost, in every way it can get lost: never a second server, never a lost restore. */
import { brokenInvariants } from '../fixtures/invariants';
import { restorePath, type RestorePath } from '../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../fixtures/local-environment';
import { cardText } from '../fixtures/local-teams-client';

jest.setTimeout(240_000);

let environment: LocalEnvironment;
let path: RestorePath;

beforeAll(async () => {
  environment = await startLocalEnvironment({
    name: 'lost',
    env: { LOCAL_TIME_SCALE: '240' },
  });
  path = restorePath(environment);
});

afterAll(async () => {
  await environment?.stop();
});

const orderTo = (target: string): string => `/flexibleServers/${target}$`;

const lost = [
  ['accept-then-reset', 'the connection breaks after Azure accepted'],
  ['accept-then-500', 'Azure answers 500 after it accepted'],
  ['accept-then-hang', 'Azure never answers after it accepted'],
  ['reset', 'the connection breaks before Azure accepted'],
  ['hang', 'Azure never answers and never accepted'],
  ['truncate', 'the answer is cut off'],
] as const;

test.each(lost)('%s: %s, and one order is accepted', async (answer) => {
  const target = `lost-${answer}`;
  await environment.azure.fault({ method: 'PUT', path: orderTo(target), answer });
  await path.toApproval({ target });
  expect(cardText((await path.ending(target, 90)).card)).toContain('PROVEN');
  expect(await path.orders(target)).toBe(1);
});

test('202 without the address of the operation: the server itself is followed', async () => {
  await environment.azure.fault({
    method: 'GET',
    path: '/azureAsyncOperation/',
    times: 3,
    answer: { status: 404, body: { error: { code: 'NotFound', message: 'gone' } } },
  });
  await path.toApproval({ target: 'lost-operation' });
  expect(cardText((await path.ending('lost-operation', 60)).card)).toContain('PROVEN');
  await environment.azure.clearFaults();
});

test('429 is waited out and sent again once', async () => {
  await environment.azure.fault({
    method: 'PUT',
    path: orderTo('lost-throttled'),
    times: 2,
    answer: {
      status: 429,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'TooManyRequests', message: 'The request is being throttled.' } },
    },
  });
  await path.toApproval({ target: 'lost-throttled' });
  expect(cardText((await path.ending('lost-throttled', 60)).card)).toContain('PROVEN');
  expect(await path.orders('lost-throttled')).toBe(1);
});

test('a refusal of Azure ends as a failure with its code, and a retry uses the approval that is still good', async () => {
  const target = 'lost-refused';
  await environment.azure.fault({
    method: 'PUT',
    path: orderTo(target),
    answer: {
      status: 409,
      body: {
        error: { code: 'ServerIsBusy', message: 'Cannot complete operation while the server is busy.' },
      },
    },
  });
  await path.toApproval({ target });
  const failed = await path.ending(target, 60);
  expect(cardText(failed.card)).toMatch(/FAILED[\s\S]*busy[\s\S]*ServerIsBusy/);
  await environment.teams.click({
    as: 'oncall',
    conversation: 'db-oncall',
    messageId: failed.id,
    title: 'Try again',
  });
  await environment.teams.sees(
    'oncall',
    'db-oncall',
    'the retry proven',
    ({ card }) => {
      const text = cardText(card);
      return text.includes(target) && text.includes('PROVEN');
    },
    60,
  );
  expect(await path.orders(target)).toBe(1);
});

test('after all of it the invariants hold', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
});
