/** Dump files and servers that take them, as our own ports see them, played by hand. */
import { createKnownDumps } from '../../services/known-dumps';
import { partKey } from '../../services/restore/dump-ports';
import { now } from './facts';
import type { Deps } from '../../services/deps';
import type {
  ArchiveContents,
  DumpContents,
  LoadOrder,
  LoadTargetFacts,
  LoadWatch,
  PartResult,
} from '../../services/restore/dump-ports';

export const anArchive = (database: string, changes: Partial<ArchiveContents> = {}): ArchiveContents => ({
  kind: 'archive',
  database,
  postgresVersion: '15.8',
  dumpVersion: '15.8',
  entries: 12,
  tables: [{ schema: 'public', name: 'orders' }],
  sequences: [],
  extensions: [],
  owners: ['shop_admin'],
  hasGrants: true,
  ...changes,
});

export const anEmptyServer = (changes: Partial<LoadTargetFacts> = {}): LoadTargetFacts => ({
  mayCreateDatabases: true,
  mayCreateRoles: true,
  postgresVersion: '15.8',
  databases: [{ name: 'postgres', isEmpty: true }],
  roles: [],
  availableExtensions: ['plpgsql', 'pg_trgm'],
  lookedAt: now,
  ...changes,
});

export class FakeDumps {
  /** By the ends of the names of blobs. */
  readonly contents = new Map<string, DumpContents>();
  target: LoadTargetFacts | Error = anEmptyServer();
  readonly orders: LoadOrder[] = [];
  readonly forgotten: string[] = [];
  readonly removals: LoadOrder[] = [];
  unfinished: readonly string[] = [];
  /** What becomes of parts by their keys; every other one is loaded. */
  readonly results = new Map<string, PartResult>();
  /** Takes the place of a load that simply does one part after the other. */
  play: ((order: LoadOrder, watch: LoadWatch) => Promise<void>) | undefined;
}

async function loadAll(dumps: FakeDumps, order: LoadOrder, watch: LoadWatch): Promise<void> {
  for (const part of order.parts) {
    if (order.ended.includes(partKey(part))) continue;
    await watch.begun(part, { existed: false });
    await watch.ended(part, dumps.results.get(partKey(part)) ?? { kind: 'loaded', notes: [] });
  }
}

type Played = { readonly dumps: FakeDumps };
type DumpDeps = Pick<Deps, 'knownDumps' | 'blobParts' | 'dumpReader' | 'dumpLoader' | 'loadTargets'>;

/** The ports, always over what is played now. The name of a blob stands for its bytes. */
export function dumpDeps(played: Played, others: Pick<Deps, 'vaultTargets' | 'clock'>): DumpDeps {
  const at = (): FakeDumps => played.dumps;
  const encoder = new TextEncoder();
  const blobParts: Deps['blobParts'] = {
    read: async (_account, _container, blob) => encoder.encode(blob.name),
  };
  const dumpReader: Deps['dumpReader'] = {
    contents: async (_bytes, read) => {
      const name = new TextDecoder().decode(await read(0, 1));
      const found = [...at().contents].find(([end]) => name.endsWith(end));
      const database = /_database_(.+)\.sql$/.exec(name)?.[1] ?? 'shop';
      return found ? found[1] : anArchive(database);
    },
  };
  return {
    blobParts,
    dumpReader,
    knownDumps: {
      // A form of a test sees what lies there now.
      set: (container, prefix) =>
        createKnownDumps({ ...others, blobParts, dumpReader }).set(container, prefix),
    },
    dumpLoader: {
      load: (order, watch) => {
        at().orders.push(order);
        return at().play?.(order, watch) ?? loadAll(at(), order, watch);
      },
      removeUnfinished: async (order) => {
        at().removals.push(order);
        return at().unfinished;
      },
      forget: async (key) => void at().forgotten.push(key),
    },
    loadTargets: {
      roles: async () => [],
      look: async () => {
        const { target } = at();
        if (target instanceof Error) throw target;
        return target;
      },
    },
  };
}
