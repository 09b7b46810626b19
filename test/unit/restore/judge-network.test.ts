/** Public stays public, private stays private, and a private place is looked at before anybody is asked. */
import { canHoldServers, networkProblems, plannedNetwork } from '../../../services/restore/judge-network';
import { aDnsZone, aPlace, aServer, aSubnet, someInputs } from '../../fakes/facts';
import type { PlaceFacts } from '../../../services/restore/judge-place';
import type { Source } from '../../../services/restore/servers';

const network = { kind: 'private', delegatedSubnetId: '/subnet' } as const;
const source: Source = { kind: 'live', server: aServer('orders-pg', { network }) };
const ids = { subnetId: aSubnet().id, dnsZoneId: aDnsZone().id };
const asked = (chosen: object = ids) => ({
  ...aPlace().asked,
  network: { kind: 'private', ...chosen } as const,
});
const whole: PlaceFacts = aPlace({ asked: asked(), subnet: aSubnet(), dnsZone: aDnsZone() });
const codes = (facts: PlaceFacts): string[] =>
  networkProblems(someInputs(), source, facts).map(({ code }) => code);

test('a delegated subnet with room and a zone that is linked to its network will do', () => {
  expect(codes(whole)).toEqual([]);
  expect(plannedNetwork(whole)).toEqual({
    kind: 'private',
    delegatedSubnetId: ids.subnetId,
    privateDnsZoneId: ids.dnsZoneId,
  });
});

test.each<[string[], Partial<PlaceFacts>]>([
  [['SUBNET_ELSEWHERE'], { subnet: aSubnet({ location: 'japaneast', delegations: [] }) }],
  [['SUBNET_NOT_DELEGATED'], { subnet: aSubnet({ delegations: ['Microsoft.Web/serverFarms'] }) }],
  [['SUBNET_FULL'], { subnet: aSubnet({ freeAddresses: 0 }) }],
  [['DNS_ZONE_NAME_WRONG'], { dnsZone: aDnsZone({ name: 'postgres.database.azure.com.evil' }) }],
  [['DNS_ZONE_NOT_LINKED'], { dnsZone: aDnsZone({ linkedNetworks: ['/other'] }) }],
  [['SUBNET_MISSING', 'DNS_ZONE_MISSING'], { asked: asked({}) }],
])('%j otherwise', (expected, changes) => {
  expect(codes({ ...whole, ...changes })).toEqual(expected);
});

test('what Azure has not is unknown, and nothing is planned while a part is missing', () => {
  const { subnet: _subnet, dnsZone: _zone, ...unread } = whole;
  expect(codes(unread)).toEqual(['SUBNET_UNKNOWN', 'DNS_ZONE_UNKNOWN']);
  expect(plannedNetwork(aPlace({ asked: asked({ subnetId: ids.subnetId }) }))).toBeUndefined();
});

test('how full a subnet is may be unknown, and names are the same in any spelling', () => {
  const { freeAddresses: _free, ...unknown } = aSubnet({
    networkId: aSubnet().networkId.toUpperCase(),
    delegations: ['microsoft.dbforpostgresql/FLEXIBLESERVERS'],
  });
  expect(codes({ ...whole, subnet: unknown })).toEqual([]);
  expect(canHoldServers('Shop.PRIVATE.Postgres.Database.Azure.Com')).toBe(true);
});

test('a public source cannot be moved into a network', () => {
  const open: Source = { kind: 'live', server: aServer('orders-pg') };
  const problems = networkProblems(someInputs({ dnsZone: '/zone' }), open, aPlace());
  expect(problems.map(({ code }) => code)).toEqual(['NETWORK_IS_PUBLIC']);
  expect(plannedNetwork(aPlace())).toEqual({ kind: 'public' });
});
