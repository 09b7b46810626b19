/** What the bot has learned about conversations and people; the references are its own and opaque here. */
import { query, type Database } from './database';

export interface TeamsMember {
  /** The id by which Teams knows the person inside conversations. */
  readonly teamsId: string;
  readonly name: string;
}

export interface AddressBook {
  keepConversation(threadKey: string, reference: unknown): Promise<void>;
  conversation(threadKey: string): Promise<unknown>;
  keepMember(aadObjectId: string, member: TeamsMember): Promise<void>;
  members(aadObjectIds: readonly string[]): Promise<ReadonlyMap<string, TeamsMember>>;
}

/** Nearly every message brings what is stored already; this many answers are remembered before it is asked anew. */
const mostRemembered = 10_000;

/** Runs `store` only for what this process has not stored the same way before. */
function unlessStored(): (key: string, value: unknown, store: () => Promise<void>) => Promise<void> {
  const stored = new Map<string, string>();
  return async (key, value, store) => {
    const text = JSON.stringify(value);
    if (stored.get(key) === text) return;
    await store();
    if (stored.size >= mostRemembered) stored.clear();
    stored.set(key, text);
  };
}

export function createAddressBook(database: Database): AddressBook {
  const { pool } = database;
  const once = unlessStored();
  return {
    keepConversation: (threadKey, reference) =>
      once(`conversation ${threadKey}`, reference, async () => {
        await query(
          pool,
          `insert into conversation (thread_key, reference) values ($1, $2)
         on conflict (thread_key) do update set reference = excluded.reference, updated_at = now()`,
          [threadKey, JSON.stringify(reference)],
        );
      }),
    conversation: async (threadKey) => {
      const [row] = await query<{ reference: unknown }>(
        pool,
        'select reference from conversation where thread_key = $1',
        [threadKey],
      );
      return row?.reference;
    },
    keepMember: (aadObjectId, member) =>
      once(`member ${aadObjectId}`, member, async () => {
        await query(
          pool,
          `insert into teams_member (aad_object_id, teams_id, name) values ($1, $2, $3)
         on conflict (aad_object_id) do update set teams_id = excluded.teams_id, name = excluded.name, updated_at = now()
           where (teams_member.teams_id, teams_member.name) is distinct from (excluded.teams_id, excluded.name)`,
          [aadObjectId, member.teamsId, member.name],
        );
      }),
    members: async (aadObjectIds) => {
      const rows = await query<{ aad_object_id: string; teams_id: string; name: string }>(
        pool,
        'select aad_object_id, teams_id, name from teams_member where aad_object_id = any($1)',
        [aadObjectIds],
      );
      return new Map(rows.map((row) => [row.aad_object_id, { teamsId: row.teams_id, name: row.name }]));
    },
  };
}
