/**
 * First start: recovery points with real files. A cluster gets the rows of a time long ago and is dumped, then those of
 * the next point, and so on; so every point holds what its server had shortly before, and nothing later.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePoint, newPointId } from './recovery-points';
import type { SeedDatabase } from './seed-databases';
import { withSession, type SessionTarget } from './server-session';
import { dumpDatabase, dumpGlobals, emptyPointFolder, writeMarker } from './vault-dumps';
import type { BackupInstance, PointFile, RecoveryPoint } from './vault-model';

export interface PastPoint {
  readonly atMs: number;
  readonly tier: RecoveryPoint['tier'];
  readonly isInSecondary: boolean;
}

export interface PastDeps {
  readonly azureDir: string;
  readonly pgBin: string;
  /** As the superuser, in this database. */
  readonly session: (database: string) => SessionTarget;
}

/** How long before a point its server is seen living, in seconds. */
const livedSeconds = 600;

/** Moves every time in every table, so that what was written now was written then. */
const ageRows = (intervalMs: number): string => `
  do $$ declare it record; begin
    for it in select table_name, column_name from information_schema.columns
              where table_schema = 'public' and data_type = 'timestamp with time zone' loop
      execute format('update %I set %I = %I - interval ''${intervalMs} milliseconds''',
                     it.table_name, it.column_name, it.column_name);
    end loop;
  end $$`;

/** The rows of the last minutes before the moment, written as they would have been. */
function lastMinutes(database: SeedDatabase, atMs: number): string {
  const seconds = Array.from({ length: livedSeconds }, (_, index) => index + 1);
  return seconds
    .flatMap((second) => {
      const moment = new Date(atMs - (livedSeconds - second + 1) * 1000).toISOString();
      return database.flow
        .filter(({ everySeconds }) => second % everySeconds === 0)
        .map(({ sql, everySeconds }) =>
          sql
            .replaceAll('$n', String(second / everySeconds))
            .replaceAll('clock_timestamp()', `timestamptz '${moment}'`),
        );
    })
    .join(';\n');
}

/** Lets a database that was just made be one that was made long ago. */
export const ageDatabase = (session: SessionTarget, untilMs: number): Promise<unknown> =>
  withSession(session, (client) => client.query(ageRows(Date.now() - untilMs + livedSeconds * 1000)));

export const liveUntil = (session: SessionTarget, database: SeedDatabase, atMs: number): Promise<unknown> =>
  withSession(session, (client) => client.query(lastMinutes(database, atMs)));

/** Points of a whole flexible server, oldest first; its databases are there and aged. */
export async function seedServerPoints(
  deps: PastDeps,
  instance: BackupInstance,
  databases: readonly SeedDatabase[],
  points: readonly PastPoint[],
): Promise<RecoveryPoint[]> {
  const made: RecoveryPoint[] = [];
  // Roles, schemas and tablespaces do not change: they are written once and copied.
  let globals: { readonly folder: string; readonly files: readonly PointFile[] } | undefined;
  for (const { atMs, ...point } of points) {
    const id = newPointId();
    const folder = await emptyPointFolder(deps.azureDir, id);
    const parts = { pgBin: deps.pgBin, folder, session: deps.session('postgres') };
    const dumps = await Promise.all(
      databases.map(async (database) => {
        await liveUntil(deps.session(database.name), database, atMs);
        return dumpDatabase(parts, database.name, false);
      }),
    );
    const from = (globals ??= { folder, files: await dumpGlobals(parts) });
    if (from.folder !== folder)
      for (const { file } of from.files) await copyFile(join(from.folder, file), join(folder, file));
    const at = new Date(atMs).toISOString();
    const files = [await writeMarker(folder, at), ...dumps, ...from.files];
    made.push(makePoint(instance, { id, at, ...point, files }));
  }
  return made;
}

/** Points of one database of a single server, oldest first. */
export async function seedDatabasePoints(
  deps: PastDeps,
  instance: BackupInstance,
  database: SeedDatabase,
  points: readonly PastPoint[],
): Promise<RecoveryPoint[]> {
  const made: RecoveryPoint[] = [];
  for (const { atMs, ...point } of points) {
    const id = newPointId();
    const folder = await emptyPointFolder(deps.azureDir, id);
    await liveUntil(deps.session(database.name), database, atMs);
    const parts = { pgBin: deps.pgBin, folder, session: deps.session('postgres') };
    const files = [await dumpDatabase(parts, database.name, true)];
    made.push(makePoint(instance, { id, at: new Date(atMs).toISOString(), ...point, files }));
  }
  return made;
}
