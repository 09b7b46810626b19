/** Gets a database ready to be loaded: made, or found empty, or cleared of what an earlier try left. */
import type { Client } from 'pg';
import { partKey, type BegunPart, type LoadOrder } from '../restore/dump-ports';
import { problem } from '../restore/errors';
import type { TocEntry } from './archive-toc';
import {
  createDatabase,
  databaseMark,
  dropDatabase,
  isEmptyDatabase,
  lookAtDatabase,
  readGuests,
  removalStatements,
  type StandingDatabase,
} from './database';
import { dropIdleKeepers } from './keeper';
import type { DatabasePart, FailedPart, OrderRun } from './order-run';
import { endFormerSessions, inSession, isDiskFull, isLost, serverMessage, type Target } from './sessions';
import { orderLoginName } from './standing-roles';

export type Prepared = { readonly kind: 'ready'; readonly notes: readonly string[] } | FailedPart;

const failed = (because: FailedPart['because']): FailedPart => ({ kind: 'failed', because, failures: [] });

/**
 * `begun`: what an earlier try, of this process or of one before, has stored. The part is told as begun before anything is
 * made on the server.
 */
export async function prepareDatabase(
  run: OrderRun,
  part: DatabasePart,
  begun: BegunPart | undefined,
  entries: readonly TocEntry[],
  onBegun: (how: BegunPart) => void,
): Promise<Prepared> {
  const { target, order } = run;
  const { database } = part;
  return target.asAdmin(async (admin) => {
    const standing = await lookAtDatabase(admin, database);
    if (begun === undefined) {
      // One with our mark is what an earlier round of the same order left unfinished.
      const isLeft = standing?.comment === databaseMark(order.key);
      if (standing !== undefined && !isLeft && !(await isEmpty(target, database))) {
        return failed(problem('DATABASE_NOT_EMPTY', { database }));
      }
      const how = { existed: standing !== undefined && !isLeft };
      await run.watch.begun(part, how);
      onBegun(how);
      if (how.existed) return { kind: 'ready', notes: [] };
      return isLeft ? makeAnew(admin, order, database, entries) : make(admin, order, database, entries);
    }
    if (begun.existed) return clear(run, database, standing !== undefined, entries, admin);
    if (standing !== undefined) {
      if (!(await isOurs(target, order.key, database, standing))) {
        return failed(problem('DATABASE_NOT_OURS', { database }));
      }
      return makeAnew(admin, order, database, entries);
    }
    return make(admin, order, database, entries);
  });
}

const isEmpty = (target: Target, database: string): Promise<boolean> =>
  inSession(target, database, isEmptyDatabase);

/** Death between making and marking leaves an empty one of our login's, without any mark: another's is never taken for it. */
const isOurs = async (
  target: Target,
  key: string,
  database: string,
  { comment, isOwn }: StandingDatabase,
): Promise<boolean> =>
  comment === databaseMark(key) || (comment === '' && isOwn && (await isEmpty(target, database)));

/** What is half loaded may be of use to somebody already: it is not taken from under them. */
async function makeAnew(
  admin: Client,
  order: LoadOrder,
  database: string,
  entries: readonly TocEntry[],
): Promise<Prepared> {
  const login = orderLoginName(order.key);
  await endFormerSessions(admin, login, database);
  const guests = await readGuests(admin, database, [login]);
  if (guests.length > 0) return failed(problem('DATABASE_IN_USE', { database, roles: guests }));
  await dropDatabase(admin, database);
  return make(admin, order, database, entries);
}

async function make(
  admin: Client,
  order: LoadOrder,
  database: string,
  entries: readonly TocEntry[],
): Promise<Prepared> {
  try {
    const entry = entries.find(({ kind }) => kind === 'DATABASE');
    return { kind: 'ready', notes: await createDatabase(admin, database, order.key, entry) };
  } catch (error) {
    if (isLost(error)) throw error;
    const why = serverMessage(error);
    return isDiskFull((error as { code?: string }).code, why)
      ? failed(problem('LOAD_SERVER_FULL', { database }))
      : failed(problem('DATABASE_NOT_MADE', { database, why }));
  }
}

/** It was empty and somebody's before the first try: only what the dump names is taken away, and it stays theirs. */
async function clear(
  run: OrderRun,
  database: string,
  isThere: boolean,
  entries: readonly TocEntry[],
  admin: Client,
): Promise<Prepared> {
  if (!isThere) return make(admin, run.order, database, entries);
  // Of a try whose connection was cut the other end may still work.
  await endFormerSessions(admin, run.door.login, database);
  // What a dump says of how to drop things is code like all of it.
  await inSession(run.door, database, async (client) => {
    for (const statement of removalStatements(entries)) {
      // What it could not take away is seen right after.
      await client.query(statement).catch((error: unknown) => {
        if (isLost(error)) throw error;
      });
    }
  });
  return (await isEmpty(run.target, database))
    ? { kind: 'ready', notes: [] }
    : failed(problem('DATABASE_NOT_CLEARED', { database }));
}

/** Databases that tries of this order made and did not finish; answers their names. */
export async function removeUnfinishedDatabases(
  admin: Client,
  target: Target,
  order: LoadOrder,
): Promise<string[]> {
  const removed: string[] = [];
  for (const part of order.parts) {
    const begun = order.begun[partKey(part)];
    if (part.kind !== 'database' || begun === undefined || begun.existed) continue;
    if (order.ended.includes(partKey(part))) continue;
    const standing = await lookAtDatabase(admin, part.database);
    if (standing === undefined || !(await isOurs(target, order.key, part.database, standing))) continue;
    await dropDatabase(admin, part.database);
    await dropIdleKeepers(admin, part.database);
    removed.push(part.database);
  }
  return removed;
}
