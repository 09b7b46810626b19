/** What of a roles file is carried out on the target, what is left out, and what stops it. Pure. */
import type { RoleFacts } from '../restore/dump-ports';
import type { MemberOptions, RoleAttribute, RolesFile, RoleStatement } from './roles-file';

/** A role as it stands on the target. */
export interface StandingRole extends RoleFacts {
  /** Made by an earlier try of this order. */
  readonly isOurs?: boolean;
}

export interface RoleToMake {
  readonly name: string;
  readonly attributes: readonly RoleAttribute[];
  readonly connectionLimit?: number;
  readonly validUntil?: string;
}

export interface Membership {
  readonly of: string;
  readonly role: string;
  readonly options: MemberOptions;
}

export type RolesJudgement =
  | {
      readonly kind: 'carry-out';
      readonly make: readonly RoleToMake[];
      readonly memberships: readonly Membership[];
      readonly settings: readonly Extract<RoleStatement, { kind: 'setting' }>[];
      readonly comments: readonly Extract<RoleStatement, { kind: 'comment' }>[];
      readonly notes: readonly string[];
    }
  /** It gives more than the source had, or than may be given: nothing of it is run. */
  | {
      readonly kind: 'stopped';
      readonly excesses: readonly { readonly role: string; readonly excess: string }[];
    };

export interface RolesSurroundings {
  readonly standing: readonly StandingRole[];
  readonly login: string;
  readonly ofSource?: readonly RoleFacts[];
  readonly postgresMajor: number;
}

/** They let look, and nothing else. */
export const harmless: readonly string[] = [
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_stat_scan_tables',
  'pg_monitor',
];
const neverGiven: readonly RoleAttribute[] = ['superuser', 'replication', 'bypassrls'];
const judged: readonly RoleAttribute[] = [...neverGiven, 'createrole', 'createdb', 'login'];

/** Roles that Azure or PostgreSQL itself owns. */
export const isReserved = (name: string): boolean =>
  /^(azure_|pg_|azuresu$|replication$|rdsadmin$|cloudsqladmin$)/.test(name);

const of = <K extends RoleStatement['kind']>(file: RolesFile, kind: K) =>
  file.statements.filter((one): one is Extract<RoleStatement, { kind: K }> => one.kind === kind);

export function judgeRoles(file: RolesFile, around: RolesSurroundings): RolesJudgement {
  const excesses = [...excessAttributes(file, around), ...excessMemberships(file, around)];
  if (excesses.length > 0) return { kind: 'stopped', excesses };
  const standing = new Map(around.standing.map((role) => [role.name, role]));
  const wanted = [...new Set(of(file, 'create').map(({ role }) => role))];
  const fresh = wanted.filter((name) => !standing.has(name) && !isReserved(name) && name !== around.login);
  const made = new Set(fresh);
  const isMade = ({ role }: { readonly role: string }) => made.has(role);
  const members = judgeMembers(file, around, made);
  return {
    kind: 'carry-out',
    make: fresh.map((name) => roleToMake(file, name, around)),
    memberships: members.given,
    settings: of(file, 'setting').filter(isMade),
    comments: of(file, 'comment').filter(isMade),
    notes: [
      ...wanted
        .filter((name) => isReserved(name))
        .map((name) => `role ${name} belongs to the service and is left out`),
      ...wanted.flatMap((name) => keptNote(file, name, standing.get(name))),
      ...fresh.flatMap((name) => droppedNotes(file, name, around)),
      ...members.notes,
      ...file.notUnderstood.map((where) => `not understood and not run: ${where}`),
    ],
  };
}

const attributesIn = (file: RolesFile, name: string): readonly RoleAttribute[] => {
  const last = of(file, 'attributes').filter(({ role }) => role === name);
  return [...new Set(last.flatMap(({ has }) => has))];
};

/** Who may make roles may become nearly anybody: only a source that could be asked vouches for it. */
const withheld = ({ ofSource }: RolesSurroundings): readonly RoleAttribute[] =>
  ofSource === undefined ? [...neverGiven, 'createrole'] : neverGiven;

