/** Reads B-tree indexes through with the extension amcheck, the small ones first, until the time is over. */
import { escapeIdentifier } from 'pg';
import { messageOf, type Session } from './sessions';
import type { AmcheckFinding } from '../restore/proof-findings';

const patienceMillis = 30_000;
const mostDamaged = 5;

export async function readIndexes(session: Session): Promise<AmcheckFinding> {
  const schema = await session.value(
    `select nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'amcheck'`,
  );
  if (typeof schema !== 'string') return { kind: 'not-installed' };
  const indexes = await session.rows<{ oid: number; name: string }>(
    `select c.oid, c.relname as name from pg_class c join pg_index i on i.indexrelid = c.oid
       join pg_am m on m.oid = c.relam join pg_namespace n on n.oid = c.relnamespace
     where m.amname = 'btree' and c.relkind = 'i' and c.relpersistence = 'p' and i.indisvalid and n.nspname !~ '^pg_toast'
     order by c.relpages, c.oid limit 5000`,
  );
  const until = Date.now() + patienceMillis;
  const damaged: { name: string; message: string }[] = [];
  let read = 0;
  for (const { oid, name } of indexes) {
    if (Date.now() >= until || damaged.length >= mostDamaged) break;
    try {
      await session.value(`select ${escapeIdentifier(schema)}.bt_index_check($1::oid::regclass)`, [oid]);
    } catch (error) {
      const why = (error as { readonly code?: string }).code;
      if (why === 'XX001' || why === 'XX002') damaged.push({ name, message: messageOf(error) });
      else if (read === 0) return { kind: 'not-possible', why: messageOf(error) };
      else continue;
    }
    read += 1;
  }
  return { kind: 'read', indexes: read, left: indexes.length - read, damaged };
}
