/**
 * What is known of servers, answered from memory: a form, a keystroke and a decision never wait for Azure longer than a person
 * would. Behind the memory stands the stored inventory, which survives a restart without Azure.
 */
import { DeskError, problem } from './restore/errors';
import { createDeletedServers } from './deleted-servers';
import { createInventoryReading, type InventoryReading, type Warnings } from './inventory-reading';
import { createRecentBackups } from './recent-backups';
import { createServerMemory } from './server-memory';
import { within } from './patience';
import type { Clock, ServerReader, Store } from './restore/ports';
import type { Instant } from './restore/instant';
import type { BackupFacts, DeletedServer, KnownServer, ServerFacts } from './restore/servers';

export interface ServerList {
  /** The unreachable ones included; `known` tells which they are. */
  readonly servers: readonly ServerFacts[];
  /** When the subscription that was read longest ago was read. */
  readonly readAt: Instant;
}

export interface KnownServers {
  /** Everything known, from memory; waits for Azure only while nothing at all is known (neither stored nor read). Rejects with AZURE_UNREACHABLE then. */
  list(): Promise<ServerList>;
  /** What is stored of one server, by full id, whatever the case. */
  known(id: string): KnownServer | undefined;
  /** Servers to offer for what was typed: name contains it, prefix matches first, then by name; never one outside `isShown`. From memory, at most `limit`. */
  search(query: string, limit: number): readonly ServerFacts[];
  /** Deleted servers of the last 30 days that may be shown, newest first, each with `before` filled in where the inventory knows it; at most a minute old while Azure answers; what is known when it does not; rejects with AZURE_UNREACHABLE while nothing is known. Servers that exist again under the same id are left out. */
  deleted(): Promise<readonly DeletedServer[]>;
  /** Backups of a server for a form, newest first; none when Azure takes longer than 700 ms: a form must not wait for it. Kept for some seconds. */
  backups(id: string): Promise<readonly BackupFacts[]>;
  /** Reads everything anew (used at start). Never rejects. */
  refresh(): Promise<void>;
  /** Begins to read in the background, the first time after `everySeconds`. */
  start(): void;
  /** Ends that. A reading that is under way is waited for, but not for long. */
  stop(): Promise<void>;
}

export interface KnownServersDeps {
  readonly store: Pick<Store, 'knownServers' | 'saveKnownServers' | 'exclusively'>;
  readonly reader: Pick<ServerReader, 'list' | 'get' | 'backups' | 'deletions'>;
  readonly clock: Clock;
  readonly log: Warnings;
  readonly subscriptionIds: readonly string[];
  isShown(server: ServerFacts): boolean;
  isDeletedShown(server: DeletedServer): boolean;
  readonly everySeconds: number;
}

/** A form may show what is this old. */
const freshMillis = 60_000;
/** How long a question waits for something newer before it is answered with what there is. */
const patienceMillis = 1_500;
/** Timers are not exact: without this a replica would now and then find its own last reading too young. */
const timerSlackMillis = 500;
const stopPatienceMillis = 2_000;

/** Readings one after the other; whoever asks during one shares it. */
function oneAtATime(reading: InventoryReading, log: Warnings) {
  let running: Promise<void> | undefined;
  const readOlderThan = (millis: number): Promise<void> => {
    running ??= reading
      .readOlderThan(millis)
      .catch((error: unknown) => log.warn({ error }, 'the inventory of servers cannot be stored or loaded'))
      .finally(() => (running = undefined));
    return running;
  };
  return { readOlderThan, ended: () => running ?? Promise.resolve() };
}

async function list(
  reading: InventoryReading,
  readOlderThan: (millis: number) => Promise<void>,
): Promise<Instant> {
  if (reading.isEmpty()) await reading.load();
  if (reading.isEmpty()) await readOlderThan(freshMillis);
  else if (reading.isOlderThan(freshMillis))
    await within(patienceMillis, readOlderThan(freshMillis), () => undefined);
  const readAt = reading.readAt();
  if (readAt === undefined) throw new DeskError(problem('AZURE_UNREACHABLE'));
  return readAt;
}

export function createKnownServers(deps: KnownServersDeps): KnownServers {
  const subscriptionIds = deps.subscriptionIds.map((id) => id.toLowerCase());
  const memory = createServerMemory((server) => deps.isShown(server));
  const reading = createInventoryReading({ ...deps, subscriptionIds }, memory);
  const { readOlderThan, ended } = oneAtATime(reading, deps.log);
  const known = (id: string): KnownServer | undefined => memory.known(id);
  const deleted = createDeletedServers({
    ...{
      reader: deps.reader,
      clock: deps.clock,
      log: deps.log,
      subscriptionIds,
      known,
      gone: (id) => reading.gone(id),
    },
    isDeletedShown: (server) => deps.isDeletedShown(server),
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    list: async () => {
      const readAt = await list(reading, readOlderThan);
      return { servers: memory.all(), readAt };
    },
    known,
    search: (query, limit) => memory.search(query, limit),
    deleted: async () => {
      // What the servers were before is known from the store; without it the deletions alone are told.
      if (reading.isEmpty()) await reading.load().catch(() => undefined);
      return deleted();
    },
    backups: createRecentBackups(deps.reader, deps.clock),
    refresh: async () => {
      await ended();
      await readOlderThan(0);
    },
    start: () => {
      const every = deps.everySeconds * 1000;
      timer ??= setInterval(() => void readOlderThan(every - timerSlackMillis), every);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      timer = undefined;
      await within(stopPatienceMillis, ended(), () => undefined);
    },
  };
}
