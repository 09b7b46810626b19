/**
 * What was found in databases that dumps were loaded into, against what the archives say that they hold. Numbers of a loaded
 * copy are its own: names are all that can be compared, and whatever is missing is missing.
 */
import { conclude, type Verdict } from './proof';
import { count, inDatabase, named, subject } from './proof-words';
import { judgeAlone } from './proof-inside';
import { judgeMoment } from './proof-moment';
import { rowsOf } from './proof-words';
import { wakingWords } from './proof-summary';
import type { Instant } from './instant';
import type { ProofFindings, ServerFindings } from './proof-findings';
import type { ProofProbe } from './proof-probe';
import type { TableName } from './dump-ports';

export interface LogicalExpectation {
  /** Time of the backup. */
  readonly moment: Instant;
  readonly toleranceSeconds: number;
  readonly databases: readonly ExpectedDatabase[];
  /** Roles that the roles file makes, the skipped ones left out. */
  readonly roles: readonly string[];
}

export interface ExpectedDatabase {
  /** Its name on the target. */
  readonly name: string;
  readonly tables: readonly TableName[];
  readonly sequences: readonly TableName[];
  readonly extensions: readonly string[];
}

export function judgeLogical(
  expectation: LogicalExpectation,
  found: ProofFindings,
  probe?: ProofProbe,
): Verdict {
  const { copy, checks } = found;
  const { moment, toleranceSeconds, databases, roles } = expectation;
  const here = new Map(copy.databases.map((database) => [database.name, database]));
  const closed = new Set(copy.closed.map(({ name }) => name));
  const gone = databases.filter(({ name }) => !here.has(name) && !closed.has(name)).map(({ name }) => name);
  const lacking = (of: (database: ExpectedDatabase) => readonly string[], has: Has): string[] =>
    databases.flatMap((database) => {
      const there = here.get(database.name);
      if (there === undefined) return [];
      const names = has(there);
      return of(database)
        .filter((name) => names !== undefined && !names.has(name))
        .map((name) => inDatabase(name, database.name));
    });
  const tables = lacking(
    (database) => database.tables.map(plainName),
    ({ tables: found_, tablesUpTo }) =>
      tablesUpTo === undefined ? new Set(found_.map(({ name }) => name)) : undefined,
  );
  const extensions = lacking(
    (database) => database.extensions,
    (database) => new Set(database.extensions.map(({ name }) => name)),
  );
  const sequences = lacking(
    (database) => database.sequences.map(plainName),
    ({ sequences: found_ }) => (found_.length < mostSequences ? new Set(found_) : undefined),
  );
  const roleNames = new Set(copy.roles.map(({ name }) => name));
  const alone = judgeAlone(copy, checks, probe);
  const against = [
    ...missing('database', 'databases', gone),
    ...missing('table', 'tables', tables),
    ...missing(
      'role',
      'roles',
      roles.filter((name) => !roleNames.has(name)),
    ),
    ...missing('extension', 'extensions', extensions),
    ...missing('sequence', 'sequences', sequences),
    ...alone.against,
    ...faultsIn(copy),
  ];
  return conclude(judgeMoment(found, { mode: 'load', moment, toleranceSeconds }), against, {
    findings: [loadedLine(databases, copy), ...emptyLine(copy), ...alone.told],
    wakes: copy.wakes.map(wakingWords),
  });
}

function faultsIn(copy: ServerFindings): string[] {
  const invalid = copy.databases.flatMap((database) =>
    database.indexes.filter(({ isValid }) => !isValid).map(({ name }) => inDatabase(name, database.name)),
  );
  const behind = copy.databases.flatMap((database) =>
    database.behind.map(({ name }) => inDatabase(name, database.name)),
  );
  return [
    ...(behind.length === 0
      ? []
      : [
          `${subject('sequence', 'sequences', behind)} behind ${behind.length === 1 ? 'its table' : 'their tables'}`,
        ]),
    ...(invalid.length === 0 ? [] : [`${subject('index', 'indexes', invalid)} invalid in the copy`]),
  ];
}

/** A longer list was cut off by who looked. */
const mostSequences = 5_000;

type Has = (database: ServerFindings['databases'][number]) => ReadonlySet<string> | undefined;

const plainName = ({ schema, name }: TableName): string => (schema === 'public' ? name : `${schema}.${name}`);

const missing = (one: string, many: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${subject(one, many, names)} missing from the copy`];

function loadedLine(databases: readonly ExpectedDatabase[], copy: ServerFindings): string {
  const tables = databases.reduce((sum, database) => sum + database.tables.length, 0);
  const rows = copy.databases
    .flatMap((database) => database.tables)
    .reduce((sum, table) => sum + (rowsOf(table) ?? 0), 0);
  return `${count(tables)} of ${count(tables)} tables of the archives · about ${count(Math.round(rows))} rows · roles, extensions, sequences fine`;
}

/** Archives do not say how many rows they hold; an empty table is only worth a line. */
function emptyLine(copy: ServerFindings): string[] {
  const empty = copy.databases.flatMap((database) =>
    database.tables
      .filter(({ holds, rows, bytes }) => holds === 'rows' && (rows === 0 || bytes === 0))
      .map(({ name }) => inDatabase(name, database.name)),
  );
  return empty.length === 0 ? [] : [`empty: ${named(empty)}`];
}
