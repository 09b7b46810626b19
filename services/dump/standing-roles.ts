/** Roles as they stand on the target, and the login by which an order holds those that it needs for a while. */
import type { Client } from 'pg';
import type { ObjectFailure } from '../restore/dump-ports';
import type { StandingRole } from './roles-judgement';
import { shortKey } from './sessions';

/**
 * Memberships that an order needs hang on one role of this name: dropping it takes all of them back at once, also when another
 * process does it. Its comment says which roles tries of this order made.
 */
export const orderLoginName = (key: string): string => `restore_desk_${shortKey(key)}`;

const rolesQuery = `
  select r.rolname as name, r.rolsuper as superuser, r.rolcreaterole as createrole, r.rolcreatedb as createdb,
    r.rolcanlogin as login, r.rolreplication as replication, r.rolbypassrls as bypassrls,
    shobj_description(r.oid, 'pg_authid') as comment,
    array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid) as groups
  from pg_roles r`;

interface RoleRow {
  readonly name: string;
  readonly superuser: boolean;
  readonly createrole: boolean;
  readonly createdb: boolean;
  readonly login: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  readonly comment: string | null;
  readonly groups: readonly string[];
}

export interface CommentedRole extends StandingRole {
  readonly comment: string;
}

const attributes = ['superuser', 'createrole', 'createdb', 'login', 'replication', 'bypassrls'] as const;

/** Roles with what they may do and whom they belong to. */
export async function readRoles(client: Client): Promise<Omit<CommentedRole, 'isOurs'>[]> {
  const { rows } = await client.query<RoleRow>(rolesQuery);
  return rows.map((row) => ({
    name: row.name,
    attributes: attributes.filter((attribute) => row[attribute]),
    memberOf: row.groups,
    comment: row.comment ?? '',
  }));
}

export async function readStandingRoles(client: Client, key: string): Promise<CommentedRole[]> {
  const roles = await readRoles(client);
  const { made } = rolesMade(roles, key);
  return roles.map((role) => ({ ...role, isOurs: made.includes(role.name) }));
}

/** What became of a roles file. Stored in the transaction that made them, so that it outlives whoever carried it out. */
export interface RolesMade {
  readonly made: readonly string[];
  /** Those of them that may make databases once nothing of the dumps runs any more. */
  readonly createdb: readonly string[];
  readonly failures: readonly ObjectFailure[];
}

const rolesMadeMark = 'roles made: ';

export const rolesMadeComment = (made: RolesMade): string => `${rolesMadeMark}${JSON.stringify(made)}`;

export function rolesMade(roles: readonly CommentedRole[], key: string): RolesMade {
  const { comment = '' } = roles.find(({ name }) => name === orderLoginName(key)) ?? {};
  return comment.startsWith(rolesMadeMark)
    ? (JSON.parse(comment.slice(rolesMadeMark.length)) as RolesMade)
    : { made: [], createdb: [], failures: [] };
}
