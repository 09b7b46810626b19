/** The end of an order on a server: its login goes, with all that it was lent, and nothing stays behind that it owned. */
import { escapeIdentifier, type Client } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import { holdKeeper, leaveToHeir } from './keeper';
import { temporaryOwners } from './ownership';
import { endFormerSessions, inSession, serverMessage, type Target } from './sessions';
import { orderLoginName, readStandingRoles, rolesMade } from './standing-roles';

/** Also after a try that died in the middle. Answers what did not go. */
export async function letGo(admin: Client, target: Target, order: LoadOrder): Promise<string[]> {
  const login = orderLoginName(order.key);
  const standing = await readStandingRoles(admin, order.key);
  const left: string[] = [];
  const tryTo = (what: string, sql: string): Promise<unknown> =>
    admin.query(sql).catch((error: unknown) => left.push(`${what}: ${serverMessage(error)}`));
  for (const name of rolesMade(standing, order.key).createdb)
    if (standing.some((role) => role.name === name))
      await tryTo(`role ${name} without createdb`, `alter role ${escapeIdentifier(name)} createdb`);
  const known = standing.find(({ name }) => name === login);
  if (known !== undefined) {
    await admin.query(`alter role ${escapeIdentifier(login)} nologin password null`);
    await endFormerSessions(admin, login);
    for (const database of await databasesOf(admin, login)) {
      const why = await leave(admin, target, order, database);
      if (why !== undefined) left.push(`objects of ${login} in ${database}: ${why}`);
    }
  }
  for (const name of temporaryOwners(standing, order.key))
    await tryTo(`role ${name}`, `drop role ${escapeIdentifier(name)}`);
  if (known !== undefined) left.push(...(await dropLogin(admin, login)));
  return left;
}

/** Where it owns or may do something. */
async function databasesOf(admin: Client, login: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select distinct b.datname::text as name from pg_shdepend d join pg_roles r on r.oid = d.refobjid
      join pg_database b on b.oid = d.dbid
      where r.rolname = $1 and d.refclassid = 'pg_authid'::regclass and b.datallowconn`,
    [login],
  );
  return rows.map(({ name }) => name);
}

async function leave(
  admin: Client,
  target: Target,
  order: LoadOrder,
  database: string,
): Promise<string | undefined> {
  try {
    const keeper = await holdKeeper(admin, order, database);
    return await inSession(target, database, (client) =>
      leaveToHeir(client, orderLoginName(order.key), keeper),
    );
  } catch (error) {
    await admin.query('rollback');
    return serverMessage(error);
  }
}

/** One that cannot go, because something still speaks of it, is left without anything that it could do. */
async function dropLogin(admin: Client, login: string): Promise<string[]> {
  const role = escapeIdentifier(login);
  try {
    await admin.query(`drop role ${role}`);
    return [];
  } catch (error) {
    const { rows } = await admin.query<{ name: string }>(
      `select g.rolname as name from pg_auth_members m join pg_roles g on g.oid = m.roleid
        join pg_roles r on r.oid = m.member where r.rolname = $1`,
      [login],
    );
    for (const { name } of rows) await admin.query(`revoke ${escapeIdentifier(name)} from ${role}`);
    return [`role ${login}: ${serverMessage(error)}`];
  }
}
