/** What became of a request, as chat tells it and as the page beside the exported file does. */
import { chained, fileOf, story, told } from '../../fakes/evidence-chain';
import { evidencePage } from '../../../services/restore/evidence-page';
import { martin } from '../../fakes/facts';
import { readEvidence } from '../../../services/restore/evidence-shape';
import { sayTimeline } from '../../../services/timeline-answer';
import type { JournalEntry } from '../../../services/restore/ports';

const ofOne = story().filter(({ requestId }) => requestId === 'R-1');

test('the timeline tells what, when and who, and counts what was said', () => {
  const { title, lines } = sayTimeline('R-1', ofOne);
  expect(title).toBe('Timeline of R-1');
  expect(lines[0]).toMatchObject({
    text: expect.stringMatching(/^asked for the restore, plan/) as string,
    detail: expect.stringMatching(/2026-11-19 13:01:00 UTC · Ines/) as string,
  });
  expect(lines.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^approved plan .*: "für <b>/),
      expect.stringMatching(/^sent to Azure: PUT \/subscriptions/),
      "Azure's answer: accepted, operation op-1",
      'proof: proven',
    ]),
  );
  expect(lines.at(-1)?.text).toBe('1 messages posted, edited 0 times');
});

test('a long story fits on a phone: how it began, how many steps are left out, and the newest', () => {
  const many: JournalEntry[] = Array.from({ length: 200 }, (_, nth) =>
    told(nth, 'part-ended-with-more', { nth, comment: 'x'.repeat(500) }, { actor: martin }),
  );
  const { lines } = sayTimeline('R-1', [...ofOne, ...many]);
  expect(lines.length).toBeLessThanOrEqual(26);
  expect(lines[0]?.text).toMatch(/^asked for/);
  expect(lines[1]?.text).toBe('181 more steps');
  expect(lines.every(({ text }) => text.length <= 160)).toBe(true);
  expect(lines.at(-2)).toMatchObject({
    text: 'part ended with more',
    detail: expect.stringContaining('Martin') as string,
  });
});

test('an entry of any make is told: no body is needed, and none can break the words', () => {
  const kinds = [
    'requested',
    'approved-by',
    'order-sent',
    'order-answered',
    'looked-at',
    'failed',
    'message-posted',
  ];
  for (const body of [{}, { verdict: null, request: 'x', operation: [], planHash: 7, comment: {} }]) {
    const { lines } = sayTimeline(
      'R-1',
      kinds.map((kind) => told(1, kind, body)),
    );
    expect(lines.every(({ text }) => text !== '' && !text.includes('undefined'))).toBe(true);
  }
});

test('nothing that somebody wrote becomes markup on the page, and the page loads nothing', () => {
  const hostile = `<script>alert(1)</script><img src=x onerror="x">'"&\u202E`;
  const entries = story().map((entry, index) =>
    index === 3
      ? { ...entry, actor: { ...martin, name: hostile }, body: { ...entry.body, comment: hostile } }
      : entry,
  );
  const page = evidencePage(fileOf(chained(entries)).parts);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toMatch(/<script|<img|<link|<iframe|\u202E/);
  expect(page).toContain(`default-src 'none'`);
  for (const words of ['Round 1', 'Ines', '1+a', 'op-1', 'proven', 'canadacentral'])
    expect(page).toContain(words);
});

test('the page is the same whether it is made from the journal or from the file', () => {
  const { parts, text } = fileOf(chained(story()));
  const read = readEvidence(text);
  expect(read.kind === 'parts' && evidencePage(read.parts)).toBe(evidencePage(parts));
});
