/** Where the new server shall stand: what was typed, and what only one way is possible in. */
import { askedPlace, normaliseRegion } from '../../../services/restore/asked-place';
import { aDeletedServer, aServer, someInputs } from '../../fakes/facts';
import type { FormInputs } from '../../../services/restore/form-inputs';
import type { Network, Source } from '../../../services/restore/servers';

const subnet: Network = { kind: 'private', delegatedSubnetId: '/subnet', privateDnsZoneId: '/zone' };
const open = aServer('orders-pg');
const place = (inputs: Partial<FormInputs>, source: Source = { kind: 'live', server: open }) =>
  askedPlace(someInputs(inputs), source, { location: 'canadaeast', knownFrom: 'azure' });

test('everything follows the source where nothing is typed', () => {
  expect(place({})).toEqual({
    subscriptionId: open.subscriptionId,
    resourceGroup: 'rg-shop',
    location: 'canadacentral',
    network: { kind: 'public' },
  });
});

test('a subscription is the same in any spelling, typed or told by Azure', () => {
  const id = 'ABCDEF00-0000-4000-8000-000000000001';
  expect(place({ subscription: ` ${id} ` }).subscriptionId).toBe(id.toLowerCase());
  const shouted: Source = { kind: 'live', server: { ...open, subscriptionId: id } };
  expect(place({}, shouted).subscriptionId).toBe(id.toLowerCase());
});

test('the region is the source’s, in the paired region that one, of a deleted server what it was or what is chosen', () => {
  expect(normaliseRegion(' Canada  Central ')).toBe('canadacentral');
  expect(place({ region: 'japaneast' }).location).toBe('canadacentral');
  expect(place({ mode: 'geo' }).location).toBe('canadaeast');
  expect(place({ mode: 'geo', region: 'Japan East' }).location).toBe('japaneast');
  const gone = (before = false): Source => ({
    kind: 'deleted',
    server: aDeletedServer('orders-pg', before ? { before: open } : {}),
  });
  expect(place({ mode: 'dropped' }, gone())).not.toHaveProperty('location');
  expect(place({ mode: 'dropped', region: 'Japan East' }, gone()).location).toBe('japaneast');
  expect(place({ mode: 'dropped', region: 'japaneast' }, gone(true)).location).toBe('canadacentral');
});

test('a private server keeps its network at home, and brings none into another region', () => {
  const source: Source = { kind: 'live', server: { ...open, network: subnet } };
  expect(place({}, source).network).toEqual({ kind: 'private', subnetId: '/subnet', dnsZoneId: '/zone' });
  expect(place({ mode: 'geo' }, source).network).toEqual({ kind: 'private' });
  expect(place({ mode: 'geo', subnet: '/there' }, source).network).toEqual({
    kind: 'private',
    subnetId: '/there',
  });
  expect(place({ subnet: '/there' }).network).toEqual({ kind: 'public' });
});
