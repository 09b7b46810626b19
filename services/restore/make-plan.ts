/**
 * From what a person typed and what Azure says to a plan, or to all the reasons why there is none, listed together, before
 * a manager is asked.
 */
import { fieldLimits, formFields, type FormInputs } from './form-inputs';
import { factsOf } from './asked-place';
import { judgeMoment, modeOf } from './judge-moment';
import { nameProblems, placeProblems, spellingProblems, targetNameOf, type PlaceFacts } from './judge-place';
import { looserWarnings, newServer } from './policy-destination';
import { networkProblems, plannedNetwork } from './judge-network';
import { optionProblems, plannedOptions } from './judge-options';
import {
  isCovered,
  policyProblems,
  policySubject,
  probeFor,
  ruleFor,
  type Judging,
  type Policy,
  type PolicyRule,
} from './policy';
import { problem, type Problem } from './errors';
import { serverId, type BackupFacts, type Network, type Source, type SourceMatch } from './servers';
import { sourceProblems } from './judge-source';
import type { ApplyRule } from './seal-rule';
import type { Ask } from './policy-subject';
import type { Instant } from './instant';
import type { LatestPlan, Plan, RestoreMode } from './plan';
import type { Person } from './person';
import { costOf } from './prices';
import type { ShownFacts } from './request';

/** What had to be read from Azure to judge a request. Without a source there is no place to look at. */
export interface PreflightFacts {
  readonly source: SourceMatch;
  readonly place?: PlaceFacts;
  /** Backups of the source, newest first. */
  readonly backups: readonly BackupFacts[];
  readonly now: Instant;
}

export interface Wish {
  readonly inputs: FormInputs;
  readonly requester: Person;
  /** Of a request that is judged again: the hours of the policy are those of its asking. Now where it is asked now. */
  readonly askedAt?: Instant;
  /** It was started without approval by somebody who may: what was asked before a freeze began is not held up by it. */
  readonly overFreezes?: boolean;
}

