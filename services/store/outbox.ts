/** Reading side of the outbox: what still has to be sent, and what was sent where. */
import type { Pool } from 'pg';
import type { EvidenceSigner } from '../restore/evidence-ports';
import type { Destination, JournalEntry, MessageRef, OutboxMessage } from '../restore/ports';
import type { Message } from '../restore/messages';
import { inTransaction, query, type Database } from './database';
import { grouped, type Writes } from './grouped';
import { appendJournal } from './journal';

export interface OutboxSlot {
  readonly slot: string;
  readonly requestId: string | null;
  readonly destination: Destination;
  readonly message: Message;
  readonly pace: OutboxMessage['pace'];
  /** Counts versions asked for and the last one that reached people. */
  readonly wanted: number;
  readonly sent: number;
  readonly ref?: MessageRef;
  readonly copies: readonly MessageRef[];
  readonly lastSentAt?: string;
}

export interface Outbox {
  read(slot: string): Promise<OutboxSlot | undefined>;
  /** The slot whose message, or further copy, this is. */
  slotOf(ref: MessageRef): Promise<string | undefined>;
  /** `entry` goes into the journal with it. */
  noteSent(slot: string, version: number, ref: MessageRef, entry: JournalEntry): Promise<void>;
  /** This version will never reach anybody. */
  giveUp(slot: string, version: number): Promise<void>;
  /**
   * A message of this slot that nobody had written down: its post succeeded but its answer was lost. One that is known as the
   * message of another slot stays that, whatever the card in it says: it would be edited into the wrong card for everybody.
   */
  noteCopy(slot: string, ref: MessageRef): Promise<boolean>;
  forgetCopy(slot: string, ref: MessageRef): Promise<void>;
  /** Slots with something unsent for longer than `seconds`. */
  overdue(seconds: number): Promise<readonly string[]>;
}

interface OutboxRow {
  slot: string;
  request_id: string | null;
  destination: Destination;
  message: Message;
  pace: OutboxMessage['pace'];
  wanted: number;
  sent: number;
  ref: MessageRef | null;
  last_sent_at: Date | null;
  copies: MessageRef[] | null;
}

const readSql = `select o.*, (select jsonb_agg(c.ref) from outbox_copy c where c.slot = o.slot) as copies
  from outbox o where o.slot = $1`;

/** Ids of messages are their conversation's own; those of two may be the same. */
const slotOfSql = `select slot from
  (select slot, ref from outbox where ref ->> 'messageId' = $2 and ref is not null
   union all select slot, ref from outbox_copy where message_id = $2) known
  where ref ->> 'conversation' = $1 limit 1`;

const toSlot = (row: OutboxRow): OutboxSlot => ({
  slot: row.slot,
  requestId: row.request_id,
  destination: row.destination,
  message: row.message,
  pace: row.pace,
  wanted: row.wanted,
  sent: row.sent,
  copies: row.copies ?? [],
  ...(row.ref === null ? {} : { ref: row.ref }),
  ...(row.last_sent_at === null ? {} : { lastSentAt: row.last_sent_at.toISOString() }),
});

interface Sent {
  readonly slot: string;
  readonly version: number;
  readonly ref: MessageRef;
  readonly entry: JournalEntry;
}

const sentSql = 'update outbox set sent = $2, ref = $3, last_sent_at = now() where slot = $1';

/** Slots that somebody is changing are left out: who holds one row and waits for another may be waited for by its holder. */
const allSentSql = `with free as (select slot from outbox where slot = any($2) for update skip locked)
  update outbox o set sent = s.version, ref = s.ref, last_sent_at = now()
    from jsonb_to_recordset($1) as s (slot text, version int, ref jsonb), free
   where o.slot = s.slot and free.slot = s.slot
  returning o.slot`;

/** A message that was sent, and its entry in the journal. */
const sentWrites = (pool: Pool, signer: EvidenceSigner): Writes<Sent> => ({
  together: (all) =>
    inTransaction(pool, async (client) => {
      const messages = all.map(({ slot, version, ref }) => ({ slot, version, ref }));
      const { rows } = await client.query<{ slot: string }>(allSentSql, [
        JSON.stringify(messages),
        all.map(({ slot }) => slot),
      ]);
      const noted = new Set(rows.map(({ slot }) => slot));
      const entries = all.filter(({ slot }) => noted.has(slot)).map(({ entry }) => entry);
      await appendJournal(client, signer, entries);
      return all.filter(({ slot }) => !noted.has(slot));
    }),
  alone: ({ slot, version, ref, entry }) =>
    inTransaction(pool, async (client) => {
      await client.query(sentSql, [slot, version, JSON.stringify(ref)]);
      await appendJournal(client, signer, [entry]);
    }),
});

export function createOutbox(database: Database, signer: EvidenceSigner): Outbox {
  const { pool } = database;
  const noteSent = grouped(sentWrites(pool, signer));
  return {
    read: async (slot) => {
      const [row] = await query<OutboxRow>(pool, readSql, [slot]);
      return row && toSlot(row);
    },
    slotOf: async ({ conversation, messageId }) => {
      const [row] = await query<{ slot: string }>(pool, slotOfSql, [conversation, messageId]);
      return row?.slot;
    },
    noteSent: (slot, version, ref, entry) => noteSent({ slot, version, ref, entry }),
    giveUp: async (slot, version) => {
      await query(pool, 'update outbox set sent = $2 where slot = $1', [slot, version]);
    },
    noteCopy: async (slot, ref) => {
      const added = await query(
        pool,
        `insert into outbox_copy (slot, ref, message_id)
         select slot, $2, $3 from outbox where slot = $1 and (ref is null or ref ->> 'messageId' <> $3)
           and not exists (select from outbox other where other.ref ->> 'messageId' = $3 and other.ref is not null)
         on conflict do nothing returning slot`,
        [slot, JSON.stringify(ref), ref.messageId],
      );
      return added.length > 0;
    },
    forgetCopy: async (slot, ref) => {
      await query(pool, 'delete from outbox_copy where slot = $1 and message_id = $2', [slot, ref.messageId]);
    },
    overdue: async (seconds) => {
      const rows = await query<{ slot: string }>(
        pool,
        `select slot from outbox where sent < wanted and changed_at < now() - make_interval(secs => $1) limit 1000`,
        [seconds],
      );
      return rows.map(({ slot }) => slot);
    },
  };
}
