/** Rows of Resource Graph's table `resources` for what stands in this room: servers, storage accounts, key vaults. */
import { keyVaultJson } from './key-vaults';
import type { ResourceRow, ResourceRows } from './resource-graph';
import { toServerJson } from './server-json';
import { storageAccountJson } from './storage-accounts';
import type { Store } from './store';

interface Described {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: object;
}

export const resourceRows =
  (store: Store): ResourceRows =>
  (table) => {
    if (table !== 'resources') return [];
    const { servers, storageAccounts, keyVaults } = store.state;
    return [
      ...Object.values(servers).map((server) => row(server, toServerJson(server), server.visibleAtMs)),
      ...storageAccounts.map((one) => row(one, storageAccountJson(one), Date.parse(one.createdAt))),
      ...keyVaults.map((one) => row(one, keyVaultJson(one), Date.parse(one.createdAt))),
    ];
  };

function row(
  place: Pick<ResourceRow, 'location' | 'resourceGroup' | 'subscriptionId'>,
  described: Described,
  since: number,
): ResourceRow {
  const { location, resourceGroup, subscriptionId } = place;
  // The short name of a region, also where the resource's own JSON has the long one.
  return { ...described, location, resourceGroup, subscriptionId, since };
}
