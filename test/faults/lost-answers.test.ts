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

/** How an answer gets lost, how often the order is sent then, and whether the server is found and adopted. */
interface Loss {
  readonly answer: string;
  readonly sendings: number;
  readonly adopted: boolean;
}

const found = { sendings: 1, adopted: true } as const;
const sentAgain = { sendings: 2, adopted: false } as const;

// Two at a time: most of it is waiting.
test.each<[string, readonly Loss[]]>([
  [
    'Azure accepted, and the connection breaks or it says 500',
    [
      { answer: 'accept-then-reset', ...found },
      { answer: 'accept-then-500', ...found },
    ],
  ],
  [
    'Azure never answers, whether it accepted or not',
    [
      { answer: 'accept-then-hang', ...found },
      { answer: 'hang', ...sentAgain },
    ],
  ],
  [
    'the connection breaks before Azure accepted, or its answer is cut off after the status',
    [
      { answer: 'reset', ...sentAgain },
      { answer: 'truncate', sendings: 1, adopted: false },
    ],
  ],
])('%s: one order is accepted, and its server is proven', async (_how, losses) => {
  await Promise.all(
    losses.map(async ({ answer, ...expected }) => {
      for (const id of await inEveryMode(answer, { answer }))
        expect({ id, sendings: await sendings(id), adopted: await isAdopted(id) }).toEqual({
          id,
          ...expected,
        });
    }),
  );
});

const throttled = (headers: Readonly<Record<string, string>>): Fault['answer'] => ({
  status: 429,
  headers,
  body: { error: { code: 'TooManyRequests', message: 'The request is being throttled.' } },
});

test('429 with and without a time to wait is waited out, and the order is sent again', async () => {
  const twice = inEveryMode('told', { times: 2, answer: throttled({ 'retry-after': '1' }) });
  const once = inEveryMode('untold', { answer: throttled({}) });
  for (const id of await twice) expect([id, await sendings(id)]).toEqual([id, 3]);
  for (const id of await once) expect([id, await sendings(id)]).toEqual([id, 2]);
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
