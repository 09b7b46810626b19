/** Azure and the stored inventory as the memory of servers sees them; several replicas can share both. */
import {
  createKnownServers,
  type KnownServers,
  type KnownServersDeps,
} from '../../../services/known-servers';
import { DeskError, problem } from '../../../services/restore/errors';
import { TestClock } from '../../fakes/fake-azure';
import { aServer } from '../../fakes/facts';
import type { BackupFacts, DeletedServer, KnownServer, ServerFacts } from '../../../services/restore/servers';
import type { Inventory, Store } from '../../../services/restore/ports';

export const mine = aServer('any').subscriptionId;
export const theirs = '22222222-2222-4222-8222-222222222222';

const lower = (id: string): string => id.toLowerCase();
const silent = (): never => {
  throw new DeskError(problem('AZURE_UNREACHABLE'));
};
const forbidden = (): never => {
  throw new DeskError(problem('AZURE_FORBIDDEN'));
};

/** An Azure whose lists lack what lies in a region that is down, as the real one's do. */
export class FakeInventoryAzure {
  readonly servers = new Map<string, ServerFacts>();
  readonly downRegions = new Set<string>();
  readonly forbiddenSubscriptions = new Set<string>();
  readonly backupsOf = new Map<string, readonly BackupFacts[]>();
  log: DeletedServer[] = [];
  isSilent = false;
  /** Questions that were asked, as `list`, `get a-pg`, `deletions`, `backups`. */
  readonly asked: string[] = [];
  /** Waited for by every answer while it is set. */
  held: Promise<void> | undefined;

  put(...servers: readonly ServerFacts[]): void {
    for (const server of servers) this.servers.set(lower(server.id), server);
  }
  async #answer<T>(question: string, answer: () => T): Promise<T> {
    this.asked.push(question);
    await this.held;
    return this.isSilent ? silent() : answer();
  }
  list(subscriptionId: string): Promise<readonly ServerFacts[]> {
    return this.#answer('list', () => {
      if (this.forbiddenSubscriptions.has(subscriptionId)) return forbidden();
      return [...this.servers.values()].filter(
        (server) => lower(server.subscriptionId) === subscriptionId && !this.downRegions.has(server.location),
      );
    });
  }
  get(id: string): Promise<ServerFacts | undefined> {
    return this.#answer(`get ${id.split('/').at(-1) ?? ''}`, () => {
      const server = this.servers.get(lower(id));
      return server && this.downRegions.has(server.location) ? silent() : server;
    });
  }
  backups(id: string): Promise<readonly BackupFacts[]> {
    return this.#answer('backups', () => this.backupsOf.get(lower(id)) ?? []);
  }
  deletions(subscriptionId: string): Promise<readonly DeletedServer[]> {
    return this.#answer('deletions', () => {
      if (this.forbiddenSubscriptions.has(subscriptionId)) return forbidden();
      return this.log.filter((deleted) => lower(deleted.subscriptionId) === subscriptionId);
    });
  }
}

type InventoryStore = Pick<Store, 'knownServers' | 'saveKnownServers' | 'exclusively'>;

/** What two replicas share. Its rules are those that the real one is tested for. */
export class FakeInventoryStore implements InventoryStore {
  readonly #known = new Map<string, KnownServer>();
  readonly #gone = new Map<string, ServerFacts>();
  readonly #readAt = new Map<string, string>();
  readonly #held = new Set<string>();
  isAway = false;

  async knownServers(): Promise<Inventory> {
    if (this.isAway) throw new DeskError(problem('DATABASE_UNREACHABLE'));
    const readAt = [...this.#readAt.values()].sort()[0];
    return {
      servers: [...this.#known.values()],
      gone: new Map(this.#gone),
      ...(readAt === undefined ? {} : { readAt }),
    };
  }
  async saveKnownServers(
    subscriptionId: string,
    seen: readonly ServerFacts[],
    unreachable: readonly string[],
    at: string,
  ): Promise<void> {
    if ((this.#readAt.get(subscriptionId) ?? '') > at) return;
    this.#readAt.set(subscriptionId, at);
    const kept = new Set(unreachable.map(lower));
    for (const [id, known] of this.#known) {
      if (lower(known.server.subscriptionId) !== subscriptionId) continue;
      if (kept.has(id)) this.#known.set(id, { ...known, reachable: false });
      else if (this.#known.delete(id)) this.#gone.set(id, known.server);
    }
    for (const server of seen) {
      this.#known.set(lower(server.id), { server, seenAt: at, reachable: true });
      this.#gone.delete(lower(server.id));
    }
  }
  async exclusively<T>(
    name: string,
    work: (lost: AbortSignal) => Promise<T>,
  ): Promise<{ readonly done: T } | undefined> {
    if (this.#held.has(name)) return undefined;
    this.#held.add(name);
    try {
      return { done: await work(new AbortController().signal) };
    } finally {
      this.#held.delete(name);
    }
  }
}

export interface InventoryStage {
  readonly azure: FakeInventoryAzure;
  readonly store: FakeInventoryStore;
  readonly clock: TestClock;
  readonly warnings: string[];
  /** A process that has just started and knows nothing but the store. */
  readonly replica: (changes?: Partial<KnownServersDeps>) => KnownServers;
}

export function inventoryStage(): InventoryStage {
  const azure = new FakeInventoryAzure();
  azure.put(...['orders-pg', 'billing-pg', 'search-pg'].map((name) => aServer(name)));
  const store = new FakeInventoryStore();
  const clock = new TestClock();
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_: object, words: string) => void warnings.push(words) };
  return {
    ...{ azure, store, clock, warnings },
    replica: (changes = {}) =>
      createKnownServers({
        ...{ store, reader: azure, clock, log, subscriptionIds: [mine], everySeconds: 60 },
        isShown: () => true,
        isDeletedShown: () => true,
        ...changes,
      }),
  };
}

export const names = (servers: readonly { readonly name: string }[]): string[] =>
  servers.map(({ name }) => name);

export const listed = async (servers: KnownServers): Promise<string[]> =>
  names((await servers.list()).servers);
