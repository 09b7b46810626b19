/** A process under measurement: what it costs is read from the kernel, whatever it thinks of itself. */
import { readFileSync } from 'node:fs';
import { start, type Started } from '../fixtures/supervisor/processes';

export interface MeasuredProcess {
  readonly port: number;
  readonly startedAt: number;
  /** User and system time of all its threads so far. */
  cpuMillis(): number;
  residentBytes(): number;
  readonly output: () => string;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/** The kernel counts in hundredths of a second on every platform that Node runs on. */
const tickMillis = 10;

function cpuMillis(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold anything; fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMillis;
}

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

export function measured(script: string, port: number, env: NodeJS.ProcessEnv): MeasuredProcess {
  const startedAt = performance.now();
  const started: Started = start([process.execPath, script], { ...env, PORT: String(port) });
  const pid = started.process.pid ?? 0;
  return {
    port,
    startedAt,
    cpuMillis: () => cpuMillis(pid),
    residentBytes: () => residentBytes(pid),
    output: () => started.output(),
    hasEnded: () => started.process.exitCode !== null || started.process.signalCode !== null,
    stop: async () => {
      started.process.kill('SIGKILL');
      await started.exited;
    },
  };
}
