/**
 * The call that starts a restore from a vault has no key of the caller's: each time that Azure accepts it, it makes a new
 * job. Its answer is lost here in every way it can get lost, and the product is killed around it: exactly one job, always.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenInvariants, readChain, staleCards } from '../fixtures/invariants';
import { cardText, type Fault } from '../fixtures/local-teams-client';
import { startLocalEnvironment, type LocalEnvironment } from '../fixtures/local-environment';
import { newServer } from '../fixtures/new-server';
import { requestIdOf } from '../fixtures/restore-path';
import { until } from '../fixtures/supervisor/processes';
import { vaultPath, type VaultAsk, type VaultPath } from '../fixtures/vault-path';
import type { FaultPointName } from '../../services/restore/ports';

jest.setTimeout(240_000);
const faultFile = join(tmpdir(), `restore-desk-vault-faults-${process.pid}`);
let environment: LocalEnvironment;
let path: VaultPath;
beforeAll(async () => {
  writeFileSync(faultFile, '');
  environment = await startLocalEnvironment({
    name: 'vault-faults',
    env: { LOCAL_TIME_SCALE: '240', DESK_FAULT_FILE: faultFile },
  });
  path = vaultPath(environment);
});
afterAll(async () => {
  await environment?.stop();
});
afterEach(() => environment.azure.clearFaults());

interface Way {
  /** As a person says it. */
  readonly say: (mark: string) => string;
  /** Ends the path of the call that starts it, and of no other way's. */
  readonly call: string;
}

/** Every way out of a vault. */
const ways: Readonly<Record<string, Way>> = {
  files: {
    say: (mark) => `orders-pg from vault as files to shoprestores/restores/${mark} because INC-1`,
    call: '/backupInstances/orders-pg-[^/]+/restore$',
  },
  database: {
    say: (mark) => `legacy-srv/orders from vault as database ${mark} on legacy-srv because INC-2`,
    call: '/backupInstances/legacy-srv-[^/]+/restore$',
  },
  region: {
    say: (mark) =>
      `orders-pg in canadaeast from vault as files to shoprestoreseast/restores/${mark} because INC-3`,
    call: '/crossRegionRestore$',
  },
};
const askFor = (way: string, what: string): VaultAsk => {
  const mark = `${way}-${what}`;
  return { mark, sentence: ways[way]?.say(mark) ?? '' };
};

const entriesOf = async (id: string, kind: string): Promise<number> =>
  (await readChain(environment.databaseUrl)).filter((entry) => entry.kind === kind && entry.requestId === id)
    .length;

const done = /PROVEN|COMPLETED WITH WARNINGS/;

/** One restore of every way, each with this fault on its start: it ends well, with one job. */
async function inEveryWay(what: string, fault: Omit<Fault, 'path' | 'method'>): Promise<string[]> {
  return Promise.all(
    Object.entries(ways).map(async ([way, { call }]) => {
      const ask = askFor(way, what);
      await environment.azure.fault({ ...fault, method: 'POST', path: call });
      const id = await path.fromSentence(ask);
      const ending = cardText((await path.ending(ask.mark, 90)).card);
      expect([way, ending]).toEqual([way, expect.stringMatching(done)]);
      expect([way, (await path.starts(ask.mark)).length]).toEqual([way, 1]);
      return id;
    }),
  );
}

test.each([
  ['accept-then-reset', 'the connection breaks after Azure accepted'],
  ['accept-then-500', 'Azure answers 500 after it accepted'],
  ['accept-then-hang', 'Azure never answers after it accepted'],
  ['accept-then-bare', 'Azure accepts and names no operation'],
] as const)('%s: %s, and the job is found and adopted', async (answer, _why) => {
  for (const id of await inEveryWay(answer, { answer })) {
    expect([id, await entriesOf(id, 'order-sent')]).toEqual([id, 1]);
    expect([id, await entriesOf(id, 'adopted')]).toEqual([id, 1]);
  }
});

test.each([
  ['reset', 'the connection breaks before Azure accepted'],
  ['hang', 'Azure never answers and never accepted'],
] as const)('%s: %s, and it is sent once more', async (answer, _why) => {
  for (const id of await inEveryWay(answer, { answer })) {
    expect([id, await entriesOf(id, 'order-sent')]).toEqual([id, 2]);
    expect([id, await entriesOf(id, 'adopted')]).toEqual([id, 0]);
  }
});

test('throttled: it is waited out, and sent again', async () => {
  const answer = {
    status: 429,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'TooManyRequests', message: 'The request is being throttled.' } },
  };
  for (const id of await inEveryWay('slow', { answer }))
    expect([id, await entriesOf(id, 'order-sent')]).toEqual([id, 2]);
});

