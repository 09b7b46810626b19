import { cardMention, mention, mentionAll } from '../../../cards/mention';
import type { Circle } from '../../../cards/circle';
import type { Person } from '../../../services/restore/person';

const person = (name: string, aadObjectId = 'a1'): Person => ({ aadObjectId, name });
const circle: Circle = { teamsId: (id) => (id === 'unknown' ? undefined : `29:${id}`) };

test('a person with a Teams id is mentioned by it', () => {
  expect(mention(person('Ines Okafor'), circle)).toEqual({
    text: '<at>Ines Okafor</at>',
    mentions: [{ text: '<at>Ines Okafor</at>', id: '29:a1', name: 'Ines Okafor' }],
  });
});

test('a person without one is named', () => {
  expect(mention(person('Ines Okafor', 'unknown'), circle)).toEqual({ text: 'Ines Okafor', mentions: [] });
});

test.each([
  ['</at><at>Martin Hale', '/atatMartin Hale'],
  ['**Ines** [x](y)', 'Ines x(y)'],
  ['Ines\n\nOkafor', 'Ines Okafor'],
  ['Ines \u202eOkafor', 'Ines Okafor'],
  ['Ines & Co', 'Ines  Co'],
  ['<>', 'somebody'],
  ['', 'somebody'],
])('the name %p is mentioned as %p, alike in the text and in its entity', (name, shown) => {
  const { text, mentions } = mention(person(name), circle);
  expect(text).toBe(`<at>${shown}</at>`);
  expect(mentions).toEqual([{ text, id: '29:a1', name: shown }]);
});

test('names with brackets, dots and accents stay as they are', () => {
  for (const name of ['Greta Lind (Guest)', "Siobhán O'Neill-Müller", '李 娜', 'J. R. Doe, DBA'])
    expect(mention(person(name), circle).text).toBe(`<at>${name}</at>`);
});

test('in a card an unknown person is written so that markdown reads it as it is', () => {
  expect(cardMention(person('Greta Lind (Guest)', 'unknown'), circle).text).toBe('Greta Lind \\(Guest\\)');
  expect(cardMention(person('1. PROVEN', 'unknown'), circle).text).toBe('1\\. PROVEN');
});

test('somebody who stands in a list twice is declared once', () => {
  const twice = mentionAll([person('Ines Okafor'), person('Ines Okafor')], circle);
  expect(twice.mentions).toHaveLength(1);
});

test('of many people the first are named and the rest is counted', () => {
  const many = Array.from({ length: 9 }, (_, index) => person(`P${index}`, `a${index}`));
  const { text, mentions } = mentionAll(many, circle, mention, 2);
  expect(text).toBe('<at>P0</at>, <at>P1</at>, and 7 more');
  expect(mentions).toHaveLength(2);
});
