/** The last line of the progress card: whether it lives, or why it waits or ended. */
import { cardOf, readTexts, sample } from './sample-messages';
import type { ProgressMessage } from '../../../services/restore/messages';
import type { StatusWord } from '../../../services/restore/state';

const shown = (status: StatusWord, note: string): string => {
  const message: ProgressMessage = {
    ...(sample('progress-can-be-stopped') as ProgressMessage),
    status,
    note,
  };
  return readTexts(cardOf(message)).join('\n');
};

test.each([
  ['waiting', 'The first copy has not arrived yet; asked again at 13:36'],
  ['withdrawn', 'Stopped; the half-built server was deleted'],
] as const)('a restore that is %s says why', (status, note) => {
  expect(shown(status, note)).toContain(note);
  expect(shown(status, note)).not.toContain('sign of life');
});

test('one that runs shows its last sign of life, and one that ended leaves the end to its own card', () => {
  expect(shown('running', 'on its way')).toMatch(/Last sign of life 12 s ago · on its way/);
  expect(shown('proven', 'on its way')).not.toMatch(/sign of life|on its way/);
});
