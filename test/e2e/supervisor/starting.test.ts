/** `npm start` with its real children, on free ports and a state folder of its own. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLines } from '../../../infra/local/supervisor/log-tail';
import { findPostgresFolder } from '../../../infra/local/supervisor/postgres-tools';
import {
  freePorts,
  isAlive,
  isFree,
  processesOn,
  readIds,
  start,
  until,
  type Ids,
  type Started,
} from '../../fixtures/supervisor/processes';

jest.setTimeout(120_000);

const command = [process.execPath, '--import', 'tsx', 'infra/local/main.ts'];
let folder: string;
let stateDir: string;
let environment: Record<string, string>;
let ports: number[];
let running: Started[] = [];

const startLocal = (args: readonly string[] = [], extra: NodeJS.ProcessEnv = {}): Started => {
  const started = start([...command, ...args], { ...environment, ...extra });
  running.push(started);
  return started;
};
const untilReady = async (started: Started): Promise<void> => {
  await until(
    () => `the banner or the end in: ${started.output()}\n${logTails()}`,
    () => /Desk is ready|does not start|not ready/.test(started.output()),
    100,
  );
  expect(started.output()).toContain('Restore Desk is ready.');
};
const logTails = (): string =>
  readdirSync(join(stateDir, 'logs'))
    .flatMap((name) => [`${name}:`, ...lastLines(join(stateDir, 'logs', name), 12)])
    .join('\n');
const isReady = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${environment['PORT']}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
const holdsContainer = (): Promise<boolean> =>
  fetch(
    `http://127.0.0.1:${environment['LOCAL_AZURE_HTTP_PORT']}/local/blobs?account=shoprestores&container=restores`,
  ).then(
    ({ status }) => status === 200,
    () => false,
  );
const everythingIsGone = async (): Promise<void> => {
  await until('no process is left', () => processesOn(stateDir).length === 0, 30);
  await until('the ports are free', async () => (await Promise.all(ports.map(isFree))).every(Boolean));
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'restore-desk-start-'));
  stateDir = join(folder, 'state');
  ports = await freePorts(16);
  const names = [
    ...['PORT', 'LOCAL_TEAMS_PORT', 'LOCAL_AZURE_HTTPS_PORT', 'LOCAL_AZURE_HTTP_PORT'],
    ...['LOCAL_BLOB_PORT', 'LOCAL_STATE_DB_PORT', 'LOCAL_SERVERS_PORT'],
  ];
  environment = {
    LOCAL_STATE_DIR: stateDir,
    ...Object.fromEntries(names.map((name, index) => [name, String(ports[index])])),
  };
});
afterEach(async () => {
  for (const { process: child, exited } of running) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  }
  running = [];
  // Only after a failed test; the folder's name is unique to this run, so these are ours.
  for (const pid of processesOn(stateDir)) process.kill(pid, 'SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a taken port is one sentence that names the port, its use and the variable, before anything is started', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(Number(environment['LOCAL_BLOB_PORT']), '127.0.0.1', done));
  try {
    const started = startLocal();
    expect((await started.closed).code).toBe(1);
    expect(started.output().trim()).toBe(
      `Port ${environment['LOCAL_BLOB_PORT']} (blob storage) is taken by another program: stop that program, or set LOCAL_BLOB_PORT to a free port.`,
    );
    expect(existsSync(join(stateDir, 'state-db'))).toBe(false);
  } finally {
    server.close();
  }
});

test('PostgreSQL in the wrong place is one sentence', async () => {
  const started = startLocal([], { PG_BIN: folder });
  expect((await started.closed).code).toBe(1);
  expect(started.output()).toContain(
    `PG_BIN names ${folder}, which does not hold all programs of PostgreSQL 15`,
  );
});

test('the whole environment starts, heals, survives kill -9 without leaving anything, and goes on', async () => {
  const first = startLocal();
  await untilReady(first);
  expect(first.output().match(/Restore Desk is ready\./g)).toHaveLength(1);
  const ids = readIds(stateDir);
  for (const name of ['product', 'localAzure', 'localTeams', 'blobs', 'stateDatabase'] as const) {
    expect(isAlive(Number(ids[name]))).toBe(true);
  }
  expect(statSync(join(stateDir, 'secrets.json')).mode & 0o777).toBe(0o600);

  for (const name of ['product', 'localTeams', 'blobs', 'stateDatabase', 'localAzure'] as const) {
    await isBackAfterKill(name, ids, name === 'product' ? 2000 : 20_000);
    if (name === 'blobs') await until('the containers are there again', holdsContainer, 30);
  }
  await until('ready again', isReady, 60);

  first.process.kill('SIGKILL');
  await first.exited;
  await everythingIsGone();

  const second = startLocal();
  await untilReady(second);
  second.process.kill('SIGTERM');
  expect((await second.exited).code).toBe(0);
  await everythingIsGone();
});

async function isBackAfterKill(name: keyof Ids, before: Ids, withinMs: number): Promise<void> {
  const old = Number(before[name]);
  const killedAt = performance.now();
  process.kill(old, 'SIGKILL');
  const replacement = await until(`${name} runs again`, () => {
    const id = readIds(stateDir)[name];
    return id !== null && id !== old && id;
  });
  expect(performance.now() - killedAt).toBeLessThan(withinMs);
  await until(`${name} stays`, async () => isAlive(replacement) && (await isReady()), 30);
}

test('with a DATABASE_URL no state database is started, and the product gets that one', async () => {
  const postgres = findPostgresFolder(undefined, process.env['PATH']);
  expect(existsSync(postgres)).toBe(true);
  const started = startLocal([], { DATABASE_URL: `postgres://nobody@127.0.0.1:${ports[15]}/none` });
  await until(
    'the product is started',
    () => existsSync(join(stateDir, 'pids.json')) && readIds(stateDir).product,
    60,
  );
  expect(readIds(stateDir).stateDatabase).toBeNull();
  expect(await isFree(Number(environment['LOCAL_STATE_DB_PORT']))).toBe(true);
  started.process.kill('SIGTERM');
  expect((await started.exited).code).toBe(0);
  await everythingIsGone();
});
