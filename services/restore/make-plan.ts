/**
 * From what a person typed and what Azure says to a plan, or to all the reasons why there is none. Refusing happens
 * here, before a manager is asked: Azure would take a future moment as now, and answer a moment before the window with
 * a bare internal error half an hour later.
 */
import { fieldLimits, formFields, type FormInputs } from './form-inputs';
import { problem, type Problem } from './errors';
import {
  isZone,
  resolveWallClock,
  utc,
  utcExact,
  utcFrom,
  type Instant,
  type ResolvedMoment,
} from './instant';
import { policyProblems, probeFor, ruleFor, type Policy, type PolicyRule } from './policy';
import {
  isServerName,
  nextName,
  serverId,
  type NameCheck,
  type ServerFacts,
  type SourceMatch,
  type BackupFacts,
} from './servers';
import type { Person } from './person';
import type { FastPlan, LatestPlan, Plan, RestoreMode } from './plan';

/** What had to be read from Azure to judge a request; each is a fact of one moment. */
export interface PreflightFacts {
  readonly source: SourceMatch;
  readonly targetName: NameCheck;
  readonly resourceGroupExists: boolean;
  readonly regionRestricted: boolean;
  /** Backups of the source, newest first. */
  readonly backups: readonly BackupFacts[];
  /** An open request of the desk for the same target name, if there is one. */
  readonly openForTarget?: string;
  readonly now: Instant;
}

export interface Wish {
  readonly inputs: FormInputs;
  readonly requester: Person;
}

export type PlanResult =
  | { readonly kind: 'plan'; readonly plan: Plan; readonly rule: PolicyRule; readonly source: ServerFacts }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export const targetNameOf = (inputs: FormInputs): string => inputs.target.trim().toLowerCase();

function lengthProblems(inputs: FormInputs): Problem[] {
  return formFields
    .filter((field) => inputs[field].length > fieldLimits[field])
    .map((field) => problem('TEXT_TOO_LONG', { field, limit: fieldLimits[field] }));
}

function sourceProblems(inputs: FormInputs, match: SourceMatch): Problem[] {
  if (inputs.source.trim() === '') return [problem('SOURCE_MISSING')];
  const name = inputs.source.trim();
  switch (match.kind) {
    case 'none':
      return [problem('SOURCE_UNKNOWN', { name, nearest: match.nearest })];
    case 'several':
      return [problem('SOURCE_AMBIGUOUS', { name, matches: match.names })];
    case 'one': {
      const { server } = match;
      return [
        ...(server.state === 'Ready'
          ? []
          : [problem('SOURCE_NOT_READY', { name: server.name, state: server.state })]),
        ...(server.earliestRestoreAt === undefined ? [problem('NO_BACKUP_YET', { name: server.name })] : []),
      ];
    }
  }
}

function momentProblem(inputs: FormInputs, resolved: ResolvedMoment): Problem[] {
  const text = inputs.moment.trim();
  switch (resolved.kind) {
    case 'instant':
      return [];
    case 'unreadable':
      return [text === '' ? problem('MOMENT_MISSING') : problem('MOMENT_UNREADABLE', { text })];
    case 'skipped':
      return [problem('MOMENT_SKIPPED', { text, zone: inputs.zone })];
    case 'twice':
      return [
        problem('MOMENT_TWICE', {
          text,
          zone: inputs.zone,
          first: utc(resolved.first),
          second: utc(resolved.second),
        }),
      ];
  }
}

function windowProblems(moment: Instant, source: ServerFacts | undefined, now: Instant): Problem[] {
  if (moment > now) return [problem('MOMENT_IN_FUTURE', { moment: utcExact(moment), now: utc(now) })];
  const earliest = source?.earliestRestoreAt;
  if (earliest !== undefined && moment < earliest) {
    return [problem('MOMENT_BEFORE_WINDOW', { moment: utcExact(moment), earliest: utcFrom(earliest) })];
  }
  return [];
}

export type PlannedMoment =
  | { readonly mode: 'latest' }
  | { readonly mode: 'point-in-time'; readonly moment: Instant }
  | { readonly mode: 'fast'; readonly moment: Instant; readonly backup: FastPlan['backup'] };

interface JudgedMoment {
  readonly planned?: PlannedMoment;
  readonly problems: readonly Problem[];
}

/** The SDK's dates cut microseconds off, so a backup's completion is asked for one millisecond later: never before it. */
const justAfter = (instant: Instant): Instant => new Date(Date.parse(instant) + 1).toISOString();

function judgeBackup(inputs: FormInputs, backups: readonly BackupFacts[]): JudgedMoment {
  const name = inputs.backup.trim();
  if (name === '') return { problems: [problem('BACKUP_MISSING')] };
  const found = backups.find((backup) => backup.name === name);
  if (!found) return { problems: [problem('BACKUP_GONE', { name })] };
  const { completedAt } = found;
  return {
    planned: { mode: 'fast', moment: justAfter(completedAt), backup: { name, completedAt } },
    problems: [],
  };
}

