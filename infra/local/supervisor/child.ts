/**
 * One process that the supervisor keeps running: started again when it ends, stopped gracefully and then by force.
 *
 * A child gets a session of its own, because Ctrl-C reaches every process of the terminal's group at once and would take
 * the state database away from a product that is still finishing. It gets a parent-death signal, because nothing else
 * tells a child that its supervisor was killed; the kernel sends that signal when the thread that made the child ends,
 * so children are made on the main thread only. `setpriv` replaces itself, hence its process id is the child's own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface ChildSpec {
  readonly name: string;
  /** What people call it. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly logFile: string;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** How long it may take to stop by itself. */
  readonly stopSeconds: number;
  /** True when the command asks for its parent-death signal itself. */
  readonly bringsDeathSignal?: boolean;
  isReady(): Promise<boolean>;
}

export interface KeptChild {
  readonly spec: ChildSpec;
  /** Undefined while it is between two lives. */
  pid(): number | undefined;
  /** How often it ended without being asked to. */
  deaths(): number;
  stop(): Promise<void>;
}

const restartPauseMs = 100;
/** Dying this soon, this often, is a broken set-up: the pause grows so that it does not eat the machine. */
const quickDeathMs = 1000;
const quickDeathsBeforePause = 5;
const longestPauseMs = 5000;

export function pauseBeforeRestart(quickDeathsInARow: number): number {
  if (quickDeathsInARow < quickDeathsBeforePause) return restartPauseMs;
  return Math.min(longestPauseMs, 500 * 2 ** (quickDeathsInARow - quickDeathsBeforePause));
}

export interface ChildEvents {
  /** The process id changed: started, ended or started again. */
  changed(): void;
  died(child: KeptChild, how: string): void;
}

export function keepRunning(spec: ChildSpec, events: ChildEvents): KeptChild {
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();
  let restart: NodeJS.Timeout | undefined;
  let stopping = false;
  let deaths = 0;
  let quickDeaths = 0;

  const kept: KeptChild = {
    spec,
    pid: () => child?.pid,
    deaths: () => deaths,
    stop: async () => {
      stopping = true;
      clearTimeout(restart);
      if (child) await endGracefully(child, exited, spec);
    },
  };

  const start = (): void => {
    const startedAt = performance.now();
    const started = launch(spec);
    child = started;
    exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        if (child === started) {
          child = undefined;
          quickDeaths = performance.now() - startedAt < quickDeathMs ? quickDeaths + 1 : 0;
          if (!stopping) {
            deaths++;
            restart = setTimeout(start, pauseBeforeRestart(quickDeaths));
            events.died(kept, how);
          }
          events.changed();
        }
        resolve();
      };
      started.once('exit', (code, signal) => ended(signal ? `by ${signal}` : `with exit code ${code}`));
      started.once('error', (error) => ended(`before it began: ${error.message}`));
    });
    events.changed();
  };
  start();
  return kept;
}

function launch(spec: ChildSpec): ChildProcess {
  const log = openSync(spec.logFile, 'a');
  try {
    const withSignal = process.platform === 'linux' && !spec.bringsDeathSignal;
    const [command, args] = withSignal
      ? ['setpriv', ['--pdeathsig=KILL', '--', spec.command, ...spec.args]]
      : [spec.command, [...spec.args]];
    return spawn(command, args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

async function endGracefully(child: ChildProcess, exited: Promise<void>, spec: ChildSpec): Promise<void> {
  child.kill(spec.stopSignal);
  const force = setTimeout(() => child.kill('SIGKILL'), spec.stopSeconds * 1000);
  await exited;
  clearTimeout(force);
}
