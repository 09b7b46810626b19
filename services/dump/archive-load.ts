/** Loads one archive into a database that is there and empty: objects, rows, indexes, rights, statistics. */
import type { Client } from 'pg';
import type { LoadOrder, ObjectFailure } from '../restore/dump-ports';
import type { ArchiveFile } from './archive-file';
import type { TocEntry } from './archive-toc';
import { intoBatches, runBatches, runSideBySide, type BatchContext, type LoadFailure } from './batches';
import { loadData } from './data';
import { tableBytes, trackSteps } from './load-steps';
import { seconds, type PartMeter } from './meter';
import { makeExtensions, stagesWithout, type ExtensionsMade } from './extensions';
import { leaveToHeir } from './keeper';
import { lendCreate, takeBack, type Grant } from './lent-rights';
import { handOver } from './ownership';
import { inSession, isLost, serverMessage, type Door, type Target } from './sessions';
import { sortIntoStages, type Stages } from './stages';
import type { WorkerBudget } from './worker-budget';

export interface ArchiveLoad {
  readonly order: LoadOrder;
  /** Of our own login: for extensions alone. */
  readonly target: Target;
  /** Of the login of the order: for everything that comes out of the archive. */
  readonly door: Door;
  readonly database: string;
  /** Roles that own something and that the login of the order may act as. */
  readonly owners: readonly string[];
  /** Gets what has no owner. */
  readonly heir: string;
  /** The owner of the database, where the login of the order may act as it. */
  readonly databaseOwner?: string;
  readonly context: Omit<BatchContext, 'onDone'>;
  readonly budget: WorkerBudget;
  readonly meter: PartMeter;
}

export interface Loaded {
  readonly failures: readonly LoadFailure[];
  readonly notes: readonly string[];
  readonly tables: number;
  readonly bytes: number;
  /** Comment that the dump has for the database. */
  readonly comment?: string;
}

const enough = 1_000;
const batchOfIndexes = 60;

export async function loadArchive(load: ArchiveLoad): Promise<Loaded> {
  const { archive } = load.context;
  const all = sortIntoStages(archive, load.order.choices, load.context.ownersLeft);
  const steps = trackSteps(load, all);
  const context = { ...load.context, onDone: steps.done };
  const failures: LoadFailure[] = [];
  steps.doing('objects');
  const made = await alone(load, (client) => extensions(load, client, all));
  failures.push(...made.failures);
  steps.done([...made.over]);
  const stages = stagesWithout(all, made.over);
  const lent = await alone(load, async (client) => {
    failures.push(...(await runBatches(context, client, intoBatches(stages.schemas, context))));
    const grants = await lendCreate(client, load, stages);
    failures.push(...(await runBatches(context, client, intoBatches(stages.before, context))));
    return grants;
  });
  steps.doing('data');
  failures.push(
    ...(await load.budget.use(enough, (workers) =>
      loadData(context, { ...load, workers, entries: stages.data, onLoaded: steps.loaded }),
    )),
  );
  steps.dataDone();
  steps.doing('indexes');
  failures.push(...(await indexes(load, context, stages)));
  steps.doing('rights');
  const rest = await alone(load, (client) => finish(load, context, client, stages, lent));
  failures.push(...rest.failures);
  const notes = [...made.notes, ...rest.notes, ...(await analyze(load, rest.tableNames))];
  return { ...rest, failures, notes, ...(stages.comment === undefined ? {} : { comment: stages.comment }) };
}

/** What it says beyond the names of extensions runs later, with everything else. */
const extensions = (load: ArchiveLoad, client: Client, stages: Stages): Promise<ExtensionsMade> =>
  makeExtensions(
    {
      ...{ client, target: load.target, database: load.database },
      ...(load.databaseOwner === undefined ? {} : { owner: load.databaseOwner }),
      ownerOf: ({ owner }) => (load.owners.includes(owner) ? owner : undefined),
    },
    stages,
  );

const alone = <T>(
  { budget, door, database }: ArchiveLoad,
  work: (client: Client) => Promise<T>,
): Promise<T> => budget.use(1, () => inSession(door, database, work));

/** Sessions for all that the budget gives; each is closed whatever happens to the others. */
function together<T>(
  { budget, door, database }: ArchiveLoad,
  most: number,
  work: (clients: readonly Client[]) => Promise<T>,
): Promise<T> {
  return budget.use(most, async (workers) => {
    const opened = await Promise.allSettled(Array.from({ length: workers }, () => door.connect(database)));
    const clients = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    try {
      const failed = opened.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return await work(clients);
    } finally {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    }
  });
}

