/** The ServerDetailsReader port: what hangs on a server besides its data, each kind read for itself. */
import type {
  AdministratorMicrosoftEntra,
  Configuration,
  FirewallRule,
  PrivateEndpointConnection,
} from '@azure/arm-postgresql-flexible';
import type { ServerDetailsReader } from '../restore/difference-ports';
import {
  isSecretParameter,
  type AddressRange,
  type ChangedParameter,
  type Detail,
  type DiagnosticSetting,
  type EntraAdministrator,
  type HighAvailability,
  type PrivateEndpoint,
  type ResourceLock,
  type ServerDetails,
} from '../restore/server-details';
import type { ArmClient } from './arm';
import { collect, type ArmReads } from './arm-reads';
import { parseServerId, type ArmId } from './arm-id';
import { readFailure } from './errors';

export const lockApiVersion = '2020-05-01';
export const diagnosticsApiVersion = '2021-05-01-preview';

/** Whatever goes wrong with one kind is said of that kind. */
async function detail<T>(read: () => Promise<T>): Promise<Detail<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    return { kind: 'unknown', why: readFailure(error).problem.sentence };
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** What nobody has changed, what nobody can change, and what nobody should see are left out. */
function changedParameter(one: Configuration & { readonly unit?: string }): ChangedParameter[] {
  const { name, value, unit } = one;
  const isOurs = one.source === 'user-override' && one.isReadOnly !== true;
  if (!isOurs || name === undefined || value === undefined || isSecretParameter(name)) return [];
  const needsRestart = one.isDynamicConfig === false;
  return [{ name, value, needsRestart, ...(text(unit) === undefined ? {} : { unit: String(unit) }) }];
}

const addressRange = ({ name = '', startIpAddress, endIpAddress }: FirewallRule): AddressRange => ({
  ...{ name, start: startIpAddress, end: endIpAddress },
});

const entraAdministrator = (one: AdministratorMicrosoftEntra): EntraAdministrator => ({
  objectId: one.objectId ?? one.name ?? '',
  name: one.principalName ?? '',
  type: one.principalType ?? 'User',
  tenantId: one.tenantId ?? '',
});

const privateEndpoint = (one: PrivateEndpointConnection): PrivateEndpoint => ({
  name: one.name ?? '',
  endpointId: one.privateEndpoint?.id ?? '',
  status: one.privateLinkServiceConnectionState?.status ?? 'unknown',
});

type Json = Readonly<Record<string, unknown>>;

const json = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** A list at a server also tells of locks above and below it. */
function ownLock(serverId: string, item: unknown): ResourceLock[] {
  const { id, name, properties } = json(item);
  const own = `${serverId}/providers/Microsoft.Authorization/locks/`.toLowerCase();
  const { level, notes } = json(properties);
  if (!String(id).toLowerCase().startsWith(own) || text(name) === undefined) return [];
  const said = text(notes);
  return [{ name: String(name), level: String(level), ...(said === undefined ? {} : { notes: said }) }];
}

const destinations = [
  ...['workspaceId', 'storageAccountId', 'eventHubAuthorizationRuleId', 'eventHubName'],
  ...['marketplacePartnerId', 'logAnalyticsDestinationType'],
];

function diagnosticSetting(item: unknown): DiagnosticSetting[] {
  const { name, properties } = json(item);
  const told = json(properties);
  if (text(name) === undefined) return [];
  const list = (value: unknown): readonly object[] => (Array.isArray(value) ? (value as object[]) : []);
  const named = destinations.flatMap((key) => {
    const value = text(told[key]);
    return value === undefined ? [] : [[key, value] as const];
  });
  return [
    {
      name: String(name),
      destinations: Object.fromEntries(named),
      ...{ logs: list(told['logs']), metrics: list(told['metrics']) },
    },
  ];
}

async function highAvailability(
  client: ArmClient,
  { resourceGroup, name }: ArmId,
): Promise<HighAvailability> {
  const { highAvailability: told } = await client.servers.get(resourceGroup, name);
  const zone = text(told?.standbyAvailabilityZone);
  return { mode: told?.mode ?? 'Disabled', ...(zone === undefined ? {} : { standbyZone: zone }) };
}

const unknownServer = (id: string): ServerDetails => {
  const unknown = { kind: 'unknown', why: 'It is no server that Restore Desk may read.' } as const;
  return {
    ...{ id, name: id.split('/').at(-1) ?? id, parameters: unknown, firewallRules: unknown },
    ...{ administrators: unknown, locks: unknown, diagnosticSettings: unknown },
    ...{ highAvailability: unknown, replicas: unknown, privateEndpoints: unknown },
  };
};

async function readDetails(reads: ArmReads, id: string): Promise<ServerDetails> {
  const server = parseServerId(id);
  const client = server && reads.client(server.subscriptionId);
  if (!server || !client) return unknownServer(id);
  const at = [server.resourceGroup, server.name] as const;
  const extensions = (type: string, version: string) =>
    reads.list(`${id}/providers/${type}`, { 'api-version': version });
  const [parameters, firewallRules, administrators, locks, diagnosticSettings, ...more] = await Promise.all([
    detail(async () => (await collect(client.configurations.listByServer(...at))).flatMap(changedParameter)),
    detail(async () => (await collect(client.firewallRules.listByServer(...at))).map(addressRange)),
    detail(async () =>
      (await collect(client.administratorsMicrosoftEntra.listByServer(...at))).map(entraAdministrator),
    ),
    detail(async () =>
      (await extensions('Microsoft.Authorization/locks', lockApiVersion)).flatMap((item) =>
        ownLock(id, item),
      ),
    ),
    detail(async () =>
      (await extensions('Microsoft.Insights/diagnosticSettings', diagnosticsApiVersion)).flatMap(
        diagnosticSetting,
      ),
    ),
    detail(() => highAvailability(client, server)),
    detail(async () => (await collect(client.replicas.listByServer(...at))).map(({ name = '' }) => name)),
    detail(async () =>
      (await collect(client.privateEndpointConnections.listByServer(...at))).map(privateEndpoint),
    ),
  ]);
  const [mode, replicas, privateEndpoints] = more;
  return {
    ...{ id, name: server.name, parameters, firewallRules, administrators, locks, diagnosticSettings },
    ...{ highAvailability: mode, replicas, privateEndpoints },
  };
}

export const createServerDetailsReader = (reads: ArmReads): ServerDetailsReader => ({
  details: (id) => readDetails(reads, id),
});
