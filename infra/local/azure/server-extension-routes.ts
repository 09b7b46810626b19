/** What other providers hang on a server: locks (`Microsoft.Authorization`) and diagnostic settings (`Microsoft.Insights`). */
import { ArmError, resourceNotFound } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmAnswer, type ArmCall, type ArmRoute } from './arm-route';
import { part, text } from './json-parts';
import type { Extension, ServerRecord } from './model';
import { serverId } from './server-json';
import { requireServer, serversPath } from './server-routes';
import type { Store } from './store';

interface ExtensionRouteDeps {
  readonly store: Store;
  readonly pageSize: number;
}

interface ExtensionKind {
  readonly type: string;
  readonly field: 'locks' | 'diagnosticSettings';
  readonly read: (call: ArmCall) => Extension['properties'];
}

const badRequest = (code: string, message: string): ArmError => new ArmError(400, code, message);

const levels = ['CanNotDelete', 'ReadOnly'];

function readLock(call: ArmCall): Extension['properties'] {
  const { level, notes } = part(call.body, 'properties');
  if (typeof level !== 'string' || !levels.includes(level))
    throw badRequest('InvalidLockLevel', `The lock level must be one of ${levels.join(', ')}.`);
  return { level, ...(text(notes) === undefined ? {} : { notes }) };
}

const destinations = [
  ...['workspaceId', 'storageAccountId', 'eventHubAuthorizationRuleId', 'eventHubName'],
  ...['marketplacePartnerId', 'logAnalyticsDestinationType'],
];

function readSetting(call: ArmCall): Extension['properties'] {
  const properties = part(call.body, 'properties');
  const named = destinations.flatMap((name) => {
    const value = text(properties[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (!named.some(([name]) => name.endsWith('Id')))
    throw badRequest('BadRequest', 'At least one data sink needs to be specified.');
  const list = (name: string): unknown[] => {
    const value = properties[name] ?? [];
    if (!Array.isArray(value)) throw badRequest('BadRequest', `'${name}' must be a list.`);
    return value as unknown[];
  };
  return { ...Object.fromEntries(named), logs: list('logs'), metrics: list('metrics') };
}

const kinds: readonly ExtensionKind[] = [
  { type: 'Microsoft.Authorization/locks', field: 'locks', read: readLock },
  { type: 'Microsoft.Insights/diagnosticSettings', field: 'diagnosticSettings', read: readSetting },
];

export const serverExtensionRoutes = (deps: ExtensionRouteDeps): readonly ArmRoute[] =>
  kinds.flatMap((kind) => routesOf(deps, kind));

function routesOf({ store, pageSize }: ExtensionRouteDeps, kind: ExtensionKind): readonly ArmRoute[] {
  const { type, field } = kind;
  const path = `${serversPath}/:serverName/providers/${type}`;
  const toJson = (server: ServerRecord, { name, properties }: Extension) => ({
    ...{ id: `${serverId(server)}/providers/${type}/${name}`, name, type, properties },
  });
  const isNamed = (call: ArmCall) => (extension: Extension) =>
    extension.name.toLowerCase() === (call.params['child'] ?? '').toLowerCase();
  const get = (call: ArmCall): ArmAnswer => {
    const server = requireServer(store, call);
    const found = server[field]?.find(isNamed(call));
    if (!found) throw resourceNotFound(type, call.params['child'] ?? '', server.resourceGroup);
    return ok(toJson(server, found));
  };
  const put = (call: ArmCall): ArmAnswer => {
    const server = requireServer(store, call);
    const known = server[field]?.find(isNamed(call));
    const wanted = { name: known?.name ?? call.params['child'] ?? '', properties: kind.read(call) };
    const others = (server[field] ?? []).filter((extension) => extension !== known);
    store.patchServer(server.name, { [field]: [...others, wanted] });
    // Diagnostic settings are answered with 200 when they are new as well.
    return { status: known || field === 'diagnosticSettings' ? 200 : 201, body: toJson(server, wanted) };
  };
  const drop = (call: ArmCall): ArmAnswer => {
    const server = requireServer(store, call);
    const known = server[field]?.find(isNamed(call));
    if (!known) return { status: 204 };
    store.patchServer(server.name, {
      [field]: (server[field] ?? []).filter((extension) => extension !== known),
    });
    return { status: 200 };
  };
  const list = (call: ArmCall): ArmAnswer => {
    const server = requireServer(store, call);
    return ok(
      page(
        (server[field] ?? []).map((each) => toJson(server, each)),
        call,
        pageSize,
      ),
    );
  };
  const one = `${path}/:child`;
  return [
    { method: 'get', path, type, action: `${type}/read`, handle: list },
    { method: 'get', path: one, type, action: `${type}/read`, handle: get },
    { method: 'put', path: one, type, action: `${type}/write`, handle: put },
    { method: 'delete', path: one, type, action: `${type}/delete`, handle: drop },
  ];
}
