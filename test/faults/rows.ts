/** All rows that are commands. */
import { forgedPayloads } from './rows/forged-payloads';
import { racesRow } from './rows/races';
import { replayedClicks } from './rows/replayed-clicks';
import type { Row } from './row';

export const rows: readonly Row[] = [forgedPayloads, replayedClicks, racesRow];
