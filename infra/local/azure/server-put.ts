/**
 * Reads the PUT that creates a flexible server, fresh or from a moment of another one. Everything that Azure refuses at
 * once is refused here; what Azure only finds out later (a moment before the first backup) is left to the operation.
 */
import {
  ArmError,
  invalidValue,
  locationIsRestricted,
  serverIsDropping,
  serverNameAlreadyExists,
} from './arm-error';
import type { ArmCall } from './arm-route';
import { isLabelHeld } from './dropped-servers';
import { part, text, type Json } from './json-parts';
import type { ServerShape } from './model';
import { serverBase, type NewServer, type ServerBase } from './new-server';
import { requireRegionUp } from './outages';
import { findRegion, restrictedRegion } from './regions';
import { isRestoreMode, restoredServer } from './restore-put';
import { findLegacy } from './restore-targets';
import { newPassword } from './seed-servers';
import { serverType } from './server-json';
import { nameProblem } from './server-names';
import { withOptions } from './server-options';
import type { Store } from './store';

export function readServerPut(store: Store, call: ArmCall, timeScale: number): NewServer {
  const properties = part(call.body, 'properties');
  const name = call.params['serverName'] ?? '';
  const location = readLocation(call.body);
  const problem = nameProblem(name);
  if (problem !== undefined) throw new ArmError(400, 'InvalidServerName', problem, { cause: 'service' });
  requireRegionUp(store, location);
  requireFreeName(store, call, name, location);
  if (isLabelHeld(store, name, timeScale)) throw serverIsDropping();
  const asked = text(properties['createMode']) ?? 'Default';
  const mode = asked.toLowerCase();
  const server = serverBase(call, name, location, timeScale);
  if (mode === 'default' || mode === 'create') return freshServer(store, call, properties, server);
  if (isRestoreMode(mode)) return restoredServer({ store, call, properties, server, mode });
  throw invalidValue(`The value '${asked}' of the property 'createMode' is not supported here.`);
}

function readLocation(body: Json): string {
  const asked = text(body['location']);
  if (asked === undefined)
    throw new ArmError(400, 'LocationRequired', 'The location property is required for this definition.');
  const region = findRegion(asked);
  if (!region)
    throw new ArmError(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${asked}' is not available for resource type '${serverType}'.`,
    );
  if (region.name === restrictedRegion) throw locationIsRestricted(region.name);
  return region.name;
}

function requireFreeName(store: Store, call: ArmCall, name: string, location: string): void {
  // Both kinds of server get their host names from the same zone.
  if (findLegacy(store, name)) throw serverNameAlreadyExists();
  const holder = store.server(name);
  if (!holder) return;
  const { subscriptionId = '', resourceGroup = '' } = call.params;
  const sameId =
    holder.subscriptionId === subscriptionId.toLowerCase() &&
    holder.resourceGroup.toLowerCase() === resourceGroup.toLowerCase();
  if (sameId && holder.location !== location)
    throw new ArmError(
      409,
      'InvalidResourceLocation',
      `The resource '${name}' already exists in location '${holder.location}' in resource group '${resourceGroup}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
    );
  throw serverNameAlreadyExists();
}

const freshShape: ServerShape = {
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  version: '15',
  storage: { type: '', iops: 120, tier: 'P4', storageSizeGB: 32, autoGrow: 'Disabled' },
  network: { publicNetworkAccess: 'Enabled' },
  retentionDays: 7,
  geoRedundantBackup: 'Disabled',
  availabilityZone: '',
  authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
};

function freshServer(store: Store, call: ArmCall, properties: Json, server: ServerBase): NewServer {
  const login = text(properties['administratorLogin']);
  const password = text(properties['administratorLoginPassword']);
  if (login === undefined || password === undefined)
    throw invalidValue("The properties 'administratorLogin' and 'administratorLoginPassword' are required.");
  const sku = part(call.body, 'sku');
  const asked: ServerShape = {
    ...freshShape,
    version: text(properties['version']) ?? '15',
    sku: { name: text(sku['name']) ?? freshShape.sku.name, tier: text(sku['tier']) ?? freshShape.sku.tier },
  };
  const shape = withOptions(asked, properties, { store, call, location: server.location });
  return {
    server: {
      ...server,
      administratorLogin: login,
      administratorPassword: password,
      superuserPassword: newPassword(),
      shape: {
        ...shape,
        authConfig: { ...shape.authConfig, ...part(properties, 'authConfig') },
      },
    },
    operation: 'UpsertServerManagementOperationV2',
    work: { kind: 'create', server: server.name },
  };
}
