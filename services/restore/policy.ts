/**
 * Who may approve what. The owner writes rules; a request is matched against all of them and the strictest match wins.
 * No match, or a rule that nobody but the requester could satisfy, refuses the request.
 */
import { z } from 'zod/v4';
import { DeskError, problem, type Problem } from './errors';
import { entraId, signOffProblems, signOffSchema, stagesOf } from './policy-sign-off';
import { proofSchema, sealedProbe } from './policy-proof';
import { accountsOf, type SealedRule } from './sealed-rule';
import { partyKey } from './party';
import type { Person } from './person';
import type { RestoreMode } from './plan';
import type { ProofProbe } from './proof-probe';
import { restoreModes } from './restore-modes';
import type { Source } from './servers';

const pattern = z.string().min(1).max(90);

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const secretName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{2,23}\/[a-z0-9-]{1,127}$/i,
    'must be a key vault and a secret, such as kv-shop/pgconn',
  );

const ruleSchema = z
  .strictObject({
    name: z.string().min(1).max(60),
    match: z.strictObject({
      /** Name with * as wildcard: of what is restored, or of the server that files are loaded into. */
      server: pattern.optional(),
      resourceGroup: pattern.optional(),
      tags: z.record(z.string(), z.string()).optional(),
      modes: z.array(z.enum(restoreModes)).min(1).optional(),
    }),
    ...signOffSchema,
    reasonRequired: z.boolean().default(true),
    ticketPattern: z.string().refine(isRegularExpression, 'must be a regular expression').optional(),
    expiresAfterMinutes: z.int().min(1).max(10_080).default(60),
    /** How long an approval stays good without the restore having started. */
    approvalGoodForMinutes: z.int().min(1).max(1_440).default(30),
  })
  .check(({ value, issues }) => {
    for (const { path, message } of signOffProblems(value))
      issues.push({ code: 'custom', input: value, path: [...path], message });
  })
  .transform(({ approvers, needed, stages, ...rule }) => ({
    ...rule,
    stages: stagesOf({ approvers, needed, stages }),
  }));

