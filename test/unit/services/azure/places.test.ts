/** The arithmetic of places: rights, addresses, pairs. */
import { isPermitted } from '../../../../services/azure/own-rights';
import { freeAddresses } from '../../../../services/azure/subnet-addresses';
import { listedPair } from '../../../../services/restore/region-pairs';
import { createPairReader } from '../../../../services/azure/region-reader';
import type { ArmReads } from '../../../../services/azure/arm-reads';
import { armPath } from '../../../../services/azure/arm-id';

describe('rights', () => {
  const write = 'Microsoft.DBforPostgreSQL/flexibleServers/write';
  test.each([
    ['everything', [{ actions: ['*'] }], true],
    ['everything but this', [{ actions: ['*'], notActions: ['*/write'] }], false],
    ['the provider', [{ actions: ['microsoft.dbforpostgresql/*'] }], true],
    ['reading', [{ actions: ['*/read'] }], false],
    ['nothing', [], false],
    ['something shorter', [{ actions: ['Microsoft.DBforPostgreSQL/flexibleServers/writ'] }], false],
    ['something longer', [{ actions: [`${write}/all`] }], false],
    [
      'what only looks like a pattern',
      [{ actions: ['Microsoft.DBforPostgreSQL.flexibleServers/write'] }],
      false,
    ],
    [
      'one what the other takes out',
      [{ actions: ['*'], notActions: ['*/write'] }, { actions: [write] }],
      true,
    ],
    ['one nothing, another one all', [{}, { actions: ['*'], notActions: [] }], true],
  ])('to %s', (_words, permissions, permitted) => {
    expect(isPermitted(permissions, write)).toBe(permitted);
  });
});

describe('free addresses', () => {
  test.each([
    [['10.0.1.0/24'], [3], 248],
    [['10.0.1.0/28'], [undefined, 4], 7],
    [['10.0.1.0/28'], [6, 4], 5],
    [['10.0.1.0/28'], [50], 0],
    [['10.0.1.0/28', '10.0.2.0/28'], [2], 20],
    [['10.0.1.0/30'], [0], 0],
    [['fd00::/64', '10.0.1.0/28'], [1], 10],
    [['10.0.1.0/28'], [undefined, undefined], undefined],
    [[], [1], undefined],
    [['fd00::/64'], [1], undefined],
  ])('of %j with %j taken are %s', (prefixes, taken, free) => {
    expect(freeAddresses(prefixes, taken)).toBe(free);
  });
});

describe('the list of pairs', () => {
  test('holds both ways where Azure pairs both ways, and one way where not', () => {
    expect([listedPair('canadacentral'), listedPair('canadaeast')]).toEqual(['canadaeast', 'canadacentral']);
    expect([listedPair('brazilsouth'), listedPair('southcentralus')]).toEqual([
      'southcentralus',
      'northcentralus',
    ]);
    expect([listedPair('westus3'), listedPair('eastus')]).toEqual(['eastus', 'westus']);
  });

  test('has none for regions without one', () => {
    for (const name of ['qatarcentral', 'polandcentral', 'nowhere', ''])
      expect(listedPair(name)).toBeUndefined();
  });
});

test('pairs are asked for again after a day, and the list answers while Azure does not', async () => {
  let asked = 0;
  let millis = 0;
  let silent = false;
  const reads: ArmReads = {
    client: () => undefined,
    resource: async () => undefined,
    list: async () => {
      asked++;
      if (silent) throw new Error('no answer');
      return [{ name: 'here', metadata: { pairedRegion: [{ name: 'There' }] } }];
    },
  };
  const pair = createPairReader(reads, () => millis);
  const there = { location: 'there', knownFrom: 'azure' };
  expect([await pair('s-1', 'here'), await pair('S-1', 'HERE'), asked]).toEqual([there, there, 1]);
  silent = true;
  millis = 23 * 3_600_000;
  expect([await pair('s-1', 'here'), asked]).toEqual([there, 1]);
  millis = 25 * 3_600_000;
  expect([await pair('s-1', 'here'), asked]).toEqual([{ knownFrom: 'table' }, 2]);
  silent = false;
  expect([await pair('s-1', 'here'), asked]).toEqual([there, 3]);
});

test.each(['', '/', '/a', 'a/b', '/a//b', '/a/../b', '/a/.', '/a/b/'])('"%s" leads nowhere', (id) => {
  expect(armPath(id)).toBeUndefined();
});

test('what stands in an id stays one part of the path', () => {
  expect(armPath('/subscriptions/a?b/resourceGroups/c#d')).toBe('/subscriptions/a%3Fb/resourceGroups/c%23d');
});
