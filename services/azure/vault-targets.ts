/** The VaultTargetReader port: the places that a vault restores to, and who may do what there. */
import type { VaultTargetReader } from '../restore/vault-ports';
import type { ArmSettings } from './arm';
import { createArmReads, reading } from './arm-reads';
import { createBlobReader, type BlobEndpointOf } from './blob-reader';
import { readSecret, readSecretUris } from './key-vault-reader';
import { readRoles } from './role-reader';
import { readSingleServer } from './single-server-reader';
import { readAccounts } from './storage-reader';

export interface VaultTargetOptions {
  /** Where the blobs of an account are reached, with the account in it where it is part of the path. */
  readonly blobEndpointOf?: BlobEndpointOf | undefined;
}

export function createVaultTargetReader(
  settings: ArmSettings,
  { blobEndpointOf = ({ blobEndpoint }) => blobEndpoint }: VaultTargetOptions = {},
): VaultTargetReader {
  const reads = createArmReads(settings);
  const { subscriptionIds } = settings;
  return {
    ...createBlobReader(settings, blobEndpointOf),
    account: (name) =>
      reading(async () => {
        const wanted = name.toLowerCase();
        return (await readAccounts(reads, subscriptionIds, (known) => known.toLowerCase() === wanted))[0];
      }),
    accounts: () => reading(() => readAccounts(reads, subscriptionIds, () => true)),
    rolesOf: (principalId, scope) => reading(() => readRoles(reads, principalId, scope)),
    secret: (uri) => reading(() => readSecret(reads, subscriptionIds, uri)),
    singleServer: (name) => reading(() => readSingleServer(reads, subscriptionIds, name)),
    secrets: () => reading(() => readSecretUris(reads, subscriptionIds)),
  };
}
