/**
 * The login of one order: all that comes out of its dumps runs as it. It may do nothing but what the owners of objects in the
 * dumps may, so that no code in them, which also runs when rows and indexes are made, finds the rights of our own login.
 */
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import { DeskError, problem } from '../restore/errors';
import { newPassword, scramVerifier } from './scram';
import {
  adminDatabase,
  endFormerSessions,
  openDoor,
  serverMessage,
  type Door,
  type SessionSettings,
  type Target,
} from './sessions';
import { orderLoginName, readStandingRoles } from './standing-roles';

const hoursValid = 12;
const renewAfterMs = 4 * 60 * 60 * 1000;

/**
 * Makes it, or takes over that of an earlier try: with a new password, without anything it was a member of, and with no
 * session of whoever knew the old one. Throws LOAD_LOGIN_REFUSED where the server lets nobody in by a password.
 */
export async function openOrderLogin(
  target: Target,
  settings: SessionSettings,
  order: LoadOrder,
): Promise<Door> {
  const login = orderLoginName(order.key);
  const password = newPassword();
  await target.asAdmin(async (client) => {
    await makeLogin(client, order.key, scramVerifier(password));
    await endFormerSessions(client, login);
  });
  let renewAt = performance.now() + renewAfterMs;
  const token = async (): Promise<string> => {
    if (performance.now() > renewAt) {
      await target.asAdmin((client) => prolong(client, login));
      renewAt = performance.now() + renewAfterMs;
    }
    return password;
  };
  const door = openDoor({ ...settings, login, token }, order.server.address, target.sessionName);
  await tryDoor(door, order.server.name);
  return door;
}

async function makeLogin(client: Client, key: string, verifier: string): Promise<void> {
  const name = orderLoginName(key);
  const role = escapeIdentifier(name);
  const standing = (await readStandingRoles(client, key)).find((one) => one.name === name);
  await client.query('begin');
  if (standing === undefined) {
    await client.query(
      `create role ${role} nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit nologin`,
    );
    // On PostgreSQL 16 and newer its maker may not act as it before it is given that.
    await client.query(`grant ${role} to session_user`);
  }
  for (const group of standing?.memberOf ?? [])
    await client.query(`revoke ${escapeIdentifier(group)} from ${role}`);
  await client.query(`alter role ${role} reset all`);
  await client.query(
    `alter role ${role} login nocreatedb nocreaterole inherit password ${escapeLiteral(verifier)}`,
  );
  await prolong(client, name);
  await client.query('commit');
  if (standing?.attributes.some((attribute) => attribute !== 'login') === true)
    throw new DeskError(problem('INTERNAL', { what: `the login ${name} of an order has rights of its own` }));
}

/** By the clock of the server. */
async function prolong(client: Client, name: string): Promise<void> {
  const { rows } = await client.query<{ until: string }>(
    `select (now() + make_interval(hours => $1))::text as until`,
    [hoursValid],
  );
  await client.query(
    `alter role ${escapeIdentifier(name)} valid until ${escapeLiteral(rows[0]?.until ?? '')}`,
  );
}

/** Whatever else keeps it out of the database that is asked shows where it is needed. */
async function tryDoor(door: Door, name: string): Promise<void> {
  try {
    await (await door.connect(adminDatabase)).end();
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (!code.startsWith('28')) return;
    throw new DeskError(problem('LOAD_LOGIN_REFUSED', { name, what: serverMessage(error) }), error);
  }
}
