/** The looks at a load: which files it is, that somebody works on it, and that it has come to an end. */
import { accountOf, filesOf } from './delivered-things';
import { again, failWith, moveOn, readIntent, type Look } from './looking';
import { describeFiles } from './restore/restored-files';
import { dumpFiles } from './restore/dump-files';
import { isLoadOver, newLoadRun, type LoadRun } from './restore/load-run';
import { judgeFiles, readMark } from './restore/judge-files';
import { millisBetween } from './restore/instant';
import { DeskError, problem, type Problem } from './restore/errors';
import { promised } from './restore/plan';
import type { Deps } from './deps';
import type { Loads } from './loads';
import type { RestoreRequest } from './restore/request';
import type { RequestState, Run } from './restore/state';
import type { VaultToServerPlan } from './restore/vault-plan';

export async function lookAtLoad(deps: Deps, loads: Loads, request: RestoreRequest, run: Run): Promise<Look> {
  const { lookAgainSeconds, giveUpAfterSeconds } = deps.settings;
  if (!run.load)
    return request.plan.mode === 'vault-to-server'
      ? pinOrGiveUp(deps, request, request.plan, run)
      : failWith(deps, request, problem('INTERNAL', { what: 'no files are known' }), false);
  if (isLoadOver(run.load)) {
    await loads.settle(request);
    return moveOn(deps, request, { kind: 'loaded', at: deps.clock.now() });
  }
  const status = loads.goOn(request);
  switch (status.kind) {
    case 'elsewhere':
      return { kind: 'elsewhere', afterSeconds: lookAgainSeconds };
    case 'waiting':
      return again(lookAgainSeconds, 'Other loads are at work; this one begins when one of them has ended');
    case 'here':
      return {
        kind: 'again',
        afterSeconds: lookAgainSeconds,
        alive: true,
        ...(status.progress ? { load: status.progress } : {}),
      };
    case 'in-trouble': {
      const waited = millisBetween(run.filesAt ?? run.checkedAt ?? run.startedAt, deps.clock.now());
      const isOver = !status.because.retryable || waited >= giveUpAfterSeconds * 1000;
      return isOver
        ? giveUp(deps, loads, request, run.load, status.because)
        : again(lookAgainSeconds, `${status.because.sentence} Tried again`);
    }
  }
}

/** The next try has begun already: it is ended, and what is half loaded is removed where that is possible. */
async function giveUp(
  deps: Deps,
  loads: Loads,
  request: RestoreRequest,
  load: LoadRun,
  because: Problem,
): Promise<Look> {
  await loads
    .undo(request)
    .catch((error: unknown) =>
      deps.log.warn({ requestId: request.id, error }, 'what is half loaded could not be removed'),
    );
  return failWith(
    deps,
    request,
    because,
    load.parts.some(({ begun }) => begun !== undefined),
  );
}

/** Storage may take a moment to list what was written; after this long it is believed that nothing is there. */
const patienceMillis = 120_000;
/** The mark is a line of text. */
const markBytes = 400;

/** Where the files cannot be looked at, that is said and tried again, and not for ever. */
async function pinOrGiveUp(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultToServerPlan,
  run: Run,
): Promise<Look> {
  const { lookAgainSeconds, giveUpAfterSeconds } = deps.settings;
  try {
    return await pinFiles(deps, request, plan, run);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    const waited = millisBetween(run.filesAt ?? run.startedAt, deps.clock.now());
    return waited >= giveUpAfterSeconds * 1000
      ? failWith(deps, request, error.problem, true)
      : again(lookAgainSeconds, error.problem.sentence);
  }
}

/** What Azure has written is looked at before any of it is loaded: files of another moment are the end of the restore. */
async function pinFiles(
  deps: Deps,
  request: RestoreRequest,
  plan: VaultToServerPlan,
  run: Run,
): Promise<Look> {
  const blobs = await filesOf(deps, plan);
  const isPatient = millisBetween(run.filesAt ?? run.startedAt, deps.clock.now()) < patienceMillis;
  if (blobs.length === 0 && isPatient)
    return again(deps.settings.lookAgainSeconds, 'The files are not listed yet');
  const described = describeFiles(blobs, plan.target.prefix);
  const mark = described.find(({ kind }) => kind === 'time mark');
  const account = await accountOf(deps, plan);
  const text =
    mark && (await deps.vaultTargets.beginning(account, plan.target.container, mark.name, markBytes));
  const markedAt = text === undefined ? undefined : readMark(text);
  const verdict = judgeFiles(
    { files: described, notArchives: [], ...(markedAt === undefined ? {} : { markedAt }) },
    plan.point.time,
  );
  if (verdict.kind === 'contradicted') {
    const { jobId = '' } = await readIntent(deps, request, run);
    const got = { kind: 'files' as const, jobId, warnings: run.warnings ?? [], files: described };
    return moveOn(deps, request, { kind: 'looked-at', at: deps.clock.now(), verdict, got });
  }
  const load = newLoadRun(dumpFiles(blobs, plan.target.prefix), markedAt, plan.load);
  if (load.parts.every(({ part }) => part.kind !== 'database'))
    return failWith(deps, request, problem('LOAD_NO_DATABASE', { place: plan.target.name }), true);
  const known = load.files.flatMap(({ database }) => database ?? []);
  const lacking = plan.load.databases.find((name) => !known.includes(name));
  if (lacking !== undefined)
    return failWith(deps, request, problem('LOAD_DATABASE_UNKNOWN', { name: lacking, known }), true);
  const look = await moveOn(deps, request, { kind: 'files-pinned', at: deps.clock.now(), load });
  deps.faultPoint('files-pinned-stored');
  return look;
}

type Stopping = Extract<RequestState, { phase: 'stopping' }>;

/** What is half loaded is removed again; who works on it elsewhere notices by itself. */
export async function stopLoad(
  deps: Deps,
  loads: Loads,
  request: RestoreRequest,
  { askedAt }: Stopping,
): Promise<Look> {
  const removed = await loads.undo(request).catch((error: unknown): Problem => {
    if (error instanceof DeskError) return error.problem;
    throw error;
  });
  const isProblem = removed !== undefined && 'code' in removed;
  // With the server everything in it is gone.
  const gone = isProblem && removed.code === 'TARGET_GONE' ? [] : undefined;
  const done = isProblem ? gone : removed;
  if (done) return moveOn(deps, request, { kind: 'stopped', at: deps.clock.now(), removed: done.length > 0 });
  const { giveUpAfterSeconds, lookAgainSeconds } = deps.settings;
  const hours = Math.round(giveUpAfterSeconds / 3600);
  return millisBetween(askedAt, deps.clock.now()) >= giveUpAfterSeconds * 1000
    ? failWith(
        deps,
        request,
        problem('CANCEL_UNFINISHED', { name: promised(request.plan).name, hours }),
        true,
      )
    : again(lookAgainSeconds, isProblem ? removed.sentence : 'Waiting for the load to end');
}
