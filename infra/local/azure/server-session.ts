/** A session on one of the local servers, always over TLS and always checked against our own CA. */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { Micros } from './instants';

export interface SessionTarget {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly caFile: string;
}

export const superuser = 'azuresu';

export async function openSession(target: SessionTarget): Promise<Client> {
  const client = new Client({
    host: '127.0.0.1',
    port: target.port,
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: { ca: readFileSync(target.caFile, 'utf8') },
    application_name: 'local-azure',
    connectionTimeoutMillis: 20_000,
  });
  // A server that is stopped cuts its sessions; whoever runs a query on it gets the error there.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export async function withSession<T>(target: SessionTarget, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await openSession(target);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The server's own clock, which during seeding is not ours. */
export async function serverClock(client: Client): Promise<Micros> {
  const { rows } = await client.query<{ at: string }>(
    'select (extract(epoch from clock_timestamp()) * 1000000)::bigint as at',
  );
  return Number(rows[0]?.at);
}
