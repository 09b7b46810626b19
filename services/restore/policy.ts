/**
 * Who may approve what. The owner writes rules; a request is matched against all of them and the strictest match wins.
 * No match, or a rule that nobody but the requester could satisfy, refuses the request.
 */
import { z } from 'zod/v4';
import { DeskError, problem, type Problem } from './errors';
import { proofSchema, sealedProbe } from './policy-proof';
import type { Person } from './person';
import type { RestoreMode } from './plan';
import type { ProofProbe } from './proof-probe';
import { vaultModes } from './vault-plan';
import type { Source } from './servers';

const restoreModes = [
  'latest',
  'point-in-time',
  'fast',
  'geo',
  'dropped',
  'files-to-server',
  ...vaultModes,
] as const satisfies readonly RestoreMode[];

const entraId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be an Entra object id');
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

const approverSchema = z.strictObject({ id: entraId, name: z.string().min(1).max(80) });

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
    approvers: z.array(approverSchema).min(1, 'must name at least one approver'),
    needed: z.int().min(1),
    reasonRequired: z.boolean().default(true),
    ticketPattern: z.string().refine(isRegularExpression, 'must be a regular expression').optional(),
    expiresAfterMinutes: z.int().min(1).max(10_080).default(60),
    /** How long an approval stays good without the restore having started. */
    approvalGoodForMinutes: z.int().min(1).max(1_440).default(30),
  })
  .refine((rule) => new Set(rule.approvers.map(({ id }) => id.toLowerCase())).size >= rule.needed, {
    message: 'needs more approvals than it names different approvers',
    path: ['needed'],
  });

export const policySchema = z.strictObject({
  version: z.string().min(1).max(40),
  rules: z.array(ruleSchema).min(1, 'must hold at least one rule'),
  /** Accounts of one and the same person; neither may approve what the other asked for. */
  aliases: z.array(z.array(entraId).min(2)).default([]),
  proof: z.array(proofSchema).default([]),
  /** With which key vault secret databases are restored to a single server. */
  logins: z.array(z.strictObject({ server: pattern, secret: secretName })).default([]),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicyRule = Policy['rules'][number];

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

function matchesPattern(text: string, wildcard: string): boolean {
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

const byStrictness = (a: PolicyRule, b: PolicyRule): number =>
  b.needed - a.needed || a.approvers.length - b.approvers.length;

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

/** The two accounts belong to one person: the same id, or named together in the alias list. */
function isSamePerson(policy: Policy, a: string, b: string): boolean {
  if (same(a, b)) return true;
  return policy.aliases.some((ids) => ids.some((id) => same(id, a)) && ids.some((id) => same(id, b)));
}

/**
 * Who may still approve a request of `requester` under the rule. Of several accounts of one person the first that the
 * rule names counts: nobody gives two approvals.
 */
export const possibleApprovers = (policy: Policy, rule: PolicyRule, requester: Person): Person[] =>
  rule.approvers
    .filter(
      ({ id }, index) =>
        !isSamePerson(policy, id, requester.aadObjectId) &&
        !rule.approvers.slice(0, index).some((earlier) => isSamePerson(policy, earlier.id, id)),
    )
    .map(({ id, name }) => ({ aadObjectId: id.toLowerCase(), name }));

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
  const left = possibleApprovers(policy, rule, requester).length;
  return left < rule.needed
    ? [problem('NO_APPROVER_LEFT', { rule: rule.name, needed: rule.needed, left })]
    : [];
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
