/** What the person starting the local environment decided, read from the environment and the command line at once. */
import { resolve } from 'node:path';

export interface LocalPorts {
  readonly product: number;
  readonly teams: number;
  readonly azureHttps: number;
  readonly azureHttp: number;
  readonly blobs: number;
  readonly stateDatabase: number;
  /** The first of the local servers' ports; the others follow. */
  readonly servers: number;
}

export interface LocalSettings {
  readonly repositoryDir: string;
  readonly stateDir: string;
  readonly ports: LocalPorts;
  /** A state database of one's own; undefined means that the supervisor runs one. */
  readonly databaseUrl: string | undefined;
  /** Waiting times of Azure and Teams are divided by this. */
  readonly timeScale: number;
  /** Begin anew: the state folder is removed first. */
  readonly fresh: boolean;
  /** Folder with the PostgreSQL programs when the person named one. */
  readonly postgresFolder: string | undefined;
  /** The part of the environment that every child gets. */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** The policy that the product reads: the local one unless LOCAL_POLICY_FILE names another. */
  readonly policyFile: string;
  /** `DESK_*` variables, handed to the product as they are. */
  readonly productExtras: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;
export type SettingsResult =
  | { readonly ok: true; readonly settings: LocalSettings }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Each port with its variable, its default and what listens there. */
export const portTable: Readonly<
  Record<keyof LocalPorts, { readonly variable: string; readonly usual: number; readonly use: string }>
> = {
  product: { variable: 'PORT', usual: 3978, use: 'the product' },
  teams: { variable: 'LOCAL_TEAMS_PORT', usual: 3979, use: 'local Teams' },
  azureHttps: { variable: 'LOCAL_AZURE_HTTPS_PORT', usual: 4443, use: 'local Azure over https' },
  azureHttp: { variable: 'LOCAL_AZURE_HTTP_PORT', usual: 4080, use: 'local Azure over http' },
  blobs: { variable: 'LOCAL_BLOB_PORT', usual: 10000, use: 'blob storage' },
  stateDatabase: { variable: 'LOCAL_STATE_DB_PORT', usual: 5440, use: 'the state database' },
  servers: { variable: 'LOCAL_SERVERS_PORT', usual: 5500, use: "the local servers' clusters" },
};

/** Enough to find programs and folders; nothing else of the person's shell reaches a child. */
const passedToAll = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_OPTIONS'];

export function readSettings(
  environment: Environment,
  args: readonly string[],
  repositoryDir: string,
): SettingsResult {
  const problems: string[] = [];
  const ports = readPorts(environment, problems);
  const timeScale = readTimeScale(environment, problems);
  const databaseUrl = readDatabaseUrl(environment, problems);
  for (const arg of args) {
    if (arg !== '--fresh') problems.push(`"${arg}" is not an option; the only one is --fresh (begin anew).`);
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    settings: {
      repositoryDir,
      stateDir: resolve(repositoryDir, environment['LOCAL_STATE_DIR'] || '.local'),
      ports,
      databaseUrl,
      timeScale,
      fresh: args.includes('--fresh'),
      postgresFolder: environment['PG_BIN'] || undefined,
      baseEnvironment: pick(environment, (name) => passedToAll.includes(name)),
      policyFile: resolve(repositoryDir, environment['LOCAL_POLICY_FILE'] || 'infra/local/policy.yaml'),
      productExtras: pick(environment, (name) => name.startsWith('DESK_')),
    },
  };
}

function readPorts(environment: Environment, problems: string[]): LocalPorts {
  const read = (name: keyof LocalPorts): number => {
    const { variable, usual } = portTable[name];
    const text = environment[variable] || String(usual);
    const port = Number(text);
    if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
      problems.push(`${variable} must be a port from 1 to 65535; it is "${text}".`);
    }
    return port;
  };
  const ports: LocalPorts = {
    product: read('product'),
    teams: read('teams'),
    azureHttps: read('azureHttps'),
    azureHttp: read('azureHttp'),
    blobs: read('blobs'),
    stateDatabase: read('stateDatabase'),
    servers: read('servers'),
  };
  const users = new Map<number, string>();
  for (const name of Object.keys(portTable) as (keyof LocalPorts)[]) {
    const { variable } = portTable[name];
    const other = users.get(ports[name]);
    if (other)
      problems.push(`${other} and ${variable} are both ${ports[name]}; each needs a port of its own.`);
    users.set(ports[name], variable);
  }
  return ports;
}

function readTimeScale(environment: Environment, problems: string[]): number {
  const text = environment['LOCAL_TIME_SCALE'] || '60';
  const scale = Number(text);
  if (!Number.isFinite(scale) || scale <= 0) {
    problems.push(
      `LOCAL_TIME_SCALE must be a number above zero (60 turns a minute into a second); it is "${text}".`,
    );
  }
  return scale;
}

function readDatabaseUrl(environment: Environment, problems: string[]): string | undefined {
  const text = environment['DATABASE_URL'];
  if (!text) return undefined;
  if (!/^postgres(ql)?:$/.test(URL.canParse(text) ? new URL(text).protocol : '')) {
    problems.push('DATABASE_URL must look like postgres://user:password@host:5432/database.');
  }
  return text;
}

function pick(environment: Environment, wanted: (name: string) => boolean): Record<string, string> {
  const picked = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0]),
  );
  return Object.fromEntries(picked);
}
