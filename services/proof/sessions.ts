/**
 * Sessions on servers as the product's identity with an access token as password, or as the login that the owner named:
 * read-only, over TLS, bounded in time.
 */
import { Client, type QueryResultRow } from 'pg';
import type { ServerFacts } from '../restore/servers';
import type { ServerLocator } from '../restore/ports';

export interface Session {
  rows<Row extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** First column of the first row. */
  value(sql: string, values?: readonly unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

/** `ours`: names mean what PostgreSQL means by them, whatever lies in the database; `owners`: as the owner's SQL expects. */
export type Asker = 'ours' | 'owners';

export type OpenSession = (server: ServerFacts, database: string, asker: Asker) => Promise<Session>;

export interface SessionSettings {
  readonly locator: ServerLocator;
  readonly login: LoginFor;
}

export interface Login {
  readonly user: string;
  /** An Entra token, or what stands in the owner's secret. */
  readonly password: string;
}

export type LoginFor = (server: Pick<ServerFacts, 'name'>) => Promise<Login>;

/** A statement of the owner's may read a big table; one of ours never does. */
const statementSeconds: Readonly<Record<Asker, number>> = { ours: 15, owners: 30 };

export const sessionOptions = (asker: Asker): string =>
  [
    'default_transaction_read_only=on',
    `statement_timeout=${statementSeconds[asker] * 1000}`,
    // Nobody's lock is waited for, and nobody waits for ours.
    'lock_timeout=2000',
    'timezone=UTC',
    ...(asker === 'ours' ? ['search_path=pg_catalog'] : []),
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');

export const openSessions =
  (settings: SessionSettings): OpenSession =>
  async (server, database, asker) => {
    const { host, port } = await settings.locator.locate(server);
    return startSession(
      new Client({
        host,
        port,
        database,
        ...(await settings.login(server)),
        ssl: { rejectUnauthorized: true },
        connectionTimeoutMillis: 10_000,
        query_timeout: (statementSeconds[asker] + 5) * 1000,
        options: sessionOptions(asker),
        application_name: 'restore-desk-proof',
      }),
    );
  };

export async function startSession(client: Client): Promise<Session> {
  client.on('error', () => undefined);
  await client.connect();
  return {
    rows: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...values])).rows,
    value: async (sql, values = []) => {
      const { rows } = await client.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' });
      return rows[0]?.[0];
    },
    end: () => client.end().catch(() => undefined),
  };
}

export async function withSession<T>(
  opening: Promise<Session>,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await opening;
  try {
    return await use(session);
  } finally {
    await session.end();
  }
}

/** At most two at a time: a copy has few cores, and a source has other work. */
export async function twoAtATime<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  const waiting = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** The server's own words, cut to what a card can show. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 120);
