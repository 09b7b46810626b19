/** Makes the databases that dumps go into, and knows those that tries of this order made. */
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { TocEntry } from './archive-toc';
import { serverMessage, shortKey } from './sessions';

/** Comment of a database while it is ours and unfinished. */
export const databaseMark = (key: string): string => `Restore Desk is loading this: ${shortKey(key)}`;

export interface StandingDatabase {
  readonly comment: string;
  /** Of our login itself. */
  readonly isOwn: boolean;
}

export async function lookAtDatabase(admin: Client, name: string): Promise<StandingDatabase | undefined> {
  const { rows } = await admin.query<{ comment: string | null; isOwn: boolean }>(
    `select shobj_description(d.oid, 'pg_database') as comment, r.rolname = session_user as "isOwn"
      from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1`,
    [name],
  );
  return rows[0] && { comment: rows[0].comment ?? '', isOwn: rows[0].isOwn };
}

/** Objects of users: neither of PostgreSQL itself nor of an extension. */
const readUserObjects = `
  with outside as (
    select c.oid, 'pg_class'::regclass as class, c.relnamespace as space, c.relname::text as name from pg_class c
    union all select p.oid, 'pg_proc'::regclass, p.pronamespace, p.proname from pg_proc p
    union all select t.oid, 'pg_type'::regclass, t.typnamespace, t.typname from pg_type t where t.typrelid = 0 and t.typelem = 0
    union all select n.oid, 'pg_namespace'::regclass, n.oid, n.nspname from pg_namespace n where n.nspname <> 'public'
    union all select l.oid, 'pg_largeobject'::regclass, 2200, l.oid::text from pg_largeobject_metadata l
  )
  select o.name from outside o left join pg_namespace n on n.oid = o.space
  where coalesce(n.nspname, '') !~ '^pg_' and coalesce(n.nspname, '') <> 'information_schema'
    and not exists (select 1 from pg_depend d where d.classid = o.class and d.objid = o.oid and d.deptype = 'e')
  limit 1`;

export async function isEmptyDatabase(client: Client): Promise<boolean> {
  return (await client.query(readUserObjects)).rowCount === 0;
}

const word = /^[\p{L}\p{N}_.@-]+$/u;

/** Encoding and locale as the dump says them; nothing where it does not say, or says it in an unknown way. */
function shapeOf(definition: string): string {
  const said = (name: string): string | undefined =>
    new RegExp(`\\b${name} = '([^']*)'`).exec(definition)?.[1] ?? undefined;
  const provider = /LOCALE_PROVIDER = (libc|icu)\b/.exec(definition)?.[1];
  const parts = (['ENCODING', 'LOCALE', 'LC_COLLATE', 'LC_CTYPE', 'ICU_LOCALE'] as const).flatMap((name) => {
    const value = said(`(?<!_)${name}`);
    return value !== undefined && word.test(value) ? [`${name.toLowerCase()} = ${escapeLiteral(value)}`] : [];
  });
  return [...(provider === undefined ? [] : [`locale_provider = ${provider}`]), ...parts].join(' ');
}

/** Answers notes. A locale that the server does not have is replaced by its own, which is said. */
export async function createDatabase(
  admin: Client,
  name: string,
  key: string,
  entry: TocEntry | undefined,
): Promise<string[]> {
  const create = `create database ${escapeIdentifier(name)} with template = template0`;
  const shape = entry === undefined ? '' : shapeOf(entry.definition);
  const notes: string[] = [];
  try {
    await admin.query(`${create} ${shape}`);
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (shape === '' || !['22023', '42704', '42809', '0A000', '42601'].includes(code)) throw error;
    await admin.query(`${create} encoding = 'UTF8'`);
    notes.push(`database ${name} has the locale of this server: ${serverMessage(error)}`);
  }
  await markDatabase(admin, name, key);
  return notes;
}

const markDatabase = (admin: Client, name: string, key: string): Promise<unknown> =>
  admin.query(`comment on database ${escapeIdentifier(name)} is ${escapeLiteral(databaseMark(key))}`);

/** The mark gives way to the comment that the dump has, if any. */
export async function unmarkDatabase(
  admin: Client,
  name: string,
  key: string,
  comment?: string,
): Promise<void> {
  const found = await lookAtDatabase(admin, name);
  if (found?.comment !== databaseMark(key)) return;
  await admin.query(
    `comment on database ${escapeIdentifier(name)} is ${comment === undefined ? 'null' : escapeLiteral(comment)}`,
  );
}

/**
 * Cuts every session in it. It belongs to who owned it in the dump, or to its keeper; it is made ours again for that, in one
 * transaction, so that nothing of what we were lent for it outlives us.
 */
export async function dropDatabase(admin: Client, name: string): Promise<void> {
  const { rows } = await admin.query<{ owner: string; isHeld: boolean }>(
    `select r.rolname as owner, pg_has_role(session_user, r.oid, 'usage') as "isHeld"
      from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1`,
    [name],
  );
  const database = escapeIdentifier(name);
  if (rows[0]?.isHeld === false) {
    const owner = escapeIdentifier(rows[0].owner);
    await admin.query(
      `begin; grant ${owner} to session_user; alter database ${database} owner to session_user;
       revoke ${owner} from session_user; commit`,
    );
  }
  await admin.query(`drop database ${database} with (force)`);
}

const guests = `select distinct usename::text as name from pg_stat_activity
  where datname = $1 and usename <> session_user and usename <> all($2::text[]) order by 1`;

/** Roles as which somebody works in it, besides our login and those that are named. */
export async function readGuests(
  admin: Client,
  database: string,
  known: readonly string[],
): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(guests, [database, known]);
  return rows.map(({ name }) => name);
}

/**
 * Statements that take away what a try may have made in a database that was empty before, newest first. Without `cascade`:
 * what others made since stays, and is then said to be in the way.
 */
export function removalStatements(entries: readonly TocEntry[]): string[] {
  const foreignKeys = entries.filter(({ kind }) => kind === 'FK CONSTRAINT');
  const others = entries.filter(
    ({ kind, tag }) => !(kind === 'SCHEMA' && tag === 'public') && kind !== 'FK CONSTRAINT',
  );
  return [...foreignKeys, ...others.toReversed()].flatMap(({ kind, dropStatement }) => {
    if (kind === 'FK CONSTRAINT') {
      const statement = dropStatement.replace(/^ALTER TABLE (IF EXISTS )?/, 'ALTER TABLE IF EXISTS ');
      return [statement.replace(' DROP CONSTRAINT ', ' DROP CONSTRAINT IF EXISTS ')];
    }
    const start = `DROP ${kind} `;
    if (kind.startsWith('DATABASE') || !dropStatement.startsWith(start)) return [];
    return [`${start}IF EXISTS ${dropStatement.slice(start.length)}`];
  });
}
