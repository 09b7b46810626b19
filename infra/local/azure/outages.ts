/**
 * Regions that are down. The control plane does not answer for their servers, their clusters stand still, and nothing
 * is copied to the paired region any more; what was copied before is all that a geo restore can have.
 */
import { regionUnavailable } from './arm-error';
import { findRegion } from './regions';
import type { ServerClusters } from './server-clusters';
import type { Store } from './store';

export const isDown = (store: Store, location: string): boolean =>
  store.state.downRegions.includes(findRegion(location)?.name ?? location);

export function requireRegionUp(store: Store, location: string): void {
  if (isDown(store, location)) throw regionUnavailable(location);
}

export interface Outages {
  /** Takes a region down or brings it back; resolves with the servers it has, when they stand or run. */
  set(location: string, down: boolean): Promise<readonly string[]>;
}

export function createOutages(store: Store, clusters: ServerClusters): Outages {
  const change = async (location: string, down: boolean): Promise<readonly string[]> => {
    const others = store.state.downRegions.filter((known) => known !== location);
    store.state.downRegions = down ? [...others, location] : others;
    store.save();
    const single = store.state.legacyServers.map(({ server }) => server);
    const servers = [...Object.values(store.state.servers), ...single].filter(
      (server) => server.location === location,
    );
    await Promise.all(
      servers.map(async (server) => {
        if (down) return clusters.stop(server.name);
        const rests = server.state === 'Stopped' || server.state === 'Provisioning';
        if (!rests && !clusters.isRunning(server.name)) await clusters.start(server);
      }),
    );
    return servers.map(({ name }) => name);
  };
  // One change after the other: a region that comes and goes quickly must end as it was told last.
  let last: Promise<unknown> = Promise.resolve();
  return {
    set: (location, down) => {
      const next = last.then(() => change(location, down));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
