/** Resources that stand in a subscription and a resource group: the lists of both, and one by its name. */
import { resourceNotFound } from './arm-error';
import type { ArmCall } from './arm-route';

export interface Placed {
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Those in the subscription the call names, and in its resource group when it names one. */
export const inScope = <T extends Placed>(all: readonly T[], { params }: Pick<ArmCall, 'params'>): T[] =>
  all.filter(
    ({ subscriptionId, resourceGroup }) =>
      same(subscriptionId, params['subscriptionId'] ?? '') &&
      same(resourceGroup, params['resourceGroup'] ?? resourceGroup),
  );

/** The one that the call's `:name` means; otherwise 404 as ARM says it. */
export function requirePlaced<T extends Placed>(all: readonly T[], call: ArmCall, type: string): T {
  const name = call.params['name'] ?? '';
  const found = inScope(all, call).find((known) => same(known.name, name));
  if (!found) throw resourceNotFound(type, name, call.params['resourceGroup'] ?? '');
  return found;
}

export const replaced = <T extends Placed>(all: readonly T[], changed: T): T[] =>
  all.map((known) => (known.name === changed.name ? changed : known));

const subscription = '/subscriptions/:subscriptionId';

/** Where a type is listed, and where one of it is found; `type` is for example `Microsoft.Storage/storageAccounts`. */
export const pathsOf = (type: string) => {
  const inGroup = `${subscription}/resourceGroups/:resourceGroup/providers/${type}`;
  return { lists: [`${subscription}/providers/${type}`, inGroup], one: `${inGroup}/:name` };
};
