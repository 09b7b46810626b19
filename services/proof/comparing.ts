/** Looks into the source as far as the copy gives reason to: its catalogues, and the age of what the copy lacks. */
import { askDatabase } from './database-questions';
import { askServer, ownFrom, type ServerAnswers, type WrittenThing } from './server-questions';
import { databasePart, plain, serverPart, type OneDatabase, type Side } from './sides';
import { openHome } from './home';
import { isEmpty } from '../restore/proof-inside';
import { missingFrom } from '../restore/proof-lost';
import { oldRows, sequencesBehind } from './row-questions';
import { originsOf, type CopyHistory, type Origins } from './origins';
import { twoAtATime, withSession, type OpenSession, type Session } from './sessions';
import type { DatabaseFindings, FoundThing, Origin, ServerFindings } from '../restore/proof-findings';
import type { ProofTask } from '../restore/proof-ports';
import type { ServerFacts } from '../restore/servers';

interface Both {
  readonly source: Session;
  readonly copy: Session;
}

/** Throws when the source cannot be opened. */
export const compareWithSource = (
  open: OpenSession,
  servers: { readonly source: ServerFacts; readonly copy: ServerFacts },
  found: Side,
  task: ProofTask,
): Promise<ServerFindings> =>
  withSession(openHome(open, servers.source, task), (source) =>
    withSession(openHome(open, servers.copy, task), async (copy) => {
      const answers = await askServer(source, task, 'source');
      const history = { next: found.answers.next, ownFrom: ownFrom(found.answers) };
      const ages = agesIn({ source, copy }, answers, history);
      const databases = await lookInside(open, servers.source, answers, found, ages);
      return {
        ...serverPart(answers),
        roles: await ages(answers.roles, missingFrom(found.findings.roles, answers.roles)),
        databases: [...databases, ...(await missingDatabases(answers, found, ages))],
        closed: [],
        wakes: [],
      };
    }),
  );

type Ages = <Thing extends WrittenThing>(
  things: readonly Thing[],
  wanted: readonly Thing[],
) => Promise<(Omit<Thing, 'xid'> & FoundThing)[]>;

/** Things as findings; those that are wanted with their origin. */
function agesIn(
  { source, copy }: Both,
  { range }: ServerAnswers,
  history: CopyHistory,
): Ages & {
  readonly of: (xids: readonly string[]) => Promise<Origins>;
} {
  const of = (xids: readonly string[]): Promise<Origins> =>
    originsOf(xids, { session: source, range }, { session: copy, history });
  const ages: Ages = async (things, wanted) => {
    const origins = await of(wanted.flatMap(({ xid }) => (xid === undefined ? [] : [xid])));
    const chosen = new Set<WrittenThing>(wanted);
    return things.map((thing) => {
      const origin = chosen.has(thing) && thing.xid !== undefined ? origins.get(thing.xid) : undefined;
      return { ...plain(thing), ...(origin ? { origin } : {}) };
    });
  };
  return Object.assign(ages, { of });
}

type AgesIn = ReturnType<typeof agesIn>;

/** A database that the copy has not at all needs no look inside. */
async function missingDatabases(
  answers: ServerAnswers,
  found: Side,
  ages: AgesIn,
): Promise<DatabaseFindings[]> {
  const missing = missingFrom(found.answers.databases, answers.databases);
  const aged = await ages(missing, missing);
  return aged.map(({ isOpen: _, ...database }) => ({
    ...database,
    ...{ tables: [], extensions: [], indexes: [], sequences: [], behind: [] },
  }));
}

function lookInside(
  open: OpenSession,
  source: ServerFacts,
  answers: ServerAnswers,
  found: Side,
  ages: AgesIn,
): Promise<DatabaseFindings[]> {
  const pairs = answers.databases.flatMap((database) => {
    const copy = found.databases.find(({ oid, name }) => oid === database.oid || name === database.name);
    return copy && database.isOpen ? [{ database, copy }] : [];
  });
  return twoAtATime(pairs, ({ database, copy }) =>
    withSession(open(source, database.name, 'ours'), async (inside) => {
      const there = await askDatabase(inside, database.name, { kind: 'source' });
      const behind =
        copy.behind.length === 0
          ? []
          : await sequencesBehind(
              inside,
              copy.behind.map(({ name }) => name),
            );
      const { name, oid, bytes } = database;
      const own = { name, oid, bytes, answers: there, tables: there.tables, behind };
      return withAges(inside, own, copy, ages);
    }),
  );
}

async function withAges(
  inside: Session,
  there: OneDatabase,
  copy: OneDatabase,
  ages: AgesIn,
): Promise<DatabaseFindings> {
  const { tables, answers } = there;
  const empty = new Set(copy.tables.filter(isEmpty).map(({ oid }) => oid));
  const suspects = tables.filter(({ oid }) => empty.has(oid));
  const aged = await ages(tables, missingFrom(copy.tables, tables, copy.answers.tablesUpTo));
  const oldest = await oldestRows(inside, suspects, ages);
  const invalid = new Set(copy.answers.indexes.filter(({ isValid }) => !isValid).map(({ oid }) => oid));
  const missing = missingFrom(copy.answers.indexes, answers.indexes, copy.answers.indexesUpTo);
  return {
    ...databasePart(there),
    tables: aged.map((table) => {
      const oldRow = oldest.get(table.oid);
      return oldRow === undefined ? table : { ...table, oldRow };
    }),
    extensions: await ages(answers.extensions, missingFrom(copy.answers.extensions, answers.extensions)),
    indexes: await ages(answers.indexes, [
      ...missing,
      ...answers.indexes.filter(({ oid }) => invalid.has(oid)),
    ]),
  };
}

/** Of each table the origin that speaks most for rows from before the moment. */
async function oldestRows(
  inside: Session,
  tables: OneDatabase['tables'],
  ages: AgesIn,
): Promise<Map<number, Origin>> {
  const rows = tables.length === 0 ? new Map<number, readonly string[]>() : await oldRows(inside, tables);
  const origins = await ages.of([...rows.values()].flat());
  return new Map(
    [...rows].flatMap(([oid, xids]) => {
      const all = xids.flatMap((xid) => origins.get(xid) ?? []);
      const oldest = all.sort((a, b) => weight(a).localeCompare(weight(b)))[0];
      return oldest ? [[oid, oldest] as const] : [];
    }),
  );
}

/** Known to the copy comes first, then what was committed first. */
const weight = ({ isInCopy, committedAt }: Origin): string =>
  `${isInCopy === true ? '0' : '1'}${committedAt ?? (isInCopy === true ? '' : '~')}`;
