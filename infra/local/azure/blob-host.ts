/**
 * The blob service from local Azure's side: run by the supervisor beside us, or, where nobody runs one, by ourselves.
 *
 * The service writes its list of containers and blobs to disk every five seconds, so one that is killed forgets what is
 * younger. Containers are therefore made (again) at our start and each time the service comes back.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { connect } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { blobServiceArguments, blobServiceEnvironment } from '../blob-service';
import type { Certificates } from '../certificates';
import { BlobServiceAway, createBlobStore, type BlobService } from './blob-store';
import type { StorageAccount } from './storage-accounts';

export interface BlobHost {
  readonly service: BlobService;
  /** Where each account's blobs are, for example `https://127.0.0.1:10000/shoprestores`; empty until that is known. */
  addresses(): Readonly<Record<string, string>>;
  /** Resolves when the service answers and holds every container it should. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface BlobHostDeps {
  readonly stateDir: string;
  /** Where somebody else runs the service; undefined: we run it. */
  readonly port: number | undefined;
  readonly certificates: Certificates;
  readonly token: () => Promise<string>;
  readonly accounts: () => readonly StorageAccount[];
}

const addressOf = (port: number): string => `https://127.0.0.1:${port}`;

const retryMs = 100;
const stopSeconds = 5;

/** Begins to start the service where it has to, and does not wait for it. */
export function createBlobHost(deps: BlobHostDeps): BlobHost {
  const ca = readFileSync(deps.certificates.caFile);
  let port = deps.port;
  const own = port === undefined ? runBlobService(deps) : undefined;
  own?.then(
    (running) => (port = running.port),
    () => undefined,
  );
  const findPort = async (): Promise<number> => port ?? (await own)?.port ?? 0;
  const service = createBlobStore({
    endpoint: async () => addressOf(await findPort()),
    ca,
    token: deps.token,
  });
  const stopping = new AbortController();
  const makeContainers = async (): Promise<void> => {
    for (const { name, containers } of deps.accounts())
      for (const container of containers) await service.createContainer(name, container);
  };
  const untilMade = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        return await makeContainers();
      } catch (error) {
        // A clear no stays a no; only a service that is not there yet is waited for.
        if (!(error instanceof BlobServiceAway)) throw error;
        await pause(retryMs);
      }
    }
  };
  return {
    service,
    addresses: () => {
      const known = port;
      if (known === undefined) return {};
      return Object.fromEntries(deps.accounts().map(({ name }) => [name, `${addressOf(known)}/${name}`]));
    },
    ready: async () => {
      await own;
      await untilMade();
      watchReturns(await findPort(), ca, stopping.signal, () => {
        untilMade().catch((error: unknown) => console.error('local Azure: containers are missing:', error));
      });
    },
    stop: async () => {
      stopping.abort();
      const running = await own?.catch(() => undefined);
      await running?.stop();
    },
  };
}

interface OwnService {
  readonly port: number;
  stop(): Promise<void>;
}

async function runBlobService({ stateDir, certificates }: BlobHostDeps): Promise<OwnService> {
  const repositoryDir = resolve(__dirname, '..', '..', '..');
  const { certFile, keyFile } = certificates;
  const args = blobServiceArguments({ repositoryDir, stateDir, port: 0, certFile, keyFile });
  const child = spawn('setpriv', ['--pdeathsig=KILL', '--', process.execPath, ...args], {
    cwd: stateDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(await blobServiceEnvironment(stateDir)) },
  });
  let wanted = true;
  const exited = new Promise<void>((done) => {
    child.once('exit', (code) => {
      if (wanted) console.error(`local Azure: its blob service ended with ${code}.`);
      done();
    });
  });
  const port = await new Promise<number>((found, failed) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const [, named] = /successfully listens on https:\/\/127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (named !== undefined) found(Number(named));
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`The blob service did not start: ${said}`)));
  });
  return {
    port,
    stop: async () => {
      wanted = false;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), stopSeconds * 1000);
      await exited;
      clearTimeout(force);
    },
  };
}

const awayRetryMs = 500;

/**
 * Calls back whenever the service has been away and is there again. An open connection tells at once when the service
 * dies; the service also closes idle ones, but then the next attempt succeeds straight away.
 */
function watchReturns(port: number, ca: Buffer, stopping: AbortSignal, back: () => void): void {
  let away = false;
  const look = (): void => {
    if (stopping.aborted) return;
    let reached = false;
    const socket = connect({ port, host: '127.0.0.1', ca });
    const leave = (): void => void socket.destroy();
    stopping.addEventListener('abort', leave, { once: true });
    socket.unref();
    socket.resume();
    socket.on('error', () => undefined);
    socket.once('secureConnect', () => {
      reached = true;
      if (away) back();
      away = false;
    });
    socket.once('close', () => {
      stopping.removeEventListener('abort', leave);
      if (!reached) away = true;
      setTimeout(look, reached ? 0 : awayRetryMs).unref();
    });
  };
  look();
}
