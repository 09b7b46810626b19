/**
 * The order to Azure whose answer is lost, in every way it can get lost and for every way to restore: never a second
 * server, never a lost restore. Restores of different ways run beside each other.
 */
import { askFor, modes } from '../fixtures/every-mode';
import { azureCaller, type AzureCaller } from '../fixtures/azure-caller';
import { brokenInvariants, readChain } from '../fixtures/invariants';
import { restorePath, type RestorePath } from '../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../fixtures/local-environment';
import { cardText, type Fault } from '../fixtures/local-teams-client';

jest.setTimeout(240_000);

let environment: LocalEnvironment;
let path: RestorePath;
let others: AzureCaller;

beforeAll(async () => {
  environment = await startLocalEnvironment({
    name: 'lost',
    env: { LOCAL_TIME_SCALE: '240' },
  });
  path = restorePath(environment);
  others = azureCaller(environment);
});

afterAll(async () => {
  await environment?.stop();
});

const orderTo = (target: string): string => `/flexibleServers/${target}$`;

/** One restore of every way, each with this fault on its order: proven, and one order accepted. */
async function inEveryMode(what: string, fault: Omit<Fault, 'path' | 'method'>): Promise<string[]> {
  return Promise.all(
    modes.map(async (mode) => {
      const target = `lost-${what}-${mode}`;
      await environment.azure.fault({ ...fault, method: 'PUT', path: orderTo(target) });
      const id = await path.toApproval(askFor(mode, target));
      const ending = cardText((await path.ending(target, 90)).card);
      expect([mode, ending]).toEqual([mode, expect.stringContaining('PROVEN')]);
      expect([mode, await path.orders(target)]).toEqual([mode, 1]);
      await others.tidy(target);
      return id;
    }),
  );
}

const sendings = async (id: string): Promise<number> =>
  (await readChain(environment.databaseUrl)).filter(
    ({ kind, requestId }) => kind === 'order-sent' && requestId === id,
  ).length;

const isAdopted = async (id: string): Promise<boolean> =>
  (await readChain(environment.databaseUrl)).some(
    ({ kind, requestId }) => kind === 'adopted' && requestId === id,
  );

const accepted = [
  ['accept-then-reset', 'the connection breaks after Azure accepted'],
  ['accept-then-500', 'Azure answers 500 after it accepted'],
  ['accept-then-hang', 'Azure never answers after it accepted'],
] as const;

test.each(accepted)('%s: %s, and the server is found and adopted', async (answer) => {
  for (const id of await inEveryMode(answer, { answer })) {
    expect([id, await sendings(id)]).toEqual([id, 1]);
    expect([id, await isAdopted(id)]).toEqual([id, true]);
  }
});

const unaccepted = [
  ['reset', 'the connection breaks before Azure accepted'],
  ['hang', 'Azure never answers and never accepted'],
] as const;

test.each(unaccepted)('%s: %s, and the order is sent once more', async (answer) => {
  for (const id of await inEveryMode(answer, { answer })) {
    expect([id, await sendings(id)]).toEqual([id, 2]);
    expect([id, await isAdopted(id)]).toEqual([id, false]);
  }
});

test('truncate: the answer is cut off, and what had arrived of it is enough', async () => {
  for (const id of await inEveryMode('truncate', { answer: 'truncate' }))
    expect([id, await sendings(id)]).toEqual([id, 1]);
});

const throttled = (headers: Readonly<Record<string, string>>): Fault['answer'] => ({
  status: 429,
  headers,
  body: { error: { code: 'TooManyRequests', message: 'The request is being throttled.' } },
});

test.each([
  ['with a time to wait', { 'retry-after': '1' }, 2],
  ['without one', {}, 1],
] as const)('429 %s is waited out, and the order is sent again', async (what, headers, times) => {
  const ids = await inEveryMode(`slow-${Object.keys(headers).length}`, { times, answer: throttled(headers) });
  for (const id of ids) expect([what, await sendings(id)]).toEqual([what, times + 1]);
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
