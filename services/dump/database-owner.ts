/** Whom a database belongs to while it is loaded and afterwards, and who gets what nobody in the dump can own here. */
import { escapeIdentifier, type Client } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import type { TocEntry } from './archive-toc';
import type { OrderRun } from './order-run';
import { holdOwners, successorOf, tooMuch } from './ownership';
import { inSession, serverMessage } from './sessions';

/** Who shall own a database; `why` says why it cannot be who owned it in the dump. */
export interface OwnerToBe {
  readonly name?: string;
  readonly why?: string;
}

/** The owner that the dump names, held like those of its objects. */
export async function holdDatabaseOwner(
  { order, target, exclusively }: OrderRun,
  entries: readonly TocEntry[],
): Promise<OwnerToBe> {
  const inDump = entries.find(({ kind }) => kind === 'DATABASE')?.owner ?? '';
  if (order.choices.owners === 'drop' || inDump === '') return {};
  const name = successorOf(order, inDump) ?? inDump;
  const { missing, tooPowerful } = await exclusively(() => holdOwners(target, order, [name]));
  if (tooPowerful.length > 0) return { why: `${name} ${tooMuch}` };
  return missing[0] === undefined ? { name } : { why: `${name} ${missing[0].why}` };
}

interface Standing {
  readonly owner: string;
  readonly isOurs: boolean;
  /** The login of the order may act as its owner. */
  readonly isHeld: boolean;
  /** Our own login may. */
  readonly isWithinReach: boolean;
}

async function readStanding(admin: Client, database: string, login: string): Promise<Standing | undefined> {
  const { rows } = await admin.query<Standing>(
    `select r.rolname as owner, r.rolname = session_user as "isOurs", pg_has_role($2::name, r.oid, 'member') as "isHeld",
      pg_has_role(session_user, r.oid, 'member') as "isWithinReach"
      from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1`,
    [database, login],
  );
  return rows[0];
}

/**
 * Before anything is in it: the owner of a database may make things in its schema public. One that is ours goes to who owns
 * it in the dump, else to its keeper; so does an empty one of an owner that only our own login may act as. Another's stays
 * theirs. Answers the owner, where the login of the order may act as it.
 */
export async function giveToOwner(
  { door, target }: OrderRun,
  database: string,
  { wanted, keeper }: { readonly wanted: OwnerToBe; readonly keeper: string },
): Promise<{ readonly owner?: string; readonly notes: readonly string[] }> {
  const standing = await target.asAdmin((admin) => readStanding(admin, database, door.login));
  if (standing === undefined || (!standing.isOurs && !standing.isHeld && !standing.isWithinReach))
    return { notes: [] };
  const given = standing.isHeld ? { owner: standing.owner, notes: [] } : await give();
  await inSession(target, database, (client) => openPublic(client, door.login, given.owner));
  if (standing.isOurs || standing.isHeld) return given;
  return { ...given, notes: [...given.notes, `database ${database} belonged to ${standing.owner} before`] };

  async function give(): Promise<{ readonly owner: string; readonly notes: readonly string[] }> {
    const giveTo = (owner: string): Promise<unknown> =>
      target.asAdmin((admin) =>
        admin.query(`alter database ${escapeIdentifier(database)} owner to ${escapeIdentifier(owner)}`),
      );
    let { why } = wanted;
    const { name } = wanted;
    if (name !== undefined) {
      try {
        await giveTo(name);
        return { owner: name, notes: [] };
      } catch (error) {
        why = serverMessage(error);
      }
    }
    await giveTo(keeper);
    const notes = why === undefined ? [] : [`database ${database} belongs to ${keeper}: ${why}`];
    return { owner: keeper, notes };
  }
}

/** Where the schema public is a group's of administrators, the owner of a database may make nothing in it. */
async function openPublic(client: Client, login: string, owner: string): Promise<void> {
  const { rows } = await client.query<{ isClosed: boolean; hasStandard: boolean }>(
    `select not has_schema_privilege($1::name, n.oid, 'create with grant option') as "isClosed",
      exists (select from pg_roles where rolname = 'pg_database_owner') as "hasStandard"
      from pg_namespace n where n.nspname = 'public'`,
    [login],
  );
  if (rows[0]?.isClosed !== true) return;
  const to = rows[0].hasStandard ? 'pg_database_owner' : escapeIdentifier(owner);
  // What needs it says so when it is made.
  await client.query(`alter schema public owner to ${to}`).catch(() => undefined);
}

/** The one role that all of them are mapped to. What belonged to several cannot be told apart once it is loaded. */
export function heirOf(order: LoadOrder, tooPowerful: readonly string[]): string | undefined {
  const successors = new Set(tooPowerful.map((owner) => successorOf(order, owner)));
  return successors.size === 1 ? [...successors][0] : undefined;
}
