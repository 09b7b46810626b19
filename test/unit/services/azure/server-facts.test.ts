/** What Azure tells of a server, and what it leaves empty. */
import type { Server } from '@azure/arm-postgresql-flexible';
import { serverFacts } from '../../../../services/azure/server-facts';

const id =
  '/subscriptions/s-1/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg';
const told = (more: Partial<Server> = {}) => serverFacts({ ...{ id, location: 'Canada Central' }, ...more });

test('what is told as an empty text is not told', () => {
  const facts = told({
    ...{ availabilityZone: '', storage: { type: '' }, fullyQualifiedDomainName: '' },
    ...{ highAvailability: { mode: 'Disabled' }, network: { delegatedSubnetResourceId: '' } },
  });
  expect(Object.keys(facts ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/availability|storageType|encryption|hostName/i)]),
  );
  expect(facts).toMatchObject({ name: 'orders-pg', location: 'canadacentral', network: { kind: 'public' } });
});

test('high availability, zone, tier and kind of disk are told', () => {
  expect(
    told({
      ...{ sku: { name: 'Standard_D4ads_v5', tier: 'GeneralPurpose' }, availabilityZone: '2' },
      ...{ highAvailability: { mode: 'ZoneRedundant' }, storage: { type: 'PremiumV2_LRS' } },
    }),
  ).toMatchObject({
    ...{ tier: 'GeneralPurpose', sku: 'Standard_D4ads_v5', availabilityZone: '2' },
    ...{ highAvailability: 'ZoneRedundant', storageType: 'PremiumV2_LRS' },
  });
});

test('that passwords are not taken is told, and nothing where they are', () => {
  const signIn = (passwordAuth: string) => told({ authConfig: { passwordAuth } })?.passwordSignIn;
  expect([signIn('Disabled'), signIn('Enabled'), told()?.passwordSignIn]).toEqual([
    'Disabled',
    undefined,
    undefined,
  ]);
});

const primary = { primaryKeyURI: 'https://kv/keys/k/1', primaryUserAssignedIdentityId: '/ids/1' };
const geo = { geoBackupKeyURI: 'https://kv-east/keys/k/1', geoBackupUserAssignedIdentityId: '/ids/2' };
const known = { primaryKeyUri: 'https://kv/keys/k/1', primaryIdentityId: '/ids/1' };

test.each([
  [
    'both keys',
    { type: 'AzureKeyVault', ...primary, ...geo },
    { ...known, geoBackup: { keyUri: geo.geoBackupKeyURI, identityId: '/ids/2' } },
  ],
  ['one key', { type: 'AzureKeyVault', ...primary }, known],
  ['half a geo key', { type: 'AzureKeyVault', ...primary, geoBackupKeyURI: 'https://kv' }, known],
  ['a key without an identity', { type: 'AzureKeyVault', primaryKeyURI: 'https://kv' }, undefined],
  ["Azure's own key", { type: 'SystemManaged', ...primary }, undefined],
])('encryption with %s', (_words, dataEncryption, encryption) => {
  expect(told({ dataEncryption })?.encryption).toEqual(encryption);
});

test('what carries no id of a server is no server', () => {
  expect(serverFacts({ location: 'x' })).toBeUndefined();
  expect(serverFacts({ location: 'x', id: `${id}/databases/shop` })).toBeUndefined();
});
