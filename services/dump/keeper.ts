/**
 * The keeper of a database: a role without any right, as which nobody can sign in, that owns what a dump leaves without an
 * owner. Whatever runs with the rights of an owner later, be it a function or the server itself, finds nothing there.
 */
import { createHash } from 'node:crypto';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import { giveToAdministrators } from './roles';
import { isLost, serverMessage } from './sessions';
import { orderLoginName } from './standing-roles';

const longestName = 63;

const noteOf = (database: string): string =>
  `Owns what Restore Desk loaded into the database ${database} and nobody else owns. It needs no rights and no password.`;

/** `loaded_shop`; the names of databases may be as long as this whole name may be. */
function nameOf(database: string, attempt: number): string {
  const end = attempt === 1 ? '' : `_${attempt}`;
  const name = `loaded_${database}`;
  if (Buffer.byteLength(name + end) <= longestName) return name + end;
  const rest = `_${createHash('sha256').update(database).digest('hex').slice(0, 8)}${end}`;
  let kept = name;
  while (Buffer.byteLength(kept + rest) > longestName) kept = [...kept].slice(0, -1).join('');
  return kept + rest;
}

/** Made by us for a database of this name, still without rights, and of use nowhere else. */
const fitting = `
  select r.rolname as name from pg_roles r
  where shobj_description(r.oid, 'pg_authid') = $1
    and not (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolcanlogin or r.rolreplication or r.rolbypassrls)
    and not exists (select from pg_auth_members m where m.member = r.oid)
    and not exists (
      select from pg_shdepend d left join pg_database b on b.datname = $2
      where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid
        and b.oid is distinct from (case when d.dbid <> 0 then d.dbid else d.objid end))
  order by 1 limit 1`;

/** Finds or makes it, and lets the login of the order act as it. Answers its name. */
export async function holdKeeper(admin: Client, order: LoadOrder, database: string): Promise<string> {
  await admin.query('begin');
  const { rows } = await admin.query<{ name: string }>(fitting, [noteOf(database), database]);
  const name = rows[0]?.name ?? (await makeKeeper(admin, database));
  const login = orderLoginName(order.key);
  await admin.query(`grant ${escapeIdentifier(name)} to ${escapeIdentifier(login)}`);
  await admin.query('commit');
  return name;
}

async function makeKeeper(admin: Client, database: string): Promise<string> {
  const { rows } = await admin.query<{ name: string }>('select rolname as name from pg_roles');
  const taken = new Set(rows.map(({ name }) => name));
  let attempt = 1;
  while (taken.has(nameOf(database, attempt))) attempt += 1;
  const name = nameOf(database, attempt);
  const role = escapeIdentifier(name);
  await admin.query(
    `create role ${role} nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit nologin`,
  );
  await admin.query(`comment on role ${role} is ${escapeLiteral(noteOf(database))}`);
  await giveToAdministrators(admin, [name]);
  return name;
}

/** Takes keepers of the database away that own nothing there after all. Answers those that stay. */
export async function dropIdleKeepers(admin: Client, database: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select rolname as name from pg_roles where shobj_description(oid, 'pg_authid') = $1`,
    [noteOf(database)],
  );
  const left: string[] = [];
  for (const { name } of rows)
    await admin.query(`drop role ${escapeIdentifier(name)}`).catch((error: unknown) => {
      if (isLost(error)) throw error;
      left.push(name);
    });
  return left;
}

const ofLogin = `select 1 from pg_catalog.pg_shdepend d join pg_catalog.pg_roles r on r.oid = d.refobjid
  join pg_catalog.pg_database b on b.oid = d.dbid and b.datname = pg_catalog.current_database()
  where r.rolname = $1 and d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass limit 1`;

const closedSchemas = `select n.nspname::text as name from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.rolname = $1
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not pg_catalog.has_schema_privilege(r.oid, n.oid, 'create')`;

/**
 * In the database that `client` is in: what belongs to the login of the order belongs to `heir` afterwards, and nothing there
 * speaks of that login any more. Answers what went wrong.
 */
export async function leaveToHeir(client: Client, login: string, heir: string): Promise<string | undefined> {
  try {
    if ((await client.query(ofLogin, [login])).rowCount === 0) return undefined;
    // Functions and types go to nobody who may not create where they are.
    const { rows } = await client.query<{ name: string }>(closedSchemas, [heir]);
    const lent = rows.map(({ name }) => escapeIdentifier(name));
    const [from, to] = [escapeIdentifier(login), escapeIdentifier(heir)];
    await client.query('begin');
    for (const schema of lent) await tryAlone(client, `grant create on schema ${schema} to ${to}`);
    await client.query(`reassign owned by ${from} to ${to}`);
    await client.query(`drop owned by ${from}`);
    for (const schema of lent) await tryAlone(client, `revoke create on schema ${schema} from ${to}`);
    await client.query('commit');
    return undefined;
  } catch (error) {
    if (isLost(error)) throw error;
    await client.query('rollback');
    return serverMessage(error);
  }
}

/** One that is not ours to give is left as it is; what needs it says so. */
async function tryAlone(client: Client, sql: string): Promise<void> {
  await client.query('savepoint one');
  try {
    await client.query(sql);
  } catch (error) {
    if (isLost(error)) throw error;
    await client.query('rollback to savepoint one');
  }
  await client.query('release savepoint one');
}
