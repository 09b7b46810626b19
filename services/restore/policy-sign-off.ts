/** The owner's words on who signs off, in which order, and what the clocks do, as they stand in a rule of the policy. */
import { z } from 'zod/v4';
import { partyKey, type Party } from './party';
import { restoreModes } from './restore-modes';

export const entraId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be an Entra object id');
const shownName = z.string().min(1).max(80);

/** A person, an Entra group, or the owners or members of a team. One flat form, so that what is wrong is said of its own field. */
const partySchema = z
  .strictObject({
    id: entraId.optional(),
    group: entraId.optional(),
    team: entraId.optional(),
    /** Of a team: its owners, unless its members are meant. */
    who: z.enum(['owners', 'members']).optional(),
    name: shownName,
  })
  .check(({ value, issues }) => {
    // A field that is wrong in itself is said to be, and nothing is made of it here.
    if (issues.length > 0) return;
    const { id, group, team, who } = value;
    const say = (message: string): void => void issues.push({ code: 'custom', input: value, message });
    if ([id, group, team].filter((each) => each !== undefined).length !== 1)
      say('must have one of id (a person), group and team');
    if (who !== undefined && team === undefined) say('who belongs to a team');
  })
  .transform(({ id = '', group, team, who = 'owners', name }): Party => {
    if (group !== undefined) return { kind: 'group', id: group.toLowerCase(), name };
    if (team !== undefined) return { kind: 'team', id: team.toLowerCase(), name, who };
    return { kind: 'user', id: id.toLowerCase(), name };
  });

const parties = z.array(partySchema).min(1, 'must name at least one approver').max(50);
export const partiesSchema = z.array(partySchema).min(1, 'must name somebody').max(50);
const needed = z.int().min(1).max(20);
const minutes = (most: number) => z.int().min(1).max(most);

export const signOffSchema = {
  /** One stage: short for a list of one in `stages`. */
  approvers: parties.optional(),
  needed: needed.optional(),
  /** Signatures in this order. */
  stages: z
    .array(z.strictObject({ name: z.string().min(1).max(60), approvers: parties, needed }))
    .min(1)
    .max(5)
    .optional(),
  /** Minutes without a decision after which the approvers are asked once more. */
  remindAfterMinutes: minutes(10_080).optional(),
  /** Who is called, and may decide as well, after so many minutes without a decision. */
  escalate: z.strictObject({ afterMinutes: minutes(10_080), to: parties }).optional(),
  /** Who may start at once, what, how often, and how soon that has to be looked at. */
  breakGlass: z
    .strictObject({
      people: parties,
      modes: z.array(z.enum(restoreModes)).min(1).optional(),
      /** Names of what comes into being, with * as wildcard. */
      targets: z.array(z.string().min(1).max(90)).min(1).optional(),
      atMost: z
        .strictObject({ times: z.int().min(1).max(20), hours: z.int().min(1).max(720) })
        .default({ times: 1, hours: 24 }),
      reviewWithinMinutes: minutes(10_080).default(1_440),
    })
    .optional(),
};

type Written = z.infer<z.ZodObject<typeof signOffSchema>>;
type Stages = Pick<Written, 'approvers' | 'needed' | 'stages'>;

export const stagesOf = ({ approvers, needed: count, stages }: Stages) =>
  (stages ?? [{ name: 'approval', approvers: approvers ?? [], needed: count ?? 1 }]).map((stage) => ({
    name: stage.name,
    needed: stage.needed,
    parties: stage.approvers,
  }));

/** Groups may hold any number of people; named people can be counted. */
const canSatisfy = (named: readonly Party[], count: number): boolean =>
  named.some(({ kind }) => kind !== 'user') || new Set(named.map(partyKey)).size >= count;

export interface RuleProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Where it stands, if that is not where the path leads. */
  readonly at?: readonly PropertyKey[];
}

type Json = Readonly<Record<string, unknown>>;

/** Undefined where it is missing or wrong in itself, which is said elsewhere. */
function readable<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const read = schema.safeParse(value);
  return read.success ? read.data : undefined;
}

function shortStage(path: readonly PropertyKey[], approvers: unknown, count: unknown): RuleProblem[] {
  const named = readable(parties, approvers);
  const asked = readable(needed, count);
  return named === undefined || asked === undefined || canSatisfy(named, asked)
    ? []
    : [{ path: [...path, 'needed'], message: 'needs more approvals than it names different approvers' }];
}

function clockProblems(rule: Json): RuleProblem[] {
  const whole = rule['expiresAfterMinutes'] ?? 60;
  const escalate = rule['escalate'] as Json | null | undefined;
  const clocks = [
    { path: ['remindAfterMinutes'], value: rule['remindAfterMinutes'] },
    { path: ['escalate', 'afterMinutes'], value: escalate?.['afterMinutes'] },
  ];
  return clocks.flatMap(({ path, value }) =>
    typeof value === 'number' && typeof whole === 'number' && value >= whole
      ? [{ path, message: `must be less than the ${whole} minutes after which it expires` }]
      : [],
  );
}

/** What no single field of a rule shows; the rule is as it was written, and may be wrong in other ways too. */
export function signOffProblems(rule: Json): readonly RuleProblem[] {
  const { approvers, stages } = rule;
  const written = Array.isArray(stages) ? (stages as readonly (Json | null)[]) : [];
  return [
    ...((approvers === undefined) === (stages === undefined)
      ? [{ path: ['approvers'], message: 'must be given, or stages, and not both' }]
      : []),
    ...(stages !== undefined && rule['needed'] !== undefined
      ? [{ path: ['needed'], message: 'belongs into each stage where there are stages' }]
      : []),
    ...(stages === undefined ? shortStage([], approvers, rule['needed'] ?? 1) : []),
    ...written.flatMap((stage, index) =>
      shortStage(['stages', index], stage?.['approvers'], stage?.['needed']),
    ),
    ...clockProblems(rule),
  ];
}
