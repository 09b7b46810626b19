/**
 * The PUT that orders a restore, as it goes over the wire: one builder for what is sent, for the fold of the approval card
 * and for an auditor. What is left out of the body follows the source. High availability is never in it: Azure drops it
 * there without a word.
 */
import type { ServerMode, ServerPlan } from './plan';
import { targetTags } from './ports';
import type { Encryption, Network } from './servers';

export const orderApiVersion = '2025-08-01';

const createModes: Readonly<Record<ServerMode, string>> = {
  latest: 'PointInTimeRestore',
  'point-in-time': 'PointInTimeRestore',
  fast: 'PointInTimeRestore',
  geo: 'GeoRestore',
  dropped: 'ReviveDropped',
};

function networkPart(network: Network): object {
  if (network.kind === 'public') return {};
  const zone = network.privateDnsZoneId;
  return {
    network: {
      publicNetworkAccess: 'Disabled',
      delegatedSubnetResourceId: network.delegatedSubnetId,
      ...(zone === undefined ? {} : { privateDnsZoneArmResourceId: zone }),
    },
  };
}

function identityPart({ primaryIdentityId, geoBackup }: Encryption): object {
  const ids = [...new Set([primaryIdentityId, ...(geoBackup ? [geoBackup.identityId] : [])])];
  return {
    identity: {
      type: 'UserAssigned',
      userAssignedIdentities: Object.fromEntries(ids.map((id) => [id, {}])),
    },
  };
}

function encryptionPart({ primaryKeyUri, primaryIdentityId, geoBackup }: Encryption): object {
  return {
    dataEncryption: {
      type: 'AzureKeyVault',
      primaryKeyURI: primaryKeyUri,
      primaryUserAssignedIdentityId: primaryIdentityId,
      ...(geoBackup
        ? { geoBackupKeyURI: geoBackup.keyUri, geoBackupUserAssignedIdentityId: geoBackup.identityId }
        : {}),
    },
  };
}

/** What only the start knows; words stand for it on a card. */
export interface OrderFacts {
  readonly requestId: string;
  readonly nonce: string;
  readonly moment: string;
  /** Entra object id of the requester. */
  readonly owner: string;
}

export function orderBody(plan: ServerPlan, { requestId, nonce, moment, owner }: OrderFacts): object {
  const { encryption, availabilityZone, storageType } = plan;
  return {
    location: plan.target.location,
    tags: {
      ...plan.tags,
      [targetTags.request]: requestId,
      [targetTags.nonce]: nonce,
      [targetTags.owner]: owner,
      ...(plan.expires === undefined ? {} : { [targetTags.expires]: plan.expires }),
    },
    ...(encryption === undefined ? {} : identityPart(encryption)),
    properties: {
      createMode: createModes[plan.mode],
      sourceServerResourceId: plan.source.id,
      pointInTimeUTC: moment,
      ...(availabilityZone === undefined ? {} : { availabilityZone }),
      ...(storageType === undefined ? {} : { storage: { type: storageType } }),
      backup: { geoRedundantBackup: plan.geoRedundantBackup ? 'Enabled' : 'Disabled' },
      ...networkPart(plan.network),
      ...(encryption === undefined ? {} : encryptionPart(encryption)),
    },
  };
}
