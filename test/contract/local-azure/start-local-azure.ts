/** Runs local Azure as its own process on free ports with a state folder of its own, for one test file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestAzure {
  readonly stateDir: string;
  readonly http: string;
  readonly https: string;
  readonly ca: string;
  readonly caFile: string;
  readonly identityHeader: string;
  readonly seconds: number;
  /** Calls a control route and gives the parsed answer. */
  control<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** Ends the process with this signal and resolves when it is gone, with its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again on the same state, and on the same ports. */
  again(): Promise<void>;
  remove(): Promise<void>;
}

const identityHeader = 'test-identity-header';

function newestPgBin(): string {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root).sort((a, b) => Number(b) - Number(a))[0] ?? '15';
  return join(root, newest, 'bin');
}

interface Running {
  readonly child: ChildProcess;
  readonly ports: { readonly http: string; readonly https: string };
}

function launch(env: Readonly<Record<string, string>>, main: string): Promise<Running> {
  // Dies with the test run, however that ends.
  const command = ['--pdeathsig=TERM', '--', process.execPath, '--import', 'tsx', main];
  const child = spawn('setpriv', command, {
    cwd: join(__dirname, '../../..'),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const [, http, https] =
        /Local Azure: http:\/\/127\.0\.0\.1:(\d+) and https:\/\/127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (http !== undefined && https !== undefined) resolve({ child, ports: { http, https } });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`local Azure ended with ${code}: ${said}`)));
  });
}

/** `main` is another entry than the one of local Azure itself. */
export async function startTestAzure(
  options: Readonly<Record<string, string>> = {},
  main = 'infra/local/azure/main.ts',
): Promise<TestAzure> {
  // A folder name that no shell line or format string may stumble over.
  const stateDir = options['LOCAL_STATE_DIR'] ?? mkdtempSync(join(tmpdir(), "local azure's 5%-"));
  const env = {
    LOCAL_STATE_DIR: stateDir,
    LOCAL_AZURE_HTTP_PORT: '0',
    LOCAL_AZURE_HTTPS_PORT: '0',
    // Below the ports that the system gives to outgoing connections, which come and go.
    LOCAL_SERVERS_PORT: String(12_000 + Math.floor(Math.random() * 20_000)),
    LOCAL_TIME_SCALE: '240',
    LOCAL_IDENTITY_HEADER: identityHeader,
    PG_BIN: newestPgBin(),
    ...options,
  };
  const startedAt = Date.now();
  let running = await launch(env, main);
  const seconds = (Date.now() - startedAt) / 1000;
  const { ports } = running;
  const http = `http://127.0.0.1:${ports.http}`;
  const end = (signal: NodeJS.Signals): Promise<number | null> =>
    new Promise((resolve) => {
      const { child } = running;
      if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
      child.once('exit', resolve);
      child.kill(signal);
    });
  return {
    ...{ stateDir, http, https: `https://127.0.0.1:${ports.https}`, identityHeader, seconds },
    ca: readFileSync(join(stateDir, 'ca.pem'), 'utf8'),
    caFile: join(stateDir, 'ca.pem'),
    control: async <T>(method: string, path: string, body?: unknown) => {
      const response = await fetch(`${http}/local${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
    },
    end,
    again: async () => {
      const samePorts = { LOCAL_AZURE_HTTP_PORT: ports.http, LOCAL_AZURE_HTTPS_PORT: ports.https };
      running = await launch({ ...env, ...samePorts }, main);
    },
    remove: async () => {
      await end('SIGTERM');
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
