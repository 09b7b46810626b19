/**
 * Runs programs of PostgreSQL as children: with arguments as they are, an environment that holds nothing but what is
 * given here, and an end together with ours.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { isThere, toolsPath } from './tools';

export interface ChildRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Whole lines of what it says on its error output. */
  readonly onLine?: (line: string) => void;
  readonly onStart?: (child: ChildProcess) => void;
  readonly input?: 'pipe';
  /** What it may answer at most, in bytes; `none` where its output is not wanted. */
  readonly mostOutput: number | 'none';
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly isTooLong: boolean;
}

/** Files in a home could change what the programs do: there is none. */
const bareEnvironment = {
  PATH: toolsPath,
  LC_ALL: 'C.UTF-8',
  HOME: '/nonexistent',
  PGPASSFILE: '/nonexistent/pgpass',
  PGSERVICEFILE: '/nonexistent/pg_service',
  PGSYSCONFDIR: '/nonexistent',
  PSQL_HISTORY: '/dev/null',
};

const setpriv = '/usr/bin/setpriv';

/** A child gets the kernel's promise to be killed when we are, where the system has a program that asks for it. */
const bound = (program: string, args: readonly string[]): [string, string[]] =>
  isThere(setpriv) ? [setpriv, ['--pdeathsig=KILL', '--', program, ...args]] : [program, [...args]];

const longestLine = 64 * 1024;

function byLine(take: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) take(line);
  };
}

/** Resolves at its end, whatever that is; rejects only when it could not be started. */
export function runChild(run: ChildRun): Promise<ChildEnd> {
  const [program, args] = bound(run.program, run.args);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...bareEnvironment, ...run.env },
      stdio: [run.input ?? 'ignore', run.mostOutput === 'none' ? 'ignore' : 'pipe', 'pipe'],
    });
    const kill = () => child.kill('SIGKILL');
    run.signal.addEventListener('abort', kill, { once: true });
    if (run.signal.aborted) kill();
    const chunks: Buffer[] = [];
    let length = 0;
    let isTooLong = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (run.mostOutput !== 'none' && length > run.mostOutput) {
        isTooLong = true;
        kill();
      } else chunks.push(chunk);
    });
    const take = byLine(run.onLine ?? (() => undefined));
    child.stderr?.setEncoding('utf8').on('data', take);
    child.once('error', reject);
    child.once('close', (code) => {
      run.signal.removeEventListener('abort', kill);
      take('\n');
      resolve({ code, output: Buffer.concat(chunks).toString('utf8'), isTooLong });
    });
    run.onStart?.(child);
  });
}
