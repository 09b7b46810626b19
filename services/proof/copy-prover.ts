/** Looks into a copy and its source and brings home what a verdict needs. Judges nothing. */
import { askServer, ownFrom } from './server-questions';
import { askDatabase, type OidCounter } from './database-questions';
import { openHome } from './home';
import { databasePart, serverPart, type Side } from './sides';
import { compareWithSource } from './comparing';
import { countRows, sequencesBehind } from './row-questions';
import { messageOf, twoAtATime, withSession, type OpenSession, type Session } from './sessions';
import { newestWrites, ownersChecks } from './owners-questions';
import { readIndexes } from './amcheck';
import type { CopyProver, ProofTask } from '../restore/proof-ports';
import type { ProofFindings, ServerFindings } from '../restore/proof-findings';
import type { ServerFacts } from '../restore/servers';

export interface ProverSettings {
  readonly open: OpenSession;
  /** Reads what is known of the source now; undefined when it is gone. */
  readonly server: (id: string) => Promise<ServerFacts | undefined>;
}

/** The biggest ones; a verdict names the others as not looked into. */
const mostDatabases = 20;

export function createCopyProver({ open, server }: ProverSettings): CopyProver {
  return {
    look: async (copy, task) => {
      const compared = await withSession(openHome(open, copy, task), (session) =>
        lookAtBoth({ open, server }, copy, session, task),
      );
      const { probe } = task;
      const source =
        compared.source.kind === 'looked-at'
          ? await findSource(server, task)
          : ({ kind: 'not-there' } as const);
      const reachable = source.kind === 'there' ? source.server : undefined;
      return {
        ...compared,
        writes: probe ? await newestWrites(open, copy, reachable, probe, task.moment) : [],
        checks: await ownersChecks(open, copy, probe?.checks ?? []),
      };
    },
  };
}

type Compared = Pick<ProofFindings, 'copy' | 'source'>;

async function lookAtBoth(
  { open, server }: ProverSettings,
  copy: ServerFacts,
  session: Session,
  task: ProofTask,
): Promise<Compared> {
  try {
    const found = await lookAtCopy(open, copy, session, task);
    const source = await findSource(server, task);
    return source.kind === 'there'
      ? await lookAtSource(open, source.server, copy, found, task)
      : { copy: found.findings, source: { kind: 'not-looked-at', why: source.why } };
  } catch (error) {
    if (!isBeyondUs(error)) throw error;
    return {
      copy: nothingSeen(messageOf(error)),
      source: { kind: 'not-looked-at', why: 'was not compared' },
    };
  }
}

/** An old version, or a service that keeps its catalogues to itself: the owner can still have questions answered. */
const isBeyondUs = (error: unknown): boolean =>
  (error as { readonly code?: string }).code?.startsWith('42') === true;

const nothingSeen = (why: string): ServerFindings => ({
  commits: { kind: 'untracked' },
  roles: [],
  databases: [],
  closed: [{ name: 'the catalogues', why }],
  wakes: [],
});

type FoundSource =
  | { readonly kind: 'there'; readonly server: ServerFacts }
  | { readonly kind: 'not-there'; readonly why: string };

async function findSource(server: ProverSettings['server'], { sourceId }: ProofTask): Promise<FoundSource> {
  if (sourceId === undefined) return { kind: 'not-there', why: 'was not compared' };
  try {
    const found = await server(sourceId);
    return found ? { kind: 'there', server: found } : { kind: 'not-there', why: 'is gone' };
  } catch {
    return { kind: 'not-there', why: 'could not be found, since Azure does not answer' };
  }
}

async function lookAtCopy(
  open: OpenSession,
  copy: ServerFacts,
  session: Session,
  task: ProofTask,
): Promise<Side> {
  const answers = await askServer(session, task, 'copy');
  const wanted = answers.databases.filter(
    ({ name }) => task.databases === undefined || task.databases.includes(name),
  );
  const chosen = wanted.filter(({ isOpen }) => isOpen).slice(0, mostDatabases);
  const closed = wanted
    .filter((database) => !chosen.includes(database))
    .map(({ name, isOpen }) => ({ name, why: isOpen ? 'there are too many' : 'it does not let us in' }));
  const side = { kind: 'copy', ownFrom: ownFrom(answers) } as const;
  const looked = await twoAtATime(chosen, async ({ name, oid, bytes }) => {
    try {
      return await withSession(open(copy, name, 'ours'), async (inside) => {
        const found = await askDatabase(inside, name, side);
        return {
          ...{ name, oid, bytes, answers: found },
          tables: await countRows(inside, found.tables, task.probe?.exactCountRows),
          behind: await sequencesBehind(inside),
          ...(task.probe?.amcheck === true ? { amcheck: await readIndexes(inside) } : {}),
        };
      });
    } catch (error) {
      return { name, why: messageOf(error) };
    }
  });
  const databases = looked.flatMap((each) => ('why' in each ? [] : [each]));
  const highestOid = highest(databases.map(({ answers: { counter } }) => counter));
  return {
    answers,
    databases,
    findings: {
      ...serverPart(answers),
      ...(highestOid === undefined ? {} : { highestOid }),
      databases: databases.map((each) => ({
        ...databasePart(each),
        ...('amcheck' in each && each.amcheck ? { amcheck: each.amcheck } : {}),
      })),
      closed: [...closed, ...looked.flatMap((each) => ('why' in each ? [each] : []))],
      wakes: [...answers.wakes, ...databases.flatMap((each) => each.answers.wakes)],
    },
  };
}

/** Single OIDs may be given away out of order; this many are not. */
const outOfOrder = 20_000;

/** The counter begins anew after some milliards, which big objects use up too: then the youngest is not the highest. */
function highest(counters: readonly OidCounter[]): number | undefined {
  const most = Math.max(0, ...counters.map((counter) => counter.highest));
  const [youngest] = [...counters].sort((a, b) => a.age - b.age);
  return youngest && most - youngest.youngest <= outOfOrder ? most : undefined;
}

async function lookAtSource(
  open: OpenSession,
  source: ServerFacts,
  copy: ServerFacts,
  found: Side,
  task: ProofTask,
): Promise<Compared> {
  try {
    const server = await compareWithSource(open, { source, copy }, found, task);
    return { copy: found.findings, source: { kind: 'looked-at', server } };
  } catch (error) {
    return {
      copy: found.findings,
      source: { kind: 'not-looked-at', why: `could not be opened (${messageOf(error)})` },
    };
  }
}
