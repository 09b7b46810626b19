/** Entra administrators of a server: who they are for ARM, and what their roles may do in the cluster. */
import { escapeIdentifier } from 'pg';
import { productIdentity, tenantId } from '../identities';
import { invalidValue } from './arm-error';
import type { ArmCall } from './arm-route';
import { part, text } from './json-parts';
import type { EntraAdministrator, ServerRecord } from './model';
import type { Child } from './server-detail';
import type { ServerClusters } from './server-clusters';
import { withSession } from './server-session';

/** What the bootstrap of every server makes. */
const product: EntraAdministrator = {
  objectId: productIdentity.principalId,
  principalName: productIdentity.postgresRole,
  principalType: 'ServicePrincipal',
  tenantId,
};

export const administratorsOf = ({ administrators }: ServerRecord): readonly EntraAdministrator[] =>
  administrators ?? [product];

export const administratorChildren = (server: ServerRecord): readonly Child[] =>
  administratorsOf(server).map((administrator) => ({
    name: administrator.objectId,
    properties: { ...administrator },
  }));

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const types = ['User', 'Group', 'ServicePrincipal'];

export function readAdministrator(call: ArmCall): EntraAdministrator {
  const objectId = (call.params['child'] ?? '').toLowerCase();
  const properties = part(call.body, 'properties');
  const principalName = text(properties['principalName']) ?? '';
  const principalType = text(properties['principalType']) ?? '';
  if (!guid.test(objectId))
    throw invalidValue(`The object id '${objectId}' of the administrator is no GUID.`);
  if (principalName === '' || Buffer.byteLength(principalName) > 63)
    throw invalidValue('An administrator needs a principalName of at most 63 bytes.');
  if (!types.includes(principalType))
    throw invalidValue(`The principalType '${principalType}' is not allowed: ${types.join(', ')}.`);
  return { objectId, principalName, principalType, tenantId: text(properties['tenantId']) ?? tenantId };
}

/** Its role may make databases and roles, as the bootstrap's may; one that is there already is given the same. */
export const admit = (clusters: ServerClusters, server: ServerRecord, name: string): Promise<void> =>
  withSession(clusters.asSuperuser(server), async (client) => {
    const role = escapeIdentifier(name);
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
    if (rowCount === 0) await client.query(`create role ${role}`);
    await client.query(`alter role ${role} login createdb createrole; grant azure_pg_admin to ${role}`);
  });

/** The role stays, for what it owns; it may not sign in and do anything any more. */
export const dismiss = (clusters: ServerClusters, server: ServerRecord, name: string): Promise<void> =>
  withSession(clusters.asSuperuser(server), async (client) => {
    const role = escapeIdentifier(name);
    const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
    if (rowCount === 0) return;
    await client.query(
      `alter role ${role} nologin nocreatedb nocreaterole; revoke azure_pg_admin from ${role}`,
    );
  });
