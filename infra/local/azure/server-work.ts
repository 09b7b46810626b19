/**
 * What the provider does after it said 202: one function per kind of work, each safe to do again after a crash.
 * A restored or created server gets its first backup a while later, and with it its earliest restore point.
 */
import { rm } from 'node:fs/promises';
import { unexpectedFailure } from './arm-error';
import { childWork } from './child-work';
import type { GeoReplication } from './geo-copies';
import { nowMicros } from './instants';
import type { ServerRecord } from './model';
import type { Worker } from './operations';
import { bootstrapServer } from './server-bootstrap';
import { archiveUntilNow, takeBackup } from './server-backups';
import { makesServer, restoreWork, type BecomeReady, type Do } from './restore-work';
import type { ServerClusters } from './server-clusters';
import type { Store } from './store';

export interface ServerWorkDeps {
  readonly store: Store;
  readonly clusters: ServerClusters;
  readonly geo: GeoReplication;
  readonly pgBin: string;
  readonly timeScale: number;
}

export interface ServerWorker extends Worker {
  /** Orders a backup for a little later, if the server has none from the last day by then. */
  orderFirstBackup(name: string): void;
}

/** How long a new server waits for its first backup, in Azure's seconds. */
const firstBackupAzureSeconds = 300;
/** How often a full backup is taken; data time, so never scaled. */
const backupEveryHours = 24;
const backupCheckMinutes = 10;

export function createServerWorker(deps: ServerWorkDeps): ServerWorker {
  const { store, clusters } = deps;
  const takeDueBackup = async (name: string): Promise<void> => {
    const server = store.server(name);
    if (!server || !clusters.isRunning(server.name) || server.state !== 'Ready') return;
    const newest = Math.max(0, ...server.backups.map(({ completedAt }) => completedAt));
    if (nowMicros() - newest < backupEveryHours * 3600 * 1_000_000) return;
    const backup = await takeBackup(clusters, deps.pgBin, server);
    const now = store.server(name);
    if (now?.folder === server.folder) store.patchServer(name, { backups: [...now.backups, backup] });
  };
  const takeLater = (name: string, delayMs: number): void => {
    const say = (error: unknown): void => console.error(`The backup of ${name} failed:`, error);
    setTimeout(() => void takeDueBackup(name).catch(say), delayMs).unref();
  };
  const orderFirstBackup = (name: string): void =>
    takeLater(name, (firstBackupAzureSeconds * 1000) / deps.timeScale);
  setInterval(() => {
    for (const { name } of Object.values(store.state.servers)) takeLater(name, 0);
  }, backupCheckMinutes * 60_000).unref();
  const becomeReady: BecomeReady = (name) => () => {
    store.patchServer(name, { state: 'Ready' });
    orderFirstBackup(name);
  };
  const kinds: Readonly<Record<string, Do>> = {
    ...lifeCycle(deps, becomeReady),
    ...restoreWork(deps, becomeReady),
    ...childWork(deps),
    ...backupWork(deps),
  };
  return {
    orderFirstBackup,
    run: async (work, operation) => {
      const server = store.server(work.server);
      const act = kinds[work.kind];
      if (!server || !act) throw unexpectedFailure(operation.id);
      return act(server, work, operation);
    },
    undo: (work) => {
      const server = store.server(work.server);
      if (!server) return;
      if (!makesServer(work.kind)) {
        store.patchServer(work.server, { state: clusters.isRunning(server.name) ? 'Ready' : 'Stopped' });
        return;
      }
      // The name is free again as soon as the failure can be seen.
      Reflect.deleteProperty(store.state.servers, work.server.toLowerCase());
      store.save();
      void clusters
        .stop(server.name)
        .then(() => rm(clusters.folders(server).root, { recursive: true, force: true }));
    },
  };
}

function lifeCycle(deps: ServerWorkDeps, becomeReady: BecomeReady): Record<string, Do> {
  const { store, clusters } = deps;
  const restart: Do = async (server) => {
    await clusters.stop(server.name);
    await clusters.start(server);
    return () => store.patchServer(server.name, { state: 'Ready' });
  };
  return {
    create: async (server) => {
      await clusters.stop(server.name);
      await rm(clusters.folders(server).root, { recursive: true, force: true });
      await clusters.create(server);
      await clusters.start(server);
      await bootstrapServer(clusters, server);
      return becomeReady(server.name);
    },
    update: async (server, work) => () =>
      store.patchServer(server.name, { ...(work['change'] as Partial<ServerRecord>), state: 'Ready' }),
    drop: async (server) => {
      // What was committed until the end has to be in the archive: it may be revived from there.
      const stoppedAt = clusters.isRunning(server.name) ? nowMicros() : server.stoppedAt;
      if (clusters.isRunning(server.name)) await archiveUntilNow(clusters, server);
      await clusters.stop(server.name);
      const dropped = stoppedAt === undefined ? server : { ...server, stoppedAt };
      return () => {
        Reflect.deleteProperty(store.state.servers, server.name.toLowerCase());
        store.state.dropped.push({ server: dropped, droppedAt: new Date().toISOString() });
        store.save();
      };
    },
    // Nothing of it was ever usable: nothing is kept, and the name is free when it is gone.
    'drop-unfinished': async (server) => {
      await clusters.stop(server.name);
      await rm(clusters.folders(server).root, { recursive: true, force: true });
      return () => {
        Reflect.deleteProperty(store.state.servers, server.name.toLowerCase());
        store.save();
      };
    },
    restart,
    start: restart,
    stop: async (server) => {
      const stoppedAt = nowMicros();
      if (clusters.isRunning(server.name)) await archiveUntilNow(clusters, server);
      await clusters.stop(server.name);
      return () => store.patchServer(server.name, { state: 'Stopped', stoppedAt });
    },
  };
}

function backupWork({ store, clusters, pgBin }: ServerWorkDeps): Record<string, Do> {
  const without = (server: ServerRecord, name: string) =>
    (store.server(server.name)?.backups ?? []).filter((backup) => backup.name !== name);
  return {
    'take-backup': async (server, work) => {
      const name = String(work['backup']);
      const backup = await takeBackup(clusters, pgBin, server, name);
      return () => store.patchServer(server.name, { backups: [...without(server, name), backup] });
    },
    'drop-backup': async (server, work) => () =>
      store.patchServer(server.name, { backups: without(server, String(work['backup'])) }),
  };
}
