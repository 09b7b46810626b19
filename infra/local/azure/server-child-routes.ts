/** Changing what hangs below a server: firewall rules, parameters, administrators, databases. Each is an operation of its own. */
import { isIPv4 } from 'node:net';
import { invalidValue, resourceNotFound } from './arm-error';
import type { ArmAnswer, ArmCall, ArmRoute } from './arm-route';
import { part, text } from './json-parts';
import type { ServerRecord } from './model';
import { isPrivate } from './network-rules';
import { administratorsOf, readAdministrator } from './server-administrators';
import { readConfigurations, requireSettable } from './server-configurations';
import type { DetailRouteDeps } from './server-detail';
import { serverType } from './server-json';
import { begin, requireServer, serversPath } from './server-routes';

const childAzureSeconds = 30;

interface ChildChange {
  readonly kind: string;
  /** For example `firewallRules`. */
  readonly of: string;
  readonly verb: 'write' | 'delete';
  readonly operation: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Reads a call into the change it asks for; undefined when there is nothing to change. */
type Read = (server: ServerRecord, call: ArmCall) => Promise<ChildChange | undefined>;

export function serverChildRoutes(deps: DetailRouteDeps): readonly ArmRoute[] {
  const change =
    (read: Read) =>
    async (call: ArmCall): Promise<ArmAnswer> => {
      const server = requireServer(deps.store, call);
      const asked = await read(server, call);
      if (!asked) return { status: 204 };
      const child = `${asked.of}/${call.params['child'] ?? ''}`;
      return begin(deps, call, {
        ...{ server, state: server.state, operation: asked.operation, seconds: childAzureSeconds },
        work: { kind: asked.kind, server: server.name, ...asked.detail },
        ...{ action: `${serverType}/${asked.of}/${asked.verb}`, child },
      });
    };
  const route = (method: 'put' | 'patch' | 'delete', of: string, read: Read): ArmRoute => ({
    ...{ method, path: `${serversPath}/:serverName/${of}/:child`, type: `${serverType}/${of}` },
    action: `${serverType}/${of}/${method === 'delete' ? 'delete' : 'write'}`,
    handle: change(read),
  });
  const configuration: Read = (server, call) => readConfigurationChange(deps, server, call);
  return [
    route('put', 'firewallRules', readRule),
    route('delete', 'firewallRules', dropRule),
    route('put', 'configurations', configuration),
    route('patch', 'configurations', configuration),
    route('put', 'administrators', readAdmission),
    route('delete', 'administrators', readDismissal),
    route('put', 'databases', readDatabase),
    route('delete', 'databases', dropDatabase),
  ];
}

const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);

const readRule: Read = async (server, call) => {
  const name = call.params['child'] ?? '';
  const properties = part(call.body, 'properties');
  const start = text(properties['startIpAddress']) ?? '';
  const end = text(properties['endIpAddress']) ?? '';
  if (isPrivate(server.shape.network))
    throw invalidValue('Firewall rules cannot be set on a server with private access.');
  if (!/^[-\w]{1,80}$/.test(name)) throw invalidValue(`The firewall rule name '${name}' is invalid.`);
  if (!isIPv4(start) || !isIPv4(end) || addressNumber(start) > addressNumber(end))
    throw invalidValue('A firewall rule needs a start and an end IPv4 address, in this order.');
  const rule = { name, startIpAddress: start, endIpAddress: end };
  return {
    ...{ kind: 'put-firewall-rule', of: 'firewallRules', verb: 'write', detail: { rule } },
    operation: 'UpsertFirewallRulesManagementOperation',
  };
};

const dropRule: Read = async (server, call) => {
  const wanted = (call.params['child'] ?? '').toLowerCase();
  const rule = server.firewallRules.find(({ name }) => name.toLowerCase() === wanted);
  return (
    rule && {
      ...{ kind: 'drop-firewall-rule', of: 'firewallRules', verb: 'delete', detail: { rule: rule.name } },
      operation: 'DropFirewallRulesManagementOperation',
    }
  );
};

async function readConfigurationChange(
  deps: DetailRouteDeps,
  server: ServerRecord,
  call: ArmCall,
): Promise<ChildChange> {
  const name = (call.params['child'] ?? '').toLowerCase();
  const known = (await readConfigurations(deps, server)).find((one) => one.name === name);
  if (!known)
    throw resourceNotFound(`${serverType}/configurations`, `${server.name}/${name}`, server.resourceGroup);
  const { value, source } = part(call.body, 'properties');
  const isReset = source === 'system-default' && value === undefined;
  if (!isReset && typeof value !== 'string') throw invalidValue(`The parameter '${name}' needs a value.`);
  if (typeof value === 'string') requireSettable(known, value);
  return {
    ...{ kind: 'set-configuration', of: 'configurations', verb: 'write' },
    ...{ operation: 'UpdateConfigurationManagementOperation', detail: { name, value } },
  };
}

const readAdmission: Read = async (_server, call) => ({
  ...{ kind: 'admit-administrator', of: 'administrators', verb: 'write' },
  operation: 'CreateActiveDirectoryAdministratorManagementOperation',
  detail: { administrator: readAdministrator(call) },
});

const readDismissal: Read = async (server, call) => {
  const wanted = (call.params['child'] ?? '').toLowerCase();
  const administrator = administratorsOf(server).find(({ objectId }) => objectId === wanted);
  return (
    administrator && {
      ...{ kind: 'dismiss-administrator', of: 'administrators', verb: 'delete', detail: { administrator } },
      operation: 'DropActiveDirectoryAdministratorManagementOperation',
    }
  );
};

const readDatabase: Read = async (_server, call) => {
  const database = call.params['child'] ?? '';
  if (!/^[a-z_][-\w]{0,62}$/i.test(database))
    throw invalidValue(`The database name '${database}' is invalid.`);
  const charset = text(part(call.body, 'properties')['charset']) ?? 'UTF8';
  if (charset.toUpperCase() !== 'UTF8') throw invalidValue(`The charset '${charset}' is not supported.`);
  return {
    ...{ kind: 'create-database', of: 'databases', verb: 'write', detail: { database } },
    operation: 'UpsertDatabaseManagementOperation',
  };
};

const dropDatabase: Read = async (_server, call) => {
  const database = call.params['child'] ?? '';
  if (['postgres', 'azure_sys', 'azure_maintenance'].includes(database.toLowerCase()))
    throw invalidValue(`The system database '${database}' cannot be deleted.`);
  return {
    ...{ kind: 'drop-database', of: 'databases', verb: 'delete', detail: { database } },
    operation: 'DropDatabaseManagementOperation',
  };
};
