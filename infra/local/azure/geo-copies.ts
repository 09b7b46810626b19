/**
 * The copy of a geo-redundant server in the paired region: its newest base backup and its archive, copied file by file
 * every hour of Azure's time. In between, the copy lags behind; that lag is what a geo restore loses.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeClusterFolder } from '../postgres/cluster';
import type { GeoCopy, ServerRecord } from './model';
import { isDown } from './outages';
import { findRegion } from './regions';
import { archiveUntilNow } from './server-backups';
import type { ServerClusters } from './server-clusters';
import { serverClock, withSession } from './server-session';
import type { Store } from './store';

const run = promisify(execFile);
/** How far a copy may fall behind, in Azure's seconds. */
const lagAzureSeconds = 3600;

/** Brings the copy up to now; undefined while the server has no backup that could be copied. */
async function copyToPair(clusters: ServerClusters, server: ServerRecord): Promise<GeoCopy | undefined> {
  const backup = [...server.backups].sort((a, b) => a.completedAt - b.completedAt).at(-1);
  if (!backup) return undefined;
  // First the moment, then the log up to behind it: a replay to the moment always finds its end.
  const until = await withSession(clusters.asSuperuser(server), serverClock);
  await archiveUntilNow(clusters, server);
  const { archive, backups, geo } = clusters.folders(server);
  for (const folder of [join(geo.archive, '..'), geo.archive, geo.backups]) await makeClusterFolder(folder);
  await copyMissing(backups, geo.backups, [backup.name]);
  const segments = (await readdir(archive)).filter((name) => !name.endsWith('.part'));
  await copyMissing(archive, geo.archive, segments);
  return { backup, until, copiedAtMs: Date.now() };
}

/** Copies beside the destination and renames, so that a copy cut short is never taken for a whole one. */
async function copyMissing(from: string, to: string, names: readonly string[]): Promise<void> {
  const missing = names.filter((name) => !existsSync(join(to, name)));
  if (missing.length === 0) return;
  const draft = `${to}.draft`;
  await rm(draft, { recursive: true, force: true });
  await makeClusterFolder(draft);
  const sources = missing.map((name) => join(from, name));
  await run('cp', ['-a', '--sparse=always', '-t', draft, '--', ...sources]);
  for (const name of missing) await rename(join(draft, name), join(to, name));
}

export interface GeoReplication {
  /** Begins with what is due already: after a first start that is the seeded server. */
  start(): void;
  /** Resolves when no copy is being made. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface GeoDeps {
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly timeScale: number;
}

/** Copies whatever is due, one server after the other. */
export function createGeoReplication({ store, clusters, timeScale }: GeoDeps): GeoReplication {
  const lagMs = (lagAzureSeconds * 1000) / timeScale;
  const copyDue = async (): Promise<void> => {
    for (const server of Object.values(store.state.servers)) {
      if (!isDue(store, server, lagMs) || !clusters.isRunning(server.name)) continue;
      const geoCopy = await copyToPair(clusters, server);
      if (geoCopy && store.server(server.name)?.folder === server.folder)
        store.patchServer(server.name, { geoCopy });
    }
  };
  let busy: Promise<void> | undefined;
  const copy = (): void => {
    // A server that was stopped or dropped in the middle is copied next time, if there is one.
    const say = (error: unknown): void => console.error('A geo copy failed:', error);
    busy ??= copyDue()
      .catch(say)
      .finally(() => {
        busy = undefined;
      });
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      copy();
      timer = setInterval(copy, Math.max(100, lagMs / 20));
    },
    settled: async () => busy,
    stop: async () => {
      clearInterval(timer);
      await busy;
    },
  };
}

function isDue(store: Store, server: ServerRecord, lagMs: number): boolean {
  const pair = findRegion(server.location)?.pair ?? '';
  const sinceMs = server.geoCopy?.copiedAtMs ?? Date.parse(server.createdAt);
  return (
    server.shape.geoRedundantBackup === 'Enabled' &&
    server.state === 'Ready' &&
    ![server.location, pair].some((location) => isDown(store, location)) &&
    Date.now() - sinceMs >= lagMs
  );
}
