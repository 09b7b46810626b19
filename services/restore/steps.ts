/**
 * The steps of a restore, in order, as people see them. Of one that gives a server:
 *
 *   1 checked again before the start   preflight once more; the plan must come out the same
 *   2 server ordered from Azure        intent stored, order sent, acceptance stored
 *   3 Azure restores the data          the operation is followed until the server is Ready
 *   4 proof of the data                the server is opened and its newest write compared with the asked moment
 *
 * Each step asks first whether it is done already, does one thing, and says when to look again.
 */
import { requestKey, type RestoreRequest } from './request';
import { utc, type Instant } from './instant';
import type { DurationRange, ProgressMessage, ProgressStep } from './messages';
import { canBeStopped, statusWord, type RequestState, type Run } from './state';
import { isBeyondRecall } from './transition';
import { filesToServerSteps, loadNote } from './load-steps';
import { letThrough } from './say-signatures';
import { isFilesPlan, isVaultPlan, promised } from './plan';
import { vaultNote, vaultSteps } from './vault-steps';
import type { StepOf } from './step-of';
import type { JobFacts } from './vaults';
import type { LoadProgress } from './dump-ports';

type Running = Extract<RequestState, { run: Run }>;

const serverSteps: readonly StepOf[] = [
  { name: 'checked again before the start', from: (run) => run.startedAt, to: (run) => run.checkedAt },
  { name: 'server ordered from Azure', from: (run) => run.checkedAt, to: (run) => run.orderedAt },
  { name: 'Azure restores the data', from: (run) => run.orderedAt, to: (run) => run.readyAt, isLong: true },
  { name: 'proof of the data', from: (run) => run.readyAt, to: () => undefined },
];

function stepsFor({ plan }: RestoreRequest): readonly StepOf[] {
  if (isFilesPlan(plan)) return filesToServerSteps(plan.load);
  return isVaultPlan(plan) ? vaultSteps(plan) : serverSteps;
}

const phaseStep: Readonly<Record<Running['phase'], number>> = {
  approved: 0,
  ordering: 1,
  restoring: 2,
  loading: 2,
  proving: 3,
  completed: 4,
  'waiting-for-copy': 1,
  stopping: -1,
  stopped: -1,
  failed: -1,
};

/** Ended or ending before its last step: the first step without an end is the one that it got stuck in. */
const isBroken = ({ phase }: Running): boolean =>
  phase === 'failed' || phase === 'stopping' || phase === 'stopped';

/** When each step began and ended; a missing end means that it runs or never ran. */
const times = (
  steps: readonly StepOf[],
  run: Run,
  endedAt: Instant | undefined,
): (readonly [Instant | undefined, Instant | undefined])[] =>
  steps.map(({ from, to }, index) => [from(run), index === steps.length - 1 ? endedAt : to(run)]);

/** The step that a running request is in; where no server is ordered it is the first one without an end. */
function currentStep(request: RestoreRequest, state: Running): number {
  if (!isVaultPlan(request.plan) && !isFilesPlan(request.plan)) return phaseStep[state.phase];
  if (state.phase === 'completed') return stepsFor(request).length;
  return times(stepsFor(request), state.run, undefined).findIndex(([, end]) => end === undefined);
}

export interface ProgressFacts {
  readonly now: Instant;
  readonly lastSignOfLife: Instant;
  readonly duration: DurationRange;
  /** Said instead of the usual note when something is in the way, for example that Azure does not answer. */
  readonly obstacle?: string;
  /** Of a restore from a vault: its job as Azure tells of it. */
  readonly job?: JobFacts;
  /** Of dump files that are being loaded. */
  readonly load?: LoadProgress;
}

function stepAt(request: RestoreRequest, state: Running, index: number, now: Instant): ProgressStep {
  const { run } = state;
  const steps = stepsFor(request);
  const endedAt = 'endedAt' in state ? state.endedAt : undefined;
  const [from, to] = times(steps, run, endedAt)[index] ?? [undefined, undefined];
  const brokenAt = isBroken(state)
    ? times(steps, run, undefined).findIndex(([, end]) => end === undefined)
    : -1;
  const name = steps[index]?.name ?? '';
  const millis = from === undefined ? undefined : Date.parse(to ?? endedAt ?? now) - Date.parse(from);
  const timed = millis === undefined ? {} : { millis };
  if (isBroken(state)) {
    if (index < brokenAt) return { name, state: 'done', ...timed };
    return index === brokenAt ? { name, state: 'failed', ...timed } : { name, state: 'next' };
  }
  const current = currentStep(request, state);
  if (index < current) return { name, state: 'done', ...timed };
  return index === current ? { name, state: 'running', ...timed } : { name, state: 'next' };
}

