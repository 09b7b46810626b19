/**
 * The journal: append-only, numbered without gaps, each entry sealed to the one before it. Written in the transaction of
 * the change it records; the lock makes the writers of the chain wait for each other until they commit.
 */
import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { canonicalJson } from '../restore/canonical-json';
import type { JournalEntry } from '../restore/ports';

const journalLock = 7_263_002;
const genesis = '0'.repeat(64);

export interface ChainedEntry extends JournalEntry {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
}

/** What the hash covers: the entry itself, its number and the hash before it. */
const entryHash = (entry: JournalEntry, seq: number, prevHash: string): string =>
  createHash('sha256')
    .update(
      canonicalJson({
        seq,
        prevHash,
        at: entry.at,
        requestId: entry.requestId,
        kind: entry.kind,
        actor: entry.actor,
        body: entry.body,
      }),
    )
    .digest('hex');

export async function appendJournal(client: PoolClient, entry: JournalEntry): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [journalLock]);
  const { rows } = await client.query<{ seq: string; hash: string }>(
    'select seq, hash from journal order by seq desc limit 1',
  );
  const seq = Number(rows[0]?.seq ?? 0) + 1;
  const prevHash = rows[0]?.hash ?? genesis;
  await client.query(
    `insert into journal (seq, at, request_id, kind, actor, body, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      seq,
      entry.at,
      entry.requestId,
      entry.kind,
      JSON.stringify(entry.actor),
      JSON.stringify(entry.body),
      prevHash,
      entryHash(entry, seq, prevHash),
    ],
  );
}

/** The number of the first entry that does not fit the chain; undefined when all of them do. */
export function firstBrokenLink(entries: readonly ChainedEntry[]): number | undefined {
  let prevHash = genesis;
  let seq = 1;
  for (const entry of entries) {
    if (entry.seq !== seq || entry.prevHash !== prevHash || entry.hash !== entryHash(entry, seq, prevHash))
      return entry.seq;
    prevHash = entry.hash;
    seq += 1;
  }
  return undefined;
}
