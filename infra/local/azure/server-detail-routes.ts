/** What hangs below a flexible server: backups, databases, firewall rules, parameters. */
import { ArmError, resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import type { ServerRecord } from './model';
import { administratorChildren } from './server-administrators';
import { readConfigurations } from './server-configurations';
import { onServer, type Child, type DetailRouteDeps } from './server-detail';
import { keptBackups, serverId, serverType, toBackupJson } from './server-json';
import { begin, requireServer, serversPath } from './server-routes';
import type { Store } from './store';

const serverPath = `${serversPath}/:serverName`;
const backupType = `${serverType}/backups`;
const backupPath = `${serverPath}/backups/:backupName`;
const backupAzureSeconds = 60;

export function serverDetailRoutes(deps: DetailRouteDeps): readonly ArmRoute[] {
  return [
    ...backupRoutes(deps),
    ...listAndGet(deps, 'databases', readDatabases),
    ...listAndGet(deps, 'configurations', readConfigurations),
    ...listAndGet(deps, 'firewallRules', async (_deps, server) =>
      server.firewallRules.map(({ name, ...properties }) => ({ name, properties })),
    ),
    ...listAndGet(deps, 'administrators', async (_deps, server) => administratorChildren(server)),
    ...listAndGet(deps, 'privateEndpointConnections', async () => []),
    ...listAndGet(deps, 'replicas', async () => []),
  ];
}

/** The two reading routes of a kind of child. */
function listAndGet(
  deps: DetailRouteDeps,
  kind: string,
  read: (deps: DetailRouteDeps, server: ServerRecord) => Promise<readonly Child[]>,
): readonly ArmRoute[] {
  const type = `${serverType}/${kind}`;
  const toJson = (server: ServerRecord, child: Child) => ({
    ...{ name: child.name, type, id: `${serverId(server)}/${kind}/${child.name}` },
    properties: child.properties,
  });
  const list = async (call: ArmCall): Promise<ArmAnswer> => {
    const server = requireServer(deps.store, call);
    const children = await read(deps, server);
    const shown = children.map((child) => toJson(server, child));
    return ok(page(shown, call, deps.pageSize));
  };
  const get = async (call: ArmCall): Promise<ArmAnswer> => {
    const server = requireServer(deps.store, call);
    const wanted = (call.params['child'] ?? '').toLowerCase();
    const child = (await read(deps, server)).find(({ name }) => name.toLowerCase() === wanted);
    if (!child) throw resourceNotFound(type, `${server.name}/${wanted}`, server.resourceGroup);
    return ok(toJson(server, child));
  };
  const action = `${type}/read`;
  return [
    { method: 'get', path: `${serverPath}/${kind}`, type, action, handle: list },
    { method: 'get', path: `${serverPath}/${kind}/:child`, type, action, handle: get },
  ];
}

function findBackup(store: Store, call: ArmCall) {
  const server = requireServer(store, call);
  const name = call.params['backupName'] ?? '';
  const backup = keptBackups(server).find((known) => known.name.toLowerCase() === name.toLowerCase());
  if (!backup) throw resourceNotFound(backupType, `${server.name}/${name}`, server.resourceGroup);
  return { server, backup };
}

function backupReadRoutes({ store, pageSize }: DetailRouteDeps): readonly ArmRoute[] {
  const [type, one] = [backupType, backupPath];
  return [
    {
      ...{ method: 'get', path: `${serverPath}/backups`, type, action: `${type}/read` },
      handle: (call) => {
        const server = requireServer(store, call);
        const newestFirst = [...keptBackups(server)].sort((a, b) => b.completedAt - a.completedAt);
        return ok(
          page(
            newestFirst.map((backup) => toBackupJson(server, backup)),
            call,
            pageSize,
          ),
        );
      },
    },
    {
      ...{ method: 'get', path: one, type, action: `${type}/read` },
      handle: (call) => {
        const { server, backup } = findBackup(store, call);
        return ok(toBackupJson(server, backup));
      },
    },
  ];
}

function backupRoutes(deps: DetailRouteDeps): readonly ArmRoute[] {
  const { store } = deps;
  const [type, one] = [backupType, backupPath];
  const order = (call: ArmCall, kind: 'take-backup' | 'drop-backup', backup: string): ArmAnswer => {
    const server = requireServer(store, call);
    const operation =
      kind === 'take-backup' ? 'CreateBackupManagementOperation' : 'DeleteBackupManagementOperation';
    const work = { kind, server: server.name, backup };
    return begin(deps, call, {
      ...{ server, work, operation, state: server.state, seconds: backupAzureSeconds },
      ...{ action: `${type}/${kind === 'take-backup' ? 'write' : 'delete'}`, child: `backups/${backup}` },
    });
  };
  return [
    ...backupReadRoutes(deps),
    {
      ...{ method: 'put', path: one, type, action: `${type}/write` },
      handle: (call) => {
        const name = call.params['backupName'] ?? '';
        if (!/^[-\w.]{1,128}$/.test(name) || /^\.+$/.test(name))
          throw new ArmError(400, 'InvalidBackupName', `The backup name '${name}' is invalid.`);
        if (requireServer(store, call).backups.some((known) => known.name === name))
          throw new ArmError(409, 'BackupAlreadyExists', `A backup named '${name}' already exists.`);
        return order(call, 'take-backup', name);
      },
    },
    {
      ...{ method: 'delete', path: one, type, action: `${type}/delete` },
      handle: (call) => {
        const { backup } = findBackup(store, call);
        if (backup.kind === 'Full')
          throw new ArmError(400, 'BackupNotDeletable', 'Only backups made on demand can be deleted.');
        return order(call, 'drop-backup', backup.name);
      },
    },
  ];
}

async function readDatabases(deps: DetailRouteDeps, server: ServerRecord): Promise<readonly Child[]> {
  return onServer(deps, server, async (client) => {
    const { rows } = await client.query<{ name: string; charset: string; collation: string }>(
      `select datname as name, pg_encoding_to_char(encoding) as charset, datcollate as collation
       from pg_database where not datistemplate order by datname`,
    );
    return rows.map(({ name, charset, collation }) => ({ name, properties: { charset, collation } }));
  });
}
