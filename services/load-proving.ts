/** The proof after a load: the server is opened and held against the files and the time of their backup. */
import { again, moveOn, readIntent, type Look } from './looking';
import { DeskError } from './restore/errors';
import { failedParts, loadedDatabases, type LoadRun } from './restore/load-run';
import { judgeLogical, type ExpectedDatabase } from './restore/proof-logical';
import { loadTerms } from './restore/plan';
import { millisBetween } from './restore/instant';
import { probeWithin } from './restore/proof-probe';
import { readContents } from './dump-sets';
import { usualToleranceSeconds, type Verdict } from './restore/proof';
import { whyClosed } from './restore/proof-access';
import type { Deps } from './deps';
import type { DumpContents } from './restore/dump-ports';
import type { LoadedGot, Run } from './restore/state';
import { loadKey, type RestoreRequest } from './restore/request';
import type { ServerFacts } from './restore/servers';

/** A server may refuse connections for a moment; after this long it is said that nobody could look. */
const patienceMillis = 120_000;

export async function proveLoad(deps: Deps, request: RestoreRequest, run: Run, load: LoadRun): Promise<Look> {
  const terms = loadTerms(request.plan);
  const server = terms && (await deps.reader.get(terms.server.id));
  const verdict = await lookInside(deps, request, run, load, server);
  if (!verdict) return again(deps.settings.lookAgainSeconds, 'The server does not let the proof in yet');
  deps.faultPoint('proof-taken');
  const intent = await readIntent(deps, request, run);
  const got = await gotOf(deps, terms?.server.name ?? '', server, {
    ...(intent.jobId === undefined ? {} : { job: { jobId: intent.jobId, warnings: run.warnings ?? [] } }),
  });
  const look = await moveOn(deps, request, { kind: 'looked-at', at: deps.clock.now(), verdict, got });
  // What was fetched is needed no more, unless a part that failed is tried again.
  if (failedParts(load).length === 0)
    await deps.dumpLoader
      .forget(loadKey(request))
      .catch((error: unknown) =>
        deps.log.warn({ requestId: request.id, error }, 'fetched files could not be removed'),
      );
  deps.faultPoint('outcome-stored');
  return look;
}

async function gotOf(
  deps: Deps,
  name: string,
  server: ServerFacts | undefined,
  job: Pick<LoadedGot, 'job'>,
): Promise<LoadedGot> {
  const hostName = server?.hostName ?? `${name}.postgres.database.azure.com`;
  const usual = { host: hostName, port: 5432 };
  const address = server ? await deps.locator.locate(server).catch(() => usual) : usual;
  return { kind: 'loaded', hostName, address, ...job };
}

async function lookInside(
  deps: Deps,
  request: RestoreRequest,
  run: Run,
  load: LoadRun,
  server: ServerFacts | undefined,
): Promise<Verdict | undefined> {
  if (!server)
    return { kind: 'unproven', why: 'Azure does not tell of the server that was loaded into any more' };
  const { proof } = request.plan;
  const { markedAt } = load;
  const databases = loadedDatabases(load);
  // A database that failed is told of by its own line; here the others are looked at.
  const probe = proof && probeWithin(proof, databases);
  try {
    const moment = markedAt ?? run.startedAt;
    const found = await deps.prover.look(server, {
      moment,
      upTo: moment,
      bornAt: run.startedAt,
      databases,
      ...(probe ? { probe } : {}),
    });
    const verdict = judgeLogical(
      {
        moment,
        toleranceSeconds: proof?.toleranceSeconds ?? usualToleranceSeconds,
        databases: await expectedIn(deps, request, load),
        roles: madeRoles(load),
      },
      found,
      probe,
    );
    return markedAt === undefined ? withoutMoment(verdict) : verdict;
  } catch (error) {
    deps.log.warn({ requestId: request.id, error }, 'the proof could not look into the server');
    if (millisBetween(run.readyAt ?? deps.clock.now(), deps.clock.now()) < patienceMillis) return undefined;
    return { kind: 'unproven', why: whyClosed(server, error) };
  }
}

/** No time to hold the data against: what was found stands, but for the moment. */
function withoutMoment(verdict: Verdict): Verdict {
  if (verdict.kind !== 'proven') return verdict;
  const { finding: _finding, ...rest } = verdict;
  return { ...rest, kind: 'plausible', why: 'no file tells the time of the backup' };
}

const madeRoles = ({ parts }: LoadRun): readonly string[] =>
  parts.flatMap(({ ended }) => (ended?.result.kind === 'loaded' ? (ended.result.made ?? []) : []));

/** What the archives say that they hold, of the databases that were loaded. Read again: nobody needs to keep it meanwhile. */
async function expectedIn(deps: Deps, request: RestoreRequest, load: LoadRun): Promise<ExpectedDatabase[]> {
  const { plan } = request;
  if (plan.mode !== 'files-to-server' && plan.mode !== 'vault-to-server') return [];
  const place = plan.mode === 'files-to-server' ? plan : plan.target;
  const loaded = new Set(loadedDatabases(load));
  const files = load.files.filter(({ database }) => database !== undefined && loaded.has(database));
  try {
    const account = await deps.vaultTargets.account(place.account);
    const contents = account ? await readContents(deps, account, place.container, files) : {};
    return files.flatMap(({ name, database }) => expected(database ?? '', contents[name]));
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    deps.log.warn({ requestId: request.id, error }, 'the files could not be read again for the proof');
    return [];
  }
}

const expected = (name: string, contents: DumpContents | undefined): ExpectedDatabase[] =>
  contents?.kind === 'archive'
    ? [{ name, tables: contents.tables, sequences: contents.sequences, extensions: contents.extensions }]
    : [];