function roleToMake(file: RolesFile, name: string, around: RolesSurroundings): RoleToMake {
  const last = of(file, 'attributes').findLast(({ role }) => role === name);
  const { connectionLimit, validUntil } = last ?? {};
  return {
    name,
    attributes: attributesIn(file, name).filter((attribute) => !withheld(around).includes(attribute)),
    ...(connectionLimit === undefined ? {} : { connectionLimit }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

function keptNote(file: RolesFile, name: string, standing: StandingRole | undefined): string[] {
  if (standing === undefined || isReserved(name)) return [];
  const [wanted, has] = [attributesIn(file, name), standing.attributes];
  const differing = judged.flatMap((attribute) => {
    if (wanted.includes(attribute) === has.includes(attribute)) return [];
    return [
      has.includes(attribute) ? `it may ${attribute} here only` : `it may ${attribute} in the file only`,
    ];
  });
  const rest = differing.length === 0 ? '' : `, with other rights (${differing.join(', ')})`;
  return [`role ${name} was there already and is kept${rest}`];
}

const droppedNotes = (file: RolesFile, name: string, around: RolesSurroundings): string[] => {
  const dropped = attributesIn(file, name).filter((attribute) => withheld(around).includes(attribute));
  const hadPassword = of(file, 'attributes').some(({ role, hadPassword: had }) => role === name && had);
  return [
    ...dropped.map((attribute) => `role ${name} is made without ${attribute}`),
    ...(hadPassword ? [`role ${name} is made without its password`] : []),
  ];
};

function excessAttributes(file: RolesFile, { ofSource }: RolesSurroundings) {
  if (ofSource === undefined) return [];
  const names = [...new Set(of(file, 'attributes').map(({ role }) => role))].filter(
    (name) => !isReserved(name),
  );
  return names.flatMap((role) => {
    const source = ofSource.find(({ name }) => name === role);
    // A role that the source has lost since may sign in again: without a password that gives it nothing.
    const had: readonly string[] = source?.attributes ?? ['login'];
    return attributesIn(file, role)
      .filter((attribute) => judged.includes(attribute) && !had.includes(attribute))
      .map((excess) => ({ role, excess }));
  });
}

function excessMemberships(file: RolesFile, around: RolesSurroundings) {
  const standing = new Map(around.standing.map((role) => [role.name, role]));
  const inFile = new Set(of(file, 'create').map(({ role }) => role));
  return of(file, 'member').flatMap(({ role, of: group }) => {
    if (isReserved(role)) return [];
    const had = around.ofSource?.find(({ name }) => name === role)?.memberOf.includes(group);
    const excess = { role, excess: `membership in ${group}` };
    if (had === false || (around.ofSource !== undefined && had === undefined)) return [excess];
    if (standing.get(role)?.memberOf.includes(group) === true || harmless.includes(group)) return [];
    if (group === around.login) return [excess];
    // Never carried over, so nobody gains by it; every server's administrator has some. It is noted.
    if (isReserved(group)) return [];
    const there = standing.get(group);
    if (there === undefined) return inFile.has(group) ? [] : [excess];
    return there.isOurs === true ? [] : [excess];
  });
}

function judgeMembers(file: RolesFile, around: RolesSurroundings, made: ReadonlySet<string>) {
  const standing = new Map(around.standing.map((role) => [role.name, role]));
  const given: Membership[] = [];
  const notes: string[] = [];
  for (const { role, of: group, options } of of(file, 'member')) {
    if (isReserved(role) || standing.get(role)?.memberOf.includes(group) === true) continue;
    const isLimited = options.inherit === false || options.set === false;
    if (isReserved(group) && !harmless.includes(group))
      notes.push(`membership of ${role} in ${group} is not carried over; give it by hand`);
    else if (isLimited && around.postgresMajor < 16)
      notes.push(
        `membership of ${role} in ${group} is left out: this server knows it only without its limits`,
      );
    else if (!made.has(role) && standing.get(role)?.isOurs !== true && !made.has(group))
      notes.push(`membership of ${role} in ${group} is left out: ${role} was there already`);
    else given.push({ of: group, role, options });
  }
  return { given, notes };
}
