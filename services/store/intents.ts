/** Intents: the stored promises to order one server, and the single facts that become known of them. */
import type { EvidenceSigner } from '../restore/evidence-ports';
import type { Intent, JournalEntry, Store } from '../restore/ports';
import { inTransaction, query, type Database } from './database';
import { appendJournal } from './journal';

interface IntentRow {
  nonce: string;
  target_id: string;
  moment: Date;
  created_at: Date;
  sendings: number;
  last_sent_at: Date | null;
  operation_url: string | null;
  accepted_at: Date | null;
  job_id: string | null;
  absent_since: Date | null;
  name_seen_taken: boolean;
  ready_seen_at: Date | null;
  removal_sent_at: Date | null;
}

const optional = <K extends string>(key: K, value: Date | null): Partial<Record<K, string>> =>
  (value === null ? {} : { [key]: value.toISOString() }) as Partial<Record<K, string>>;

async function readIntent(
  database: Database,
  requestId: string,
  revision: number,
  attempt: number,
): Promise<Intent | undefined> {
  const [row] = await query<IntentRow>(
    database.pool,
    'select * from start_intent where request_id = $1 and revision = $2 and attempt = $3',
    [requestId, revision, attempt],
  );
  if (!row) return undefined;
  return {
    requestId,
    revision,
    attempt,
    nonce: row.nonce,
    targetId: row.target_id,
    moment: row.moment.toISOString(),
    createdAt: row.created_at.toISOString(),
    sendings: row.sendings,
    nameSeenTaken: row.name_seen_taken,
    ...optional('lastSentAt', row.last_sent_at),
    ...optional('acceptedAt', row.accepted_at),
    ...optional('absentSince', row.absent_since),
    ...optional('readySeenAt', row.ready_seen_at),
    ...optional('removalSentAt', row.removal_sent_at),
    ...(row.operation_url === null ? {} : { operation: row.operation_url }),
    ...(row.job_id === null ? {} : { jobId: row.job_id }),
  };
}

const ofIntent = 'request_id = $1 and revision = $2 and attempt = $3';
const keyOf = ({ requestId, revision, attempt }: Intent): unknown[] => [requestId, revision, attempt];

const noteSql = (set: string): string => `update start_intent set ${set} where ${ofIntent}`;

async function note(database: Database, intent: Intent, set: string, values: unknown[] = []): Promise<void> {
  await query(database.pool, noteSql(set), [...keyOf(intent), ...values]);
}

/** A fact and its entry in the journal, together or not at all. */
interface Recorded {
  readonly database: Database;
  readonly signer: EvidenceSigner;
  readonly entry: JournalEntry;
}

const noteRecorded = (
  { database, signer, entry }: Recorded,
  intent: Intent,
  set: string,
  values: unknown[] = [],
): Promise<void> =>
  inTransaction(database.pool, async (client) => {
    await client.query(noteSql(set), [...keyOf(intent), ...values]);
    await appendJournal(client, signer, [entry]);
  });

/**
 * The count that was read is the guard: of several workers that read the same one, one may send. And only for the attempt
 * that the request is ordering with: once a stop is stored nothing more is sent.
 */
const noteSending = ({ database, signer, entry }: Recorded, intent: Intent, at: string): Promise<boolean> =>
  inTransaction(database.pool, async (client) => {
    const { rowCount } = await client.query(sendingSql, [...keyOf(intent), at, intent.sendings]);
    if (rowCount !== 1) return false;
    await appendJournal(client, signer, [entry]);
    return true;
  });

const sendingSql = `update start_intent set sendings = sendings + 1, last_sent_at = $4, absent_since = null
      where ${ofIntent} and sendings = $5
        and exists (select from restore_request r
                     where r.id = $1 and r.phase = 'ordering' and (r.body ->> 'revision')::int = $2
                       and (r.body -> 'state' -> 'run' ->> 'attempt')::int = $3 for share)`;

type IntentStore = Pick<
  Store,
  | 'intent'
  | 'noteSending'
  | 'noteReadySeen'
  | 'noteRemovalSent'
  | 'noteAccepted'
  | 'noteTurnedAway'
  | 'noteNameTaken'
  | 'noteAbsent'
>;

export const createIntentStore = (database: Database, signer: EvidenceSigner): IntentStore => ({
  intent: (requestId, revision, attempt) => readIntent(database, requestId, revision, attempt),
  noteSending: (intent, at, entry) => noteSending({ database, signer, entry }, intent, at),
  noteReadySeen: (intent, at) => note(database, intent, 'ready_seen_at = coalesce(ready_seen_at, $4)', [at]),
  noteRemovalSent: (intent, at, entry) =>
    noteRecorded({ database, signer, entry }, intent, 'removal_sent_at = $4', [at]),
  noteAccepted: (intent, operation, at, entry) =>
    noteRecorded(
      { database, signer, entry },
      intent,
      'operation_url = coalesce(operation_url, $4), accepted_at = coalesce(accepted_at, $5)',
      [operation ?? null, at],
    ),
  noteTurnedAway: (intent, entry) =>
    noteRecorded({ database, signer, entry }, intent, 'sendings = sendings - 1'),
  noteNameTaken: (intent) => note(database, intent, 'name_seen_taken = true, absent_since = null'),
  noteAbsent: (intent, since) => note(database, intent, 'absent_since = $4', [since]),
});