/** Reads mode, moment, zone and backup; also used to echo the moment on the form while other fields are still wrong. */
export function judgeMoment(
  inputs: FormInputs,
  source: ServerFacts | undefined,
  now: Instant,
  backups: readonly BackupFacts[],
): JudgedMoment {
  if (inputs.mode === 'latest') return { planned: { mode: 'latest' }, problems: [] };
  if (inputs.mode === 'fast') return judgeBackup(inputs, backups);
  if (inputs.mode !== 'point-in-time') return { problems: [problem('MODE_UNKNOWN', { mode: inputs.mode })] };
  if (!isZone(inputs.zone)) return { problems: [problem('ZONE_UNKNOWN', { zone: inputs.zone })] };
  const resolved = resolveWallClock(inputs.moment, inputs.zone);
  if (resolved.kind !== 'instant') return { problems: momentProblem(inputs, resolved) };
  return {
    planned: { mode: 'point-in-time', moment: resolved.instant },
    problems: windowProblems(resolved.instant, source, now),
  };
}

function targetProblems(
  inputs: FormInputs,
  facts: PreflightFacts,
  source: ServerFacts | undefined,
): Problem[] {
  const name = targetNameOf(inputs);
  if (name === '') return [problem('TARGET_MISSING')];
  if (name === source?.name.toLowerCase())
    return [problem('TARGET_IS_SOURCE', { name, suggestion: nextName(name) })];
  if (!isServerName(name) || facts.targetName.kind === 'invalid')
    return [problem('TARGET_NAME_INVALID', { name })];
  if (facts.openForTarget !== undefined)
    return [problem('DUPLICATE_OPEN', { id: facts.openForTarget, target: name })];
  if (facts.targetName.kind === 'taken')
    return [problem('TARGET_NAME_TAKEN', { name, suggestion: nextName(name) })];
  return [];
}

function placeProblems(
  inputs: FormInputs,
  facts: PreflightFacts,
  source: ServerFacts | undefined,
): Problem[] {
  if (!source) return [];
  const { subscriptionId, location } = source;
  const name = inputs.resourceGroup.trim() || source.resourceGroup;
  return [
    ...(facts.resourceGroupExists
      ? []
      : [problem('RESOURCE_GROUP_MISSING', { name, subscriptionId, location })]),
    ...(facts.regionRestricted ? [problem('REGION_RESTRICTED', { location })] : []),
  ];
}

/** A ticket pattern is the owner's regular expression; it was compiled once when the policy was read. */
function reasonProblems(inputs: FormInputs, rule: PolicyRule | undefined): Problem[] {
  if (!rule) return [];
  const ticketWrong =
    rule.ticketPattern !== undefined && !new RegExp(`^(?:${rule.ticketPattern})$`).test(inputs.ticket.trim());
  return [
    ...(rule.reasonRequired && inputs.reason.trim() === '' ? [problem('REASON_MISSING')] : []),
    ...(ticketWrong ? [problem('TICKET_INVALID', { pattern: rule.ticketPattern ?? '' })] : []),
  ];
}

/** The rule is looked up even where the moment cannot be read, so that all problems are told at once. */
const modeOf = ({ mode }: FormInputs): RestoreMode =>
  mode === 'latest' || mode === 'fast' ? mode : 'point-in-time';

/** All problems at once, or the plan. Pure: the same facts always give the same plan, and so the same hash. */
export function makePlan(wish: Wish, facts: PreflightFacts, policy: Policy): PlanResult {
  const { inputs, requester } = wish;
  const source = facts.source.kind === 'one' ? facts.source.server : undefined;
  const moment = judgeMoment(inputs, source, facts.now, facts.backups);
  const modeName = moment.planned?.mode ?? modeOf(inputs);
  const rule = source && ruleFor(policy, source, modeName);
  const problems = [
    ...lengthProblems(inputs),
    ...sourceProblems(inputs, facts.source),
    ...moment.problems,
    ...targetProblems(inputs, facts, source),
    ...placeProblems(inputs, facts, source),
    ...reasonProblems(inputs, rule),
    ...(source ? policyProblems(policy, source, modeName, requester) : []),
  ];
  if (problems.length > 0 || !source || !rule || !moment.planned) return { kind: 'refused', problems };
  return {
    kind: 'plan',
    rule,
    source,
    plan: { ...planParts(inputs, source, policy, rule), ...moment.planned },
  };
}

/** Everything in a plan that does not depend on its mode. */
type PlanParts = Omit<LatestPlan, 'mode'>;

function planParts(inputs: FormInputs, source: ServerFacts, policy: Policy, rule: PolicyRule): PlanParts {
  const { subscriptionId, location } = source;
  const resourceGroup = inputs.resourceGroup.trim() || source.resourceGroup;
  const name = targetNameOf(inputs);
  const proof = probeFor(policy, source);
  return {
    version: 1,
    source: { id: source.id, name: source.name, location },
    target: {
      id: serverId(subscriptionId, resourceGroup, name),
      name,
      subscriptionId,
      resourceGroup,
      location,
    },
    network: source.network,
    geoRedundantBackup: source.geoRedundantBackup,
    policy: { version: policy.version, rule: rule.name },
    ...(proof === undefined ? {} : { proof }),
  };
}
