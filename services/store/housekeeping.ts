/** Forgets what only had to be known for a while. Requests, messages and the journal are kept. */
import { query, type Database } from './database';
import { goneKept } from './inventory';

/**
 * Teams repeats a delivery within minutes; a form that nobody submitted for a month is waste paper, and a server that was gone
 * for as long cannot be brought back.
 */
export async function forgetOld(database: Database): Promise<void> {
  await query(database.pool, `delete from delivery where at < now() - interval '2 days'`);
  await query(
    database.pool,
    `delete from draft where phase in ('open', 'cancelled') and created_at < now() - interval '30 days'`,
  );
  await query(database.pool, `delete from known_server where gone_at < now() - ${goneKept}`);
}
