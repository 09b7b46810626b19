/** Looks into the local servers themselves: where they are, and what a query on them answers. */
import { Client } from 'pg';
import type { TestAzure } from './start-local-azure';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly databases: readonly string[];
  readonly state: string;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

export const readEndpoints = async (azure: TestAzure) =>
  (await azure.control<{ servers: Record<string, Endpoint> }>('GET', '/endpoints')).body.servers;

/** The first row of a query; as the administrator and in `shop` unless told otherwise. */
export async function askServer<T>(
  azure: TestAzure,
  server: string,
  sql: string,
  how: { login?: Login | undefined; database?: string | undefined } = {},
): Promise<T> {
  const { host, port, user, password } = (await readEndpoints(azure))[server] ?? { host: '', port: 0 };
  const client = new Client({
    ...{ host, port, database: how.database ?? 'shop', ssl: { ca: azure.ca } },
    ...(how.login ?? { user, password }),
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0] as T;
  } finally {
    await client.end();
  }
}

/** Waits for a state, asking again every now and then; the test's own time limit is the only one. */
export async function until<T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (isThere(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