export const policySchema = z.strictObject({
  version: z.string().min(1).max(40),
  rules: z.array(ruleSchema).min(1, 'must hold at least one rule'),
  /** Accounts of one and the same person; neither may approve what the other asked for. */
  aliases: z.array(z.array(entraId.toLowerCase()).min(2)).default([]),
  proof: z.array(proofSchema).default([]),
  /** With which key vault secret databases are restored to a single server. */
  logins: z.array(z.strictObject({ server: pattern, secret: secretName })).default([]),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicyRule = Policy['rules'][number];
export type PolicyStage = PolicyRule['stages'][number];

/** Checks a policy document; every problem is listed with its path. */
export function readPolicy(document: unknown): Policy {
  const read = policySchema.safeParse(document);
  if (read.success) return read.data;
  const problems = read.error.issues.map(
    (issue) => `policy ${issue.path.join('.') || '(top)'}: ${issue.message}.`,
  );
  throw new DeskError(problem('CONFIGURATION', { problems }));
}

const compile = (wildcard: string): RegExp =>
  new RegExp(
    `^${wildcard
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  );

/** A policy holds a few patterns, and thousands of servers are held against each. */
const compiled = new Map<string, RegExp>();

export function matchesPattern(text: string, wildcard: string): boolean {
  const known = compiled.get(wildcard) ?? compile(wildcard);
  compiled.set(wildcard, known);
  return known.test(text);
}

/** What rules look at. Tags are unknown for a deleted server that the desk never saw. */
export interface PolicySubject {
  readonly name: string;
  readonly resourceGroup: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A deleted server is judged by the tags it had. */
export function policySubject(source: Source): PolicySubject {
  if (source.kind !== 'deleted') return source.server;
  const { name, resourceGroup, before } = source.server;
  return { name, resourceGroup, ...(before ? { tags: before.tags } : {}) };
}

/** Tags only tighten: where they are unknown a rule that asks for some matches, lest a looser one took its place. */
function matches(rule: PolicyRule, server: PolicySubject, mode: RestoreMode): boolean {
  const { match } = rule;
  const { tags } = server;
  return (
    (match.server === undefined || matchesPattern(server.name, match.server)) &&
    (match.resourceGroup === undefined || matchesPattern(server.resourceGroup, match.resourceGroup)) &&
    (match.modes === undefined || match.modes.includes(mode)) &&
    (tags === undefined || Object.entries(match.tags ?? {}).every(([key, value]) => tags[key] === value))
  );
}

/** A rule that asks for tags may not mean a server whose tags are unknown: it can make stricter, but it covers nothing. */
const isSure = ({ match }: PolicyRule, { tags }: PolicySubject): boolean =>
  tags !== undefined || Object.keys(match.tags ?? {}).length === 0;

/**
 * The strictest matching rule: most approvals needed, then fewest people who can give them, then first written. None where no
 * rule covers the server for sure.
 */
export function ruleFor(policy: Policy, server: PolicySubject, mode: RestoreMode): PolicyRule | undefined {
  if (!isModeCovered(policy, server, mode)) return undefined;
  return policy.rules.filter((rule) => matches(rule, server, mode)).sort(byStrictness)[0];
}

const neededBy = ({ stages }: PolicyRule): number => stages.reduce((sum, { needed }) => sum + needed, 0);
const namedBy = ({ stages }: PolicyRule): number =>
  new Set(stages.flatMap(({ parties }) => parties.map(partyKey))).size;

const byStrictness = (a: PolicyRule, b: PolicyRule): number =>
  neededBy(b) - neededBy(a) || b.stages.length - a.stages.length || namedBy(a) - namedBy(b);

export const stricter = (one: PolicyRule, other: PolicyRule): PolicyRule =>
  byStrictness(one, other) <= 0 ? one : other;

/** Whether the desk shows a server at all: only those of which some rule lets something be restored. */
export const isCovered = (policy: Policy, server: PolicySubject): boolean =>
  policy.rules.some(
    (rule) =>
      isSure(rule, server) &&
      (rule.match.modes ?? restoreModes).some(
        (mode) => mode !== 'files-to-server' && matches(rule, server, mode),
      ),
  );

/** Whether some rule covers this way of restoring the server: others are not offered. */
export const isModeCovered = (policy: Policy, server: PolicySubject, mode: RestoreMode): boolean =>
  policy.rules.some((rule) => isSure(rule, server) && matches(rule, server, mode));

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

/** What stands in the way of anybody approving, before anybody is asked. */
export function policyProblems(
  policy: Policy,
  server: PolicySubject,
  mode: RestoreMode,
  requester: Person,
): Problem[] {
  const rule = ruleFor(policy, server, mode);
  if (!rule)
    return [
      isCovered(policy, server)
        ? problem('WAY_NOT_COVERED', { name: server.name, way: mode })
        : problem('NO_POLICY_RULE', { name: server.name }),
    ];
  return rule.stages.flatMap((stage) => namedStageProblems(policy, rule, stage, requester));
}

/** Where a stage names people only, it is known without asking the directory whether enough of them are left. */
function namedStageProblems(
  policy: Policy,
  rule: PolicyRule,
  { needed, parties }: PolicyStage,
  requester: Person,
): Problem[] {
  const named = parties.flatMap((party) =>
    party.kind === 'user' ? [{ aadObjectId: party.id.toLowerCase(), name: party.name }] : [],
  );
  if (named.length < parties.length) return [];
  const left = eligible(policy, named, requester).length;
  return left < needed ? [problem('NO_APPROVER_LEFT', { rule: rule.name, needed, left })] : [];
}

/** Secrets (`vault/name`) that the owner has named for restores to a server. */
export const loginsFor = (policy: Policy, server: string): readonly string[] =>
  policy.logins.filter((entry) => matchesPattern(server, entry.server)).map(({ secret }) => secret);

/** Where the owner has named secrets for a server no other one may be used for it. */
export function isLoginAllowed(policy: Policy, server: string, secret: string): boolean {
  const named = loginsFor(policy, server);
  return named.length === 0 || named.some((each) => same(each, secret));
}

export function probeFor(policy: Policy, server: PolicySubject): ProofProbe | undefined {
  const found = policy.proof.find((entry) => matchesPattern(server.name, entry.server));
  return found && sealedProbe(found);
}
