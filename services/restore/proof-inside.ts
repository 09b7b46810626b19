/** What is wrong inside a copy: empty tables, invalid or damaged indexes, sequences behind, the owner's own checks. */
import { databasePairs, wasWritten } from './proof-lost';
import { inDatabase, named, rowsOf, subject } from './proof-words';
import type { CheckFinding, DatabaseFindings, FoundTable, ServerFindings } from './proof-findings';
import type { AsOf, Lost } from './proof-lost';
import type { ProofProbe } from './proof-probe';

export const isEmpty = ({ holds, rows, bytes }: FoundTable): boolean =>
  holds === 'rows' && (rows === 0 || (rows === undefined && bytes === 0));

/** Rows of the source that are older than the moment, in tables that are empty in the copy. */
export function judgeEmptyTables(copy: ServerFindings, source: ServerFindings, asOf: AsOf): Lost {
  const suspects = databasePairs(copy, source).flatMap((pair) =>
    pair.copy.tables.filter(isEmpty).flatMap((table) => {
      const there = pair.source.tables.find(({ oid }) => oid === table.oid);
      return there === undefined ? [] : [{ there, name: inDatabase(table.name, pair.copy.name) }];
    }),
  );
  const emptied = suspects.filter(({ there }) => wasWritten(there.oldRow, asOf));
  const filledSince = suspects.filter(
    ({ there }) => !wasWritten(there.oldRow, asOf) && (rowsOf(there) ?? 0) > 0,
  );
  return {
    against:
      emptied.length === 0
        ? []
        : [
            `${subject('table', 'tables', emptied.map(nameOf))} empty in the copy, and the source holds older rows`,
          ],
    told:
      filledSince.length === 0
        ? []
        : [
            `${subject('table', 'tables', filledSince.map(nameOf))} empty in the copy and not in the source; no row there is known to be older than the moment`,
          ],
  };
}

/** Invalid indexes and sequences behind. Where the source has the same fault it is the owner's, and not of the restore. */
export function judgeParts(copy: ServerFindings, source: ServerFindings | undefined, asOf: AsOf): Lost {
  const against: string[] = [];
  const told: string[] = [];
  const sort = (of: readonly Fault[], say: (names: readonly string[]) => string): void => {
    const names = (weight: Fault['weight']) => of.filter((each) => each.weight === weight).map(nameOf);
    if (names('against').length > 0) against.push(say(names('against')));
    if (names('told').length > 0) told.push(`${say(names('told'))}${source ? ', as in the source' : ''}`);
    if (names('unsure').length > 0)
      told.push(`${say(names('unsure'))}, which may have been so at the moment`);
  };
  const pairs = copy.databases.map((database) => ({
    copy: database,
    source: source?.databases.find(({ oid, name }) => oid === database.oid || name === database.name),
  }));
  sort(
    pairs.flatMap((pair) => behind(pair)),
    (names) =>
      `${subject('sequence', 'sequences', names)} behind ${names.length === 1 ? 'its table' : 'their tables'}`,
  );
  sort(
    pairs.flatMap((pair) => invalid(pair, asOf)),
    (names) => `${subject('index', 'indexes', names)} invalid in the copy`,
  );
  return { against, told };
}

interface Fault {
  readonly name: string;
  readonly weight: 'against' | 'told' | 'unsure';
}

interface MaybePair {
  readonly copy: DatabaseFindings;
  readonly source: DatabaseFindings | undefined;
}

const behind = ({ copy, source }: MaybePair): Fault[] =>
  copy.behind.map(({ name }) => ({
    name: inDatabase(name, copy.name),
    weight: source && !source.behind.some((other) => other.name === name) ? 'against' : 'told',
  }));

/** An index that was just being built at the moment is invalid in the copy by right: the source's row of it is younger. */
const invalid = ({ copy, source }: MaybePair, asOf: AsOf): Fault[] =>
  copy.indexes
    .filter(({ isValid }) => !isValid)
    .map((index) => {
      const there = source?.indexes.find(({ oid }) => oid === index.oid);
      const name = inDatabase(index.name, copy.name);
      if (!there?.isValid) return { name, weight: 'told' };
      return { name, weight: wasWritten(there.origin, asOf) ? 'against' : 'unsure' };
    });

const nameOf = ({ name }: { readonly name: string }): string => name;

/** What needs no source to be wrong. */
export function judgeAlone(
  copy: ServerFindings,
  checks: readonly CheckFinding[],
  probe: ProofProbe | undefined,
): Lost {
  const lacking = (probe?.requiredTables ?? []).filter(({ database, table }) => {
    const found = copy.databases.find(({ name }) => name === database);
    const plain = table.replace(/^public\./, '');
    // Nobody knows what is in a database that was not looked into; that it was not is told.
    if (!found && copy.closed.length > 0) return false;
    return found?.tablesUpTo === undefined && !found?.tables.some(({ name }) => name === plain);
  });
  const read = copy.databases.flatMap(({ name, amcheck }) => (amcheck ? [{ name, amcheck }] : []));
  const damaged = read.flatMap(({ name, amcheck }) =>
    amcheck.kind === 'read'
      ? amcheck.damaged.map((each) => `the index ${inDatabase(each.name, name)} is damaged: ${each.message}`)
      : [],
  );
  return {
    against: [
      ...(lacking.length === 0
        ? []
        : [
            `${subject(
              'required table',
              'required tables',
              lacking.map(({ database, table }) => inDatabase(table, database)),
            )} missing from the copy`,
          ]),
      ...damaged.slice(0, 3),
      ...checks.flatMap(failedCheck),
    ],
    told: [...amcheckLine(read), ...closedLine(copy)],
  };
}

function failedCheck({ name, expected, result }: CheckFinding): string[] {
  if (result.kind === 'failed') return [`the check "${name}" could not be made: ${result.message}`];
  return result.value === null || !isSame(result.value, expected)
    ? [`the check "${name}" gave ${result.value ?? 'nothing'} instead of ${expected}`]
    : [];
}

/** As numbers where both are, so that 5 is 5.0; `t` is how PostgreSQL writes true. */
function isSame(value: string, expected: string): boolean {
  if (value === expected) return true;
  const asBoolean: Readonly<Record<string, string>> = { t: 'true', f: 'false' };
  if (asBoolean[value] === expected) return true;
  return value.trim() !== '' && expected.trim() !== '' && Number(value) === Number(expected);
}

function amcheckLine(
  read: readonly { readonly name: string; readonly amcheck: NonNullable<DatabaseFindings['amcheck']> }[],
): string[] {
  if (read.length === 0) return [];
  const sound = read.reduce(
    (sum, { amcheck }) => sum + (amcheck.kind === 'read' ? amcheck.indexes - amcheck.damaged.length : 0),
    0,
  );
  const left = read.reduce((sum, { amcheck }) => sum + (amcheck.kind === 'read' ? amcheck.left : 0), 0);
  const not = read.filter(({ amcheck }) => amcheck.kind !== 'read').map(({ name }) => name);
  return [
    ...(sound === 0
      ? []
      : [`${sound} indexes read through and sound${left === 0 ? '' : `, ${left} left out for time`}`]),
    ...(not.length === 0 ? [] : [`indexes not read through in ${named(not)}: amcheck is not usable there`]),
  ];
}

const closedLine = ({ closed }: ServerFindings): string[] =>
  closed.length === 0 ? [] : [`not looked into: ${named(closed.map(({ name, why }) => `${name} (${why})`))}`];
