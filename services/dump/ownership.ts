/** Lets the login of an order own objects in the name of others for as long as it lasts, and carries owners over to others. */
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import { harmless, isReserved } from './roles-judgement';
import { serverMessage, shortKey, type Target } from './sessions';
import { orderLoginName, readStandingRoles, type CommentedRole } from './standing-roles';

export interface UnfitOwner {
  readonly role: string;
  readonly why: string;
}

export interface HeldOwners {
  /** What they own cannot be loaded. */
  readonly missing: readonly UnfitOwner[];
  /** What they own belongs to the keeper of the database, or to their successor. */
  readonly tooPowerful: readonly string[];
}

export const tooMuch = 'may administrate the server or make databases';

const powers = ['superuser', 'createrole', 'createdb', 'replication', 'bypassrls'];

/** The roles that it is a member of, however far away, and itself. */
function withGroups(role: CommentedRole, standing: ReadonlyMap<string, CommentedRole>): CommentedRole[] {
  const found = new Set([role]);
  for (const each of found)
    for (const group of each.memberOf) {
      const there = standing.get(group);
      if (there !== undefined) found.add(there);
    }
  return [...found];
}

/**
 * A role that nothing of a dump ever acts as, be its rights its own or those of a group: the code in the dump would have them,
 * while it is loaded, and later in functions that run with their owner's rights.
 */
const isPowerful = (role: CommentedRole, standing: ReadonlyMap<string, CommentedRole>): boolean =>
  withGroups(role, standing).some(
    ({ name, attributes }) =>
      (isReserved(name) && !harmless.includes(name)) || powers.some((power) => attributes.includes(power)),
  );

/** Of the choices alone: a role may be called as something that every object has. */
export const successorOf = ({ choices: { ownerMap } }: LoadOrder, owner: string): string | undefined =>
  Object.hasOwn(ownerMap, owner) ? ownerMap[owner] : undefined;

const temporaryMark = (key: string): string => `restore desk, for a while: ${shortKey(key)}`;

/**
 * Takes hold of every role that owns something in a dump. Roles that `ownerMap` names and that are not there are made for the
 * time of the load, so that ownership and grants can be taken as they are and be handed over at the end.
 */
export async function holdOwners(
  target: Target,
  order: LoadOrder,
  owners: readonly string[],
): Promise<HeldOwners> {
  const needed = [...new Set([...owners, ...owners.flatMap((owner) => successorOf(order, owner) ?? [])])];
  if (needed.length === 0) return { missing: [], tooPowerful: [] };
  return target.asAdmin(async (client) => {
    const standing = new Map((await readStandingRoles(client, order.key)).map((role) => [role.name, role]));
    const held = standing.get(orderLoginName(order.key))?.memberOf ?? [];
    const missing: UnfitOwner[] = [];
    const tooPowerful: string[] = [];
    await client.query('begin');
    for (const name of needed) {
      const role = standing.get(name);
      const isSuccessor = !owners.includes(name);
      if (role === undefined && (isSuccessor || successorOf(order, name) === undefined)) {
        missing.push({ role: name, why: 'is not there' });
      } else if (role !== undefined && (name === target.login || isPowerful(role, standing))) {
        if (isSuccessor) missing.push({ role: name, why: tooMuch });
        else tooPowerful.push(name);
      } else if (!held.includes(name)) {
        if (role === undefined) await makeTemporary(client, order.key, name);
        const why = await hold(client, order.key, name);
        if (why !== undefined) missing.push({ role: name, why });
      }
    }
    await client.query('commit');
    return { missing, tooPowerful };
  });
}

async function makeTemporary(client: Client, key: string, name: string): Promise<void> {
  await client.query(`create role ${escapeIdentifier(name)} nologin`);
  await client.query(`comment on role ${escapeIdentifier(name)} is ${escapeLiteral(temporaryMark(key))}`);
}

async function hold(client: Client, key: string, name: string): Promise<string | undefined> {
  try {
    await client.query(
      `savepoint one; grant ${escapeIdentifier(name)} to ${escapeIdentifier(orderLoginName(key))}; release savepoint one`,
    );
    return undefined;
  } catch (error) {
    await client.query('rollback to savepoint one');
    return `cannot be held by our login (${serverMessage(error)})`;
  }
}

const ownsShared = `select 1 from pg_shdepend d join pg_roles r on r.oid = d.refobjid
  where r.rolname = $1 and d.deptype = 'o' and d.dbid = 0 and d.refclassid = 'pg_authid'::regclass limit 1`;

/** In the database that `client`, of the order's login, is in: what belongs to a mapped role belongs to its successor afterwards. */
export async function handOver(
  client: Client,
  order: LoadOrder,
  owners: readonly string[],
): Promise<UnfitOwner[]> {
  const unfit: UnfitOwner[] = [];
  for (const owner of owners) {
    const successor = successorOf(order, owner);
    if (successor === undefined || successor === owner) continue;
    // Reassigning would take databases along that this order has nothing to do with.
    if ((await client.query(ownsShared, [owner])).rowCount !== 0) {
      unfit.push({ role: owner, why: 'owns whole databases here, so that it cannot be followed by another' });
      continue;
    }
    await client.query(`reassign owned by ${escapeIdentifier(owner)} to ${escapeIdentifier(successor)}`);
    const { rows } = await client.query<{ isOurs: boolean }>(
      `select shobj_description(oid, 'pg_authid') = $2 as "isOurs" from pg_roles where rolname = $1`,
      [owner, temporaryMark(order.key)],
    );
    if (rows[0]?.isOurs === true) await client.query(`drop owned by ${escapeIdentifier(owner)}`);
  }
  return unfit;
}

/** Those that were made for a while, by tries of the order with this key. */
export const temporaryOwners = (standing: readonly CommentedRole[], key: string): string[] =>
  standing.filter(({ comment }) => comment === temporaryMark(key)).map(({ name }) => name);
