/** Loads the file of one database, whatever kind it is, and begins anew when the server was away in between. */
import { setTimeout as pause } from 'node:timers/promises';
import { open, stat } from 'node:fs/promises';
import { partKey, type BegunPart, type DumpContents, type PartResult } from '../restore/dump-ports';
import { DeskError, problem, type Problem } from '../restore/errors';
import { ownersOf } from './archive-owners';
import { openArchive, type ArchiveFile } from './archive-file';
import { loadArchive, toShow, type Loaded } from './archive-load';
import { UnreadableArchive } from './batches';
import { readContents } from './contents';
import { ConnectionLost } from './data';
import { unmarkDatabase } from './database';
import { giveToOwner, heirOf, holdDatabaseOwner } from './database-owner';
import { dropIdleKeepers, holdKeeper } from './keeper';
import { fetchPart, meterOf, type DatabasePart, type FailedPart, type OrderRun } from './order-run';
import { holdOwners, tooMuch, type HeldOwners } from './ownership';
import { isOwnersDefault } from './stages';
import { prepareDatabase } from './preparing';
import { loadScript } from './script-load';
import { isDiskFull, isLost, serverMessage } from './sessions';

const mostTries = 4;
const patienceSeconds = 180;

export interface DatabaseEnd {
  readonly result: PartResult;
  /** What the dump says of the database itself. */
  readonly comment?: string;
}

export async function loadDatabase(run: OrderRun, part: DatabasePart): Promise<DatabaseEnd> {
  const path = await fetchPart(run, part);
  const failed = (because: Problem): DatabaseEnd => ({ result: { kind: 'failed', because, failures: [] } });
  const unreadable = (why: string) => failed(problem('DUMP_UNREADABLE', { name: part.file.name, why }));
  const contents = await contentsOfFile(run, path);
  if (contents.kind === 'empty') return unreadable('it is empty');
  if (contents.kind === 'unreadable') return unreadable(contents.why);
  const archive = contents.kind === 'archive' ? await openArchive(path) : undefined;
  let begun: BegunPart | undefined = run.order.begun[partKey(part)];
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryOnce(run, part, { path, archive, begun, onBegun: (how) => (begun = how) });
    } catch (error) {
      run.watch.signal.throwIfAborted();
      if (error instanceof UnreadableArchive) return unreadable(error.message);
      if (!isLost(error) && !(error instanceof ConnectionLost)) return refused(part, error);
      run.log.warn({ part: partKey(part), attempt }, 'the connection was lost while a database was loaded');
      if (attempt >= mostTries || !(await isBack(run))) {
        return failed(problem('LOAD_CONNECTION_LOST', { database: part.database, tries: attempt }));
      }
    }
  }
}

/** What the server says no to outside of any object ends this database, and no other; anything else is a fault of ours. */
function refused({ database }: DatabasePart, error: unknown): DatabaseEnd {
  const { code = '' } = error as { code?: string };
  if (error instanceof DeskError || !/^[0-9A-Z]{5}$/.test(code)) throw error;
  const message = serverMessage(error);
  const because = isDiskFull(code, message)
    ? problem('LOAD_SERVER_FULL', { database })
    : problem('DATABASE_INCOMPLETE', { database, count: 1 });
  return { result: { kind: 'failed', because, failures: [{ object: `DATABASE ${database}`, message }] } };
}

async function contentsOfFile({ tools }: OrderRun, path: string): Promise<DumpContents> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    return await readContents(tools, size, async (offset, count) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, offset);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

/** Waits until the server answers again, and ends what is left there of the try before in this database. */
async function isBack(run: OrderRun): Promise<boolean> {
  const until = performance.now() + patienceSeconds * 1000;
  while (performance.now() < until) {
    run.watch.signal.throwIfAborted();
    try {
      await run.target.asAdmin((client) => client.query('select 1'));
      return true;
    } catch {
      await pause(500, undefined, { signal: run.watch.signal }).catch(() => undefined);
    }
  }
  return false;
}

interface Try {
  readonly path: string;
  /** Undefined for a script. */
  readonly archive: ArchiveFile | undefined;
  readonly begun: BegunPart | undefined;
  readonly onBegun: (how: BegunPart) => void;
}

