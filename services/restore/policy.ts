/**
 * Who may approve what. The owner writes rules; a request is matched against all of them, with what it asks for and where that
 * goes, and the strictest match wins. No match, or a rule that nobody but the requester could satisfy, refuses the request.
 */
import { problem, type Problem } from './errors';
import { accountsOf, type SealedRule } from './sealed-rule';
import {
  askConditions,
  every,
  sourceConditions,
  verdictOf,
  type Condition,
  type Verdict,
} from './policy-match';
import { isDuring } from './policy-clock';
import { matchesPattern } from './policy-patterns';
import { restoreModes } from './restore-modes';
import { restoring, type Ask, type Destination, type PolicySubject } from './policy-subject';
import { sealedProbe } from './policy-proof';
import { strictestOf } from './policy-strictness';
import type { Instant } from './instant';
import type { Person } from './person';
import type { Policy, PolicyFreeze, PolicyMatch, PolicyRule, PolicyStage } from './policy-schema';
import type { ProofProbe } from './proof-probe';
import type { RestoreMode } from './plan';

export { policySubject, type PolicySubject } from './policy-subject';
export { readPolicy } from './policy-reading';
export type { Policy, PolicyRule } from './policy-schema';

/** What a rule or a freeze says of a request, condition by condition, for one of the places that it goes to. */
export const conditionsOf = (
  policy: Policy,
  match: PolicyMatch,
  subject: PolicySubject,
  ask: Ask,
  to: Destination | undefined,
): Condition[] => [...sourceConditions(policy, match, subject), ...askConditions(policy, match, ask, to)];

const placesOf = ({ to }: Ask): readonly (Destination | undefined)[] =>
  to === undefined || to.length === 0 ? [undefined] : to;

function ruleForPlace(
  policy: Policy,
  subject: PolicySubject,
  ask: Ask,
  to: Destination | undefined,
): PolicyRule | undefined {
  const judged = policy.rules.map((rule) => ({
    rule,
    verdict: verdictOf(conditionsOf(policy, rule.match, subject, ask, to)),
  }));
  if (judged.every(({ verdict }) => verdict !== 'yes')) return undefined;
  return strictestOf(judged.filter(({ verdict }) => verdict !== 'no').map(({ rule }) => rule));
}

/**
 * The strictest rule that matches for any of the places that it goes to. None where there is one of them for which no rule
 * matches for sure.
 */
export function ruleFor(policy: Policy, subject: PolicySubject, ask: Ask): PolicyRule | undefined {
  return strictest(policy, ...placesOf(ask).map((to) => ruleForPlace(policy, subject, ask, to)));
}

/** Undefined where one of them is missing. The first written wins among equals. */
export const strictest = (
  policy: Policy,
  ...rules: readonly (PolicyRule | undefined)[]
): PolicyRule | undefined =>
  rules.includes(undefined) ? undefined : strictestOf(policy.rules.filter((rule) => rules.includes(rule)));

/** For sure of the source, and possible for some place and hour. */
function couldCover(policy: Policy, { match }: PolicyRule, subject: PolicySubject, ask: Ask): boolean {
  const source: Verdict = every(sourceConditions(policy, match, subject).map(({ verdict }) => verdict));
  return source === 'yes' && verdictOf(askConditions(policy, match, ask, undefined)) !== 'no';
}

/** Whether some rule covers this way of restoring the server: others are not offered. */
export const isModeCovered = (policy: Policy, server: PolicySubject, mode: RestoreMode): boolean =>
  policy.rules.some((rule) => couldCover(policy, rule, server, restoring(mode)));

/** Whether the desk shows a server at all: only those of which some rule lets something be restored. */
export const isCovered = (policy: Policy, server: PolicySubject): boolean =>
  restoreModes.some((mode) => mode !== 'files-to-server' && isModeCovered(policy, server, mode));

