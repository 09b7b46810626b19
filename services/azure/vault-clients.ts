/** One client of Azure Backup for each configured subscription; others do not exist for the desk. */
import type { ArmSettings } from './arm';
import {
  createDataProtectionClient,
  type DataProtectionClient,
  type DataProtectionClientOptions,
} from './data-protection/client';

export type VaultClients = (subscriptionId: string) => DataProtectionClient | undefined;

export function vaultClients(settings: ArmSettings, options: DataProtectionClientOptions): VaultClients {
  const clients = new Map(
    settings.subscriptionIds.map((id) => [
      id.toLowerCase(),
      createDataProtectionClient(settings, id, options),
    ]),
  );
  return (subscriptionId) => clients.get(subscriptionId.toLowerCase());
}
