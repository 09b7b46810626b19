/** The newest head of the journal, and how far heads were put down outside. */
import { headOf, type Head } from '../restore/evidence-entry';
import { query, type Database } from './database';
import { entryOf, type JournalRow } from './journal';

export interface Anchored {
  readonly seq: number;
  readonly at: string;
}

export interface Heads {
  /** Undefined while nothing is signed. */
  newest(): Promise<Head | undefined>;
  anchored(): Promise<Anchored>;
  noteAnchored(seq: number, at: string): Promise<void>;
  /** Whether a request has come to its end since this entry. */
  hasEnding(since: number): Promise<boolean>;
}

const endingSql = `select exists (
  select from journal where seq > $1
     and body ->> 'to' in ('completed', 'failed', 'stopped', 'rejected', 'withdrawn', 'expired')) as found`;

export const createHeads = ({ pool }: Database): Heads => ({
  newest: async () => {
    const [row] = await query<JournalRow>(pool, 'select * from journal order by seq desc limit 1');
    return row && headOf(entryOf(row));
  },
  anchored: async () => {
    const [row] = await query<{ seq: string; at: Date }>(pool, 'select seq, at from evidence_anchored');
    return { seq: Number(row?.seq ?? 0), at: (row?.at ?? new Date(0)).toISOString() };
  },
  noteAnchored: async (seq, at) => {
    await query(pool, 'update evidence_anchored set seq = $1, at = $2', [seq, at]);
  },
  hasEnding: async (since) => {
    const [row] = await query<{ found: boolean }>(pool, endingSql, [since]);
    return row?.found === true;
  },
});