/** The freeze that holds now, the one that ends last. What may be meant is. */
export function freezeFor(
  policy: Policy,
  subject: PolicySubject,
  ask: Ask,
  now: Instant,
): PolicyFreeze | undefined {
  const holds = ({ match }: PolicyFreeze): boolean =>
    placesOf(ask).some((to) => verdictOf(conditionsOf(policy, match, subject, ask, to)) !== 'no');
  return policy.freezes
    .filter((freeze) => isDuring(freeze, now) && holds(freeze))
    .sort((a, b) => Date.parse(b.to) - Date.parse(a.to))[0];
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * Of the people of a stage those who may approve a request of `requester`. Of several accounts of one person the first
 * counts: nobody gives two approvals.
 */
export function eligible(
  policy: Pick<SealedRule, 'aliases'>,
  people: readonly Person[],
  requester: Person,
): Person[] {
  const taken = new Set(accountsOf(policy.aliases, requester.aadObjectId));
  return people.flatMap((person) => {
    const id = person.aadObjectId.toLowerCase();
    if (taken.has(id)) return [];
    for (const account of accountsOf(policy.aliases, id)) taken.add(account);
    return [{ ...person, aadObjectId: id }];
  });
}

export interface Judging {
  readonly requester: Person;
  readonly now: Instant;
  /** Somebody broke the glass: freezes stand in the way of nothing. */
  readonly overFreezes?: boolean;
}

/** What stands in the way of anybody approving, before anybody is asked. Freezes are judged by `now`. */
export function policyProblems(
  policy: Policy,
  subject: PolicySubject,
  ask: Ask,
  { requester, now, overFreezes = false }: Judging,
): Problem[] {
  const rule = ruleFor(policy, subject, ask);
  // While the place is not known something else is missing, and that is said by others.
  if (!rule && ask.to === undefined && isModeCovered(policy, subject, ask.mode)) return [];
  if (!rule) return [uncovered(policy, subject, ask)];
  const freeze = overFreezes ? undefined : freezeFor(policy, subject, ask, now);
  return [
    ...(freeze ? [problem('FROZEN', { name: subject.name, freeze: freeze.name, until: freeze.to })] : []),
    ...rule.stages.flatMap((stage) => namedStageProblems(policy, rule, stage, requester)),
  ];
}

function uncovered(policy: Policy, subject: PolicySubject, { mode }: Ask): Problem {
  const { name } = subject;
  if (!isCovered(policy, subject) && mode !== 'files-to-server') return problem('NO_POLICY_RULE', { name });
  return isModeCovered(policy, subject, mode)
    ? problem('PLACE_NOT_COVERED', { name })
    : problem('WAY_NOT_COVERED', { name, way: mode });
}

/** Where a stage names people only, it is known without asking the directory whether enough of them are left. */
function namedStageProblems(
  policy: Policy,
  rule: PolicyRule,
  { needed, parties }: PolicyStage,
  requester: Person,
): Problem[] {
  const named = parties.flatMap((party) =>
    party.kind === 'user' ? [{ aadObjectId: party.id, name: party.name }] : [],
  );
  if (named.length < parties.length) return [];
  const left = eligible(policy, named, requester).length;
  return left < needed ? [problem('NO_APPROVER_LEFT', { rule: rule.name, needed, left })] : [];
}

/** Secrets (`vault/name`) that the owner has named for restores to a server. */
export const loginsFor = (policy: Policy, server: string): readonly string[] =>
  policy.logins.filter((entry) => matchesPattern(server, entry.server)).map(({ secret }) => secret);

/** As whom a server is opened for the proof; undefined where that is the product's own identity. The first that fits holds. */
export const proofLoginFor = (
  { proofLogins }: Pick<Policy, 'proofLogins'>,
  server: string,
): Policy['proofLogins'][number] | undefined =>
  proofLogins.find((entry) => matchesPattern(server, entry.server));

/** Where the owner has named secrets for a server no other one may be used for it. */
export function isLoginAllowed(policy: Policy, server: string, secret: string): boolean {
  const named = loginsFor(policy, server);
  return named.length === 0 || named.some((each) => same(each, secret));
}

export function probeFor(policy: Policy, server: Pick<PolicySubject, 'name'>): ProofProbe | undefined {
  const found = policy.proof.find((entry) => matchesPattern(server.name, entry.server));
  return found && sealedProbe(found);
}
