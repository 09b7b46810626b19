/** Servers in memory, arranged for looking up and for typing: what costs time is done once per reading, not per keystroke. */
import { setImmediate } from 'node:timers/promises';
import type { Instant } from './restore/instant';
import type { KnownServer, ServerFacts } from './restore/servers';

export interface ServerMemory {
  /** Replaces what is known of one subscription, unless something newer has come meanwhile. */
  put(subscriptionId: string, servers: readonly KnownServer[], readAt: Instant): Promise<void>;
  readAt(subscriptionId: string): Instant | undefined;
  of(subscriptionId: string): readonly KnownServer[];
  /** By name. */
  all(): readonly ServerFacts[];
  /** When the subscription that was read longest ago was read. */
  oldest(): Instant | undefined;
  known(id: string): KnownServer | undefined;
  search(query: string, limit: number): readonly ServerFacts[];
}

interface Entry {
  /** In lower case. */
  readonly name: string;
  readonly server: ServerFacts;
  readonly isOffered: boolean;
}

interface Shelf {
  readonly readAt: Instant;
  readonly byId: ReadonlyMap<string, KnownServer>;
  readonly entries: readonly Entry[];
}

/** Names are ASCII, so the plain order is theirs; asking the language for it would take many times as long. */
const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The policy may have many rules; between pieces whoever waits has a turn. */
const judgedAtOnce = 250;

async function judge(
  servers: readonly KnownServer[],
  isShown: (server: ServerFacts) => boolean,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let from = 0; from < servers.length; from += judgedAtOnce) {
    if (from > 0) await setImmediate();
    for (const { server } of servers.slice(from, from + judgedAtOnce))
      entries.push({ name: server.name.toLowerCase(), server, isOffered: isShown(server) });
  }
  return entries;
}

/** The offers are in order of their names, and so is the answer. */
function find(offers: readonly Entry[], query: string, limit: number): ServerFacts[] {
  const wanted = query.trim().toLowerCase();
  const [starting, containing]: [ServerFacts[], ServerFacts[]] = [[], []];
  for (const { name, server } of offers) {
    if (starting.length >= limit) break;
    if (name.startsWith(wanted)) starting.push(server);
    else if (containing.length < limit && name.includes(wanted)) containing.push(server);
  }
  return [...starting, ...containing].slice(0, limit);
}

export function createServerMemory(isShown: (server: ServerFacts) => boolean): ServerMemory {
  const shelves = new Map<string, Shelf>();
  let offers: readonly Entry[] = [];
  let all: readonly ServerFacts[] = [];
  return {
    put: async (subscriptionId, servers, readAt) => {
      const entries = await judge(servers, isShown);
      if ((shelves.get(subscriptionId)?.readAt ?? '') > readAt) return;
      const byId = new Map(servers.map((known) => [known.server.id.toLowerCase(), known]));
      shelves.set(subscriptionId, { readAt, byId, entries });
      const everybody = [...shelves.values()].flatMap((shelf) => shelf.entries).sort(byName);
      all = everybody.map(({ server }) => server);
      offers = everybody.filter(({ isOffered }) => isOffered);
    },
    readAt: (subscriptionId) => shelves.get(subscriptionId)?.readAt,
    of: (subscriptionId) => [...(shelves.get(subscriptionId)?.byId.values() ?? [])],
    all: () => all,
    oldest: () => [...shelves.values()].map(({ readAt }) => readAt).sort()[0],
    known: (id) => {
      const wanted = id.toLowerCase();
      for (const { byId } of shelves.values()) {
        const found = byId.get(wanted);
        if (found) return found;
      }
      return undefined;
    },
    search: (query, limit) => find(offers, query, limit),
  };
}
