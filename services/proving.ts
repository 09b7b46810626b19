/** Step 4 of a restore: the copy is opened before anything is called done; not being able to look is said as such. */
import { compareWithSource } from './comparing';
import { judgeProof, usualToleranceSeconds, type Verdict } from './restore/proof';
import { whyClosed } from './restore/proof-access';
import { millisBetween } from './restore/instant';
import { problem } from './restore/errors';
import { serverPlanOf } from './ordering';
import { provenMoment } from './restore/say-outcome';
import { again, failWith, isOurs, moveOn, readIntent, type Look } from './looking';
import type { Deps } from './deps';
import type { RestoreRequest } from './restore/request';
import type { Run } from './restore/state';
import type { ServerFacts } from './restore/servers';

export async function prove(deps: Deps, request: RestoreRequest, run: Run): Promise<Look> {
  const server = await deps.reader.get(request.plan.target.id);
  if (!server)
    return failWith(deps, request, problem('TARGET_GONE', { name: request.plan.target.name }), false);
  // Since it was ready somebody may have put another server of that name into its place.
  if (!isOurs(server, await readIntent(deps, request, run)))
    return failWith(deps, request, problem('TARGET_FOREIGN', { name: request.plan.target.name }), false);
  const verdict = await lookInside(deps, request, run, server);
  if (!verdict) return again(deps.settings.lookAgainSeconds, 'The new server does not let the proof in yet');
  deps.faultPoint('proof-taken');
  const compared =
    verdict.kind === 'contradicted' ? {} : await compareWithSource(deps, serverPlanOf(request));
  const hostName = server.hostName ?? `${server.name}.postgres.database.azure.com`;
  const address = await deps.locator.locate(server).catch(() => ({ host: hostName, port: 5432 }));
  const { geoRedundantBackup, location, availabilityZone } = server;
  const look = await moveOn(deps, request, {
    kind: 'looked-at',
    at: deps.clock.now(),
    verdict,
    got: {
      kind: 'server',
      hostName,
      address,
      geoRedundantBackup,
      location,
      ...(availabilityZone === undefined ? {} : { availabilityZone }),
      ...compared,
    },
  });
  deps.faultPoint('outcome-stored');
  return look;
}

/** A server that was just made may refuse connections for a moment; after this long it is said that nobody could look. */
const proofPatienceMillis = 120_000;

async function lookInside(
  deps: Deps,
  request: RestoreRequest,
  run: Run,
  server: ServerFacts,
): Promise<Verdict | undefined> {
  const plan = serverPlanOf(request);
  const { proof, source, mode } = plan;
  const moment = provenMoment(request, run);
  try {
    const found = await deps.prover.look(server, {
      moment,
      // Azure was asked for all of a deleted server, up to when the log took its deletion.
      upTo: mode === 'dropped' && plan.moment > moment ? plan.moment : moment,
      // Before the order was sent there was no copy that could have written anything.
      bornAt: run.checkedAt ?? run.startedAt,
      ...(mode === 'dropped' ? {} : { sourceId: source.id }),
      ...(proof ? { probe: proof } : {}),
    });
    const toleranceSeconds = proof?.toleranceSeconds ?? usualToleranceSeconds;
    return judgeProof(found, { mode, moment, toleranceSeconds }, proof);
  } catch (error) {
    deps.log.warn({ requestId: request.id, error }, 'the proof could not look into the new server');
    const readyAt = run.readyAt ?? deps.clock.now();
    if (millisBetween(readyAt, deps.clock.now()) < proofPatienceMillis) return undefined;
    return { kind: 'unproven', why: whyClosed(server, error) };
  }
}
