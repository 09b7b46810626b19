/**
 * Keeps the memory and the stored inventory in step with Azure. One replica at a time reads Azure, the others take what it
 * stored; every subscription is read for itself, so that one that fails leaves the others as fresh as they can be.
 */
import { DeskError, problem } from './restore/errors';
import { millisBetween, type Instant } from './restore/instant';
import { createMissingServers } from './missing-servers';
import { within } from './patience';
import type { Clock, ServerReader, Store } from './restore/ports';
import type { KnownServer, ServerFacts } from './restore/servers';
import type { ServerMemory } from './server-memory';

export interface Warnings {
  info(facts: object, words: string): void;
  warn(facts: object, words: string): void;
}

export interface InventoryReadingDeps {
  readonly store: Pick<Store, 'knownServers' | 'saveKnownServers' | 'exclusively'>;
  readonly reader: Pick<ServerReader, 'list' | 'get'>;
  readonly clock: Clock;
  readonly log: Warnings;
  /** In lower case. */
  readonly subscriptionIds: readonly string[];
}

export interface InventoryReading {
  /** Takes from the store what is newer there. */
  load(): Promise<void>;
  /** Reads the subscriptions that nobody has read for so long. Failures of Azure are logged, those of the store thrown. */
  readOlderThan(millis: number): Promise<void>;
  /** Whether something would come of reading now: a subscription that just failed is left alone for a while. */
  isOlderThan(millis: number): boolean;
  isEmpty(): boolean;
  /** When the inventory was read, its oldest part. */
  readAt(): Instant | undefined;
  /** A server that is gone, as it was seen last. */
  gone(id: string): ServerFacts | undefined;
}

/** A list of thousands comes in many pages; one that takes longer than this holds up the other subscriptions. */
const listPatienceMillis = 45_000;
/** Questions do not make a failing subscription be asked more often than this. */
const restMillis = 10_000;

const idOf = ({ id }: ServerFacts): string => id.toLowerCase();

const newest = (servers: readonly KnownServer[]): Instant | undefined =>
  servers
    .map(({ seenAt }) => seenAt)
    .sort()
    .at(-1);

/** Reads one subscription into the memory and the store. */
function createSubscriptionReading(
  { reader, store, clock }: InventoryReadingDeps,
  memory: ServerMemory,
  gone: Map<string, ServerFacts>,
  id: string,
): () => Promise<void> {
  const settle = createMissingServers(reader);
  return async () => {
    // Taken before the question: whatever happens while the pages come is newer than what they tell.
    const at = clock.now();
    const listed = await within(listPatienceMillis, reader.list(id), () =>
      Promise.reject(new DeskError(problem('AZURE_UNREACHABLE'))),
    );
    const isListed = new Set(listed.map(idOf));
    const settled = await settle(memory.of(id).filter(({ server }) => !isListed.has(idOf(server))));
    const seen = [...listed, ...settled.found];
    const unreachable = settled.unreachable.map((known) => ({ ...known, reachable: false }));
    await memory.put(
      id,
      [...seen.map((server) => ({ server, seenAt: at, reachable: true })), ...unreachable],
      at,
    );
    for (const { server } of settled.gone) gone.set(idOf(server), server);
    for (const server of seen) gone.delete(idOf(server));
    const unreachableIds = unreachable.map(({ server }) => idOf(server));
    await store.saveKnownServers(id, seen, unreachableIds, at);
  };
}

/** Says once that something fails, and once that it works again. */
function createTrying(clock: Clock, log: Warnings) {
  const failedAt = new Map<string, Instant>();
  return {
    failedAt: (subscriptionId: string) => failedAt.get(subscriptionId),
    run: async (subscriptionId: string, read: () => Promise<void>): Promise<void> => {
      try {
        await read();
        if (failedAt.delete(subscriptionId))
          log.info({ subscriptionId }, 'the servers of a subscription can be read again');
      } catch (error) {
        if (!failedAt.has(subscriptionId))
          log.warn({ subscriptionId, error }, 'the servers of a subscription cannot be read');
        failedAt.set(subscriptionId, clock.now());
      }
    },
  };
}

export function createInventoryReading(deps: InventoryReadingDeps, memory: ServerMemory): InventoryReading {
  const { store, clock, subscriptionIds } = deps;
  const gone = new Map<string, ServerFacts>();
  const trying = createTrying(clock, deps.log);
  const subscriptions = subscriptionIds.map((id) => ({
    id,
    read: createSubscriptionReading(deps, memory, gone, id),
  }));
  let storedAt: Instant | undefined;
  const age = (at: Instant | undefined): number =>
    at === undefined ? Number.POSITIVE_INFINITY : millisBetween(at, clock.now());
  const due = (millis: number) => subscriptions.filter(({ id }) => age(memory.readAt(id)) >= millis);
  const isEmpty = (): boolean => memory.oldest() === undefined && storedAt === undefined;
  const load = async (): Promise<void> => {
    const stored = await store.knownServers();
    gone.clear();
    for (const [id, server] of stored.gone) gone.set(id, server);
    for (const id of subscriptionIds) {
      const servers = stored.servers.filter(({ server }) => server.subscriptionId.toLowerCase() === id);
      // Listed servers were seen when their subscription was read, so the newest of them tells when that was.
      const readAt = newest(servers);
      if (readAt !== undefined && age(readAt) < age(memory.readAt(id))) await memory.put(id, servers, readAt);
    }
    // Last: until the servers are in memory there is nothing to answer with.
    storedAt = stored.readAt;
  };
  return {
    load,
    readOlderThan: async (millis) => {
      await load();
      const asked = due(millis);
      if (asked.length === 0) return;
      const readAll = async (): Promise<void> =>
        void (await Promise.all(asked.map(({ id, read }) => trying.run(id, read))));
      const held = await store.exclusively('inventory', readAll);
      // While another replica reads for the first time there is nothing to take from it yet.
      if (!held && isEmpty()) await readAll();
    },
    isOlderThan: (millis) => due(millis).some(({ id }) => age(trying.failedAt(id)) >= restMillis),
    isEmpty,
    readAt: () => memory.oldest() ?? storedAt,
    gone: (id) => gone.get(id.toLowerCase()),
  };
}