async function tryOnce(
  run: OrderRun,
  part: DatabasePart,
  { path, archive, begun, onBegun }: Try,
): Promise<DatabaseEnd> {
  const { order, target, exclusively } = run;
  const { database } = part;
  const entries = archive?.toc.entries ?? [];
  const owners = order.choices.owners === 'keep' ? ownersOf(entries) : [];
  const held = await exclusively(() => holdOwners(target, order, owners));
  if (held.missing.length > 0) return { result: unfit(database, held) };
  const wanted = await holdDatabaseOwner(run, entries);
  const keeper = await exclusively(() => target.asAdmin((admin) => holdKeeper(admin, order, database)));
  const prepared = await prepareDatabase(run, part, begun, entries, onBegun);
  if (prepared.kind === 'failed') {
    await target.asAdmin((admin) => dropIdleKeepers(admin, database));
    return { result: prepared };
  }
  const owned = await giveToOwner(run, database, { wanted, keeper });
  const notes = [...prepared.notes, ...owned.notes];
  const loadInto =
    archive === undefined
      ? { result: await loadScript(run, part, { path, keeper, notes }) }
      : await loadEntries(run, part, { archive, owners, held, keeper, notes, databaseOwner: owned.owner });
  await target.asAdmin((admin) => dropIdleKeepers(admin, database));
  return loadInto;
}

function unfit(database: string, { missing }: HeldOwners): FailedPart {
  const because = problem('DATABASE_OWNERS_UNFIT', {
    database,
    owners: missing.map(({ role, why }) => `${role} ${why}`),
  });
  const failures = missing.map(({ role, why }) => ({ object: `ROLE ${role}`, message: why }));
  return { kind: 'failed', because, failures: failures.slice(0, 20) };
}

interface Entries {
  readonly archive: ArchiveFile;
  readonly owners: readonly string[];
  readonly held: HeldOwners;
  readonly keeper: string;
  readonly databaseOwner: string | undefined;
  readonly notes: readonly string[];
}

async function loadEntries(
  run: OrderRun,
  part: DatabasePart,
  { archive, owners, held, keeper, databaseOwner, notes }: Entries,
): Promise<DatabaseEnd> {
  const { order, target, door, tools, workFolder, budget, watch } = run;
  const { database } = part;
  const heir = heirOf(order, held.tooPowerful) ?? keeper;
  const loaded = await loadArchive({
    ...{ order, target, door, database, heir, budget, meter: meterOf(run, part) },
    ...(databaseOwner === undefined ? {} : { databaseOwner }),
    owners: owners.filter((owner) => !held.tooPowerful.includes(owner)),
    context: {
      ...{ tools, archive, choices: order.choices, workFolder, signal: watch.signal },
      ownersLeft: new Set(held.tooPowerful),
    },
  });
  const all = [
    ...notes,
    ...(archive.toc.entries.some(
      (entry) =>
        isOwnersDefault(entry) && (order.choices.owners === 'drop' || held.tooPowerful.includes(entry.owner)),
    )
      ? ['default privileges of owners are left out with them']
      : []),
    ...held.tooPowerful.map((role) => `what belonged to ${role} belongs to ${heir}: that role ${tooMuch}`),
  ];
  return {
    result: resultOf(part, loaded, all),
    ...(loaded.comment === undefined ? {} : { comment: loaded.comment }),
  };
}

function resultOf({ database }: DatabasePart, loaded: Loaded, notes: readonly string[]): PartResult {
  const { failures, tables, bytes } = loaded;
  if (failures.length > 0) {
    const because = failures.some(({ isServerFull }) => isServerFull)
      ? problem('LOAD_SERVER_FULL', { database })
      : problem('DATABASE_INCOMPLETE', { database, count: failures.length });
    return { kind: 'failed', because, failures: toShow(failures) };
  }
  return { kind: 'loaded', notes: [...notes, ...loaded.notes], tables, bytes };
}

/** After its end is stored: until then the mark is what a next try knows it by. */
export async function forgetMark(
  run: OrderRun,
  part: DatabasePart,
  comment: string | undefined,
): Promise<void> {
  await run.target
    .asAdmin((admin) => unmarkDatabase(admin, part.database, run.order.key, comment))
    .catch((error: unknown) =>
      run.log.warn({ part: partKey(part), error }, 'a finished database keeps its mark'),
    );
}