export type PlanResult =
  | {
      readonly kind: 'plan';
      readonly plan: Plan;
      readonly rule: PolicyRule;
      /** Absent where nothing can be applied to what comes out of it. */
      readonly applyRule?: ApplyRule;
      readonly shown: ShownFacts;
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export function lengthProblems(inputs: FormInputs): Problem[] {
  return formFields
    .filter((field) => inputs[field].length > fieldLimits[field])
    .map((field) => problem('TEXT_TOO_LONG', { field, limit: fieldLimits[field] }));
}

/** A ticket pattern is the owner's regular expression; it was compiled once when the policy was read. */
export function reasonProblems(inputs: FormInputs, rule: PolicyRule | undefined): Problem[] {
  if (!rule) return [];
  const ticketWrong =
    rule.ticketPattern !== undefined && !new RegExp(`^(?:${rule.ticketPattern})$`).test(inputs.ticket.trim());
  return [
    ...(rule.reasonRequired && inputs.reason.trim() === '' ? [problem('REASON_MISSING')] : []),
    ...(ticketWrong ? [problem('TICKET_INVALID', { pattern: rule.ticketPattern ?? '' })] : []),
  ];
}

function targetProblems(
  inputs: FormInputs,
  source: Source | undefined,
  { place, now }: PreflightFacts,
): Problem[] {
  if (!source || !place) return spellingProblems(inputs);
  return [
    ...nameProblems(inputs, source, place),
    ...placeProblems(inputs, source, place),
    ...networkProblems(inputs, source, place),
    ...optionProblems(inputs, source, place, now),
  ];
}

/** All problems at once, or the plan. Pure: the same facts always give the same plan, and so the same hash. */
export function makePlan(wish: Wish, facts: PreflightFacts, policy: Policy): PlanResult {
  const { inputs } = wish;
  const source = facts.source.kind === 'one' ? facts.source.server : undefined;
  const moment = judgeMoment(inputs, source, facts.now, facts.backups);
  const mode: RestoreMode = modeOf(inputs);
  const subject = source && policySubject(source);
  const ask = askOf(wish, facts, source, mode);
  const judge = judgingOf(wish, facts);
  // Of a server that the policy does not cover nothing is told: not its state, its window or its copies.
  if (subject && !isCovered(policy, subject))
    return {
      kind: 'refused',
      problems: [...lengthProblems(inputs), ...policyProblems(policy, subject, ask, judge)],
    };
  const rule = subject && ruleFor(policy, subject, ask);
  const problems = [
    ...lengthProblems(inputs),
    ...sourceProblems(inputs, facts.source, facts.place?.pair),
    ...moment.problems,
    ...targetProblems(inputs, source, facts),
    ...reasonProblems(inputs, rule),
    ...(subject ? policyProblems(policy, subject, ask, judge) : []),
  ];
  const network = facts.place && plannedNetwork(facts.place);
  if (problems.length > 0 || !source || !rule || !facts.place || !moment.planned || !network)
    return { kind: 'refused', problems };
  const parts = planParts(inputs, source, facts.place, network, policy, rule);
  const warnings = looserWarnings(policySubject(source), ask.to ?? []);
  const known = shownFacts(source, askedAt(wish, facts));
  const cost = costOf(policy.prices, known.sku, known.storageGb);
  const shown = { ...known, ...(cost ? { cost } : {}), ...(warnings.length > 0 ? { warnings } : {}) };
  const applyRule = ruleFor(policy, policySubject(source), { ...ask, action: 'apply' }) ?? 'none';
  return { kind: 'plan', rule, applyRule, shown, plan: { ...parts, ...moment.planned } };
}

export const judgingOf = (
  { requester, overFreezes = false }: Wish,
  { now }: { readonly now: Instant },
): Judging => ({ requester, now, overFreezes });

export const askedAt = (wish: Pick<Wish, 'askedAt'>, { now }: { readonly now: Instant }): Instant =>
  wish.askedAt ?? now;

/** What the policy is asked. Where the copy goes is known as soon as its place was looked at. */
function askOf(wish: Wish, facts: PreflightFacts, source: Source | undefined, mode: RestoreMode): Ask {
  const ask: Ask = { action: 'restore', mode, at: askedAt(wish, facts) };
  if (!facts.place) return ask;
  const { asked } = facts.place;
  const from = source && factsOf(source)?.location;
  return {
    ...ask,
    to: [newServer(asked, targetNameOf(wish.inputs))],
    ...(from === undefined || asked.location === undefined ? {} : { regionChange: from !== asked.location }),
  };
}

/** Of a deleted server that the desk never saw nothing is known. */
function shownFacts(source: Source, asked: Instant): ShownFacts {
  const facts = factsOf(source);
  return {
    sku: facts?.sku ?? '',
    storageGb: facts?.storageGb ?? 0,
    postgresVersion: facts?.version ?? '',
    askedAt: asked,
    ...(facts?.earliestRestoreAt === undefined ? {} : { earliestRestoreAt: facts.earliestRestoreAt }),
    ...(source.kind === 'remembered' ? { knownSince: source.seenAt } : {}),
  };
}

/** Everything in a plan that does not depend on its mode. */
type PlanParts = Omit<LatestPlan, 'mode'>;

function planParts(
  inputs: FormInputs,
  source: Source,
  { asked }: PlaceFacts,
  network: Network,
  policy: Policy,
  rule: PolicyRule,
): PlanParts {
  const { subscriptionId, resourceGroup, location = '' } = asked;
  const name = targetNameOf(inputs);
  const proof = probeFor(policy, policySubject(source));
  return {
    version: 1,
    source: {
      id: source.server.id,
      name: source.server.name,
      location: factsOf(source)?.location ?? location,
    },
    target: {
      id: serverId(subscriptionId, resourceGroup, name),
      name,
      subscriptionId,
      resourceGroup,
      location,
    },
    network,
    ...plannedOptions(inputs, source),
    policy: { version: policy.version, rule: rule.name },
    ...(proof === undefined ? {} : { proof }),
  };
}
