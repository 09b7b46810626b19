import {
  blockCount,
  blockLength,
  fetchedBytes,
  mapText,
  nothingFetched,
  readMap,
} from '../../../../services/dump/block-map';
import { isSafeName, safeName } from '../../../../services/dump/spool-names';

const file = { name: 'shop/größe.sql', etag: '"0x8D"', bytes: 10, blockBytes: 4 };

const run = 'run-1';
const emptyMap = (of: typeof file): string => mapText(of, run, nothingFetched(of));

const marked = (text: string, index: number, mark: string): string => {
  const bytes = Buffer.from(text);
  bytes.write(mark, (readMap(text, file, run)?.marksAt ?? 0) + index);
  return bytes.toString();
};

test('a file is cut into blocks of which the last is what is left', () => {
  expect([0, 1, 2].map((index) => blockLength(file, index))).toEqual([4, 4, 2]);
  expect([10, 8, 1, 0].map((bytes) => blockCount({ ...file, bytes }))).toEqual([3, 2, 1, 0]);
});

test('a map tells which blocks have been fetched', () => {
  const map = readMap(marked(emptyMap(file), 2, 'x'), file, run);
  expect(map?.fetched).toEqual([false, false, true]);
  expect(map && fetchedBytes(file, map)).toBe(2);
});

test('what the disk has not confirmed counts only while the system runs on', () => {
  const text = marked(marked(emptyMap(file), 0, 'w'), 1, 'x');
  expect(readMap(text, file, run)).toMatchObject({ fetched: [true, true, false], isOfThisRun: true });
  expect(readMap(text, file, 'run-2')).toMatchObject({ fetched: [false, true, false], isOfThisRun: false });
  const nameless = text.replace(run, '');
  expect(readMap(nameless, file, '')).toMatchObject({ fetched: [false, true, false], isOfThisRun: false });
});

test.each([
  ['another ETag', { ...file, etag: '"0x8E"' }],
  ['another length', { ...file, bytes: 11 }],
  ['blocks of another size', { ...file, blockBytes: 5 }],
  ['another name', { ...file, name: 'shop/other.sql' }],
])('a map of a file with %s does not count', (_, other) => {
  expect(readMap(emptyMap(file), other, run)).toBeUndefined();
});

test.each([
  ['cut off', (text: string) => text.slice(0, -1)],
  ['empty', () => ''],
  ['too long', (text: string) => `${text}.`],
  ['holed', (text: string) => text.replace(/\.$/, '\0')],
])('a map that is %s does not count', (_, damage) => {
  expect(readMap(damage(emptyMap(file)), file, run)).toBeUndefined();
});

test('a name in the spool is one plain part of a path, whatever the name outside', () => {
  const names = [
    '../../etc/passwd',
    '/',
    '..',
    '.',
    '',
    'a\0b',
    'A',
    'a',
    'größe',
    'gro\u0308ße',
    '\uD800',
    '\uD801',
    '-rf',
  ];
  const safe = names.map(safeName);
  expect(safe.filter((name) => !/^\w{0,40}\.[0-9a-f]{32}$/.test(name))).toEqual([]);
  expect(new Set(safe).size).toBe(names.length);
  expect(safeName(`${'x'.repeat(2000)}orders.sql`)).toMatch(/orders_sql\.[0-9a-f]{32}$/);
});

test('only names that were made here are taken for ours', () => {
  expect([safeName('key'), 'key', '..', 'lost+found', `${safeName('key')}/x`].map(isSafeName)).toEqual([
    ...[true, false, false, false, false],
  ]);
});
