/** The proof after a load: the server is opened and held against the files and the time of their backup. */
import { again, moveOn, readIntent, type Look } from './looking';
import { failedParts } from './restore/load-run';
import { judgeProof, type Verdict } from './restore/proof';
import { loadTerms } from './restore/plan';
import { millisBetween } from './restore/instant';
import type { Deps } from './deps';
import type { LoadedGot, Run } from './restore/state';
import type { RestoreRequest } from './restore/request';
import type { ServerFacts } from './restore/servers';

/** A server may refuse connections for a moment; after this long it is said that nobody could look. */
const patienceMillis = 120_000;

export async function proveLoad(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const terms = loadTerms(request.plan);
  const server = terms && (await deps.reader.get(terms.server.id));
  const verdict = await lookInside(deps, request, run, server);
  if (!verdict) return again(deps.settings.lookAgainSeconds, 'The server does not let the proof in yet');
  deps.faultPoint('proof-taken');
  const hostName = server?.hostName ?? `${terms?.server.name ?? ''}.postgres.database.azure.com`;
  const address = server
    ? await deps.locator.locate(server).catch(() => ({ host: hostName, port: 5432 }))
    : { host: hostName, port: 5432 };
  const intent = await readIntent(deps, request, run);
  const got: LoadedGot = {
    kind: 'loaded',
    hostName,
    address,
    ...(intent.jobId === undefined ? {} : { job: { jobId: intent.jobId, warnings: run.warnings ?? [] } }),
  };
  const look = await moveOn(deps, request, { kind: 'looked-at', at: deps.clock.now(), verdict, got });
  // What was fetched is needed no more, unless a part that failed is tried again.
  if (run.load && failedParts(run.load).length === 0)
    await deps.dumpLoader
      .forget(intent.nonce)
      .catch((error: unknown) =>
        deps.log.warn({ requestId: request.id, error }, 'fetched files could not be removed'),
      );
  deps.faultPoint('outcome-stored');
  return look;
}

async function lookInside(
  deps: Deps,
  request: RestoreRequest,
  run: Run,
  server: ServerFacts | undefined,
): Promise<Verdict | undefined> {
  const { plan } = request;
  if (!server) return { kind: 'unproven', why: 'the server that was loaded into does not answer for itself' };
  const marked = run.load?.markedAt;
  if (marked === undefined) return { kind: 'unproven', why: 'no file tells the time of the backup' };
  if (plan.proof === undefined) return { kind: 'unproven', why: 'the policy names no proof for this data' };
  try {
    const findings = await deps.probe.look(server, plan.source.id, plan.proof, marked);
    return judgeProof(findings, {
      mode: 'point-in-time',
      moment: marked,
      toleranceSeconds: plan.proof.toleranceSeconds,
    });
  } catch (error) {
    deps.log.warn({ requestId: request.id, error }, 'the proof could not look into the server');
    if (millisBetween(run.readyAt ?? deps.clock.now(), deps.clock.now()) < patienceMillis) return undefined;
    return {
      kind: 'unproven',
      why: `the server could not be opened for the proof (${(error as Error).message.slice(0, 120)})`,
    };
  }
}
