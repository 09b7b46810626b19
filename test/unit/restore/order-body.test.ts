/** What goes over the wire for each way of restoring: nothing that was not sealed, and everything that was. */
import { orderBody } from '../../../services/restore/order-body';
import { aPlan } from '../../fakes/facts';
import type { ServerPlan } from '../../../services/restore/plan';

const facts = { requestId: 'R-1', nonce: 'n-1', moment: '2026-11-19T13:05:00.000Z', owner: 'ines' };
const body = (plan: ServerPlan) =>
  orderBody(plan, facts) as { properties: object; tags: object; identity?: object };
const { moment, ...parts } = aPlan();

test.each([
  [{ ...parts, mode: 'latest' }, 'PointInTimeRestore'],
  [{ ...parts, mode: 'point-in-time', moment }, 'PointInTimeRestore'],
  [{ ...parts, mode: 'fast', moment, backup: { name: 'b', completedAt: moment } }, 'PointInTimeRestore'],
  [{ ...parts, mode: 'geo' }, 'GeoRestore'],
  [{ ...parts, mode: 'dropped', moment, deletedAt: moment }, 'ReviveDropped'],
] as readonly [ServerPlan, string][])(
  'a plan of its mode is ordered as such, from the full id of the source',
  (plan, createMode) => {
    expect(body(plan)).toEqual({
      location: 'canadacentral',
      tags: { 'restore-desk-request': 'R-1', 'restore-desk-nonce': 'n-1', 'restore-desk-owner': 'ines' },
      properties: {
        createMode,
        sourceServerResourceId: plan.source.id,
        pointInTimeUTC: facts.moment,
        backup: { geoRedundantBackup: 'Enabled' },
      },
    });
  },
);

test('options are sent as they are sealed; high availability is not', () => {
  const network = { kind: 'private', delegatedSubnetId: '/subnet', privateDnsZoneId: '/zone' } as const;
  const sent = body(
    aPlan({
      network,
      availabilityZone: '2',
      storageType: 'PremiumV2_LRS',
      geoRedundantBackup: false,
      followUps: [{ kind: 'high-availability', mode: 'ZoneRedundant' }],
    }),
  );
  expect(sent.properties).toMatchObject({
    availabilityZone: '2',
    storage: { type: 'PremiumV2_LRS' },
    backup: { geoRedundantBackup: 'Disabled' },
    network: {
      publicNetworkAccess: 'Disabled',
      delegatedSubnetResourceId: '/subnet',
      privateDnsZoneArmResourceId: '/zone',
    },
  });
  expect(JSON.stringify(sent)).not.toMatch(/high/i);
});

test('customer-managed keys bring both identities, one of them once', () => {
  const encryption = {
    primaryKeyUri: 'https://there/key',
    primaryIdentityId: '/id/one',
    geoBackup: { keyUri: 'https://here/key', identityId: '/id/two' },
  };
  expect(body(aPlan({ encryption }))).toMatchObject({
    identity: { type: 'UserAssigned', userAssignedIdentities: { '/id/one': {}, '/id/two': {} } },
    properties: {
      dataEncryption: {
        type: 'AzureKeyVault',
        primaryKeyURI: 'https://there/key',
        primaryUserAssignedIdentityId: '/id/one',
        geoBackupKeyURI: 'https://here/key',
        geoBackupUserAssignedIdentityId: '/id/two',
      },
    },
  });
  const { geoBackup: _none, ...one } = encryption;
  expect(body(aPlan({ encryption: one })).identity).toEqual({
    type: 'UserAssigned',
    userAssignedIdentities: { '/id/one': {} },
  });
});

test('no tag of the requester takes the place of the desk’s own', () => {
  const tags = { team: 'shop', 'restore-desk-nonce': 'mine', 'restore-desk-expires': '2020-01-01' };
  expect(body(aPlan({ tags, expires: '2026-12-03' })).tags).toEqual({
    team: 'shop',
    'restore-desk-request': 'R-1',
    'restore-desk-nonce': 'n-1',
    'restore-desk-owner': 'ines',
    'restore-desk-expires': '2026-12-03',
  });
});
