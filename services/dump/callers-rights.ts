/**
 * A function that runs with the rights of its owner gives everybody who may call it the rights of our login, once that owns
 * it: to make roles and databases. Such functions are made to run with the rights of their callers instead, which is said.
 */
import type { Client } from 'pg';

const ofOurs = `select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as routine,
    format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)) as name
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner
  where p.prosecdef and r.rolname = session_user and n.nspname !~ '^pg_'
    and not exists (select 1 from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  order by 1`;

const mostNamed = 5;

/** In the database that `client` is in, which holds nothing but what was loaded. Answers notes. */
export async function runAsCallers(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ routine: string; name: string }>(ofOurs);
  if (rows.length > 0)
    await client.query(rows.map(({ routine }) => `alter routine ${routine} security invoker`).join('; '));
  const notes = rows
    .slice(0, mostNamed)
    .map(({ name }) => `${name} runs with the rights of its caller here: its owner would be our login`);
  return rows.length > mostNamed ? [...notes, `so do ${rows.length - mostNamed} more functions`] : notes;
}
