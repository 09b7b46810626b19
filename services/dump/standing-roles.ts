/** Roles as they stand on the target, and the one by which our login holds those that it needs for a while. */
import type { Client } from 'pg';
import type { StandingRole } from './roles-judgement';
import { shortKey } from './sessions';

/**
 * Memberships of our login that an order needs hang on one role of this name: dropping it takes all of them back at once, also
 * when another process does it. It also says which roles tries of this order made: it is a member of exactly those and of the
 * owners that were borrowed.
 */
export const carrierName = (key: string): string => `restore_desk_${shortKey(key)}`;

const rolesQuery = `
  select r.rolname as name, r.rolsuper as superuser, r.rolcreaterole as createrole, r.rolcreatedb as createdb,
    r.rolcanlogin as login, r.rolreplication as replication, r.rolbypassrls as bypassrls,
    pg_has_role(session_user, r.oid, 'member') as held, shobj_description(r.oid, 'pg_authid') as comment,
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
  readonly held: boolean;
  readonly comment: string | null;
  readonly groups: readonly string[];
}

export interface HeldRole extends StandingRole {
  /** Our login may act as it already. */
  readonly isHeld: boolean;
  readonly comment: string;
}

const attributes = ['superuser', 'createrole', 'createdb', 'login', 'replication', 'bypassrls'] as const;

/** Roles with what they may do and whom they belong to. */
export async function readRoles(client: Client): Promise<Omit<HeldRole, 'isOurs'>[]> {
  const { rows } = await client.query<RoleRow>(rolesQuery);
  return rows.map((row) => ({
    name: row.name,
    attributes: attributes.filter((attribute) => row[attribute]),
    memberOf: row.groups,
    isHeld: row.held,
    comment: row.comment ?? '',
  }));
}

export async function readStandingRoles(client: Client, key: string): Promise<HeldRole[]> {
  const roles = await readRoles(client);
  const { comment = '' } = roles.find(({ name }) => name === carrierName(key)) ?? {};
  const ours = comment.startsWith(rolesMadeMark)
    ? (JSON.parse(comment.slice(rolesMadeMark.length)) as string[])
    : [];
  return roles.map((role) => ({ ...role, isOurs: ours.includes(role.name) }));
}

/** Comment of the carrier once the roles were made, in the same transaction; then the names of those that were. */
export const rolesMadeMark = 'roles made: ';
