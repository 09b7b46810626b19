/** `Microsoft.DBforPostgreSQL/servers`, the older kind of server, as far as restores read it. */
import { ArmError, resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmCall, type ArmRoute } from './arm-route';
import { groupId, sameName, singleType } from './backup-vaults';
import type { ServerRecord } from './model';
import { isDown, requireRegionUp } from './outages';
import type { ServerClusters } from './server-clusters';
import { withSession } from './server-session';
import type { Store } from './store';

export interface SingleServerDeps {
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly pageSize: number;
}

const subscription = '/subscriptions/:subscriptionId';
const serversPath = `${subscription}/resourceGroups/:resourceGroup/providers/${singleType}`;
const serverPath = `${serversPath}/:serverName`;

export function singleServerRoutes({ store, clusters, pageSize }: SingleServerDeps): readonly ArmRoute[] {
  const inScope = ({ params }: ArmCall): ServerRecord[] =>
    store.state.legacyServers
      .map(({ server }) => server)
      .filter(
        (server) =>
          sameName(server.subscriptionId, params['subscriptionId'] ?? '') &&
          sameName(server.resourceGroup, params['resourceGroup'] ?? server.resourceGroup),
      );
  const one = (call: ArmCall): ServerRecord => {
    const name = call.params['serverName'] ?? '';
    const server = inScope(call).find((known) => sameName(known.name, name));
    if (!server) throw resourceNotFound(singleType, name, call.params['resourceGroup'] ?? '');
    requireRegionUp(store, server.location);
    return server;
  };
  const list = (call: ArmCall) => {
    const servers = inScope(call).filter(({ location }) => !isDown(store, location));
    return ok(page(servers.map(serverJson), call, pageSize));
  };
  const reading = (path: string, type: string, handle: ArmRoute['handle']): ArmRoute => ({
    ...{ method: 'get', path, type, action: `${type}/read`, handle },
  });
  const databases = `${singleType}/databases`;
  return [
    reading(`${subscription}/providers/${singleType}`, singleType, list),
    reading(serversPath, singleType, list),
    reading(serverPath, singleType, (call) => ok(serverJson(one(call)))),
    reading(`${serverPath}/databases`, databases, async (call) => {
      const server = one(call);
      const names = await databaseNames(clusters, server);
      return ok({ value: names.map((name) => databaseJson(server, name)) });
    }),
    reading(`${serverPath}/databases/:database`, databases, async (call) => {
      const server = one(call);
      const asked = call.params['database'] ?? '';
      const name = (await databaseNames(clusters, server)).find((known) => known === asked);
      if (name === undefined)
        throw resourceNotFound(databases, `${server.name}/${asked}`, server.resourceGroup);
      return ok(databaseJson(server, name));
    }),
    reading(`${serverPath}/firewallRules`, `${singleType}/firewallRules`, (call) => {
      const server = one(call);
      return ok({ value: server.firewallRules.map((rule) => ruleJson(server, rule)) });
    }),
  ];
}

async function databaseNames(clusters: ServerClusters, server: ServerRecord): Promise<string[]> {
  if (!clusters.isRunning(server.name))
    throw new ArmError(409, 'ServerIsNotReady', `The server '${server.name}' does not run.`);
  return withSession(clusters.asSuperuser(server), async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where not datistemplate order by 1',
    );
    return rows.map(({ datname }) => datname);
  });
}

const idOf = (server: ServerRecord): string => `${groupId(server)}/providers/${singleType}/${server.name}`;

function serverJson(server: ServerRecord) {
  const { name, location, createdAt, administratorLogin, state } = server;
  return {
    ...{ id: idOf(server), name, type: singleType, location, tags: server.tags },
    sku: { name: 'GP_Gen5_2', tier: 'GeneralPurpose', family: 'Gen5', capacity: 2 },
    properties: {
      ...{ administratorLogin, version: '11', userVisibleState: state, earliestRestoreDate: createdAt },
      ...{ sslEnforcement: 'Enabled', minimalTlsVersion: 'TLS1_2', publicNetworkAccess: 'Enabled' },
      fullyQualifiedDomainName: `${name}.postgres.database.azure.com`,
      storageProfile: { storageMB: 102_400, backupRetentionDays: 7, geoRedundantBackup: 'Disabled' },
      ...{ replicationRole: '', masterServerId: '', replicaCapacity: 5, privateEndpointConnections: [] },
    },
  };
}

const databaseJson = (server: ServerRecord, name: string) => ({
  ...{ id: `${idOf(server)}/databases/${name}`, name, type: `${singleType}/databases` },
  properties: { charset: 'UTF8', collation: 'English_United States.1252' },
});

const ruleJson = (server: ServerRecord, { name, ...addresses }: ServerRecord['firewallRules'][number]) => ({
  ...{ id: `${idOf(server)}/firewallRules/${name}`, name, type: `${singleType}/firewallRules` },
  properties: addresses,
});
