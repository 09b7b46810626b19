/** The rule of a request as it stood when the plan was sealed, and how far its stages are filled. */
import { partyKey, type Party, type Standing } from './party';
import type { Person } from './person';

/** One of several signatures in a row: the next stage is asked when this one has what it needs. */
export interface SealedStage {
  readonly name: string;
  readonly needed: number;
  readonly parties: readonly Party[];
  /** Who they were when the plan was sealed, for showing and calling them; those who never count are left out. */
  readonly people: readonly Person[];
}

/** Who is called, and may decide beside the others, when nobody has decided for so long. */
export interface SealedEscalation {
  readonly afterMinutes: number;
  readonly parties: readonly Party[];
  readonly people: readonly Person[];
}

export interface SealedBreakGlass {
  readonly parties: readonly Party[];
  readonly people: readonly Person[];
  /** How often one person may within so many hours. */
  readonly atMost: { readonly times: number; readonly hours: number };
  /** So long after the start somebody has to have looked at it. */
  readonly reviewWithinMinutes: number;
}

export interface SealedRule {
  readonly name: string;
  readonly stages: readonly SealedStage[];
  readonly expiresAfterMinutes: number;
  /** How long an approval stays good without the restore having started. */
  readonly approvalGoodForMinutes: number;
  readonly remindAfterMinutes?: number;
  readonly escalation?: SealedEscalation;
  readonly breakGlass?: SealedBreakGlass;
  /** Who may change what came out of it, where that is not those who approve it; nobody where no rule lets them. */
  readonly apply?: { readonly parties: readonly Party[]; readonly people: readonly Person[] };
  /** Accounts of one and the same person, in lower case: none of them decides beside another. */
  readonly aliases: readonly (readonly string[])[];
}

/** All accounts of one person, their own included, in lower case. */
export function accountsOf(aliases: SealedRule['aliases'], id: string): string[] {
  const own = id.toLowerCase();
  return [...new Set([own, ...aliases.filter((ids) => ids.includes(own)).flat()])];
}

export const isSamePerson = (aliases: SealedRule['aliases'], a: Person, b: Person): boolean =>
  accountsOf(aliases, a.aadObjectId).includes(b.aadObjectId.toLowerCase());

const once = (people: readonly Person[]): Person[] => [
  ...new Map(people.map((person) => [person.aadObjectId, person])).values(),
];

/** Everybody who was asked for in some stage when the plan was sealed. */
export const approversOf = ({ stages }: Pick<SealedRule, 'stages'>): Person[] =>
  once(stages.flatMap(({ people }) => people));

/** Who may change what came out of it: parties to look somebody up for, and their names. */
export const appliersOf = (
  rule: SealedRule,
): { readonly parties: readonly Party[]; readonly people: readonly Person[] } =>
  rule.apply ?? { parties: rule.stages.flatMap(({ parties }) => parties), people: approversOf(rule) };

export const neededOf = ({ stages }: Pick<SealedRule, 'stages'>): number =>
  stages.reduce((sum, { needed }) => sum + needed, 0);

/** Stages are filled in order, so the number of approvals tells which one is asked. Undefined when all have theirs. */
export function currentStage(
  { stages }: Pick<SealedRule, 'stages'>,
  approvals: readonly unknown[],
): { readonly stage: SealedStage; readonly missing: number } | undefined {
  let left = approvals.length;
  for (const stage of stages) {
    if (left < stage.needed) return { stage, missing: stage.needed - left };
    left -= stage.needed;
  }
  return undefined;
}

/** All parties that a decision is looked up for, each once. */
export const partiesOf = (rule: SealedRule): Party[] => [
  ...new Map(
    [
      ...rule.stages.flatMap(({ parties }) => parties),
      ...(rule.escalation?.parties ?? []),
      ...(rule.breakGlass?.parties ?? []),
    ].map((party) => [partyKey(party), party]),
  ).values(),
];

export const belongsToOne = (standing: Standing, parties: readonly Party[]): boolean =>
  parties.some((party) => standing.belongsTo.includes(partyKey(party)));
