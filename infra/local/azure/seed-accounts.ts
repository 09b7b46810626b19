/** Storage accounts and key vaults, for a state that has none yet: a new one, or one from before they were here. */
import { seedKeyVaults } from './key-vaults';
import { seedStorageAccounts } from './storage-accounts';
import type { Store } from './store';

export function seedAccounts(store: Store, now: Date): void {
  const { state } = store;
  if (state.storageAccounts.length === 0) state.storageAccounts = seedStorageAccounts(now);
  if (state.keyVaults.length === 0) state.keyVaults = seedKeyVaults(now);
  store.save();
}
