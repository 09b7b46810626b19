/** View models of a request: what the cards about it say in its present state. Pure. */
import { exactRequest } from './exact-request';
import { isFilesPlan, isVaultPlan, promised, type Plan, type ServerPlan } from './plan';
import { loadOptions, loadWarnings } from './say-load';
import { vaultOptions, vaultWarnings } from './say-vault';
import { revivableUntil } from './judge-moment';
import { belongsToOne, isSamePerson, type SealedRule, type SealedStage } from './sealed-rule';
import { statusWord } from './state';
import { mayReuseApproval } from './transition';
import type {
  DurationRange,
  FollowUpLine,
  FailureMessage,
  RequestClocks,
  RequestEnding,
  RequestMessage,
  Viewer,
} from './messages';
import type { Standing } from './party';
import type { Waiting } from './waiting';
import { utc, type Instant } from './instant';
import { isSameAccount, type Person } from './person';
import { requestKey, type RestoreRequest } from './request';

function ending({ state }: RestoreRequest): RequestEnding {
  switch (state.phase) {
    case 'awaiting-approval':
      return { kind: 'open' };
    case 'rejected':
      return { kind: 'rejected', by: state.by, at: state.endedAt, reason: state.reason };
    case 'withdrawn':
      return { kind: 'withdrawn', at: state.endedAt };
    case 'expired':
      return { kind: 'expired', at: state.endedAt };
    case 'approved':
    case 'ordering':
    case 'restoring':
    case 'loading':
    case 'proving':
    case 'waiting-for-copy':
    case 'stopping':
    case 'stopped':
    case 'completed':
    case 'failed':
      return state.run.glass
        ? { kind: 'started', glass: state.run.glass }
        : { kind: 'approved', approvals: state.run.approvals };
  }
}

/** The card of a request: `approval` in the approvals channel, `receipt` in the requester's thread. */
export function sayRequest(
  request: RestoreRequest,
  place: RequestMessage['place'],
  duration: DurationRange,
): RequestMessage {
  const { state, rule, plan } = request;
  const waiting = state.phase === 'awaiting-approval';
  return {
    kind: 'request',
    version: 1,
    place,
    key: requestKey(request),
    requester: request.requester,
    zone: request.zone,
    reason: request.inputs.reason.trim(),
    ticket: request.inputs.ticket.trim(),
    plan,
    planHash: request.planHash,
    createdAt: request.createdAt,
    expiresAt: waiting ? state.expiresAt : request.createdAt,
    rule: { name: rule.name, stages: rule.stages },
    ...signOffFacts(request),
    approvals: waiting ? state.approvals : 'run' in state ? state.run.approvals : [],
    duration,
    shown: {
      sku: request.shown.sku,
      storageGb: request.shown.storageGb,
      postgresVersion: request.shown.postgresVersion,
    },
    ending: ending(request),
    status: statusWord(state),
    ...dataLineOf(request),
    ...(request.shown.loss === undefined ? {} : { loss: request.shown.loss }),
    ...(request.shown.cost === undefined ? {} : { cost: request.shown.cost }),
    options: optionsOf(plan),
    warnings: [...warningsOf(plan), ...(request.shown.warnings ?? [])],
    followUps: followUpLines(plan),
    exactRequest: exactRequest(plan, request.id, request.requester.aadObjectId),
  };
}

/** Clocks, questions, edits and reviews: each only where there is something to say of it. */
function signOffFacts({ state, rule, edited, review }: RestoreRequest): Partial<RequestMessage> {
  const waiting = state.phase === 'awaiting-approval' ? state : undefined;
  const { question } = waiting ?? {};
  const questions = [...(waiting?.questions ?? []), ...(question ? [question] : [])];
  // While somebody owes a look for such a start of it before, another one is refused.
  const breakGlass = waiting && review?.kind !== 'due' ? rule.breakGlass : undefined;
  return {
    ...(waiting ? { clocks: clocksOf(waiting, rule) } : {}),
    ...(questions.length > 0 ? { questions } : {}),
    ...(edited && edited.length > 0 ? { edited } : {}),
    ...(breakGlass ? { mayBreakGlass: breakGlass.people } : {}),
    ...(review ? { review } : {}),
  };
}

const clocksOf = (
  { remindAt, escalateAt, escalatedAt }: Waiting,
  { escalation }: SealedRule,
): RequestClocks => ({
  ...(remindAt === undefined ? {} : { remindAt }),
  ...(escalateAt === undefined ? {} : { escalateAt }),
  ...(escalatedAt === undefined ? {} : { escalatedAt }),
  escalateTo: escalation?.parties.map(({ name }) => name) ?? [],
});

/** What no pause of ours can stop, and how old the knowledge is that the restore was planned with. */
function dataLineOf({ plan, shown }: RestoreRequest): { dataLine?: string } {
  const { name, location } = plan.source;
  if (plan.mode === 'dropped')
    return { dataLine: `Azure keeps ${name} until ${utc(revivableUntil(plan))}, whatever is decided here.` };
  return shown.knownSince === undefined
    ? {}
    : {
        dataLine: `${location} does not answer now; what is known of ${name} is from ${utc(shown.knownSince)}.`,
      };
}

function optionsOf(plan: Plan): string[] {
  if (isFilesPlan(plan)) return loadOptions(plan.load);
  if (!isVaultPlan(plan)) return planOptions(plan);
  return [...vaultOptions(plan), ...(plan.mode === 'vault-to-server' ? loadOptions(plan.load) : [])];
}

