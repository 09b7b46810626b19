/** The last step of a restore from a vault: what came into being is listed and opened before anything is called done. */
import { accountOf, filesOf } from './delivered-things';
import { again, moveOn, readIntent, type Look } from './looking';
import { DeskError } from './restore/errors';
import { describeFiles, type RestoredFile } from './restore/restored-files';
import { judgeFiles, readMark } from './restore/judge-files';
import { millisBetween, type Instant } from './restore/instant';
import type { Deps } from './deps';
import type { RestoreRequest } from './restore/request';
import type { Run, VaultGot } from './restore/state';
import { writesFiles, type FilesPlan, type VaultDatabasePlan, type VaultPlan } from './restore/vault-plan';
import type { Verdict } from './restore/proof';

type Seen = { readonly verdict: Verdict } & (
  | { readonly kind: 'files'; readonly files: readonly RestoredFile[] }
  | { readonly kind: 'database'; readonly hostName: string }
);

export async function lookAtDelivery(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  run: Run,
): Promise<Look> {
  const { jobId = '' } = await readIntent(deps, request, run);
  const seen = await look(deps, request, plan, run);
  if (!seen) return again(deps.settings.lookAgainSeconds, 'What the job made cannot be looked at yet');
  deps.faultPoint('proof-taken');
  const rehydratedUntil = plan.rehydration && (await fetchedUntil(deps, plan));
  const { verdict, ...what } = seen;
  const got: VaultGot = {
    jobId,
    warnings: run.warnings ?? [],
    ...(rehydratedUntil === undefined ? {} : { rehydratedUntil }),
    ...what,
  };
  const ended = await moveOn(deps, request, { kind: 'looked-at', at: deps.clock.now(), verdict, got });
  deps.faultPoint('outcome-stored');
  return ended;
}

/** Storage may take a moment to let us in or to list what was written; after this long it is said that nobody could look. */
const patienceMillis = 120_000;

async function look(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultPlan,
  run: Run,
): Promise<Seen | undefined> {
  const isPatient = millisBetween(run.readyAt ?? deps.clock.now(), deps.clock.now()) < patienceMillis;
  try {
    return writesFiles(plan) ? await lookAtFiles(deps, plan, isPatient) : await lookAtDatabase(deps, plan);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    deps.log.warn({ requestId: request.id, error }, 'what a vault restore made could not be looked at');
    if (isPatient) return undefined;
    const verdict: Verdict = {
      kind: 'unproven',
      why: `nobody could look at it (${error.problem.sentence.replace(/\.$/, '')})`,
    };
    return writesFiles(plan)
      ? { kind: 'files', files: [], verdict }
      : { kind: 'database', hostName: '', verdict };
  }
}

const signature = 'PGDMP';
/** The mark is a line of text. */
const markBytes = 400;

async function lookAtFiles(deps: Deps, plan: FilesPlan, isPatient: boolean): Promise<Seen | undefined> {
  const blobs = await filesOf(deps, plan);
  // What was just written may not be listed yet; that nothing is there is believed only after a while.
  if (blobs.length === 0 && isPatient) return undefined;
  const account = await accountOf(deps, plan);
  const files = describeFiles(blobs, plan.target.prefix);
  const read = (name: string, bytes: number): Promise<string> =>
    deps.vaultTargets.beginning(account, plan.target.container, name, bytes);
  const mark = files.find(({ kind }) => kind === 'time mark');
  const databases = files.filter(({ kind, bytes }) => kind === 'database' && bytes > 0);
  const begins: [string, string][] = [];
  for (const { name } of databases) begins.push([name, await read(name, signature.length)]);
  const markedAt: Instant | undefined = mark && readMark(await read(mark.name, markBytes));
  const notArchives = begins.filter(([, beginning]) => beginning !== signature).map(([name]) => name);
  const verdict = judgeFiles(
    { files, notArchives, ...(markedAt === undefined ? {} : { markedAt }) },
    plan.point.time,
  );
  return { kind: 'files', files, verdict };
}

async function lookAtDatabase(deps: Deps, { target }: VaultDatabasePlan): Promise<Seen> {
  const server = await deps.vaultTargets.singleServer(target.server);
  const isThere = server?.databases.some((name) => name.toLowerCase() === target.database.toLowerCase());
  const hostName = server?.hostName ?? '';
  return {
    kind: 'database',
    hostName,
    verdict: isThere
      ? {
          kind: 'unproven',
          why: 'the new database is there; Restore Desk does not open databases of single servers',
        }
      : {
          kind: 'contradicted',
          finding: `Azure says that the job is done, and ${target.server} has no database ${target.database}`,
        },
  };
}

/** As the vault tells it now; where it does not, nothing is said. */
async function fetchedUntil(
  deps: Deps,
  { instanceId, point, crossRegion }: VaultPlan,
): Promise<Instant | undefined> {
  try {
    const instance = await deps.vaults.instance(instanceId);
    const points = instance ? await deps.vaults.points(instance, crossRegion?.region) : [];
    return points.find(({ id }) => id.toLowerCase() === point.id.toLowerCase())?.rehydratedUntil;
  } catch (error) {
    if (error instanceof DeskError) return undefined;
    throw error;
  }
}
