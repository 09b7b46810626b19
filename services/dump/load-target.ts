/** Looks at a server that dumps shall go into: what our login may do there, and what is there already. */
import type { Client } from 'pg';
import type { LoadTargetFacts, LoadTargetReader } from '../restore/dump-ports';
import type { ServerAddress } from '../restore/servers';
import { DeskError, problem } from '../restore/errors';
import { databaseMark, isEmptyDatabase } from './database';
import { readRoles } from './standing-roles';
import { inSession, openTarget, serverMessage, type SessionSettings, type Target } from './sessions';

export interface LoadTargetSettings extends SessionSettings {
  readonly now: () => Date;
}

/** Once, in the database that every server has; whatever keeps us out becomes a problem of the catalogue. */
async function asking<T>(
  settings: LoadTargetSettings,
  name: string,
  address: ServerAddress,
  ask: (client: Client, target: Target) => Promise<T>,
): Promise<T> {
  const target = openTarget(settings, address, 'restore-desk-look');
  try {
    return await target.asAdmin((client) => ask(client, target));
  } catch (error) {
    if (error instanceof DeskError) throw error;
    throw new DeskError(problem('LOAD_TARGET_CLOSED', { name, what: serverMessage(error) }), error);
  } finally {
    await target.close();
  }
}

export const createLoadTargetReader = (settings: LoadTargetSettings): LoadTargetReader => ({
  look: (name, address, key) =>
    asking(settings, name, address, (client, target) => look(client, target, settings, key)),
  roles: (name, address) =>
    asking(settings, name, address, async (client) =>
      (await readRoles(client)).map(({ name: role, attributes, memberOf }) => ({
        name: role,
        attributes,
        memberOf,
      })),
    ),
});

interface Rights {
  readonly version: string;
  readonly databases: boolean;
  readonly roles: boolean;
}

const ours = `select datname as name from pg_database where shobj_description(oid, 'pg_database') = $1`;

/** Attributes are not inherited, but for superusers there is nothing to ask. */
const readRights = `select current_setting('server_version') as version,
  rolcreatedb or rolsuper as databases, rolcreaterole or rolsuper as roles from pg_roles where rolname = session_user`;

async function look(
  client: Client,
  target: Target,
  { now }: LoadTargetSettings,
  key: string | undefined,
): Promise<LoadTargetFacts> {
  const rights = (await client.query<Rights>(readRights)).rows[0];
  const names = async (sql: string, values: string[] = []) =>
    (await client.query<{ name: string }>(sql, values)).rows.map(({ name }) => name);
  const databases = await names(
    `select datname as name from pg_database where not datistemplate and datallowconn order by 1`,
  );
  const facts: { name: string; isEmpty: boolean }[] = [];
  const left = key === undefined ? [] : await names(ours, [databaseMark(key)]);
  for (const name of databases)
    facts.push({ name, isEmpty: left.includes(name) || (await isEmptyThere(target, name)) });
  return {
    mayCreateDatabases: rights?.databases ?? false,
    mayCreateRoles: rights?.roles ?? false,
    postgresVersion: rights?.version.split(' ')[0] ?? '',
    databases: facts,
    roles: await names('select rolname as name from pg_roles order by 1'),
    availableExtensions: await names('select name from pg_available_extensions order by 1'),
    lookedAt: now().toISOString(),
  };
}

/** One that we may not enter is somebody's: it counts as full. */
const isEmptyThere = (target: Target, database: string): Promise<boolean> =>
  inSession(target, database, isEmptyDatabase).catch(() => false);
