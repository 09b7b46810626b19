/**
 * First start: gives the seeded servers a past. Each cluster runs under a shifted clock that begins hours ago; its base
 * backup is taken there, and then every second of history is written as real commits at that second, one after the
 * other, until the shifted clock has caught up with the real one.
 */
import { rm } from 'node:fs/promises';
import type { Client } from 'pg';
import type { BackupRecord, ServerRecord } from './model';
import { archiveUntilNow, takeBackup } from './server-backups';
import { bootstrapServer } from './server-bootstrap';
import type { ServerClusters } from './server-clusters';
import { openSession, serverClock, withSession } from './server-session';
import { seedContents, type SeedContent, type SeedDatabase } from './seed-databases';
import { createShiftedClock, type ShiftedClock } from './shifted-clock';

export interface SeedHistoryDeps {
  readonly clusters: ServerClusters;
  readonly pgBin: string;
  readonly faketimeLibrary: string;
  readonly startMs: number;
}

/** Makes a new cluster live its past, and leaves it running under the real clock; returns it with its backups. */
export async function seedWithHistory(deps: SeedHistoryDeps, server: ServerRecord): Promise<ServerRecord> {
  const { first, lived: middle } = await livePast(deps, server, (content, clock) =>
    writeHistory(deps, server, content, clock),
  );
  return { ...server, backups: [first, middle] };
}

/** Runs the cluster under the shifted clock: its content, a first backup, and whatever `live` writes after it. */
async function livePast<T>(
  { clusters, pgBin, faketimeLibrary, startMs }: SeedHistoryDeps,
  server: ServerRecord,
  live: (content: SeedContent, clock: ShiftedClock) => Promise<T>,
): Promise<{ readonly first: BackupRecord; readonly lived: T }> {
  const content = seedContents[server.name];
  if (!content) throw new Error(`There is no content to seed ${server.name} with.`);
  const clock = await createShiftedClock({
    ...{ folder: `${clusters.folders(server).root}/clock`, pgBin, library: faketimeLibrary, startMs },
  });
  // Archiving waits for the real clock: the shell it runs in would be shifted too, and leave shared memory behind.
  await clusters.start(server, { binDir: clock.binDir, settings: { archive_command: '' } });
  await bootstrapServer(clusters, server);
  await makeDatabases(clusters, server, content);
  const first = await takeBackup(clusters, pgBin, server);
  const lived = await live(content, clock);
  await clusters.stop(server.name);
  await clock.remove();
  await clusters.start(server);
  return { first, lived };
}

/** A server that lived a short while, long ago, and of which only backup and archive are left. */
export async function seedDropped(
  deps: SeedHistoryDeps,
  server: ServerRecord,
  livedSeconds: number,
): Promise<ServerRecord> {
  const { clusters, startMs } = deps;
  const { first, lived: stoppedAt } = await livePast(deps, server, async (content, clock) => {
    await writePast(deps, server, content, async (write) => {
      for (let second = dropStepSeconds; second <= livedSeconds; second += dropStepSeconds) {
        clock.set(startMs + second * 1000);
        await write(second);
      }
    });
    return withSession(clusters.asSuperuser(server), serverClock);
  });
  await archiveUntilNow(clusters, server);
  await clusters.stop(server.name);
  await rm(clusters.folders(server).data, { recursive: true, force: true });
  return { ...server, backups: [first], stoppedAt };
}

const dropStepSeconds = 60;

export async function makeDatabases(
  clusters: ServerClusters,
  server: ServerRecord,
  content: SeedContent,
): Promise<void> {
  await withSession(clusters.asAdministrator(server, 'postgres'), async (client) => {
    await client.query(content.roles);
    for (const { name } of content.databases) await client.query(`create database ${name}`);
  });
  for (const { name, schema } of content.databases)
    await withSession(clusters.asAdministrator(server, name), (client) => client.query(schema));
}

/** One step of history: all that falls into this second, one transaction per database. */
async function writeSecond(
  sessions: readonly { database: SeedDatabase; client: Client }[],
  second: number,
): Promise<void> {
  for (const { database, client } of sessions) {
    const due = database.flow.filter(({ everySeconds }) => second % everySeconds === 0);
    const sql = due.map((flow) => flow.sql.replaceAll('$n', String(second / flow.everySeconds)));
    if (sql.length > 0) await client.query(sql.join(';\n'));
  }
}

/** Opens a session per database and hands out what writes one second of the content's flow. */
async function writePast(
  { clusters }: SeedHistoryDeps,
  server: ServerRecord,
  content: SeedContent,
  go: (write: (second: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const sessions = await Promise.all(
    content.databases.map(async (database) => ({
      database,
      client: await openSession(clusters.asAdministrator(server, database.name)),
    })),
  );
  try {
    await go((second) => writeSecond(sessions, second));
  } finally {
    for (const { client } of sessions) await client.end();
  }
}

async function writeHistory(
  deps: SeedHistoryDeps,
  server: ServerRecord,
  content: SeedContent,
  clock: ShiftedClock,
): Promise<BackupRecord> {
  const { clusters, pgBin, startMs } = deps;
  const middleSecond = Math.floor((Date.now() - startMs) / 2000);
  let middle: BackupRecord | undefined;
  await writePast(deps, server, content, async (write) => {
    for (let second = 1; startMs + second * 1000 < Date.now(); second++) {
      clock.set(startMs + second * 1000);
      await write(second);
      if (second === middleSecond) middle = await takeBackup(clusters, pgBin, server);
    }
  });
  return middle ?? takeBackup(clusters, pgBin, server);
}
