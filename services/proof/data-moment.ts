/** Opens servers as the product's identity and reads the newest writes with the owner's SQL. */
import { Client } from 'pg';
import type { DataMomentProbe, ServerLocator } from '../restore/ports';
import type { Instant } from '../restore/instant';
import type { ProofProbe } from '../restore/proof-probe';
import type { ServerFacts } from '../restore/servers';

export interface DataMomentSettings {
  readonly locator: ServerLocator;
  /** Reads what is known of the source now; undefined when it is gone. */
  readonly server: (id: string) => Promise<ServerFacts | undefined>;
  /** Role name of the product's identity in every server. */
  readonly login: string;
  /** Entra token that is given as password. */
  readonly token: () => Promise<string>;
}

/** One statement, one value, read-only and bounded in time: the owner's SQL must not be able to harm a server. */
async function newestWrite(
  settings: DataMomentSettings,
  server: ServerFacts,
  database: string,
  sql: string,
  values: readonly unknown[],
) {
  const { host, port } = await settings.locator.locate(server);
  const client = new Client({
    host,
    port,
    database,
    user: settings.login,
    password: await settings.token(),
    ssl: { rejectUnauthorized: true },
    connectionTimeoutMillis: 10_000,
    query_timeout: 35_000,
    options: '-c default_transaction_read_only=on -c statement_timeout=30000',
    application_name: 'restore-desk-proof',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' });
    const value = rows[0]?.[0];
    return value instanceof Date ? value.toISOString() : null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function newestInSource(
  settings: DataMomentSettings,
  sourceId: string,
  probe: ProofProbe,
  asked: Instant,
): Promise<Instant | null | undefined> {
  if (probe.newestWriteUpTo === undefined) return undefined;
  try {
    const source = await settings.server(sourceId);
    return source && (await newestWrite(settings, source, probe.database, probe.newestWriteUpTo, [asked]));
  } catch {
    // The source may be what was lost; the copy can still be looked at without it.
    return undefined;
  }
}

export function createDataMomentProbe(settings: DataMomentSettings): DataMomentProbe {
  return {
    look: async (copy, sourceId, probe, asked) => {
      const newestInCopy = await newestWrite(settings, copy, probe.database, probe.newestWrite, []);
      const inSource = await newestInSource(settings, sourceId, probe, asked);
      return { newestInCopy, ...(inSource === undefined ? {} : { newestInSource: inSource }) };
    },
  };
}
