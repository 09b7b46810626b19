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

interface HeadRow {
  /** Null for the newest entry of all. */
  request_id: string | null;
  seq: string;
  hash: string;
}

/** The newest entry of all, and the newest of each of these requests, counted within it. */
const headsSql = `(select null as request_id, seq, hash from journal order by seq desc limit 1)
  union all
  select own.request_id, own.request_seq, own.hash from unnest($1::text[]) wanted (id)
    cross join lateral (select request_id, request_seq, hash from journal
                         where request_id = wanted.id order by request_seq desc limit 1) own`;

const insertSql = `insert into journal (seq, at, request_id, kind, actor, body, prev_hash, hash,
                     format, request_seq, request_prev_hash, key_id, signature)
  select seq, at, request_id, kind, actor, body, prev_hash, hash, 2, request_seq, request_prev_hash, key_id, signature
    from jsonb_to_recordset($1) as entry (seq bigint, at timestamptz, request_id text, kind text, actor jsonb, body jsonb,
      prev_hash text, hash text, request_seq bigint, request_prev_hash text, key_id text, signature text)
   order by seq`;

interface Link {
  readonly seq: number;
  readonly hash: string;
}

const start: Link = { seq: 0, hash: genesis };

/** Where the chains stand, by request; the chain of all by null. */
type Ends = Map<string | null, Link>;

/** The entry as a row, linked to the ends of both its chains, which it moves on. */
function link(ends: Ends, signer: EvidenceSigner, entry: JournalEntry): object {
  const { requestId, kind, actor, body } = entry;
  const [before, ownBefore] = [ends.get(null) ?? start, ends.get(requestId) ?? start];
  // As it will be read again.
  const at = new Date(entry.at).toISOString();
  const [seq, prevHash, { keyId }] = [before.seq + 1, before.hash, signer];
  const own: OwnLink | null =
    requestId === null ? null : { seq: ownBefore.seq + 1, prevHash: ownBefore.hash };
  const content = contentOf({ actor, body, kind, own }, sha256);
  const hash = sealOf({ seq, at, keyId, requestId, prevHash, content }, sha256);
  ends.set(null, { seq, hash });
  if (own) ends.set(requestId, { seq: own.seq, hash });
  return {
    ...{ seq, at, request_id: requestId, kind, actor, body, prev_hash: prevHash, hash },
    ...{ request_seq: own?.seq ?? null, request_prev_hash: own?.prevHash ?? null },
    ...{ key_id: keyId, signature: signer.sign(signedWords({ seq, at, hash })) },
  };
}

/** Nothing that can wait may come after it in the transaction: everybody who writes here waits for its commit. */
export async function appendJournal(
  client: PoolClient,
  signer: EvidenceSigner,
  entries: readonly JournalEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const requests = new Set(entries.flatMap(({ requestId }) => requestId ?? []));
  await client.query('select pg_advisory_xact_lock($1)', [journalLock]);
  const { rows } = await client.query<HeadRow>(headsSql, [[...requests]]);
  const ends: Ends = new Map(
    rows.map(({ request_id, seq, hash }) => [request_id, { seq: Number(seq), hash }]),
  );
  const linked = entries.map((entry) => link(ends, signer, entry));
  await client.query(insertSql, [JSON.stringify(linked)]);
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
