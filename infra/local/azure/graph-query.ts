/**
 * A Resource Graph query: a table and the stages its rows go through. Known are `where`, `extend`, `project` (also
 * `project-away`, `project-keep`), `order by`/`sort by`, `take`/`limit` and `count`; everything else is refused.
 */
import { asText, order, readExpression, type Expression, type Row } from './graph-expression';
import { QueryRefused, readerOf, tokensOf, type TokenReader } from './graph-tokens';

export interface GraphQuery {
  /** In lower case. */
  readonly table: string;
  /** The answer to the query over the rows of its table; may throw QueryRefused, for example about a column. */
  run(rows: readonly Row[]): readonly Row[];
}

type Stage = (rows: readonly Row[]) => readonly Row[];

/** Throws QueryRefused. */
export function readQuery(text: string): GraphQuery {
  const reader = readerOf(tokensOf(text));
  const first = reader.next();
  if (first.kind !== 'name') throw new QueryRefused('A query begins with the name of a table.');
  const stages: Stage[] = [];
  let isOrdered = false;
  while (reader.take('|') !== undefined) {
    const word = reader.next().text.toLowerCase();
    isOrdered ||= word === 'order' || word === 'sort';
    const read = Object.hasOwn(stageReaders, word) ? stageReaders[word] : undefined;
    if (!read) throw new QueryRefused(`The operator '${word}' is not supported.`);
    stages.push(read(reader));
  }
  const rest = reader.peek();
  if (rest) throw new QueryRefused(`"${rest.text}" is out of place.`);
  return {
    table: first.text.toLowerCase(),
    // Pages need an order that stays: without one of the caller's, it is that of the ids.
    run: (rows) =>
      stages.reduce((left, stage) => stage(left), isOrdered ? rows : sorted(rows, [{ key: idOf, up: true }])),
  };
}

const idOf: Expression = (row) => asText(row['id']).toLowerCase();

const stageReaders: Readonly<Record<string, (reader: TokenReader) => Stage>> = {
  where: (reader) => {
    const condition = readExpression(reader);
    return (rows) => rows.filter((row) => condition(row) === true);
  },
  extend: (reader) => {
    const columns = readColumns(reader);
    return (rows) =>
      rows.map((row) => columns.reduce((made, { name, value }) => ({ ...made, [name]: value(made) }), row));
  },
  project: (reader) => {
    const columns = readColumns(reader);
    return (rows) =>
      rows.map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row) ?? null])));
  },
  'project-away': (reader) => keepColumns(reader, (isNamed) => !isNamed),
  'project-keep': (reader) => keepColumns(reader, (isNamed) => isNamed),
  order: readOrder,
  sort: readOrder,
  take: readLimit,
  limit: readLimit,
  count: () => (rows) => [{ Count: rows.length }],
};

interface Column {
  readonly name: string;
  readonly value: Expression;
}

/** `name = expression` or an expression that is a path, which then gives the name: `properties.status` is `properties_status`. */
function readColumns(reader: TokenReader): Column[] {
  const columns: Column[] = [];
  do {
    const first = reader.peek();
    if (first?.kind !== 'name') throw new QueryRefused('A column begins with its name.');
    const seen: string[] = [];
    const value = readExpression(spying(reader, seen));
    if (reader.take('=') === undefined) columns.push({ name: nameOf(seen), value });
    else columns.push({ name: first.text, value: readExpression(reader) });
  } while (reader.take(',') !== undefined);
  return columns;
}

/** Tells the names that were read, so that a path can name its column. */
const spying = (reader: TokenReader, seen: string[]): TokenReader => ({
  ...reader,
  next: () => {
    const token = reader.next();
    seen.push(token.text);
    return token;
  },
});

const nameOf = (seen: readonly string[]): string => seen.join('_');

function keepColumns(reader: TokenReader, keep: (isNamed: boolean) => boolean): Stage {
  const names = new Set(readColumns(reader).map(({ name }) => name));
  return (rows) =>
    rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => keep(names.has(name)))));
}

interface SortKey {
  readonly key: Expression;
  readonly up: boolean;
}

function readOrder(reader: TokenReader): Stage {
  reader.expect('by');
  const keys: SortKey[] = [];
  do {
    const key = readExpression(reader);
    const direction = reader.take('asc', 'desc');
    if (reader.take('nulls') !== undefined) reader.next();
    keys.push({ key, up: direction === 'asc' });
  } while (reader.take(',') !== undefined);
  return (rows) => sorted(rows, keys);
}

function sorted(rows: readonly Row[], keys: readonly SortKey[]): readonly Row[] {
  return [...rows].sort((a, b) => {
    for (const { key, up } of keys) {
      const difference = order(key(a) ?? '', key(b) ?? '') ?? 0;
      if (difference !== 0) return up ? difference : -difference;
    }
    return 0;
  });
}

function readLimit(reader: TokenReader): Stage {
  const count = reader.next();
  if (count.kind !== 'number') throw new QueryRefused('How many rows is a number.');
  return (rows) => rows.slice(0, Number(count.text));
}
