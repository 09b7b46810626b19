/** Sessions on the target: ours and those of the programs we run, all known by the key of their order. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { DeskError, problem } from '../restore/errors';
import type { ServerAddress } from '../restore/servers';

export interface SessionSettings {
  /** Role name of the product's identity on every target. */
  readonly login: string;
  /** Entra token, given as password. */
  readonly token: () => Promise<string>;
  /** Certificates that servers must show a descendant of; else those of the system. */
  readonly caFile?: string;
}

/** The way into the databases of a server as one login. */
export interface Door {
  readonly login: string;
  /** Of every session of this order; carries no part of the key itself, which others on the server could read. */
  readonly sessionName: string;
  readonly connect: (database: string) => Promise<Client>;
  /** For a program of PostgreSQL; the database is told here and not by arguments, which could be read as more than a name. */
  childEnv(database: string): Promise<Record<string, string>>;
}

/** That of our own login. */
export interface Target extends Omit<Door, 'childEnv'> {
  /** On the database that nothing is loaded into, over a session that is kept for the next; `close` ends them. */
  asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** 24 letters that stand for the key where others can see them. */
export const shortKey = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 24);

/** Every server has it, and nothing is loaded into it. */
export const adminDatabase = 'postgres';

const systemCertificates = '/etc/ssl/certs/ca-certificates.crt';
const connectSeconds = 15;

/**
 * A database may say what names mean in it and whom its guests act as. For our own login names mean what they mean to
 * PostgreSQL, whoever loaded that database.
 */
const deafToDatabases = '-c search_path=pg_catalog -c role=none';

export function openTarget(settings: SessionSettings, address: ServerAddress, sessionName: string): Target {
  const { login, connect } = openDoor(settings, address, sessionName, deafToDatabases);
  return { login, sessionName, connect, ...keptSessions(() => connect(adminDatabase)) };
}

export function openDoor(
  settings: SessionSettings,
  address: ServerAddress,
  sessionName: string,
  options?: string,
): Door {
  const ca = settings.caFile === undefined ? undefined : readFileSync(settings.caFile, 'utf8');
  const connect = async (database: string): Promise<Client> => {
    const client = new Client({
      ...{ host: address.host, port: address.port, database, user: settings.login },
      password: await settings.token(),
      ssl: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
      ...(options === undefined ? {} : { options }),
      ...{ connectionTimeoutMillis: connectSeconds * 1000, application_name: sessionName, keepAlive: true },
    });
    // Told through the query that waits; without this an idle session that is cut would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  return {
    ...{ login: settings.login, sessionName, connect },
    childEnv: async (database) => ({
      ...{ PGHOST: address.host, PGPORT: String(address.port), PGDATABASE: database },
      ...{ PGUSER: settings.login, PGPASSWORD: await settings.token(), PGAPPNAME: sessionName },
      ...{ PGSSLMODE: 'verify-full', PGSSLROOTCERT: settings.caFile ?? systemCertificates },
      ...{ PGCONNECT_TIMEOUT: String(connectSeconds), PGGSSENCMODE: 'disable', PGCLIENTENCODING: 'UTF8' },
    }),
  };
}

function keptSessions(connect: () => Promise<Client>): Pick<Target, 'asAdmin' | 'close'> {
  const idle = new Set<Client>();
  const take = async (): Promise<Client> => {
    const [kept] = idle;
    if (kept !== undefined) {
      idle.delete(kept);
      return kept;
    }
    const fresh = await connect();
    fresh.once('end', () => idle.delete(fresh));
    fresh.once('error', () => idle.delete(fresh));
    return fresh;
  };
  return {
    asAdmin: async (work) => {
      const client = await take();
      try {
        const result = await work(client);
        idle.add(client);
        return result;
      } catch (error) {
        // It may be in a transaction, or gone.
        await client.end().catch(() => undefined);
        throw error;
      }
    },
    close: async () => {
      const all = [...idle];
      idle.clear();
      await Promise.all(all.map((client) => client.end().catch(() => undefined)));
    },
  };
}

/** One session for as long as `work` takes. */
export async function inSession<T>(
  door: Pick<Door, 'connect'>,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await door.connect(database);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Ends the sessions that an earlier try of this order left, there or anywhere, until there are none: ours by their name, those
 * of the order's own login whatever they call themselves.
 */
export async function endFormerSessions(
  client: Client,
  orderLogin: string,
  database?: string,
): Promise<void> {
  const ask = `select pg_terminate_backend(pid) from pg_stat_activity
    where (usename = $1 or (application_name = current_setting('application_name') and usename = session_user))
      and pid <> pg_backend_pid() and (datname = $2 or $2 is null)`;
  for (let round = 0; round < 200; round++) {
    const { rowCount } = await client.query(ask, [orderLogin, database ?? null]);
    if (rowCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new DeskError(
    problem('LOAD_TARGET_CLOSED', { name: 'The server', what: 'sessions of an earlier try do not end' }),
  );
}

interface ServerError {
  readonly code?: string;
  readonly message?: string;
}

/** Of these the text in quotes is a value that stood in a row, and no name. */
const tellsValues = /\b(invalid (input|value|byte)|malformed|out of range|could not convert)\b/i;

export const withoutValues = (line: string): string =>
  tellsValues.test(line) ? line.replace(/"[^"]*("|$)/g, '"…"') : line;

/** What the server said, in one line without details: those may hold values of rows. */
export const serverMessage = (error: unknown): string =>
  withoutValues(((error as ServerError).message ?? 'no message').split('\n')[0] ?? '').slice(0, 300);

const lostCodes = ['57P01', '57P02', '57P03', '57P05', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT'];
const lostWords =
  /connection terminated|terminating connection|server closed the connection|connection to server|SSL SYSCALL|could not (send|receive) data|not queryable|connection timeout|timeout expired|no connection to the server|SSL connection has been closed|the database system is|cannot connect now/i;

/** The session is gone, and the statement is not to blame. */
export function isLost(error: unknown): boolean {
  const { code = '', message = '' } = error as ServerError;
  return lostCodes.includes(code) || code.startsWith('08') || isLostMessage(message);
}

export const isLostMessage = (message: string): boolean => lostWords.test(message);

const diskFullWords = /No space left on device|could not extend file/i;

export const isDiskFull = (code: string | undefined, message: string): boolean =>
  code === '53100' || diskFullWords.test(message);