const isDisarmed = (): boolean => !existsSync(faultFile) || readFileSync(faultFile, 'utf8') === '';

/** Dies at the point, as if the machine had lost power, and is started again. */
async function killedAt(point: FaultPointName, act: () => Promise<void>): Promise<void> {
  const before = environment.productPid();
  writeFileSync(faultFile, point);
  await act();
  await until(`${point} was passed`, async () => isDisarmed(), 60);
  await until(
    'another product is ready',
    async () => environment.productPid() !== before && (await environment.isReady()),
    60,
  );
}

const points: readonly FaultPointName[] = [
  ...(['checked-before-intent', 'intent-stored', 'order-sent', 'operation-stored'] as const),
  ...(['order-accepted-stored', 'server-ready-stored', 'proof-taken', 'outcome-stored'] as const),
];

test.each(points)('killed at %s, the restore ends with one job', async (point) => {
  const ask = askFor('files', `kill-${point}`);
  await path.submit(await path.form(ask));
  const card = await path.approvalCard(ask.mark);
  await killedAt(point, () => path.approve(card));
  expect(cardText((await path.ending(ask.mark, 90)).card)).toContain('PROVEN');
  expect(await path.starts(ask.mark)).toHaveLength(1);
});

const loadPoints = [
  ...(['files-pinned-stored', 'part-begun-stored', 'part-ended-stored'] as const),
] satisfies readonly FaultPointName[];

test.each(loadPoints)('killed at %s, a load goes on where it was, from the same files', async (point) => {
  const mark = `orders-${point}`;
  await newServer(environment, mark);
  const sentence = `orders-pg from vault yesterday into ${mark} because INC-4`;
  await path.submit(await path.form({ sentence, mark }));
  const card = await path.approvalCard(mark);
  await killedAt(point, () => path.approve(card));
  const ending = cardText((await path.ending(mark, 90)).card);
  expect(ending).toMatch(/PROVEN[\s\S]*ledger[\s\S]*shop/);
  const begun = (await readChain(environment.databaseUrl)).filter(
    ({ kind, requestId }) => kind === 'part-ended' && requestId === requestIdOf(card),
  );
  expect(begun).toHaveLength(3);
});

const nextJob = (next: object): Promise<Response> =>
  fetch(`${environment.azure.origin}/local/vault-jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vault: 'vault-shop', next }),
  });

test("an operation of Azure's own check that is gone starts nothing, and nothing typed is lost", async () => {
  const ask = askFor('files', 'gone');
  const answer = { status: 404, body: { error: { code: 'ResourceNotFound', message: 'gone' } } };
  await environment.azure.fault({ method: 'GET', path: '/operationStatus/', times: 1_000, answer });
  const form = await path.form(ask);
  await path.submit(form);
  await environment.teams.sees('oncall', 'db-oncall', 'that Azure does not answer', ({ id, card }) => {
    return id === form.id && /does not answer/.test(cardText(card));
  });
  expect(await path.starts(ask.mark)).toEqual([]);
  await environment.azure.clearFaults();
  const card = await path.approvalCard(ask.mark);
  await path.approve(card);
  expect(cardText((await path.ending(ask.mark, 90)).card)).toContain('PROVEN');
  expect(await path.starts(ask.mark)).toHaveLength(1);
});

test('warnings of Azure are shown, and a failed job tells its reason and code', async () => {
  expect((await nextJob({ status: 'CompletedWithWarnings' })).status).toBeLessThan(300);
  const warned = askFor('files', 'warned');
  await path.fromSentence(warned);
  expect(cardText((await path.ending(warned.mark, 90)).card)).toContain('COMPLETED WITH WARNINGS');
  await nextJob({
    status: 'Failed',
    error: { code: 'UserErrorContainerNotAccessible', message: 'No way in.' },
  });
  const failed = askFor('files', 'failed');
  await path.fromSentence(failed);
  expect(cardText((await path.ending(failed.mark, 90)).card)).toMatch(
    /FAILED[\s\S]*UserErrorContainerNotAccessible/,
  );
});

test('a job that never moves is said to be so, with what to do', async () => {
  await nextJob({ stuck: true });
  const ask = askFor('files', 'stuck');
  const id = await path.fromSentence(ask);
  const seen = await environment.teams.sees(
    'oncall',
    'db-oncall',
    'that the job is stuck',
    ({ card }) => {
      const text = cardText(card);
      return text.includes(id) && /unusual; it cannot be cancelled\. Look at it in the vault/.test(text);
    },
    120,
  );
  expect(cardText(seen.card)).not.toMatch(/\d ?%/);
});

test('after all of it the invariants hold, and only the stuck one is still open', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
  const open = await staleCards(environment);
  expect(open.filter(({ card }) => !cardText(card).includes('files-stuck'))).toEqual([]);
});
