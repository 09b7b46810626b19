/** What was asked so far, for whoever only reads: the connection cannot change anything. */
import { Pool } from 'pg';
import { applicationRole, away, query } from './database';
import { knownServers } from './inventory';
import type { RestoreRequest } from '../restore/request';
import type { ServerFacts } from '../restore/servers';

export interface PastRequests {
  request(id: string): Promise<RestoreRequest | undefined>;
  /** The newest of them, oldest first. */
  newest(limit: number): Promise<readonly RestoreRequest[]>;
  /** Servers that the desk knows or knew, by their ids in lower case. */
  servers(): Promise<ReadonlyMap<string, ServerFacts>>;
  close(): Promise<void>;
}

interface BodyRow {
  body: RestoreRequest;
}

export function openPastRequests(url: string): PastRequests {
  const pool = new Pool({
    connectionString: url,
    options: `-c role=${applicationRole} -c default_transaction_read_only=on`,
    connectionTimeoutMillis: 5_000,
    application_name: 'restore-desk-reading',
    max: 2,
  });
  // A connection that breaks while idle is replaced; the next question tells when it cannot be.
  pool.on('error', () => undefined);
  const asked = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw away(error);
    });
  return {
    request: async (id) => {
      const [row] = await asked(
        query<BodyRow>(pool, 'select body from restore_request where upper(id) = upper($1)', [id]),
      );
      return row?.body;
    },
    newest: async (limit) => {
      const rows = await asked(
        query<BodyRow>(pool, 'select body from restore_request order by number desc limit $1', [limit]),
      );
      return rows.map(({ body }) => body).reverse();
    },
    servers: async () => {
      const { servers, gone } = await asked(knownServers({ pool, locks: pool, close: () => pool.end() }));
      const living = servers.map(({ server }) => [server.id.toLowerCase(), server] as const);
      return new Map([...[...gone].map(([id, facts]) => [id.toLowerCase(), facts] as const), ...living]);
    },
    close: () => pool.end(),
  };
}
