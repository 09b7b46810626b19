/** Connections to the state database, and the transaction in which every change is written. */
import { Pool, type PoolClient } from 'pg';
import { DeskError, problem } from '../restore/errors';

/** The role that the running product takes; it cannot update or delete the journal. */
export const applicationRole = 'restore_desk_app';

export interface Database {
  /** For statements and short transactions. */
  readonly pool: Pool;
  /** For locks that are held while Azure or Teams is called; apart, so that waiting on them never starves the other. */
  readonly locks: Pool;
  close(): Promise<void>;
}

/** `onLost` hears of connections that broke while idle; the pools replace them by themselves. */
export function openDatabase(url: string, onLost: (error: Error) => void): Database {
  const common = {
    connectionString: url,
    options: `-c role=${applicationRole}`,
    connectionTimeoutMillis: 5_000,
  };
  const pool = new Pool({ ...common, max: 10, application_name: 'restore-desk' });
  const locks = new Pool({ ...common, max: 12, application_name: 'restore-desk-locks' });
  pool.on('error', onLost);
  locks.on('error', onLost);
  return {
    pool,
    locks,
    close: async () => {
      await Promise.all([pool.end(), locks.end()]);
    },
  };
}

/** SQLSTATE classes and socket errors that mean "the database is away", not "the statement is wrong". */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (/^(08|53|57P)/.test(code ?? '')) return true;
  if (/^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND)$/.test(code ?? '')) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    message ?? '',
  );
}

/** The error as the core knows it: "the database is away" is told apart from a wrong statement. */
export const away = (error: unknown): unknown =>
  isDatabaseAway(error) ? new DeskError(problem('DATABASE_UNREACHABLE'), error) : error;

/** One transaction: commits what `work` wrote, or nothing. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw away(error);
  });
  // A connection that breaks between two statements says so as an event; unheard, it would end the process.
  const onError = (): void => undefined;
  client.on('error', onError);
  const release = (broken: boolean): void => {
    client.off('error', onError);
    client.release(broken);
  };
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    release(false);
    return result;
  } catch (error) {
    const broken = await client.query('rollback').then(
      () => isDatabaseAway(error),
      () => true,
    );
    release(broken);
    throw away(error);
  }
}

/** A statement outside a transaction, with "the database is away" told apart. */
export async function query<Row extends object>(
  pool: Pool,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return (await pool.query<Row>(sql, [...values])).rows;
  } catch (error) {
    throw away(error);
  }
}
