import { statusLook } from '../../../cards/status';
import type { StatusWord } from '../../../services/restore/state';
import { cardOf, ofType, sample } from './sample-messages';

test.each<[StatusWord, string, boolean]>([
  ['waiting', 'default', false],
  ['running', 'accent', false],
  ['proven', 'good', false],
  ['completed with warnings', 'warning', false],
  ['contradicted', 'attention', false],
  ['failed', 'attention', false],
  ['rejected', 'attention', false],
  ['withdrawn', 'default', true],
  ['expired', 'default', true],
])('%s is %s, struck through: %p', (status, color, struck) => {
  expect(statusLook(status)).toEqual({ color, struck });
});

test('only proven is green', () => {
  const words = ['waiting', 'running', 'completed with warnings', 'contradicted', 'failed'] as const;
  for (const word of words) expect(statusLook(word).color).not.toBe('good');
});

test.each([
  'answer',
  'answer-expired',
  'progress',
  'request-withdrawn',
  'request-expired',
  'request-rejected',
])('the status word on the card %s has the look of the table', (name) => {
  const message = sample(name) as { status: StatusWord };
  const [run] = ofType(cardOf(sample(name)), 'TextRun');
  expect(String(run?.['text'])).toContain(message.status);
  const { color, struck } = statusLook(message.status);
  expect(run).toMatchObject({ color, strikethrough: struck });
});
