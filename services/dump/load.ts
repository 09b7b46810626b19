/** Loads dump files into a server: roles, then databases side by side; whatever has ended already is left alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  partKey,
  type DumpLoader,
  type LoadOrder,
  type LoadPart,
  type PartResult,
} from '../restore/dump-ports';
import { DeskError, problem } from '../restore/errors';
import { forgetMark, loadDatabase } from './database-load';
import { letGo } from './let-go';
import { createMeter, type PartMeter } from './meter';
import { fetchPart, type DatabasePart, type DumpLog, type FetchFile, type OrderRun } from './order-run';
import { openOrderLogin } from './order-login';
import { runScript } from './plain-sql';
import { removeUnfinishedDatabases } from './preparing';
import { loadRoles } from './roles';
import {
  adminDatabase,
  endFormerSessions,
  openTarget,
  serverMessage,
  shortKey,
  type SessionSettings,
  type Target,
} from './sessions';
import { findTools, type Tools } from './tools';
import { orderLoginName } from './standing-roles';
import { createWorkerBudget } from './worker-budget';

export interface DumpLoaderSettings extends SessionSettings {
  /** Folder of psql and pg_restore; else the newest of the system. */
  readonly pgBin?: string;
  readonly fetchFor: (order: LoadOrder) => FetchFile;
  /** Removes what was fetched under a key. */
  readonly forgetFetched: (key: string) => Promise<void>;
  readonly log: DumpLog;
}

const mostDatabasesAtOnce = 4;

export function createDumpLoader(settings: DumpLoaderSettings): DumpLoader {
  let tools: Promise<Tools> | undefined;
  const targetOf = (order: LoadOrder) =>
    openTarget(settings, order.server.address, `restore-desk-load ${shortKey(order.key)}`);
  return {
    load: async (order, watch) => {
      const target = targetOf(order);
      const workFolder = await mkdtemp(join(tmpdir(), 'desk-load-'));
      try {
        const known = await (tools ??= findTools(settings.pgBin));
        const door = await reaching(order, async () => {
          await endFormer(order, target);
          return openOrderLogin(target, settings, order);
        });
        await loadOrder(startRun(settings, { order, watch, workFolder, tools: known, target, door }));
      } catch (error) {
        if (!watch.signal.aborted) throw error;
      } finally {
        await target.close();
        await rm(workFolder, { recursive: true, force: true });
      }
    },
    removeUnfinished: async (order) => {
      const target = targetOf(order);
      try {
        await reaching(order, () => endFormer(order, target));
        return await target.asAdmin(async (admin) => {
          const removed = await removeUnfinishedDatabases(admin, target, order);
          for (const left of await letGo(admin, target, order)) {
            settings.log.warn({ left }, 'something was left on the server');
          }
          return removed;
        });
      } finally {
        await target.close();
      }
    },
    forget: (key) => settings.forgetFetched(key),
  };
}

type Known = Pick<OrderRun, 'order' | 'watch' | 'workFolder' | 'tools' | 'target' | 'door'>;

function startRun({ fetchFor, log }: DumpLoaderSettings, known: Known): Run {
  const { order, watch } = known;
  const meter = createMeter(
    () => performance.now(),
    (progress) => watch.progress(progress),
  );
  const meters = new Map<LoadPart, PartMeter>(
    order.parts.map((part) => [part, meter.part(part.file.bytes, order.ended.includes(partKey(part)))]),
  );
  const active = { count: 0 };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...known,
    ...{ fetch: fetchFor(order), log, meters, active },
    budget: createWorkerBudget(order.server.cores, () => active.count),
    exclusively: (work) => {
      const mine = last.then(work, work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

interface Run extends OrderRun {
  /** Databases that are being loaded now: they share the workers. */
  readonly active: { count: number };
}

/** Ends what a dead try left. */
const endFormer = (order: LoadOrder, target: Target): Promise<void> =>
  target.asAdmin((client) => endFormerSessions(client, orderLoginName(order.key)));

/** Finds out whether the server answers at all. */
async function reaching<T>({ server: { name } }: LoadOrder, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DeskError) throw error;
    throw new DeskError(problem('LOAD_TARGET_CLOSED', { name, what: serverMessage(error) }), error);
  }
}

async function loadOrder(run: Run): Promise<void> {
  const { order, target, watch } = run;
  const open = order.parts.filter((part) => !order.ended.includes(partKey(part)));
  for (const part of open)
    if (part.kind !== 'database') await endPart(run, part, () => loadShared(run, part));
  const waiting = open.filter((part) => part.kind === 'database');
  // A failure that nothing can go on after is thrown once the others have come to their end.
  const all = await Promise.allSettled(
    Array.from({ length: Math.min(mostDatabasesAtOnce, Math.max(1, order.server.cores)) }, async () => {
      for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) await loadNext(run, part);
    }),
  );
  watch.signal.throwIfAborted();
  const failed = all.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  for (const left of await target.asAdmin((admin) => letGo(admin, target, order))) {
    run.log.warn({ left }, 'something was left on the server');
  }
}

async function loadNext(run: Run, part: DatabasePart): Promise<void> {
  run.active.count += 1;
  try {
    let comment: string | undefined;
    const result = await endPart(run, part, async () => {
      const end = await loadDatabase(run, part);
      comment = end.comment;
      return end.result;
    });
    // One that is not whole keeps its mark: loaded again under this key it is made anew.
    if (result.kind === 'loaded') await forgetMark(run, part, comment);
  } finally {
    run.active.count -= 1;
  }
}

async function endPart(run: Run, part: LoadPart, work: () => Promise<PartResult>): Promise<PartResult> {
  run.watch.signal.throwIfAborted();
  const result = await work().catch((error: unknown) => {
    run.watch.signal.throwIfAborted();
    // Files that were exchanged stop their part; nothing else is wrong with the order.
    if (!(error instanceof DeskError) || !['BLOB_CHANGED', 'BLOB_GONE'].includes(error.problem.code))
      throw error;
    return { kind: 'failed' as const, because: error.problem, failures: [] };
  });
  await run.watch.ended(part, result);
  run.meters.get(part)?.over();
  return result;
}

/** What is not of one database. Scripts of schemas and tablespaces are run as they are, and their own limits are said. */
async function loadShared(run: Run, part: Exclude<LoadPart, { kind: 'database' }>): Promise<PartResult> {
  const path = await fetchPart(run, part);
  await run.watch.begun(part, { existed: true });
  if (part.kind === 'roles') return loadRoles(run.target, run.order, path);
  const script = { name: part.file.name, path, database: adminDatabase, signal: run.watch.signal };
  const failure = await run.budget.use(1, () =>
    runScript(run.tools, run.door, { ...script, onFed: () => undefined }),
  );
  return failure ?? { kind: 'loaded', notes: [] };
}
