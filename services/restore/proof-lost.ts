/**
 * What the source has and a physical copy lacks. Both come from one history: what stood in the source at the asked moment has
 * to be in the copy, and what is younger cannot be. Only what is known to be older is held against the copy.
 */
import { inDatabase, subject } from './proof-words';
import type { DatabaseFindings, FoundThing, Origin, ServerFindings } from './proof-findings';
import { plusSeconds, type Instant } from './instant';

/** What the copy should be like. */
export interface AsOf {
  readonly moment: Instant;
  readonly toleranceSeconds: number;
  /** It may be older than the moment: the last data that had arrived, or a backup that was read before it was complete. */
  readonly lags: boolean;
}

export interface Lost {
  /** Against the copy, the worst first. */
  readonly against: readonly string[];
  /** Only worth a line. */
  readonly told: readonly string[];
}

/**
 * Whether something of the source was there at the moment. The row that tells of a role or an extension is rewritten when it
 * is changed; then only its OID can tell.
 */
export function wasThere(thing: FoundThing, asOf: AsOf, highestOid?: number): boolean {
  return wasWritten(thing.origin, asOf) || (highestOid !== undefined && thing.oid < highestOid);
}

/**
 * What the copy has replayed was there. What it has not is missed only when it is clearly older than the moment: a recovery ends
 * between two commits of one and the same millisecond, and a copy that lags lacks by right what had not arrived.
 */
export function wasWritten({ committedAt, isInCopy }: Origin = {}, asOf: AsOf): boolean {
  const { moment, toleranceSeconds, lags } = asOf;
  if (isInCopy === true) return committedAt === undefined || committedAt <= moment;
  return !lags && committedAt !== undefined && committedAt < plusSeconds(moment, -toleranceSeconds);
}

/** The same thing by its OID, or one that took its place under its name. */
export function missingFrom<Thing extends FoundThing>(
  copy: readonly FoundThing[],
  source: readonly Thing[],
  upTo = Infinity,
): Thing[] {
  const oids = new Set(copy.map(({ oid }) => oid));
  const names = new Set(copy.map(({ name }) => name));
  return source.filter(({ oid, name }) => oid <= upTo && !oids.has(oid) && !names.has(name));
}

/** Databases of the copy and the source that were looked into on both sides. */
export const databasePairs = (
  copy: ServerFindings,
  source: ServerFindings,
): { readonly copy: DatabaseFindings; readonly source: DatabaseFindings }[] =>
  source.databases.flatMap((theirs) => {
    const ours = copy.databases.find(({ oid, name }) => oid === theirs.oid || name === theirs.name);
    return ours ? [{ copy: ours, source: theirs }] : [];
  });

export function judgeLost(copy: ServerFindings, source: ServerFindings, asOf: AsOf): Lost {
  const pairs = databasePairs(copy, source);
  const seen = [...copy.databases, ...copy.closed.map(({ name }) => ({ oid: 0, name }))];
  const databases = split(missingFrom(seen, source.databases), asOf, copy.highestOid);
  const tables = collect(pairs, (pair) =>
    split(missingFrom(pair.copy.tables, pair.source.tables, pair.copy.tablesUpTo), asOf),
  );
  const extensions = collect(pairs, (pair) =>
    split(missingFrom(pair.copy.extensions, pair.source.extensions), asOf, copy.highestOid),
  );
  const roles = split(missingFrom(copy.roles, source.roles), asOf, copy.highestOid);
  const indexes = collect(pairs, (pair) => missingIndexes(pair, asOf));
  const dropped = collect(pairs, (pair) => ({
    older: missingFrom(pair.source.tables, pair.copy.tables, pair.source.tablesUpTo),
    younger: [],
  }));
  return {
    against: [
      ...missing('database', 'databases', databases.older),
      ...missing('table', 'tables', tables.older),
      ...missing('role', 'roles', roles.older),
      ...missing('extension', 'extensions', extensions.older),
      ...missing('index', 'indexes', indexes.older),
    ],
    told: [
      ...(dropped.older.length === 0
        ? []
        : [
            `${subject('table', 'tables', dropped.older.map(nameOf))} in the copy and no longer in the source`,
          ]),
      ...younger([...databases.younger, ...tables.younger, ...extensions.younger, ...roles.younger]),
    ],
  };
}

const nameOf = ({ name }: FoundThing): string => name;

const missing = (one: string, many: string, things: readonly FoundThing[]): string[] =>
  things.length === 0 ? [] : [`${subject(one, many, things.map(nameOf))} missing from the copy`];

const isKnownYounger = ({ origin }: FoundThing): boolean =>
  origin?.committedAt !== undefined || origin?.isInCopy === false;

const younger = (things: readonly FoundThing[]): string[] =>
  things.length === 0
    ? []
    : [
        `${things.every(isKnownYounger) ? 'younger than the moment, and so not in the copy' : 'not in the copy, and not known to be older than the moment'}: ${things
          .slice(0, 4)
          .map(nameOf)
          .join(', ')}${things.length > 4 ? ` and ${things.length - 4} more` : ''}`,
      ];

interface Split {
  readonly older: readonly FoundThing[];
  readonly younger: readonly FoundThing[];
}

const split = (things: readonly FoundThing[], asOf: AsOf, highestOid?: number): Split => ({
  older: things.filter((thing) => wasThere(thing, asOf, highestOid)),
  younger: things.filter((thing) => !wasThere(thing, asOf, highestOid)),
});

type Pair = ReturnType<typeof databasePairs>[number];

/** Of a table that is missing itself its indexes need not be named. */
function missingIndexes({ copy, source }: Pair, asOf: AsOf): Split {
  const tables = new Set(copy.tables.map(({ name }) => name));
  const there = source.indexes.filter(({ table }) => tables.has(table));
  return split(missingFrom(copy.indexes, there, copy.indexesUpTo), asOf);
}

/** What is found in each database, under names that tell which. */
function collect(pairs: readonly Pair[], of: (pair: Pair) => Split): Split {
  const found = pairs.map((pair) => {
    const label = (thing: FoundThing): FoundThing => ({
      ...thing,
      name: inDatabase(thing.name, pair.copy.name),
    });
    const { older, younger: rest } = of(pair);
    return { older: older.map(label), younger: rest.map(label) };
  });
  return { older: found.flatMap(({ older }) => older), younger: found.flatMap((each) => each.younger) };
}
