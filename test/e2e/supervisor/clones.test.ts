/** A fresh clone in a folder that only its owner can enter, set up and started by root and by an ordinary user. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  freePorts,
  isFree,
  processesOn,
  repositoryDir,
  start,
  until,
  type Started,
} from '../../fixtures/supervisor/processes';

jest.setTimeout(150_000);

interface Account {
  readonly uid: number;
  readonly gid: number;
}
const account = (name: string): Account => {
  const [, , uid, gid] = execFileSync('getent', ['passwd', name], { encoding: 'utf8' }).split(':');
  return { uid: Number(uid), gid: Number(gid) };
};

// Only root can play another user; an ordinary user is its own example in every other test.
const testAsRoot = process.getuid?.() === 0 ? test : test.skip;
let folder: string;
let running: Started[] = [];

function makeClone(owner: Account): string {
  const clone = join(folder, 'clone');
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', ['-c', `safe.directory=${repositoryDir}`, ...list], {
    cwd: repositoryDir,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name && existsSync(join(repositoryDir, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(repositoryDir, file), join(clone, file));
  }
  const modules = join(repositoryDir, 'node_modules');
  try {
    // Links instead of copies where the file system allows it: seconds instead of a minute.
    execFileSync('cp', ['-al', modules, clone], { stdio: 'ignore' });
  } catch {
    rmSync(join(clone, 'node_modules'), { recursive: true, force: true });
    execFileSync('cp', ['-a', modules, clone]);
  }
  const own = execFileSync('find', [clone, '-name', 'node_modules', '-prune', '-o', '-print0'], {
    encoding: 'utf8',
  });
  for (const path of own.split('\0').filter(Boolean)) chownSync(path, owner.uid, owner.gid);
  chmodSync(clone, 0o700);
  chmodSync(folder, 0o755);
  return clone;
}

const as = ({ uid, gid }: Account, command: readonly string[]): string[] =>
  uid === 0
    ? [...command]
    : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', ...command];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restore-desk-clone-'));
});
afterEach(async () => {
  for (const { process: child, exited } of running) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  }
  running = [];
  for (const pid of processesOn(folder)) process.kill(pid, 'SIGKILL');
  await until('no process is left', () => processesOn(folder).length === 0);
  rmSync(folder, { recursive: true, force: true });
});

async function setUpStartAndStop(owner: Account): Promise<void> {
  const clone = makeClone(owner);
  const ports = await freePorts(12);
  const names = [
    ...['PORT', 'LOCAL_TEAMS_PORT', 'LOCAL_AZURE_HTTPS_PORT', 'LOCAL_AZURE_HTTP_PORT'],
    ...['LOCAL_BLOB_PORT', 'LOCAL_STATE_DB_PORT', 'LOCAL_SERVERS_PORT'],
  ];
  const env = {
    HOME: '/nonexistent',
    ...Object.fromEntries(names.map((name, index) => [name, String(ports[index])])),
  };
  const started = start(as(owner, ['npm', 'start']), env, { cwd: clone, detached: true });
  running.push(started);
  await until(
    () => `the banner or the end in: ${started.output()}`,
    () => /Desk is ready|does not start|not ready|ERR|do(es)? not compile/.test(started.output()),
    100,
  );
  expect(started.output()).toContain('Restore Desk is ready.');

  const setup = start(as(owner, ['sh', 'infra/local/setup.sh']), env, { cwd: clone });
  running.push(setup);
  expect((await setup.closed).code).toBe(0);
  expect(setup.output()).toBe('');

  started.process.kill('SIGTERM');
  await until('no process is left', () => processesOn(clone).length === 0, 30);
  await until('the ports are free', async () => (await Promise.all(ports.map(isFree))).every(Boolean));
}

testAsRoot('an ordinary user without a home folder sets up, starts and stops', async () => {
  await setUpStartAndStop(account('nobody'));
});

testAsRoot('root does so in a folder that the owner of its clusters may not enter', async () => {
  await setUpStartAndStop({ uid: 0, gid: 0 });
});
