import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearFolder } from '../../../infra/local/azure/server-clusters';

let root: string;
let former: ChildProcess | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cleared-'));
});
afterEach(() => {
  former?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Stands for a postmaster that outlived its parent: it works in its data folder, and says so with every file it writes. */
function postmasterIn(data: string): { child: ChildProcess; wrote: (times: number) => Promise<void> } {
  mkdirSync(data);
  const script = `const { writeFileSync } = require('node:fs'); let n = 0;
    setInterval(() => { try { writeFileSync('wal-' + (n++ % 50), 'x'); } catch {} console.log('wrote'); }, 5)`;
  const child = spawn(process.execPath, ['-e', script], { cwd: data, stdio: ['ignore', 'pipe', 'ignore'] });
  writeFileSync(join(data, 'postmaster.pid'), `${child.pid}\n`);
  let written = 0;
  const wrote = (times: number): Promise<void> =>
    new Promise((resolve) => {
      const until = written + times;
      child.stdout.on('data', (chunk: Buffer) => {
        written += chunk.toString().split('wrote').length - 1;
        if (written >= until) resolve();
      });
    });
  return { child, wrote };
}

test('a folder is cleared when the postmaster of a killed predecessor has ended, and then for good', async () => {
  const data = join(root, 'server', 'data');
  mkdirSync(join(root, 'server'));
  const { child, wrote } = postmasterIn(data);
  former = child;
  await wrote(1);
  const clearing = clearFolder({ root: join(root, 'server'), data });
  const first = await Promise.race([clearing.then(() => 'cleared'), wrote(100).then(() => 'still writing')]);
  expect(first).toBe('still writing');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  await clearing;
  expect(existsSync(join(root, 'server'))).toBe(false);
});

test('the id of a process that works elsewhere holds nothing up', async () => {
  const data = join(root, 'server', 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'postmaster.pid'), `${process.pid}\n`);
  await clearFolder({ root: join(root, 'server'), data });
  expect(existsSync(join(root, 'server'))).toBe(false);
});
