/** What a copy lacks, as its card says it: before anybody pressed, and after. */
import { buttonsOf, cardOf, nodesOf, ofType, readTexts, sample } from './sample-messages';
import type { Message, OutcomeMessage } from '../../../services/restore/messages';

const differs = sample('outcome-differs') as OutcomeMessage;
const applied = sample('outcome-applied') as OutcomeMessage;
const titles = (message: Message): unknown[] => buttonsOf(cardOf(message)).map(({ title }) => title);

const fact = (message: Message): unknown =>
  ofType(cardOf(message), 'FactSet')
    .flatMap(({ facts }) => nodesOf(facts))
    .find(({ title }) => title === 'Differs')?.['value'];

/** What is read without pressing anything. */
function openTexts(message: Message): string[] {
  const folded = nodesOf(cardOf(message)).filter(({ isVisible }) => isVisible === false);
  const hidden = new Set(folded.flatMap((node) => readTexts(node)));
  return readTexts(cardOf(message)).filter((text) => !hidden.has(text));
}

test('one fact says how much of which kind, and what nobody could tell', () => {
  expect(fact(differs)).toBe('3 parameters, 2 firewall rules, high availability · not known: locks');
  expect(fact({ ...differs, differences: [] })).toBe('in nothing that was compared');
  expect(fact(sample('outcome-not-compared'))).toBe(
    'orders-pg is gone, so its settings could not be compared',
  );
  expect(fact(sample('outcome'))).toBeUndefined();
});

test('each kind that can be applied has a button, and what it wakes is read before it is pressed', () => {
  expect(titles(differs)).toEqual(['Apply parameters', 'Apply firewall rules']);
  expect(openTexts(differs).join('\n')).toMatch(/pg\\_cron is loaded, and the scheduled jobs/);
  expect(buttonsOf(cardOf(differs)).map(({ verb }) => verb)).toEqual([
    ...['request.apply.parameters', 'request.apply.firewall-rules'],
  ]);
});

test('values and commands wait behind a fold', () => {
  const all = readTexts(cardOf(differs)).join('\n');
  for (const words of ['203.0.113.0 to 203.0.113.63 · copy: none', '--high-availability ZoneRedundant']) {
    expect(all).toContain(words);
    expect(openTexts(differs).join('\n')).not.toContain(words);
  }
});

test('what came of a press is said with who and when; what was refused keeps its button, what is at work has none', () => {
  expect(openTexts(applied)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^Parameters: applied by Martin Hale at 14:02:11 UTC \(2 of 3; work\\_mem: Azure refused: .*\) · in force after a restart of orders-pg-r1$/,
      ),
      'Firewall rules: being applied, asked by Martin Hale at 14:03:40 UTC',
    ]),
  );
  expect(titles(applied)).toEqual(['Apply parameters']);
  expect(fact(applied)).toBe('1 parameter, 2 firewall rules, high availability');
});

test('a message of an older version has no button that could carry nothing', () => {
  const { key: _, ...old } = differs;
  expect(titles(old)).toEqual([]);
});

test('of a server with hundreds of rules some are shown and the rest is counted', () => {
  const [line] = differs.differences?.slice(1) ?? [];
  if (line?.group.found !== 'differs') throw new Error('no rules');
  const items = Array.from({ length: 300 }, (_, index) => ({
    what: `rule-${index}`,
    source: '203.0.113.7',
    copy: 'none',
  }));
  const many = { ...differs, differences: [{ ...line, group: { ...line.group, items } }] } as OutcomeMessage;
  expect(readTexts(cardOf(many))).toContain('and 288 more');
  expect(fact(many)).toBe('300 firewall rules');
});
