/**
 * One list of a subscription's servers that stands in for many single reads: while a server that is being made is listed as
 * not usable yet, its operation need not be asked.
 */
import type { ArmClient } from './arm';

/** What the list says of a server: `working` while Azure is still at it; everything else has to be asked. */
export type ListedAs = 'working' | 'anything-else';

export interface ServerStates {
  /** True when following so many by the list takes fewer reads than asking for each. */
  pays(following: number): boolean;
  listedAs(serverId: string, notOlderThanMillis: number): Promise<ListedAs>;
  /** How old the list is, in milliseconds. */
  ageMillis(): number;
}

interface List {
  readonly workingIds: ReadonlySet<string>;
  readonly readAt: number;
}

/** A server in one of these states is on its way; stopped, broken or dropping ones are not what an operation waits for. */
const workingStates = ['provisioning', 'updating', 'starting', 'restarting'];

export function createServerStates(client: ArmClient, now: () => number): ServerStates {
  let pages = 1;
  let last: List | undefined;
  let underway: Promise<List> | undefined;

  const read = async (): Promise<List> => {
    const readAt = now();
    const workingIds = new Set<string>();
    try {
      let count = 0;
      for await (const page of client.servers.listBySubscription().byPage()) {
        count++;
        for (const { id = '', state = '' } of page)
          if (workingStates.includes(state.toLowerCase())) workingIds.add(id.toLowerCase());
      }
      pages = Math.max(1, count);
    } catch {
      // Without a list nothing is known of anybody, and every operation is asked itself until the next one is due.
      workingIds.clear();
    }
    last = { workingIds, readAt };
    return last;
  };
  const notOlderThan = (millis: number): Promise<List> | List => {
    if (last && now() - last.readAt < millis) return last;
    underway ??= read().finally(() => (underway = undefined));
    return underway;
  };
  return {
    pays: (following) => following > pages,
    listedAs: async (serverId, notOlderThanMillis) => {
      const { workingIds } = await notOlderThan(notOlderThanMillis);
      return workingIds.has(serverId.toLowerCase()) ? 'working' : 'anything-else';
    },
    ageMillis: () => (last ? now() - last.readAt : 0),
  };
}
