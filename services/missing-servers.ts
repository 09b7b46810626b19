/**
 * A server that is missing from a list is not gone by that: the list lacks servers of a region that does not answer. Each is
 * asked for by itself, and only a plain "there is none" means gone.
 */
import { within } from './patience';
import type { ServerReader } from './restore/ports';
import type { KnownServer, ServerFacts } from './restore/servers';

/** Questions per reading of a subscription; whoever is left is kept and has its turn at the next one. */
const mostAsked = 25;
/** A region that is down may not answer at all. */
const patienceMillis = 10_000;

export interface Settled {
  /** There, though the list did not name them. */
  readonly found: readonly ServerFacts[];
  /** Neither told of nor said to be gone. */
  readonly unreachable: readonly KnownServer[];
  readonly gone: readonly KnownServer[];
}

type Fate =
  { readonly kind: 'gone' | 'unreachable' } | { readonly kind: 'found'; readonly server: ServerFacts };

async function ask(reader: Pick<ServerReader, 'get'>, id: string): Promise<Fate> {
  try {
    return await within(
      patienceMillis,
      reader.get(id).then((server): Fate => (server ? { kind: 'found', server } : { kind: 'gone' })),
      (): Fate => ({ kind: 'unreachable' }),
    );
  } catch {
    return { kind: 'unreachable' };
  }
}

/** For one subscription: remembers who was asked, so that everybody has a turn, the newly missing ones first. */
export function createMissingServers(
  reader: Pick<ServerReader, 'get'>,
): (missing: readonly KnownServer[]) => Promise<Settled> {
  let lastTurns = new Map<string, number>();
  let turn = 0;
  return async (missing) => {
    turn += 1;
    const lastTurn = ({ server }: KnownServer): number => lastTurns.get(server.id.toLowerCase()) ?? 0;
    const inTurn = [...missing].sort((a, b) => lastTurn(a) - lastTurn(b));
    const asked = inTurn.slice(0, mostAsked);
    lastTurns = new Map([
      ...inTurn.map((known) => [known.server.id.toLowerCase(), lastTurn(known)] as const),
      ...asked.map(({ server }) => [server.id.toLowerCase(), turn] as const),
    ]);
    const fates = await Promise.all(asked.map(({ server }) => ask(reader, server.id)));
    const those = (kind: Fate['kind']): KnownServer[] => asked.filter((_, nth) => fates[nth]?.kind === kind);
    return {
      found: fates.flatMap((fate) => (fate.kind === 'found' ? [fate.server] : [])),
      unreachable: [...those('unreachable'), ...inTurn.slice(mostAsked)],
      gone: those('gone'),
    };
  };
}
