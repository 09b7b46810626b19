/** The options of a PUT laid over a shape: the caller's word wins where Azure lets it, and is refused where not. */
import { invalidValue } from './arm-error';
import type { ArmCall } from './arm-route';
import { zonesOf } from './capabilities';
import { part, text, type Json } from './json-parts';
import type { ServerShape } from './model';
import { askedNetwork, requireUsableNetwork } from './network-rules';
import { isDown } from './outages';
import { findRegion } from './regions';
import { askedKeys, requireGeoKey } from './server-encryption';
import type { Store } from './store';

export interface OptionContext {
  readonly store: Store;
  readonly call: ArmCall;
  readonly location: string;
}

export function withOptions(shape: ServerShape, properties: Json, context: OptionContext): ServerShape {
  const backup = part(properties, 'backup');
  const storage = part(properties, 'storage');
  const network = askedNetwork(shape.network, part(properties, 'network'));
  requireUsableNetwork(context.store, context.call, network, context.location);
  refuseHighAvailability(properties);
  const geoRedundantBackup = redundancy(context, text(backup['geoRedundantBackup']) ?? 'Disabled');
  // Without a word the keys are those of the source.
  const customerKeys = askedKeys(context.call.body) ?? shape.customerKeys;
  requireGeoKey(customerKeys, geoRedundantBackup);
  return {
    ...shape,
    storage: { ...shape.storage, ...storage, type: storageType(storage['type'], shape.storage.type) },
    network,
    retentionDays: Number(backup['backupRetentionDays'] ?? shape.retentionDays),
    geoRedundantBackup,
    ...(customerKeys === undefined ? {} : { customerKeys }),
    availabilityZone: zone(context, shape, text(properties['availabilityZone']) ?? ''),
  };
}

function refuseHighAvailability(properties: Json): void {
  const mode = text(part(properties, 'highAvailability')['mode']) ?? 'Disabled';
  const isRestore = text(properties['sourceServerResourceId']) !== undefined;
  if (isRestore && mode !== 'Disabled')
    throw invalidValue('High availability cannot be asked for during a restore; enable it afterwards.');
}

const storageTypes = ['', 'Premium_LRS', 'PremiumV2_LRS', 'UltraSSD_LRS'];

function storageType(asked: unknown, inherited: string): string {
  const type = typeof asked === 'string' ? asked : inherited;
  if (!storageTypes.includes(type))
    throw invalidValue(`The value '${type}' of the property 'storage.type' is not supported.`);
  return type;
}

/** Geo-redundant storage is laid out in both regions of a pair, so both have to be there. */
function redundancy({ store, location }: OptionContext, asked: string): string {
  if (asked !== 'Enabled' && asked !== 'Disabled')
    throw invalidValue(`The value '${asked}' of the property 'geoRedundantBackup' is not supported.`);
  if (asked === 'Disabled') return asked;
  const pair = findRegion(location)?.pair;
  if (pair === undefined)
    throw invalidValue(`Geo-redundant backup is not supported in location '${location}'.`);
  if (isDown(store, pair))
    throw invalidValue(
      `Geo-redundant backup cannot be provisioned in '${location}' while its paired region '${pair}' is unavailable.`,
    );
  return asked;
}

function zone({ location }: OptionContext, { sku }: ServerShape, asked: string): string {
  if (asked === '' || zonesOf(location, sku.tier).includes(asked)) return asked;
  throw invalidValue(
    `The availability zone '${asked}' is not available for '${sku.name}' in location '${location}'.`,
  );
}
