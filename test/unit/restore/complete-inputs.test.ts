/** What stands in a form before anybody typed, and what stays when the way or the source changes. */
import { carryInputs, completeInputs } from '../../../services/restore/complete-inputs';
import { aDeletedServer, aServer, now, someInputs } from '../../fakes/facts';
import { completeVaultInputs } from '../../../services/restore/complete-vault-inputs';
import { anInstance, somePoints } from '../../fakes/fake-vaults';
import { vaultInputs } from '../../fakes/vault-facts';
import type { Source } from '../../../services/restore/servers';

const network = { kind: 'private', delegatedSubnetId: '/subnet', privateDnsZoneId: '/zone' } as const;
const source: Source = { kind: 'live', server: aServer('orders-pg', { network }) };
const pair = { location: 'canadaeast', knownFrom: 'azure' } as const;

test('defaults are shown as values, and what was typed is kept', () => {
  expect(completeInputs(someInputs({ availabilityZone: '2' }), { source, pair })).toMatchObject({
    subscription: source.server.subscriptionId,
    region: '',
    subnet: '/subnet',
    dnsZone: '/zone',
    availabilityZone: '2',
    storageType: 'default',
    geoRedundancy: 'default',
    highAvailability: 'none',
  });
  expect(completeInputs(someInputs(), {})).toMatchObject({ subscription: '', subnet: '', region: '' });
});

test('in the paired region the region is filled in and the network is not', () => {
  expect(completeInputs(someInputs({ mode: 'geo' }), { source, pair })).toMatchObject({
    region: 'canadaeast',
    subnet: '',
    dnsZone: '',
  });
});

test('a deleted server stood where it was seen, or likeliest where its group is', () => {
  const inputs = someInputs({ mode: 'dropped' });
  const gone = (before?: Source['server']): Source => ({
    kind: 'deleted',
    server: aDeletedServer('orders-pg', before && 'sku' in before ? { before } : {}),
  });
  const groupLocation = 'japaneast';
  expect(completeInputs(inputs, { source: gone(), groupLocation }).region).toBe('japaneast');
  expect(completeInputs(inputs, { source: gone(source.server), groupLocation }).region).toBe('canadacentral');
});

test('to a moment, to the latest state and to a backup the place is the same, and so are its options', () => {
  const before = someInputs({ mode: 'latest', availabilityZone: '2', subnet: '/subnet' });
  const typed = { ...before, mode: 'point-in-time' };
  expect(carryInputs(before, typed)).toBe(typed);
});

test('another way or source takes what followed from the old one with it, and leaves what was typed now', () => {
  const before = someInputs({ subnet: '/subnet', dnsZone: '/zone', resourceGroup: 'rg-shop', backup: 'b1' });
  expect(carryInputs(before, before)).toBe(before);
  expect(carryInputs(before, { ...before, mode: 'geo', dnsZone: '/there' })).toMatchObject({
    subnet: '',
    dnsZone: '/there',
    resourceGroup: 'rg-shop',
    backup: 'b1',
    reason: before.reason,
  });
  expect(carryInputs(before, { ...before, source: 'billing-pg' })).toMatchObject({
    resourceGroup: '',
    backup: '',
    target: before.target,
  });
});

test('another recovery point takes the beginning of the file names with it, but not one that was typed now', () => {
  const before = vaultInputs({ backup: 'point-2026-11-18' });
  expect(carryInputs(before, { ...before, reason: 'another' }).prefix).toBe(before.prefix);
  const other = { ...before, backup: 'point-2026-11-11' };
  expect(carryInputs(before, other)).toEqual({ ...other, prefix: '' });
  expect(carryInputs(before, { ...other, prefix: 'mine' }).prefix).toBe('mine');
});

test('a login belongs to the server that it was chosen for', () => {
  const before = vaultInputs({ mode: 'vault-database', target: 'legacy-srv', secret: 'kv-shop/pgconn' });
  expect(carryInputs(before, { ...before, target: 'other-srv' }).secret).toBe('');
  const typed = { ...before, target: 'other-srv', secret: 'kv-shop/other' };
  expect(carryInputs(before, typed)).toBe(typed);
});

describe('the wish for the archive', () => {
  const completed = (backup: string, points = somePoints) => {
    const inputs = vaultInputs({ backup, rehydration: 'High', rehydrationDays: '12' });
    const known = { instance: anInstance(), points, accounts: [], loginsFor: () => [], mark: 'm', now };
    const { rehydration, rehydrationDays } = completeVaultInputs(inputs, known);
    return [rehydration, rehydrationDays];
  };

  test('goes when the chosen point lies in the vault tier', () => {
    expect(completed('point-2026-11-18')).toEqual(['', '']);
  });

  test('stays with an archived point, and while no point is chosen yet', () => {
    expect(completed('newest')).toEqual(['High', '12']);
    expect(completed('newest', [])).toEqual(['High', '12']);
  });
});
