/** Control of local Azure: is it ready, where are the servers, make an accident, give or take a role, fell a region. */
import { json, Router } from 'express';
import type { Client } from 'pg';
import { productIdentity } from '../identities';
import type { ServerRecord } from './model';
import { isDown, type Outages } from './outages';
import { findRegion } from './regions';
import { findLegacy } from './restore-targets';
import { changeRole, findRole } from './roles';
import type { ServerClusters } from './server-clusters';
import { isVisible } from './server-json';
import { withSession } from './server-session';
import type { Store } from './store';

export interface ControlRouteDeps {
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly outages: Outages;
  /** Where each storage account's blobs are, by the name of the account. */
  readonly blobAddresses: () => Readonly<Record<string, string>>;
  /** What is still missing; empty when everything is seeded and running. */
  readonly waitingFor: () => readonly string[];
}

export function azureControlRoutes(deps: ControlRouteDeps): Router {
  const router = Router();
  router.use(json({ limit: '1mb' }));
  router.get('/ready', (_request, response) => {
    const waitingFor = deps.waitingFor();
    response
      .status(waitingFor.length === 0 ? 200 : 503)
      .json(waitingFor.length === 0 ? { ready: true } : { waitingFor });
  });
  router.get('/endpoints', async (_request, response) => {
    const single = deps.store.state.legacyServers.map(({ server }) => server);
    const servers = [...Object.values(deps.store.state.servers).filter(isVisible), ...single];
    const told = await Promise.all(
      servers.map(async (server) => [server.name, await endpoint(deps, server)] as const),
    );
    response.json({ servers: Object.fromEntries(told), blobs: deps.blobAddresses() });
  });
  router.post('/accident', async (request, response) => {
    const { server: name, database, sql } = (request.body ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof database !== 'string' || typeof sql !== 'string')
      return void response.status(400).json({ error: 'An accident is {server, database, sql}.' });
    const server = deps.store.server(name) ?? findLegacy(deps.store, name)?.server;
    if (!server || !deps.clusters.isRunning(server.name))
      return void response.status(404).json({ error: `There is no running server named ${name}.` });
    try {
      response.json(
        await withSession(deps.clusters.asAdministrator(server, database), (client) => cause(client, sql)),
      );
    } catch (error) {
      response.status(400).json({ error: error instanceof Error ? error.message : String(error) });
    }
  });
  router.post('/roles', (request, response) => {
    const body = (request.body ?? {}) as Record<string, unknown>;
    const problem = roleProblem(body);
    if (problem !== undefined) return void response.status(400).json({ error: problem });
    const asked = String(body['principal']).toLowerCase();
    const principal = asked === productIdentity.clientId ? productIdentity.principalId : asked;
    const change = {
      principal,
      role: String(body['role']),
      scope: String(body['scope']),
      grant: body['grant'] === true,
    };
    response.json({ changed: changeRole(deps.store, change) });
  });
  router.post('/region', async (request, response) => {
    const { location, down } = (request.body ?? {}) as Record<string, unknown>;
    const region = typeof location === 'string' ? findRegion(location) : undefined;
    if (!region || typeof down !== 'boolean')
      return void response.status(400).json({ error: 'A region is {location, down: true or false}.' });
    response.json({ location: region.name, down, servers: await deps.outages.set(region.name, down) });
  });
  return router;
}

function roleProblem(body: Readonly<Record<string, unknown>>): string | undefined {
  const { principal, role, scope, grant } = body;
  if (typeof principal !== 'string' || !/^[0-9a-f-]{36}$/i.test(principal))
    return '"principal" must be the object id (or client id) of an identity.';
  if (typeof role !== 'string' || !findRole(role)) return '"role" must be the name or id of a built-in role.';
  if (typeof scope !== 'string' || !/^\/subscriptions\/[^/]+/i.test(scope))
    return '"scope" must be an ARM id that begins with /subscriptions/.';
  return typeof grant === 'boolean' ? undefined : '"grant" must be true or false.';
}

async function endpoint({ clusters, store }: ControlRouteDeps, server: ServerRecord) {
  const { port, user, password } = clusters.asAdministrator(server, 'postgres');
  const databases =
    clusters.isRunning(server.name) && server.state !== 'Provisioning'
      ? await withSession(clusters.asSuperuser(server), readDatabaseNames).catch(() => [])
      : [];
  const state = isDown(store, server.location) ? 'Inaccessible' : server.state;
  return { host: '127.0.0.1', port, user, password, databases, state };
}

async function readDatabaseNames(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where not datistemplate and datname <> 'postgres' order by 1",
  );
  return rows.map(({ datname }) => datname);
}

/** Runs the statements as one transaction and tells the instant of its commit, as the write-ahead log knows it. */
async function cause(client: Client, sql: string): Promise<{ at: string; rows: number }> {
  await client.query('begin');
  const answer: unknown = await client.query(sql);
  const results = (Array.isArray(answer) ? answer : [answer]) as { rowCount: number | null }[];
  const { rows: ids } = await client.query<{ xid: string | null }>(
    'select pg_current_xact_id_if_assigned()::xid::text as xid',
  );
  await client.query('commit');
  const { rows: instants } = await client.query<{ at: string }>(
    `select to_char(coalesce(pg_xact_commit_timestamp($1::xid), clock_timestamp()) at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    [ids[0]?.xid ?? null],
  );
  return { at: instants[0]?.at ?? '', rows: results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0) };
}
