/** The one table of state words, colours and whether they are struck through. */
import type { StatusWord } from '../services/restore/state';

export type CardColor = 'default' | 'accent' | 'good' | 'warning' | 'attention';

interface Look {
  readonly color: CardColor;
  /** Said by the text run, not by markdown: clients differ in whether they know `~~`. */
  readonly struck: boolean;
}

const table: Readonly<Record<StatusWord, Look>> = {
  waiting: { color: 'default', struck: false },
  running: { color: 'accent', struck: false },
  proven: { color: 'good', struck: false },
  'completed with warnings': { color: 'warning', struck: false },
  'completed with errors': { color: 'attention', struck: false },
  contradicted: { color: 'attention', struck: false },
  failed: { color: 'attention', struck: false },
  rejected: { color: 'attention', struck: false },
  withdrawn: { color: 'default', struck: true },
  expired: { color: 'default', struck: true },
};

export const statusLook = (status: StatusWord): Look => table[status];