function warningsOf(plan: Plan): string[] {
  if (isFilesPlan(plan)) return loadWarnings(plan.load);
  if (!isVaultPlan(plan)) return [];
  return [...vaultWarnings(plan), ...(plan.mode === 'vault-to-server' ? loadWarnings(plan.load) : [])];
}

const lastPart = (id: string): string => id.split('/').at(-1) ?? id;

/** What a reader could not expect: everything in which the new server is not simply as the source. */
function planOptions(plan: ServerPlan): string[] {
  const { source, target, network } = plan;
  const sourceSubscription = /^\/subscriptions\/([^/]+)\//i.exec(source.id)?.[1]?.toLowerCase();
  return [
    ...(target.subscriptionId === sourceSubscription ? [] : [`subscription ${target.subscriptionId}`]),
    plan.geoRedundantBackup ? 'geo-redundant backup' : 'locally redundant backup',
    ...(plan.availabilityZone === undefined ? [] : [`availability zone ${plan.availabilityZone}`]),
    ...(plan.storageType === undefined ? [] : [`storage ${plan.storageType}`]),
    ...(network.kind === 'private' && network.privateDnsZoneId !== undefined
      ? [`DNS zone ${lastPart(network.privateDnsZoneId)}`]
      : []),
    ...(plan.encryption === undefined ? [] : ['customer-managed key of its region']),
    ...Object.entries(plan.tags).map(([name, value]) => `tag ${name}=${value}`),
    ...(plan.expires === undefined ? [] : [`expires ${plan.expires} (a tag; nothing is deleted by itself)`]),
  ];
}

export function followUpLines(plan: Plan): FollowUpLine[] {
  if (isVaultPlan(plan) || isFilesPlan(plan)) return [];
  const { followUps, target } = plan;
  return followUps.map(({ mode }) => ({
    what: `high availability (${mode === 'ZoneRedundant' ? 'zone-redundant' : 'same zone'}): Azure ignores it in a restore`,
    command: `az postgres flexible-server update --subscription ${target.subscriptionId} --resource-group ${target.resourceGroup} --name ${target.name} --high-availability ${mode}`,
  }));
}

/**
 * Decides which buttons a card shows somebody; what a click may do is decided anew when it comes. `standing` is what the
 * directory says of them now; without it those count who did when the plan was sealed.
 */
export function viewerOf(request: RestoreRequest, person: Person, standing?: Standing): Viewer {
  const { state, rule, requester } = request;
  if (isSameAccount(person, requester)) return 'requester';
  // Nobody looks at their own start without approval; what is asked for anew after it is another matter.
  if (
    state.phase !== 'awaiting-approval' &&
    request.review &&
    isSamePerson(rule.aliases, request.review.by, person)
  )
    return 'reader';
  const { approvals = [], escalatedAt } = state.phase === 'awaiting-approval' ? state : {};
  // Who has approved already reads: there is nothing left for them to press.
  if (approvals.some(({ by }) => isSamePerson(rule.aliases, by, person))) return 'signed';
  const escalation = escalatedAt === undefined ? undefined : rule.escalation;
  const asked = [...rule.stages, ...(escalation ? [escalation] : [])];
  if (isOneOf(asked, person, standing)) return 'approver';
  const breaker = state.phase === 'awaiting-approval' && rule.breakGlass ? [rule.breakGlass] : [];
  return isOneOf(breaker, person, standing) ? 'on-call' : 'reader';
}

/** As the directory says it now; where it says nothing, as it was when the plan was sealed. */
const isOneOf = (
  asked: readonly Pick<SealedStage, 'parties' | 'people'>[],
  person: Person,
  standing: Standing | undefined,
): boolean =>
  standing
    ? standing.account === 'member' && asked.some(({ parties }) => belongsToOne(standing, parties))
    : asked.some(({ people }) => people.some((one) => isSameAccount(one, person)));

function makesWord({ mode }: Plan): FailureMessage['makes'] {
  switch (mode) {
    case 'vault-files':
      return 'files';
    case 'vault-database':
      return 'database';
    case 'files-to-server':
    case 'vault-to-server':
      return 'databases';
    default:
      return 'server';
  }
}

export function sayFailure(
  request: RestoreRequest,
  now: Instant,
  retriedAt?: Instant,
): FailureMessage | undefined {
  const { state, plan } = request;
  if (state.phase !== 'failed') return undefined;
  return {
    kind: 'failure',
    version: 1,
    key: requestKey(request),
    requester: request.requester,
    source: plan.source.name,
    target: promised(plan).name,
    failure: state.failure,
    endedAt: state.endedAt,
    canRetry: retriedAt === undefined,
    retryNeeds: mayReuseApproval(state, now) ? 'same approval' : 'new approval',
    serverMayExist: state.serverMayExist,
    makes: makesWord(plan),
    ...(retriedAt === undefined ? {} : { retriedAt }),
  };
}

/** From durations in milliseconds. A range is only said from at least three restores; otherwise there is no history. */
export function durationRange(pastMillis: readonly number[]): DurationRange {
  if (pastMillis.length < 3) return { kind: 'none' };
  return {
    kind: 'range',
    fromMillis: Math.min(...pastMillis),
    toMillis: Math.max(...pastMillis),
    restores: pastMillis.length,
  };
}
