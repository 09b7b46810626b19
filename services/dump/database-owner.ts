/** Whom a database belongs to while it is loaded and afterwards, and who gets what nobody in the dump can own here. */
import { escapeIdentifier } from 'pg';
import type { LoadOrder } from '../restore/dump-ports';
import type { TocEntry } from './archive-toc';
import { lookAtDatabase } from './database';
import type { OrderRun } from './order-run';
import { holdOwners, successorOf, tooMuch } from './ownership';
import { serverMessage } from './sessions';

/**
 * Before anything is in it: the owner of a database may make things in its schema public. One that is ours goes to who owns
 * it in the dump, else to its keeper; another's stays theirs. Answers the owner, where the login of the order may act as it.
 */
export async function giveToOwner(
  { order, target, exclusively }: OrderRun,
  database: string,
  { entries, keeper }: { readonly entries: readonly TocEntry[]; readonly keeper: string },
): Promise<{ readonly owner?: string; readonly notes: readonly string[] }> {
  const standing = await target.asAdmin((admin) => lookAtDatabase(admin, database));
  if (standing?.isOwn !== true) return { notes: [] };
  const give = (owner: string): Promise<unknown> =>
    target.asAdmin((admin) =>
      admin.query(`alter database ${escapeIdentifier(database)} owner to ${escapeIdentifier(owner)}`),
    );
  const keeps = async (why?: string) => {
    await give(keeper);
    return {
      owner: keeper,
      notes: why === undefined ? [] : [`database ${database} belongs to ${keeper}: ${why}`],
    };
  };
  const inDump = entries.find(({ kind }) => kind === 'DATABASE')?.owner ?? '';
  if (order.choices.owners === 'drop' || inDump === '') return keeps();
  const owner = successorOf(order, inDump) ?? inDump;
  const { missing, tooPowerful } = await exclusively(() => holdOwners(target, order, [owner]));
  if (tooPowerful.length > 0) return keeps(`${owner} ${tooMuch}`);
  if (missing[0] !== undefined) return keeps(`${owner} ${missing[0].why}`);
  return give(owner).then(
    () => ({ owner, notes: [] }),
    (error: unknown) => keeps(serverMessage(error)),
  );
}

/** The one role that all of them are mapped to. What belonged to several cannot be told apart once it is loaded. */
export function heirOf(order: LoadOrder, tooPowerful: readonly string[]): string | undefined {
  const successors = new Set(tooPowerful.map((owner) => successorOf(order, owner)));
  return successors.size === 1 ? [...successors][0] : undefined;
}
