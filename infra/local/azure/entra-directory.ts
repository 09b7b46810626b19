/** The people and groups of the made-up company as Entra holds them, and who belongs to what, groups in groups included. */
import { entraGroups, personas, team } from '../identities';

export interface EntraUser {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  /** `Member` or `Guest`. */
  readonly userType: string;
  /** `Invitation` for whoever came from another tenant, whatever their type. */
  readonly creationType: string | null;
}

export interface EntraGroup {
  readonly id: string;
  readonly displayName: string;
  /** `Unified` for a Microsoft 365 group, such as the one behind a team. */
  readonly groupTypes: readonly string[];
  readonly owners: readonly string[];
  /** Ids of people and of groups. */
  readonly members: readonly string[];
}

export interface EntraState {
  users: EntraUser[];
  groups: EntraGroup[];
  /** Whether the product's identity was given the right to read people and groups. */
  consented: boolean;
}

const idOf = (persona: string): string =>
  personas.find((person) => person.persona === persona)?.aadObjectId ?? '';

export const seedEntra = (): EntraState => ({
  users: personas.map(({ persona, name, aadObjectId, userPrincipalName }) => ({
    ...{ id: aadObjectId, displayName: name, userPrincipalName, accountEnabled: true },
    userType: persona === 'guest' ? 'Guest' : 'Member',
    creationType: persona === 'guest' ? 'Invitation' : null,
  })),
  groups: [
    {
      ...{ id: team.aadGroupId, displayName: team.name, groupTypes: ['Unified'] },
      ...{ owners: [idOf('manager')], members: personas.map(({ aadObjectId }) => aadObjectId) },
    },
    {
      ...{ id: entraGroups.databaseLeads.id, displayName: entraGroups.databaseLeads.name, groupTypes: [] },
      ...{ owners: [idOf('manager')], members: [idOf('manager'), entraGroups.databaseSeniors.id] },
    },
    {
      ...{ id: entraGroups.databaseSeniors.id, displayName: entraGroups.databaseSeniors.name },
      ...{ groupTypes: [], owners: [], members: [idOf('dba')] },
    },
  ],
  consented: true,
});

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** By object id or user principal name, as Graph takes both. */
export const findUser = ({ users }: EntraState, key: string): EntraUser | undefined =>
  users.find(({ id, userPrincipalName }) => same(id, key) || same(userPrincipalName, key));

export const findGroup = ({ groups }: EntraState, key: string): EntraGroup | undefined =>
  groups.find(({ id }) => same(id, key));

/** The group and every group inside it, however deep; a circle ends. */
function withNested(state: EntraState, group: EntraGroup, seen: Set<string>): EntraGroup[] {
  if (seen.has(group.id)) return [];
  seen.add(group.id);
  const inner = group.members.flatMap((id) => findGroup(state, id) ?? []);
  return [group, ...inner.flatMap((each) => withNested(state, each, seen))];
}

/** Each once, in the order of their names. */
export function transitiveUsers(state: EntraState, group: EntraGroup): EntraUser[] {
  const ids = new Set(withNested(state, group, new Set()).flatMap(({ members }) => members));
  return state.users
    .filter(({ id }) => ids.has(id))
    .sort((a, b) => a.displayName.localeCompare(b.displayName));
}

export const isIn = (state: EntraState, user: EntraUser, group: EntraGroup): boolean =>
  withNested(state, group, new Set()).some(({ members }) => members.includes(user.id));
