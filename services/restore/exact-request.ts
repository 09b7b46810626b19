/** The request as Azure will get it, for the fold of the approval card and for an auditor. */
import { targetTags } from './ports';
import type { Plan } from './plan';

/** The wire format of the plan; `moment` and `nonce` are words until the start fixes them. */
export function exactRequest(plan: Plan, requestId: string): string {
  const { network } = plan;
  const body = {
    location: plan.target.location,
    tags: { [targetTags.request]: requestId, [targetTags.nonce]: 'set at the start' },
    properties: {
      createMode: 'PointInTimeRestore',
      sourceServerResourceId: plan.source.id,
      pointInTimeUTC: plan.mode === 'latest' ? 'the moment of the start' : plan.moment,
      backup: { geoRedundantBackup: plan.geoRedundantBackup ? 'Enabled' : 'Disabled' },
      ...(network.kind === 'private'
        ? {
            network: {
              publicNetworkAccess: 'Disabled',
              delegatedSubnetResourceId: network.delegatedSubnetId,
              ...(network.privateDnsZoneId === undefined
                ? {}
                : { privateDnsZoneArmResourceId: network.privateDnsZoneId }),
            },
          }
        : {}),
    },
  };
  return `PUT ${plan.target.id}?api-version=2025-08-01\n${JSON.stringify(body, null, 2)}`;
}
