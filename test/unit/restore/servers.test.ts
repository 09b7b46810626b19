import { canonicalJson } from '../../../services/restore/canonical-json';
import { isServerName, matchServer, nearestNames, nextName } from '../../../services/restore/servers';
import { pickInputs } from '../../../services/restore/form-inputs';
import { aServer, someInputs } from '../../fakes/facts';

const servers = ['orders-pg', 'orders-archive', 'orders', 'billing-pg'].map((name) => aServer(name));

test.each([
  ['orders-pg', 'orders-pg'],
  [' Orders-PG ', 'orders-pg'],
  ['orders', 'orders'],
  ['b', 'billing-pg'],
  ['orders-a', 'orders-archive'],
  [aServer('billing-pg').id.toUpperCase(), 'billing-pg'],
])('"%s" means %s', (asked, name) => {
  expect(matchServer(asked, servers)).toMatchObject({ kind: 'one', server: { name } });
});

test('a prefix of several is none of them', () => {
  expect(matchServer('orders-', servers)).toEqual({
    kind: 'several',
    names: ['orders-pg', 'orders-archive'],
  });
});

test('the same name in two resource groups has to be told apart', () => {
  const twins = [aServer('orders-pg'), aServer('orders-pg', { resourceGroup: 'rg-dr' })];
  expect(matchServer('orders-pg', twins).kind).toBe('several');
  expect(matchServer(twins[1]?.id ?? '', twins)).toMatchObject({
    kind: 'one',
    server: { resourceGroup: 'rg-dr' },
  });
});

test('nothing said matches nothing', () => {
  expect(matchServer('', servers).kind).toBe('none');
  expect(matchServer('  ', servers).kind).toBe('none');
});

test('a typing error is answered with what was nearest, nonsense with nothing', () => {
  expect(matchServer('odrers-pg', servers)).toMatchObject({
    kind: 'none',
    nearest: expect.arrayContaining(['orders-pg']),
  });
  expect(nearestNames('xxxxxxxxxxxxxxxx', ['orders-pg'])).toEqual([]);
});

test.each([
  ['orders-pg', 'orders-pg-r1'],
  ['orders-pg-r1', 'orders-pg-r2'],
  ['orders-pg-r9', 'orders-pg-r10'],
  ['r1', 'r1-r1'],
  ['a'.repeat(63), `${'a'.repeat(60)}-r1`],
  [`${'a'.repeat(59)}-b${'c'.repeat(2)}`, `${'a'.repeat(59)}-r1`],
  [`${'a'.repeat(60)}-r9`, `${'a'.repeat(59)}-r10`],
])('after %s comes %s', (name, next) => {
  expect(nextName(name)).toBe(next);
  expect(isServerName(next)).toBe(true);
});

test.each([
  ['abc', true],
  ['a1-b2-c3', true],
  ['123', true],
  ['a'.repeat(63), true],
  ['ab', false],
  ['a'.repeat(64), false],
  ['-abc', false],
  ['abc-', false],
  ['a--b', false],
  ['Abc', false],
  ['a_b', false],
  ['a.b', false],
  ['größe', false],
  ['abc\n', false],
  ['', false],
])('"%s" as a server name: %s', (name, isName) => {
  expect(isServerName(name)).toBe(isName);
});

test('equal values give equal text, whatever the order of their keys; absent and undefined are the same', () => {
  expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: undefined, '10': 1, '9': 2 })).toBe(
    canonicalJson({ '9': 2, '10': 1, b: [1, { c: null, d: 'x' }] }),
  );
  expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  expect(canonicalJson({ a: undefined })).toBe('{}');
  expect(JSON.parse(canonicalJson({ 'ü"\n': ['\u2028'] }))).toEqual({ 'ü"\n': ['\u2028'] });
});

test('only text in the fields of the form is taken from what was sent', () => {
  const sent = JSON.parse(
    '{"target":"new-1","reason":7,"moment":{"$gt":""},"__proto__":{"ticket":"X-1"},"constructor":"y","extra":"z","mode":null}',
  ) as unknown;
  expect(pickInputs(sent, someInputs())).toEqual(someInputs({ target: 'new-1' }));
  expect(pickInputs(Object.create({ target: 'inherited' }), someInputs())).toEqual(someInputs());
  for (const nothing of [null, undefined, 'text', 7, []])
    expect(pickInputs(nothing, someInputs())).toEqual(someInputs());
});
