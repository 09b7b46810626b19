/** Tags as people type them. */
import { readTags } from '../../../services/restore/tags';

const codes = (text: string): string[] => {
  const read = readTags(text);
  return read.kind === 'refused' ? read.problems.map(({ code }) => code) : [];
};

test('names and values are cut out of commas and lines; a value may hold an equals sign or be empty', () => {
  expect(readTags(' team = shop,\npurpose=a=b , empty=,, ')).toEqual({
    kind: 'tags',
    tags: { team: 'shop', purpose: 'a=b', empty: '' },
  });
  expect(readTags('')).toEqual({ kind: 'tags', tags: {} });
});

test.each(['team', '=shop', 'a?b=1', `${'n'.repeat(513)}=1`, `n=${'v'.repeat(257)}`])(
  '%p is no tag',
  (text) => {
    expect(codes(text)).toEqual(['TAGS_UNREADABLE']);
  },
);

test.each(['Restore-Desk-Nonce=x', 'azure-thing=x', 'MicrosoftX=1', 'windows=1'])(
  '%s is not ours to give away',
  (text) => {
    expect(codes(text)).toEqual(['TAG_RESERVED']);
  },
);

test('every wrong one is named, and there is an end to them', () => {
  expect(codes('a,b=1,restore-desk-owner=me')).toEqual(['TAGS_UNREADABLE', 'TAG_RESERVED']);
  const many = (count: number): string => Array.from({ length: count }, (_, nth) => `t${nth}=1`).join();
  expect(codes(many(46))).toEqual([]);
  expect(codes(many(47))).toEqual(['TAGS_TOO_MANY']);
});