/** Lists of small tables share a message; the lists of big ones stand alone. */
function indexBatches(lists: Stages['indexes'], archive: ArchiveFile): TocEntry[][] {
  const batches: TocEntry[][] = [];
  let open: TocEntry[] = [];
  const isBig = (list: readonly TocEntry[]) => seconds.indexBytes(tableBytes(archive, list[0])) > 0.05;
  for (const list of lists) {
    if (isBig(list)) batches.push(...list.map((entry) => [entry]));
    else {
      if (open.length === 0) batches.push(open);
      open.push(...list);
      if (open.length >= batchOfIndexes) open = [];
    }
  }
  return batches;
}

async function indexes(load: ArchiveLoad, context: BatchContext, stages: Stages): Promise<LoadFailure[]> {
  const batches = indexBatches(stages.indexes, context.archive);
  const keys = stages.bigForeignKeys.map((entry) => [entry]);
  return together(load, Math.max(1, batches.length, keys.length), async (clients) => {
    const [first] = clients;
    if (first === undefined) return [];
    return [
      ...(await runSideBySide(context, clients, batches)),
      ...(await runBatches(
        context,
        first,
        intoBatches([...stages.attachments, ...stages.foreignKeys], context),
      )),
      ...(await runSideBySide(context, clients, keys)),
    ];
  });
}

async function finish(
  load: ArchiveLoad,
  context: BatchContext,
  client: Client,
  stages: Stages,
  lent: readonly Grant[],
) {
  const failures: LoadFailure[] = [];
  const notes: string[] = [];
  const run = async (entries: readonly TocEntry[]) => {
    failures.push(...(await runBatches(context, client, intoBatches(entries, context))));
  };
  for (const entries of [stages.sequences, stages.after]) await run(entries);
  notes.push(...(await takeBack(client, lent)));
  for (const entries of [stages.grants, stages.last]) await run(entries);
  for (const { role, why } of await handOver(client, load.order, load.owners)) {
    failures.push({ object: `OWNER ${role}`, message: why, isServerFull: false });
  }
  const stays = await leaveToHeir(client, load.door.login, load.heir);
  if (stays !== undefined)
    failures.push({ object: `OWNER ${load.heir}`, message: stays, isServerFull: false });
  notes.push(...(await setProperties(load, client, stages)));
  if (load.context.archive.toc.entries.some(({ tablespace }) => tablespace !== ''))
    notes.push('tablespaces are not kept: everything lies where the server puts it');
  const { rows } = await client.query<{ names: string[]; bytes: string }>(measure);
  const tableNames = rows[0]?.names ?? [];
  return { failures, notes, tableNames, tables: tableNames.length, bytes: Number(rows[0]?.bytes ?? 0) };
}

const measure = `select coalesce(array_agg(format('%I.%I', n.nspname, c.relname)), '{}') as names,
  pg_database_size(current_database())::text as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

const tablesAtOnce = 100;

/** One message for many tables; each is a transaction of its own. What is not ours is passed over by the server. */
const analyze = (load: ArchiveLoad, tables: readonly string[]): Promise<string[]> =>
  together(load, Math.ceil(tables.length / tablesAtOnce), async (clients) => {
    const waiting = [...tables];
    const notes: string[] = [];
    await Promise.all(
      clients.map(async (client) => {
        while (waiting.length > 0) {
          load.context.signal.throwIfAborted();
          await client
            .query(`analyze ${waiting.splice(0, tablesAtOnce).join(', ')}`)
            .catch((error: unknown) => {
              if (isLost(error)) throw error;
              notes.push(`statistics are not complete: ${serverMessage(error)}`);
            });
        }
      }),
    );
    return notes;
  });

/** They name the database as it was called; under another name they would change somebody else's. */
async function setProperties(load: ArchiveLoad, client: Client, stages: Stages): Promise<string[]> {
  const notes: string[] = [];
  if (stages.properties !== undefined) {
    if (load.context.archive.toc.database !== load.database) {
      notes.push(`settings of the database itself are not carried over to its new name ${load.database}`);
    } else {
      await client.query(stages.properties.definition).catch((error: unknown) => {
        notes.push(`settings of the database itself are not carried over: ${serverMessage(error)}`);
      });
    }
  }
  return notes;
}

export const toShow = (failures: readonly LoadFailure[]): ObjectFailure[] =>
  failures.slice(0, 20).map(({ object, message }) => ({ object, message }));