function note({ plan }: RestoreRequest, state: Running, facts: ProgressFacts): string {
  if (facts.obstacle !== undefined) return facts.obstacle;
  if (isFilesPlan(plan) || state.run.filesAt !== undefined) return loadNote(state, facts.load);
  if (isVaultPlan(plan)) return vaultNote(plan, state, facts.job);
  switch (state.phase) {
    case 'approved':
      return 'The plan is compared with what Azure says now';
    case 'ordering':
      return 'Waiting for Azure to take the order';
    case 'restoring':
      return 'Azure gives no percentage for this step';
    case 'proving':
      return 'Server usable, proof running';
    case 'waiting-for-copy':
      return `The first copy of the data has not reached the paired region yet; asked again at ${utc(state.askAgainAt)} (try ${(state.run.putOff?.tries ?? 0) + 1}), until ${utc(state.giveUpAt)} at most`;
    case 'stopping':
      return `${state.by.name} stopped it; what came into being is being deleted`;
    case 'stopped':
      return state.removed
        ? 'Stopped; the half-built server was deleted'
        : 'Stopped; no server had come into being';
    case 'loading':
    case 'completed':
    case 'failed':
      return '';
  }
}

export function sayProgress(request: RestoreRequest, facts: ProgressFacts): ProgressMessage | undefined {
  const { state } = request;
  if (!('run' in state)) return undefined;
  const end = 'endedAt' in state ? state.endedAt : facts.now;
  return {
    kind: 'progress',
    version: 1,
    opening: opening(request, state.run),
    requestId: request.id,
    source: request.plan.source.name,
    target: promised(request.plan).name,
    status: statusWord(state),
    elapsedMillis: Date.parse(end) - Date.parse(state.run.startedAt),
    steps: stepsFor(request).map(({ isLong }, index) =>
      withEstimate(stepAt(request, state, index, facts.now), isLong === true, facts.duration),
    ),
    ...(state.phase === 'completed' ? { verdict: state.verdict.kind } : {}),
    lastSignOfLife: 'endedAt' in state ? state.endedAt : facts.lastSignOfLife,
    now: facts.now,
    note: note(request, state, facts),
    ...(canBeStopped(state) && !isBeyondRecall(request) ? { cancelKey: requestKey(request) } : {}),
  };
}

/** Said once, at the decision; {0} is the requester. */
function opening(request: RestoreRequest, run: Run): ProgressMessage['opening'] {
  const start = `The restore to ${promised(request.plan).name} starts now.`;
  const text =
    run.attempt - (run.resumed ?? 0) === 1
      ? `is ${letThrough(run)}. ${start}`
      : `is tried again; it was ${letThrough(run)}. ${start}`;
  return { text: `{0} ${request.id} ${text}`, mentions: [request.requester] };
}

/** The estimate belongs to the long step only; the others take seconds. */
function withEstimate(step: ProgressStep, isLong: boolean, duration: DurationRange): ProgressStep {
  if (!isLong || duration.kind === 'none' || (step.state !== 'running' && step.state !== 'next')) return step;
  return { ...step, note: `usually ${rangeWords(duration.fromMillis, duration.toMillis)}` };
}

/** `9–14 min`, `40–55 s`; one number where both ends round to the same. */
export function rangeWords(fromMillis: number, toMillis: number): string {
  const [unit, name] = toMillis < 120_000 ? [1_000, 's'] : [60_000, 'min'];
  const [from, to] = [
    Math.max(1, Math.floor(fromMillis / Number(unit))),
    Math.max(1, Math.ceil(toMillis / Number(unit))),
  ];
  return from === to ? `${from} ${name}` : `${from}–${to} ${name}`;
}
