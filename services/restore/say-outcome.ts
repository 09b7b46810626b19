/** View models of how a request ended that gave something: a server, files, a database. Pure. */
import { appliedOf, canBeApplied } from './applied-differences';
import { applicableKinds } from './difference-changes';
import { followUpLines } from './say-request';
import { isFilesPlan, isVaultPlan, sealedMoment, type ServerPlan } from './plan';
import { sayLoaded } from './say-loaded';
import { verdictWords } from './proof';
import { statusWord, type RequestState, type Run, type ServerGot, type VaultGot } from './state';
import type { DifferenceGroup } from './differences';
import type {
  DeliveryMessage,
  DifferenceLine,
  FollowUpLine,
  LoadedMessage,
  OutcomeMessage,
} from './messages';
import type { Instant } from './instant';
import { requestKey, type RestoreRequest } from './request';
import type { VaultPlan } from './vault-plan';

/** What came of a request that is completed. */
export function sayOutcome(
  request: RestoreRequest,
): OutcomeMessage | DeliveryMessage | LoadedMessage | undefined {
  const { state, plan } = request;
  if (state.phase !== 'completed') return undefined;
  const { got } = state;
  if (got.kind === 'loaded') return sayLoaded(request, state, got);
  if (isVaultPlan(plan)) return got.kind === 'server' ? undefined : sayDelivery(request, state, plan, got);
  return got.kind === 'server' && !isFilesPlan(plan) ? sayServer(request, state, plan, got) : undefined;
}

type Completed = Extract<RequestState, { phase: 'completed' }>;

function sayServer(
  request: RestoreRequest,
  state: Completed,
  plan: ServerPlan,
  got: ServerGot,
): OutcomeMessage {
  const { verdict, run } = state;
  const newestWrite = verdict.kind === 'unproven' ? undefined : verdict.newestWrite;
  return {
    kind: 'outcome',
    version: 1,
    requestId: request.id,
    status: statusWord(state),
    requester: request.requester,
    source: plan.source.name,
    target: plan.target.name,
    hostName: got.hostName,
    address: got.address,
    asked: provenMoment(request, run),
    mode: plan.mode,
    got: gotLines(plan, got),
    followUps: followUps(plan, got),
    ...differenceLines(state, got),
    key: requestKey(request),
    finding: verdictWords(verdict),
    ...(verdict.kind === 'unproven' ? {} : { findings: verdict.findings ?? [], wakes: verdict.wakes ?? [] }),
    tookMillis: Date.parse(state.endedAt) - Date.parse(run.startedAt),
    endedAt: state.endedAt,
    zone: request.zone,
    ...(newestWrite === undefined ? {} : { newestWrite }),
  };
}

function lineOf(state: Completed, group: DifferenceGroup): DifferenceLine {
  const kind = applicableKinds.find((known) => known === group.kind);
  const applied = kind && appliedOf(state, kind);
  return { group, canApply: canBeApplied(state, group.kind), ...(applied ? { applied } : {}) };
}

function differenceLines(
  state: Completed,
  { differences, notCompared }: ServerGot,
): Pick<OutcomeMessage, 'differences' | 'notCompared'> {
  return {
    ...(differences ? { differences: differences.map((group) => lineOf(state, group)) } : {}),
    ...(notCompared === undefined ? {} : { notCompared }),
  };
}

/** What was planned to be left stands among what was found once the copy was compared with its source. */
function followUps(plan: ServerPlan, { differences = [] }: ServerGot): readonly FollowUpLine[] {
  const isFound = differences.some(({ kind, found }) => kind === 'high-availability' && found === 'differs');
  return isFound ? [] : followUpLines(plan);
}

/** Said as Azure has it, and told apart from what was asked where the two differ. */
function gotLines(plan: ServerPlan, got: ServerGot): string[] {
  const redundancy = (geo: boolean): string => (geo ? 'geo-redundant' : 'locally redundant');
  return [
    got.geoRedundantBackup === plan.geoRedundantBackup
      ? `Backup ${redundancy(got.geoRedundantBackup)}`
      : `Backup ${redundancy(got.geoRedundantBackup)}, though ${redundancy(plan.geoRedundantBackup)} was asked for`,
    `Region ${got.location}${got.availabilityZone === undefined ? ', no availability zone' : `, availability zone ${got.availabilityZone}`}`,
  ];
}

/** Of a restore from a vault: the files or the database that came into being. */
function sayDelivery(
  request: RestoreRequest,
  state: Completed,
  plan: VaultPlan,
  got: VaultGot,
): DeliveryMessage {
  const { verdict, run } = state;
  return {
    kind: 'delivery',
    version: 1,
    requestId: request.id,
    status: statusWord(state),
    requester: request.requester,
    source: plan.source.name,
    target: plan.target.name,
    vault: plan.vault.name,
    mode: plan.mode,
    pointTime: plan.point.time,
    verdict: verdict.kind,
    finding: verdictWords(verdict),
    got,
    ...(plan.mode === 'vault-database' ? { database: plan.target.database } : {}),
    tookMillis: Date.parse(state.endedAt) - Date.parse(run.startedAt),
    endedAt: state.endedAt,
    zone: request.zone,
  };
}

/**
 * The moment that the data of the copy is compared with: the one asked of Azure, which `latest` has only after the intent
 * was stored; of a deleted server the deletion. Of a geo restore it is when Azure had taken the order: the copy in the
 * paired region goes on growing while an order waits to be taken.
 */
export function provenMoment({ plan }: RestoreRequest, run: Run): Instant {
  if (plan.mode === 'dropped') return plan.deletedAt;
  const asked = run.moment ?? sealedMoment(plan) ?? run.startedAt;
  return plan.mode === 'geo' ? (run.orderedAt ?? asked) : asked;
}
