/** Lets our login own objects in the name of others for as long as an order lasts, and carries owners over to others. */
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import { makeCarrier } from './roles';
import { harmless, isReserved } from './roles-judgement';
import { serverMessage, shortKey, type Target } from './sessions';
import { carrierName, readStandingRoles, type HeldRole } from './standing-roles';

export interface UnfitOwner {
  readonly role: string;
  readonly why: string;
}

export interface HeldOwners {
  /** What they own cannot be loaded. */
  readonly missing: readonly UnfitOwner[];
  /** What they own belongs to our login instead. */
  readonly tooPowerful: readonly string[];
}

const powers = ['superuser', 'createrole', 'replication', 'bypassrls'];

/** The roles that it is a member of, however far away, and itself. */
function withGroups(role: HeldRole, standing: ReadonlyMap<string, HeldRole>): HeldRole[] {
  const found = new Set([role]);
  for (const each of found)
    for (const group of each.memberOf) {
      const there = standing.get(group);
      if (there !== undefined) found.add(there);
    }
  return [...found];
}

/**
 * A role that nobody gets by a dump: functions that run with their owner's rights would have those rights, be they its own or
 * those of a group.
 */
const isPowerful = (role: HeldRole, standing: ReadonlyMap<string, HeldRole>): boolean =>
  isReserved(role.name) ||
  withGroups(role, standing).some(
    ({ name, isOurs, attributes }) =>
      (isReserved(name) && !harmless.includes(name)) ||
      (isOurs !== true && powers.some((power) => attributes.includes(power))),
  );

/** Of the choices alone: a role may be called as something that every object has. */
const successorOf = ({ choices: { ownerMap } }: LoadOrder, owner: string): string | undefined =>
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
    const missing: UnfitOwner[] = [];
    const tooPowerful: string[] = [];
    await client.query('begin');
    await makeCarrier(client, carrierName(order.key));
    for (const name of needed) {
      const role = standing.get(name);
      const isSuccessor = !owners.includes(name);
      if (name === target.login || (role?.isHeld === true && !isPowerful(role, standing))) continue;
      if (role === undefined && (isSuccessor || successorOf(order, name) === undefined)) {
        missing.push({ role: name, why: 'is not there' });
      } else if (role !== undefined && isPowerful(role, standing)) {
        if (isSuccessor) missing.push({ role: name, why: 'may administrate the server' });
        else tooPowerful.push(name);
      } else {
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
      `savepoint one; grant ${escapeIdentifier(name)} to ${escapeIdentifier(carrierName(key))}; release savepoint one`,
    );
    return undefined;
  } catch (error) {
    await client.query('rollback to savepoint one');
    return `cannot be held by our login (${serverMessage(error)})`;
  }
}

const ownsShared = `select 1 from pg_shdepend d join pg_roles r on r.oid = d.refobjid
  where r.rolname = $1 and d.deptype = 'o' and d.dbid = 0 and d.refclassid = 'pg_authid'::regclass limit 1`;

/** In the database that `client` is in: what belongs to a mapped role belongs to its successor afterwards. */
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

/** Takes back what our login was given, and the roles that were made for a while. Answers what did not go. */
export async function letGo(client: Client, key: string): Promise<string[]> {
  const standing = await readStandingRoles(client, key);
  const temporary = standing.filter(({ comment }) => comment === temporaryMark(key)).map(({ name }) => name);
  const carrier = standing.filter(({ name }) => name === carrierName(key)).map(({ name }) => name);
  const left: string[] = [];
  for (const name of [...temporary, ...carrier]) {
    await client
      .query(`drop role ${escapeIdentifier(name)}`)
      .catch((error: unknown) => left.push(`role ${name}: ${serverMessage(error)}`));
  }
  return left;
}
