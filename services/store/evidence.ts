/** Reads what an export is made from, as one moment shows it. Only reads, and needs no more than that. */
import { Client } from 'pg';
import { DeskError, problem } from '../restore/errors';
import type { ChainPart, PublicKey } from '../restore/evidence-ports';
import { away } from './database';
import { entryOf, type JournalRow } from './journal';

const sinceSql = `select * from journal
  where seq >= (select min(seq) from journal where request_id = $1) order by seq`;
const keysSql =
  'select key_id as "keyId", public_key as "publicKey" from evidence_key order by since, key_id';

async function readPart(client: Client, requestId: string): Promise<ChainPart> {
  await client.query('begin transaction isolation level repeatable read, read only');
  const { rows } = await client.query<JournalRow>(sinceSql, [requestId]);
  const { rows: keys } = await client.query<PublicKey>(keysSql);
  await client.query('commit');
  const entries = rows.map(entryOf);
  const newest = entries.at(-1);
  if (!newest) throw new DeskError(problem('REQUEST_UNKNOWN', { id: requestId }));
  return { entries, newest, keys };
}

export async function readChainPart(databaseUrl: string, requestId: string): Promise<ChainPart> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return await readPart(client, requestId);
  } catch (error) {
    throw away(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
