/** Step 4 of a restore: the copy is opened before anything is called done; not being able to look is said as such. */
import { judgeProof, type Verdict } from './restore/proof';
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
  const { proof, source, mode } = serverPlanOf(request);
  if (proof === undefined) return { kind: 'unproven', why: 'the policy names no proof for this server' };
  const asked = provenMoment(request, run);
  try {
    const findings = await deps.probe.look(server, source.id, proof, asked);
    return judgeProof(findings, { mode, moment: asked, toleranceSeconds: proof.toleranceSeconds });
  } catch (error) {
    deps.log.warn({ requestId: request.id, error }, 'the proof could not look into the new server');
    const readyAt = run.readyAt ?? deps.clock.now();
    if (millisBetween(readyAt, deps.clock.now()) < proofPatienceMillis) return undefined;
    return {
      kind: 'unproven',
      why: `the new server could not be opened for the proof (${(error as Error).message.slice(0, 120)})`,
    };
  }
}
