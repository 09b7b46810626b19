/**
 * The blob service: Azurite with sign-in by token, under our own certificate and with our own accounts. How it is
 * started stands here, because the supervisor runs it beside local Azure and local Azure alone runs one for itself.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storageAccountNames } from './identities';

export interface BlobServicePlace {
  readonly repositoryDir: string;
  readonly stateDir: string;
  /** 0 takes a free port; the service names it in its first lines. */
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Arguments for node. Nothing is sent out: telemetry is off, and nothing else of it calls anybody. */
export const blobServiceArguments = (place: BlobServicePlace): string[] => [
  join(place.repositoryDir, 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js'),
  ...['--blobHost', '127.0.0.1', '--blobPort', String(place.port)],
  ...['--location', join(place.stateDir, 'blobs')],
  ...['--oauth', 'basic', '--cert', place.certFile, '--key', place.keyFile],
  ...['--silent', '--disableTelemetry', '--skipApiVersionCheck', '--loose'],
];

/** What the service has to find in its environment: its accounts, each with its key. */
export async function blobServiceEnvironment(stateDir: string): Promise<Record<string, string>> {
  const keys = await keepAccountKeys(stateDir);
  const accounts = Object.entries(keys).map(([name, key]) => `${name}:${key}`);
  return { AZURITE_ACCOUNTS: accounts.join(';') };
}

const accountKeyBytes = 64;

/** The keys are made once and kept for the owner of the folder alone; nobody signs in with them. */
async function keepAccountKeys(stateDir: string): Promise<Readonly<Record<string, string>>> {
  const file = join(stateDir, 'blob-account-keys.json');
  const kept = await readFile(file, 'utf8').catch(() => '{}');
  const known = JSON.parse(kept) as Readonly<Record<string, string>>;
  const names = Object.values(storageAccountNames);
  if (names.every((name) => known[name] !== undefined)) return known;
  const newKey = (): string => randomBytes(accountKeyBytes).toString('base64');
  const keys = Object.fromEntries(names.map((name) => [name, known[name] ?? newKey()]));
  const draft = `${file}.${process.pid}.draft`;
  await mkdir(stateDir, { recursive: true });
  await writeFile(draft, JSON.stringify(keys), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
  return keys;
}
