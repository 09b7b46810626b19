/** The kinds of work that make a server out of what another one left behind. */
import { geoBackupsNotAvailable, unexpectedFailure } from './arm-error';
import type { GeoReplication } from './geo-copies';
import type { Micros } from './instants';
import type { OperationRecord, ServerRecord } from './model';
import { backupFor, reachableMoment, restoreCluster } from './server-backups';
import type { ServerClusters } from './server-clusters';
import type { Store } from './store';

export type Do = (
  server: ServerRecord,
  work: OperationRecord['work'],
  operation: OperationRecord,
) => Promise<() => void>;

/** What has to be shown when a new server is there. */
export type BecomeReady = (name: string) => () => void;

/** Work whose failure takes back a server that never was. */
export const makesServer = (kind: string): boolean =>
  ['create', 'restore', 'geo-restore', 'revive'].includes(kind);

export function restoreWork(
  {
    store,
    clusters,
    geo,
  }: { readonly store: Store; readonly clusters: ServerClusters; readonly geo: GeoReplication },
  becomeReady: BecomeReady,
): Readonly<Record<string, Do>> {
  return {
    restore: async (target, work, operation) => {
      const source = store.server(String(work['source']));
      const asked = work['at'] as Micros | null;
      const backup = source && asked !== null ? backupFor(source, asked) : undefined;
      if (!source || asked === null || !backup) throw unexpectedFailure(operation.id);
      const at = await reachableMoment(clusters, source, asked);
      await restoreCluster(clusters, { from: clusters.folders(source), target, backup, at });
      return becomeReady(target.name);
    },
    'geo-restore': async (target, work, operation) => {
      // A copy that is just being made is as good as made.
      await geo.settled();
      const source = store.server(String(work['source']));
      if (!source) throw unexpectedFailure(operation.id);
      const copy = source.geoCopy;
      if (!copy) throw geoBackupsNotAvailable(source.name);
      const from = clusters.folders(source).geo;
      await restoreCluster(clusters, { from, target, backup: copy.backup, at: copy.until });
      return becomeReady(target.name);
    },
    revive: async (target, work, operation) => {
      const { server: lost } =
        store.state.dropped.find(({ server }) => server.folder === work['folder']) ?? {};
      const at = Math.min(Number(work['at']), lost?.stoppedAt ?? Infinity);
      const backup = lost && backupFor(lost, at);
      if (!backup) throw unexpectedFailure(operation.id);
      await restoreCluster(clusters, { from: clusters.folders(lost), target, backup, at });
      return becomeReady(target.name);
    },
  };
}
