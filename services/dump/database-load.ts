/** Loads the file of one database, whatever kind it is, and begins anew when the server was away in between. */
import { setTimeout as pause } from 'node:timers/promises';
import { open, stat } from 'node:fs/promises';
import { partKey, type BegunPart, type DumpContents, type PartResult } from '../restore/dump-ports';
import { DeskError, problem, type Problem } from '../restore/errors';
import { ownersOf } from './archive-owners';
import { openArchive, type ArchiveFile } from './archive-file';
import { loadArchive, toShow, type Loaded } from './archive-load';
import { seconds } from './meter';
import { UnreadableArchive } from './batches';
import { readContents } from './contents';
import { ConnectionLost } from './data';
import { unmarkDatabase } from './database';
import { fetchPart, meterOf, type DatabasePart, type OrderRun } from './order-run';
import { holdOwners } from './ownership';
import { isOwnersDefault } from './stages';
import { runScript } from './plain-sql';
import { prepareDatabase } from './preparing';
import { escapeIdentifier } from 'pg';
import { inSession, isDiskFull, isLost, serverMessage } from './sessions';
import { runAsCallers } from './callers-rights';

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
  const { order, target } = run;
  const { database } = part;
  const prepared = await prepareDatabase(run, part, begun, archive?.toc.entries ?? [], onBegun);
  if (prepared.kind === 'failed') return { result: prepared };
  if (archive === undefined) {
    const failure = await run.budget.use(1, () =>
      runScript(run.tools, target, {
        ...{ name: part.file.name, path, database, signal: run.watch.signal },
        onFed: fedTo(run, part),
      }),
    );
    if (failure !== undefined) return { result: failure };
    const changed = await run.budget.use(1, () => inSession(target, database, runAsCallers));
    return { result: { kind: 'loaded', notes: [...prepared.notes, ...changed] } };
  }
  const owners = order.choices.owners === 'keep' ? ownersOf(archive.toc.entries) : [];
  const held = await run.exclusively(() => holdOwners(target, order, owners));
  if (held.missing.length > 0) {
    const because = problem('DATABASE_OWNERS_UNFIT', {
      database,
      owners: held.missing.map(({ role, why }) => `${role} ${why}`),
    });
    const failures = held.missing.map(({ role, why }) => ({ object: `ROLE ${role}`, message: why }));
    return { result: { kind: 'failed', because, failures: failures.slice(0, 20) } };
  }
  const notes = [
    ...prepared.notes,
    ...(await giveToOwner(run, database, archive, prepared.isNew)),
    ...(order.choices.owners === 'drop' && archive.toc.entries.some(isOwnersDefault)
      ? ['default privileges of owners are left out with them']
      : []),
  ];
  const meter = meterOf(run, part);
  const { tools, workFolder, budget, watch } = run;
  const context = {
    ...{ tools, archive, choices: order.choices, workFolder, signal: watch.signal },
    ownersLeft: new Set(held.tooPowerful),
  };
  const loaded = await loadArchive({ order, target, database, owners, context, budget, meter });
  return {
    result: resultOf(part, loaded, [...notes, ...held.tooPowerful.map(leftNote)]),
    ...(loaded.comment === undefined ? {} : { comment: loaded.comment }),
  };
}

function fedTo(run: OrderRun, part: DatabasePart): (bytes: number) => void {
  const meter = meterOf(run, part);
  const cost = seconds.dataBytes(part.file.bytes);
  let fed = 0;
  meter.planned(0, cost);
  return (bytes) => {
    fed += bytes;
    meter.reached(0, (cost * fed) / Math.max(1, part.file.bytes), `script of ${part.database}`);
  };
}

/** Before anything is in it: the owner of a database may make things in its schema public. */
async function giveToOwner(
  { order, target, exclusively }: OrderRun,
  database: string,
  { toc }: ArchiveFile,
  isNew: boolean,
): Promise<string[]> {
  const inDump = toc.entries.find(({ kind }) => kind === 'DATABASE')?.owner ?? '';
  if (order.choices.owners === 'drop' || inDump === '' || !isNew) return [];
  const { ownerMap } = order.choices;
  const owner = (Object.hasOwn(ownerMap, inDump) ? ownerMap[inDump] : undefined) ?? inDump;
  const keeps = (why: string): string[] => [`database ${database} belongs to our login: ${owner} ${why}`];
  const { missing, tooPowerful } = await exclusively(() => holdOwners(target, order, [owner]));
  if (tooPowerful.length > 0) return keeps('may administrate the server');
  if (missing[0] !== undefined) return keeps(missing[0].why);
  const sql = `alter database ${escapeIdentifier(database)} owner to ${escapeIdentifier(owner)}`;
  return target.asAdmin((admin) =>
    admin.query(sql).then(
      () => [],
      (error: unknown) => keeps(serverMessage(error)),
    ),
  );
}

const leftNote = (role: string): string =>
  `what belonged to ${role} belongs to our login: that role may administrate the server`;

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
