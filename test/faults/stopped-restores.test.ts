/**
 * A restore that somebody stops after its start: the half-built server goes, once, and nothing else ever does, whatever
 * dies on the way. Azure's time is slow here, so that there is a half-built server to be seen.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azureCaller, serverIdOf, type AzureCaller } from '../fixtures/azure-caller';
import { brokenInvariants } from '../fixtures/invariants';
import { restorePath, type RestorePath } from '../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../fixtures/local-environment';
import { stoppedRestore, type StoppedRestore } from '../fixtures/stopped-restore';
import { cardText } from '../fixtures/local-teams-client';
import { until } from '../fixtures/supervisor/processes';
import type { FaultPointName } from '../../services/restore/ports';

jest.setTimeout(240_000);

const faultFile = join(tmpdir(), `restore-desk-stops-${process.pid}`);
let environment: LocalEnvironment;
let path: RestorePath;
let stopping: StoppedRestore;
let others: AzureCaller;

beforeAll(async () => {
  writeFileSync(faultFile, '');
  environment = await startLocalEnvironment({
    name: 'stops',
    env: { DESK_FAULT_FILE: faultFile, LOCAL_TIME_SCALE: '24' },
  });
  path = restorePath(environment);
  stopping = stoppedRestore(environment);
  others = azureCaller(environment);
});

afterAll(async () => {
  await environment?.stop();
});

const stateOf = async (name: string): Promise<string | undefined> =>
  (await environment.azure.endpoints())[name]?.state;

/** Started, accepted, and seen half-built in Azure. */
async function halfBuilt(target: string): Promise<string> {
  const id = await path.toApproval({ target });
  await stopping.inChain(id, 'order-accepted');
  await until(`${target} is half-built`, async () => (await stateOf(target)) === 'Provisioning', 30);
  return id;
}

/** The end that was wanted: withdrawn, one deletion, nothing left, the source as it was. */
async function removed(target: string, id: string): Promise<void> {
  expect((await stopping.withdrawn(id)).body).toMatchObject({ removed: true, to: 'stopped' });
  expect(await stateOf(target)).toBeUndefined();
  expect((await others.call('GET', serverIdOf(target))).status).toBe(404);
  expect(await stateOf('orders-pg')).toBe('Ready');
  expect(await path.orders(target)).toBe(1);
  const notice = await environment.teams.sees(
    'oncall',
    'db-oncall',
    `the news that ${id} was stopped`,
    ({ text }) => text.includes(id) && text.includes('was deleted again'),
  );
  expect(notice.text).toContain(target);
}

test('asked by words and by button, kept once, then stopped: the half-built server is deleted', async () => {
  const target = 'stop-by-hand';
  const id = await halfBuilt(target);
  expect(await stopping.sayCancel('engineer', id)).toMatch(/Only|may stop|can stop/);
  expect(await stopping.sayCancel('oncall', id)).toMatch(/Nothing is stopped yet/);
  const first = await stopping.question(target);
  expect(cardText(first.card)).toMatch(
    /cannot call back[\s\S]*stop-by-hand is deleted[\s\S]*orders-pg is not touched/,
  );
  await stopping.answer(first, 'Keep it running');
  await environment.teams.sees(
    'oncall',
    'db-oncall',
    'that it goes on',
    (message) => message.id === first.id && cardText(message.card).includes('lets it go on'),
  );
  expect(await stopping.deletions(target)).toBe(0);
  expect((await stopping.pressCancel(id)).status).toBe(200);
  const second = await stopping.question(target);
  expect(second.id).not.toBe(first.id);
  const byStranger = await environment.teams.invoke('engineer', 'db-oncall', {
    name: 'adaptiveCard/action',
    value: {
      action: { type: 'Action.Execute', ...buttonOf(second.card, `Stop and delete ${target}`) },
      trigger: 'manual',
    },
    replyToId: second.id,
  });
  expect(JSON.stringify(byStranger)).toMatch(/Ines Okafor/);
  expect((await stopping.chainOf(id)).some(({ kind }) => kind === 'stop-asked')).toBe(false);
  await stopping.answer(second, `Stop and delete ${target}`);
  await removed(target, id);
  expect(await stopping.deletions(target)).toBe(1);
});

function buttonOf(card: unknown, title: string): object {
  const { actions = [] } = card as {
    actions?: readonly { title: string; verb?: string; data?: unknown }[];
  };
  const action = actions.find((candidate) => candidate.title === title);
  if (!action) throw new Error(`there is no button ${title}`);
  return { verb: action.verb, data: action.data };
}

test('before the approval the same words withdraw the request, and nothing is ordered', async () => {
  const target = 'stop-early';
  await path.submit(await path.ask({ target }));
  const card = await path.approvalCard(target);
  const id = /R-\d+/.exec(cardText(card.card))?.[0] ?? '';
  await stopping.sayCancel('oncall', id);
  await stopping.inChain(id, 'withdrawn-by');
  expect(await path.orders(target)).toBe(0);
  expect(await stopping.deletions(target)).toBe(0);
});

test('a server of the same name that somebody else made is never deleted', async () => {
  const target = 'stop-foreign';
  // Azure never gets our order; while we wait for its answer somebody else makes a server of this name.
  await environment.azure.fault({ method: 'PUT', path: `/flexibleServers/${target}$`, answer: 'hang' });
  const id = await path.toApproval({ target });
  await stopping.inChain(id, 'order-sent');
  const made = await others.call('PUT', `${serverIdOf(target)}/`, {
    location: 'canadacentral',
    properties: { administratorLogin: 'pgadmin', administratorLoginPassword: 'Not-a-secret-1' },
  });
  expect(made.status).toBe(202);
  await stopping.pressCancel(id);
  await stopping.answer(await stopping.question(target), `Stop and delete ${target}`);
  expect(cardText((await path.ending(target)).card)).toMatch(/FAILED[\s\S]*did not order/);
  await until(`${target} is Ready`, async () => (await stateOf(target)) === 'Ready', 60);
  expect(await stopping.deletions(target)).toBe(0);
  expect((await stopping.chainOf(id)).some(({ kind }) => kind === 'removal-sent')).toBe(false);
});

const isDisarmed = (): boolean => !existsSync(faultFile) || readFileSync(faultFile, 'utf8') === '';

test.each<FaultPointName>(['removal-noted', 'removal-sent'])(
  'killed at %s, the request ends withdrawn and the server goes once',
  async (point) => {
    const target = `stop-${point}`;
    const id = await halfBuilt(target);
    const before = environment.productPid();
    await stopping.pressCancel(id);
    const question = await stopping.question(target);
    writeFileSync(faultFile, point);
    await stopping.answer(question, `Stop and delete ${target}`);
    await until(`${point} was passed`, async () => isDisarmed(), 30);
    await until(
      'another product is ready',
      async () => environment.productPid() !== before && (await environment.isReady()),
      30,
    );
    await removed(target, id);
    expect(await stopping.deletions(target)).toBe(1);
  },
);

test('killed with kill -9 right after somebody said yes, it is stopped all the same', async () => {
  const target = 'stop-killed';
  const id = await halfBuilt(target);
  await stopping.pressCancel(id);
  await stopping.answer(await stopping.question(target), `Stop and delete ${target}`);
  await environment.crashProduct();
  await removed(target, id);
  expect(await stopping.deletions(target)).toBe(1);
});

test('after all of it the invariants hold', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
});
