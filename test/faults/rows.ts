/** All rows that are commands. */
import { approverLists } from './rows/approver-lists';
import { forgedPayloads } from './rows/forged-payloads';
import { hostileText } from './rows/hostile-text';
import { racesRow } from './rows/races';
import { refusedTokens } from './rows/refused-tokens';
import { repeatedDeliveries } from './rows/repeated-deliveries';
import { replayedClicks } from './rows/replayed-clicks';
import type { Row } from './row';

export const rows: readonly Row[] = [
  forgedPayloads,
  replayedClicks,
  refusedTokens,
  approverLists,
  hostileText,
  racesRow,
  repeatedDeliveries,
];
