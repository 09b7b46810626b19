/**
 * Azure that does not answer, or says something else than what it does, while a restore is checked and followed: every way
 * to restore ends proven with one order. A fault on the address of operations meets all restores that run, so each test
 * has one restore of every way.
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
  environment = await startLocalEnvironment({ name: 'unsteady', env: { LOCAL_TIME_SCALE: '80' } });
  path = restorePath(environment);
  others = azureCaller(environment);
});
afterEach(async () => {
  await environment?.azure.clearFaults();
});
afterAll(() => environment?.stop());

const operations = '/azureAsyncOperation/';
/** More polls than there will ever be: nobody gets another answer. */
const always = 100_000;

const answering = (status: number, body: object): Fault['answer'] => ({ status, body });
/** To be asked again soon, where it would be fifteen seconds. */
const unavailable: Fault['answer'] = {
  status: 503,
  headers: { 'retry-after': '1' },
  body: { error: { code: 'ServiceUnavailable', message: 'down' } },
};

/** One restore of every way, side by side: proven, and one order. Answers their requests' numbers. */
async function everyMode(
  what: string,
  beforeApproval: (target: string) => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  return Promise.all(
    modes.map(async (mode) => {
      const target = `${what}-${mode}`;
      await path.submit(await path.ask(askFor(mode, target)));
      const card = await path.approvalCard(target);
      await beforeApproval(target);
      await path.approve(card);
      const ending = cardText((await path.ending(target, 120)).card);
      expect([mode, ending]).toEqual([mode, expect.stringContaining('PROVEN')]);
      expect([mode, await path.orders(target)]).toEqual([mode, 1]);
      await others.tidy(target);
      return /R-\d+/.exec(cardText(card.card))?.[0] ?? '';
    }),
  );
}

/** Seconds that Azure was waited for: from the accepted order until the server was believed to be ready. */
async function waits(ids: readonly string[]): Promise<number[]> {
  const chain = await readChain(environment.databaseUrl);
  const at = (id: string, kind: string): number =>
    Date.parse(chain.findLast((entry) => entry.requestId === id && entry.kind === kind)?.at ?? '');
  return ids.map((id) => (at(id, 'server-ready') - at(id, 'order-accepted')) / 1000);
}

test('the address of the operation is gone while the server is built: found again by its name and its tag', async () => {
  await environment.azure.fault({
    method: 'GET',
    path: operations,
    times: always,
    answer: answering(404, { error: { code: 'NotFound', message: 'gone' } }),
  });
  await everyMode('gone');
});

test('the operation has succeeded but the server is not Ready yet: nothing is opened before it is', async () => {
  await environment.azure.fault({
    method: 'GET',
    path: operations,
    times: always,
    answer: answering(200, { status: 'Succeeded' }),
  });
  // Azure takes three seconds at least here, counted from its own yes, which is heard a little later.
  for (const seconds of await waits(await everyMode('early'))) expect(seconds).toBeGreaterThan(2);
});

test('Azure answers 503 several times in a row, to the last check and to the polls: asked again', async () => {
  await everyMode('down', async (target) => {
    await environment.azure.fault({
      method: 'GET',
      path: `/flexibleServers/${target}$`,
      times: 7,
      answer: unavailable,
    });
    await environment.azure.fault({ method: 'GET', path: operations, times: 4, answer: unavailable });
  });
});

test('the server is Ready but its operation never ends: the server is believed once that has lasted', async () => {
  await environment.azure.fault({
    method: 'GET',
    path: operations,
    times: always,
    answer: answering(200, { status: 'InProgress' }),
  });
  // Thirty seconds without an end are what is called lasting here.
  for (const seconds of await waits(await everyMode('endless'))) expect(seconds).toBeGreaterThan(30);
});

test('after all of it the invariants hold', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
});
