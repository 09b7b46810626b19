import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answers,
  freePorts,
  isAlive,
  isFree,
  processesOn,
  readIds,
  repositoryDir,
  start,
  until,
  type Started,
} from '../../fixtures/supervisor/processes';

const tsx = join(repositoryDir, 'node_modules', 'tsx', 'dist', 'loader.mjs');
const stubMain = join(repositoryDir, 'test', 'fixtures', 'supervisor', 'stub-main.ts');
const command = [process.execPath, '--import', tsx, stubMain];

jest.setTimeout(40_000);

let stateDir: string;
let teamsPort: number;
let productPort: number;
let running: Started[] = [];

const startStubs = (extra: NodeJS.ProcessEnv = {}, how: string[] = command, options = {}): Started => {
  const started = start(
    how,
    {
      LOCAL_STATE_DIR: stateDir,
      STUB_TEAMS_PORT: String(teamsPort),
      STUB_PRODUCT_PORT: String(productPort),
      ...extra,
    },
    options,
  );
  running.push(started);
  return started;
};
const untilReady = (started: Started): Promise<boolean> =>
  until(
    () => `"all ready" in: ${started.output()}`,
    () => started.output().includes('all ready'),
  );
const nothingIsLeft = async (): Promise<void> => {
  await until('no process is left', () => processesOn(stateDir).length === 0);
  await until('the ports are free', async () => (await isFree(teamsPort)) && (await isFree(productPort)));
};

beforeEach(async () => {
  stateDir = join(mkdtempSync(join(tmpdir(), 'restore-desk-stop-')), 'state');
  [teamsPort, productPort] = (await freePorts(2)) as [number, number];
});
afterEach(async () => {
  for (const { process: child, exited } of running) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  }
  running = [];
  // Only after a failed test; the folder's name is unique to this test, so these are ours.
  for (const pid of processesOn(stateDir)) process.kill(pid, 'SIGKILL');
  await until('no process is left', () => processesOn(stateDir).length === 0);
  rmSync(join(stateDir, '..'), { recursive: true, force: true });
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops the children in reverse order and ends with 0',
  async (signal) => {
    const started = startStubs();
    await untilReady(started);
    started.process.kill(signal);
    expect(await started.exited).toEqual({ code: 0, signal: null });
    await nothingIsLeft();
    expect(existsSync(join(stateDir, 'pids.json'))).toBe(false);
  },
);

test('Ctrl-C in a terminal, which reaches the whole group, and again, is one orderly stop', async () => {
  const started = startStubs({ STUB_STUBBORN: 'yes' }, command, { detached: true });
  await untilReady(started);
  const ids = readIds(stateDir);
  process.kill(-Number(started.process.pid), 'SIGINT');
  await until('it is stopping', () => started.output().includes('Stopping'));
  // The one behind must outlive the stubborn one in front, although the terminal told everybody.
  expect(isAlive(Number(ids.localTeams))).toBe(true);
  process.kill(-Number(started.process.pid), 'SIGINT');
  expect(await started.exited).toEqual({ code: 0, signal: null });
  await nothingIsLeft();
});

test('kill -9 of the supervisor leaves no process and no port', async () => {
  const started = startStubs({ STUB_STUBBORN: 'yes' });
  await untilReady(started);
  started.process.kill('SIGKILL');
  await started.exited;
  await nothingIsLeft();
  const again = startStubs();
  await untilReady(again);
});

describe('under npm', () => {
  let project: string;
  beforeEach(() => {
    project = join(stateDir, '..', 'project');
    mkdirSync(project);
    const script = `exec '${process.execPath}' --import '${tsx}' '${stubMain}'`;
    writeFileSync(join(project, 'start.sh'), `${script} "$@"\n`);
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({ scripts: { start: 'exec sh start.sh', 'start-in-a-shell': 'sh start.sh; exit $?' } }),
    );
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s to npm alone stops everything before npm ends',
    async (signal) => {
      const npm = startStubs({}, ['npm', 'start'], { cwd: project, detached: true });
      await untilReady(npm);
      npm.process.kill(signal);
      await npm.exited;
      expect(processesOn(stateDir)).toEqual([]);
      await nothingIsLeft();
    },
  );

  test.each(['start', 'run start-in-a-shell'])('kill -9 of npm (npm %s) stops everything', async (args) => {
    const npm = startStubs({}, ['npm', ...args.split(' ')], { cwd: project, detached: true });
    await untilReady(npm);
    npm.process.kill('SIGKILL');
    await nothingIsLeft();
  });

  test('SIGTERM to npm stops everything also when npm has put a shell between', async () => {
    const npm = startStubs({}, ['npm', 'run', 'start-in-a-shell'], { cwd: project, detached: true });
    await untilReady(npm);
    npm.process.kill('SIGTERM');
    await nothingIsLeft();
  });
});

test('a child that dies is back within two seconds under a new process id', async () => {
  const started = startStubs();
  await untilReady(started);
  for (let round = 0; round < 3; round++) {
    const before = Number(readIds(stateDir).product);
    const killedAt = performance.now();
    process.kill(before, 'SIGKILL');
    const after = await until('another process id', () => {
      const { product } = readIds(stateDir);
      return product !== null && product !== before && product;
    });
    await until('it serves again', () => answers(productPort));
    expect(performance.now() - killedAt).toBeLessThan(2000);
    expect(isAlive(after)).toBe(true);
  }
});

test('a child that never gets ready ends the start with its own last lines', async () => {
  const started = startStubs({ STUB_BROKEN: 'yes' });
  expect((await started.closed).code).toBe(1);
  expect(started.output()).toContain('the one in front does not start.');
  expect(started.output()).toContain('| stub: the reason why it does not start');
  await nothingIsLeft();
});

test('a stop during the start is honoured', async () => {
  const started = startStubs();
  await until('the first child is there', () => answers(teamsPort));
  started.process.kill('SIGTERM');
  expect((await started.exited).code).toBe(0);
  await nothingIsLeft();
});

test('a second supervisor on the same state folder is refused with a sentence', async () => {
  const first = startStubs();
  await untilReady(first);
  const second = startStubs();
  expect((await second.closed).code).toBe(1);
  expect(second.output()).toMatch(/already running on .*\(process \d+\)/);
  expect(await answers(productPort)).toBe(true);
  const third = startStubs({}, [...command, '--fresh']);
  expect((await third.closed).code).toBe(1);
  expect(existsSync(join(stateDir, 'pids.json'))).toBe(true);
});

test('--fresh removes a state folder of ours and never one that is not', async () => {
  const first = startStubs();
  await untilReady(first);
  first.process.kill('SIGTERM');
  await first.exited;
  writeFileSync(join(stateDir, 'kept'), '');
  const second = startStubs();
  await untilReady(second);
  second.process.kill('SIGTERM');
  await second.exited;
  expect(existsSync(join(stateDir, 'kept'))).toBe(true);
  const third = startStubs({}, [...command, '--fresh']);
  await untilReady(third);
  third.process.kill('SIGTERM');
  await third.exited;
  expect(existsSync(join(stateDir, 'kept'))).toBe(false);

  rmSync(stateDir, { recursive: true });
  mkdirSync(stateDir);
  writeFileSync(join(stateDir, 'thesis.txt'), 'years of work');
  const foreign = startStubs({}, [...command, '--fresh']);
  expect((await foreign.closed).code).toBe(1);
  expect(foreign.output()).toContain('holds files that are not ours');
  expect(readFileSync(join(stateDir, 'thesis.txt'), 'utf8')).toBe('years of work');
});
