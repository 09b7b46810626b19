/**
 * A geo restore before the first copy of the data is in the paired region: said at once or only after Azure had accepted
 * the order. Either way the desk waits, says so on the one progress card, and restores under the same approval.
 */
import { azureCaller, serverIdOf, type AzureCaller } from '../fixtures/azure-caller';
import { brokenInvariants, readChain } from '../fixtures/invariants';
import { restorePath, type RestorePath } from '../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../fixtures/local-environment';
import { cardText, type SeenMessage } from '../fixtures/local-teams-client';
import { until } from '../fixtures/supervisor/processes';

jest.setTimeout(240_000);

let environment: LocalEnvironment;
let path: RestorePath;
let others: AzureCaller;

// A first copy takes an hour of Azure's time: thirty seconds here, enough to ask for it before it is there.
beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'copies', env: { LOCAL_TIME_SCALE: '120' } });
  path = restorePath(environment);
  others = azureCaller(environment);
});

afterAll(async () => {
  await environment?.stop();
});

/** What people read: marks that keep text from being formatted are not shown. */
const plainText = ({ card }: SeenMessage): string => cardText(card).replaceAll('\\', '');

const isProgress =
  (target: string) =>
  ({ card }: SeenMessage): boolean => {
    const text = cardText(card);
    return text.includes(`→ ${target}`) && text.includes('server ordered from Azure');
  };

/** What the progress card says at the try of this number. */
const waitingAt = (target: string, next: number): Promise<SeenMessage> =>
  environment.teams.sees(
    'oncall',
    'db-oncall',
    `that ${target} waits for try ${next}`,
    (message) =>
      isProgress(target)(message) &&
      new RegExp(`first copy of the data has not reached.*\\(try ${next}\\)`).test(plainText(message)),
    60,
  );

const countOf = async (id: string, kind: string): Promise<number> =>
  (await readChain(environment.databaseUrl)).filter((entry) => entry.requestId === id && entry.kind === kind)
    .length;

const progressCards = async (target: string): Promise<number> =>
  (await environment.teams.view('oncall', 'db-oncall')).filter(isProgress(target)).length;

test('refused at once, twice: it is asked for again and restored', async () => {
  const target = 'copy-refused';
  await environment.azure.fault({
    method: 'PUT',
    path: `/flexibleServers/${target}$`,
    times: 2,
    answer: {
      status: 409,
      body: {
        error: { code: 'GeoBackupsNotAvailable', message: "The geo-backups aren't available yet." },
      },
    },
  });
  const id = await path.toApproval({ target, moment: 'to the paired region' });
  await waitingAt(target, 2);
  await waitingAt(target, 3);
  expect(cardText((await path.ending(target, 90)).card)).toContain('PROVEN');
  expect(await countOf(id, 'put-off')).toBe(2);
  expect(await countOf(id, 'approved-by')).toBe(1);
  expect(await path.orders(target)).toBe(1);
  expect(await progressCards(target)).toBe(1);
});

/** A server made a moment ago, under the name of one that was deleted: the policy covers it, and nothing of it is copied yet. */
async function makeFreshSource(): Promise<void> {
  const made = await others.call('PUT', serverIdOf('catalog-pg'), {
    location: 'canadacentral',
    properties: {
      administratorLogin: 'pgadmin',
      administratorLoginPassword: 'Not-a-secret-1',
      backup: { geoRedundantBackup: 'Enabled' },
    },
  });
  expect(made.status).toBe(202);
  await until(
    'the fresh server is Ready',
    async () => (await environment.azure.endpoints())['catalog-pg']?.state === 'Ready',
    60,
  );
  const database = await others.call('PUT', `${serverIdOf('catalog-pg')}/databases/catalog`, {
    properties: {},
  });
  expect(database.status).toBeLessThan(300);
  await until(
    'its database is there',
    async () => (await environment.azure.endpoints())['catalog-pg']?.databases.includes('catalog'),
    30,
  );
  await environment.azure.accident(
    'catalog-pg',
    'catalog',
    'create table catalog (changed_at timestamptz); insert into catalog values (clock_timestamp())',
  );
}

/** The form, once the desk has seen the new server. */
const askForFresh = (target: string): Promise<SeenMessage> =>
  until(
    'the desk knows the fresh server',
    async () => {
      const form = await path.ask({ target, source: 'catalog-pg', moment: 'to the paired region' });
      if (!cardText(form.card).includes('no server called')) return form;
      await environment.teams.click({
        as: 'oncall',
        conversation: 'db-oncall',
        messageId: form.id,
        title: 'Cancel',
      });
      return undefined;
    },
    30,
  );

test('accepted and failed because the source is too young: restored as soon as its first copy is there', async () => {
  const target = 'copy-young';
  await makeFreshSource();
  await path.submit(await askForFresh(target));
  const card = await path.approvalCard(target);
  const id = /R-\d+/.exec(cardText(card.card))?.[0] ?? '';
  await path.approve(card);
  await waitingAt(target, 2);
  expect(cardText((await path.ending(target, 90)).card)).toContain('PROVEN');
  const tries = await countOf(id, 'put-off');
  expect(tries).toBeGreaterThan(0);
  expect(await path.orders(target)).toBe(tries + 1);
  expect(await countOf(id, 'approved-by')).toBe(1);
  expect(await progressCards(target)).toBe(1);
});

test('after all of it the invariants hold', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
});
