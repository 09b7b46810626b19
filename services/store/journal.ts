/**
 * The journal: append-only, numbered without gaps, each entry sealed to the one before it and to the one before it of its
 * request, and signed. Written in the transaction of the change it records; the lock makes the writers of the chain wait
 * for each other until they commit.
 */
import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import {
  contentOf,
  genesis,
  sealOf,
  signedWords,
  type ChainedEntry,
  type OwnLink,
} from '../restore/evidence-entry';
import type { EvidenceSigner, PublicKey } from '../restore/evidence-ports';
import type { JournalEntry } from '../restore/ports';
import { query, type Database } from './database';

const journalLock = 7_263_002;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Heads {
  seq: string;
  hash: string;
  request_seq: string | null;
  request_hash: string | null;
}

/** The newest entry of all, and the newest of this request. */
const headsSql = `select newest.seq, newest.hash, own.request_seq, own.hash as request_hash
  from (select seq, hash from journal order by seq desc limit 1) newest
  left join lateral (select request_seq, hash from journal where request_id = $1 order by request_seq desc limit 1) own on true`;

const ownLink = (requestId: string | null, heads: Heads | undefined): OwnLink | null =>
  requestId === null
    ? null
    : { seq: Number(heads?.request_seq ?? 0) + 1, prevHash: heads?.request_hash ?? genesis };

export async function appendJournal(
  client: PoolClient,
  signer: EvidenceSigner,
  entry: JournalEntry,
): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [journalLock]);
  const { rows } = await client.query<Heads>(headsSql, [entry.requestId]);
  const [heads] = rows;
  const { requestId, kind, actor, body } = entry;
  // As it will be read again.
  const at = new Date(entry.at).toISOString();
  const [seq, prevHash] = [Number(heads?.seq ?? 0) + 1, heads?.hash ?? genesis];
  const own = ownLink(requestId, heads);
  const content = contentOf({ actor, body, kind, own }, sha256);
  const hash = sealOf({ seq, at, keyId: signer.keyId, requestId, prevHash, content }, sha256);
  await client.query(
    `insert into journal (seq, at, request_id, kind, actor, body, prev_hash, hash,
                          format, request_seq, request_prev_hash, key_id, signature)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 2, $9, $10, $11, $12)`,
    [
      ...[seq, at, requestId, kind, JSON.stringify(actor), JSON.stringify(body), prevHash, hash],
      ...[own?.seq ?? null, own?.prevHash ?? null, signer.keyId, signer.sign(signedWords({ seq, at, hash }))],
    ],
  );
}

/** A row of the table; whoever reads it elsewhere turns it into an entry with `entryOf`. */
export interface JournalRow {
  seq: string;
  at: Date;
  request_id: string | null;
  kind: string;
  actor: JournalEntry['actor'];
  body: Record<string, unknown>;
  prev_hash: string;
  hash: string;
  format: number;
  request_seq: string | null;
  request_prev_hash: string | null;
  key_id: string | null;
  signature: string | null;
}

export function entryOf(row: JournalRow): ChainedEntry {
  const { kind, actor, body, hash, request_seq, request_prev_hash } = row;
  const linked = {
    seq: Number(row.seq),
    at: row.at.toISOString(),
    ...{ requestId: row.request_id, kind, actor, body, prevHash: row.prev_hash, hash },
    own: request_seq === null ? null : { seq: Number(request_seq), prevHash: request_prev_hash ?? '' },
  };
  return row.format === 1
    ? { ...linked, format: 1 }
    : { ...linked, format: 2, keyId: row.key_id ?? '', signature: row.signature ?? '' };
}

/** What was told of a request, in order. */
export async function readHistory(database: Database, requestId: string): Promise<ChainedEntry[]> {
  const rows = await query<JournalRow>(
    database.pool,
    'select * from journal where request_id = $1 order by request_seq',
    [requestId],
  );
  return rows.map(entryOf);
}

/** Makes the public half known before anything is signed with the other. */
export async function keepPublicKey(database: Database, { keyId, publicKey }: PublicKey): Promise<void> {
  await query(
    database.pool,
    'insert into evidence_key (key_id, public_key) values ($1, $2) on conflict do nothing',
    [keyId, publicKey],
  );
}
