/** The Directory port over Microsoft Graph: who somebody is now, and who belongs to a party. No answer is never a yes. */
import { createGraph, unreachable, type Graph, type GraphSettings } from './graph-client';
import { accountOf, idOf, idsOf, membersIn, personOf, userFields } from './graph-people';
import { createFreshAnswers } from './fresh-answers';
import { partyKey, type Party, type Standing } from '../restore/party';
import type { Directory } from '../restore/directory-ports';
import type { Instant } from '../restore/instant';
import type { Person } from '../restore/person';

/** Somebody who was taken out of a group has lost their say after this at the latest. */
const freshMillis = 60_000;
const mostKept = 2_000;
const mostGroupsAsked = 20;
const largestPage = 999;
/** Teams have few owners; Entra allows 100. */
const mostOwners = 200;

const segment = (id: string): string => encodeURIComponent(id);

/** Undefined where there is no such person. An answer about somebody else is none. */
async function readUser(graph: Graph, id: string) {
  const user = await graph({ method: 'GET', path: `/users/${segment(id)}?$select=${userFields}` });
  if (user && idOf(user) !== id.toLowerCase()) throw unreachable();
  return user;
}

/** Groups inside groups included; a group that does not exist holds nobody. */
async function groupsOf(graph: Graph, id: string, groups: readonly string[]): Promise<string[]> {
  const chunks = Array.from({ length: Math.ceil(groups.length / mostGroupsAsked) }, (_, index) =>
    groups.slice(index * mostGroupsAsked, (index + 1) * mostGroupsAsked),
  );
  const answers = await Promise.all(
    chunks.map((groupIds) =>
      graph({ method: 'POST', path: `/users/${segment(id)}/checkMemberGroups`, body: { groupIds } }),
    ),
  );
  return answers.flatMap((answer) => (answer ? idsOf(answer) : []));
}

const ownersOf = (graph: Graph, group: string, limit: number) =>
  membersIn(graph, `/groups/${segment(group)}/owners?$select=${userFields}`, limit);

/** Being asked for as a member of this group says it all; owners and people are asked for otherwise. */
const groupOf = (party: Party): readonly string[] =>
  party.kind === 'group' || (party.kind === 'team' && party.who === 'members')
    ? [party.id.toLowerCase()]
    : [];

async function readStanding(graph: Graph, id: string, parties: readonly Party[]): Promise<Standing> {
  const asked = [...new Set(parties.flatMap(groupOf))];
  const teams = [
    ...new Set(
      parties.flatMap((party) => (party.kind === 'team' && party.who === 'owners' ? [party.id] : [])),
    ),
  ];
  // Everything at once: somebody has pressed a button and waits.
  const [user, groups, owners] = await Promise.all([
    readUser(graph, id),
    groupsOf(graph, id, asked),
    Promise.all(teams.map(async (team) => [team, await ownersOf(graph, team, mostOwners)] as const)),
  ]);
  const account = accountOf(user);
  if (account !== 'member') return { account, belongsTo: [] };
  const owned = owners.flatMap(([team, people]) => (people.some((each) => idOf(each) === id) ? [team] : []));
  const belongs = (party: Party): boolean => {
    if (party.kind === 'user') return party.id.toLowerCase() === id;
    const [group] = groupOf(party);
    return group === undefined ? owned.includes(party.id) : groups.includes(group);
  };
  return { account, belongsTo: [...new Set(parties.filter(belongs).map(partyKey))] };
}

async function readPeople(graph: Graph, party: Party, limit: number): Promise<readonly Person[]> {
  if (party.kind === 'user') {
    const user = await readUser(graph, party.id);
    return user && accountOf(user) === 'member' ? [personOf(user, party.name)].slice(0, limit) : [];
  }
  if (party.kind === 'team' && party.who === 'owners')
    return (await ownersOf(graph, party.id, limit)).map((user) => personOf(user));
  // A cast to users is an "advanced query" of Graph, which wants the header and the count.
  const query = `$select=${userFields}&$count=true&$top=${Math.min(largestPage, limit)}`;
  const path = `/groups/${segment(party.id)}/transitiveMembers/microsoft.graph.user?${query}`;
  const users = await membersIn(graph, path, limit, { ConsistencyLevel: 'eventual' });
  return users.map((user) => personOf(user));
}

/** Answers are at most a minute old by `clock`; equal questions asked at once are one. */
export function createGraphDirectory(
  settings: GraphSettings,
  clock: { readonly now: () => Instant },
): Directory {
  const answers = createFreshAnswers(clock, { millis: freshMillis, most: mostKept });
  const graph = createGraph(settings);
  return {
    standing: (person, parties) => {
      const id = person.toLowerCase();
      const key = parties.map(partyKey).sort().join(' ');
      return answers.answer(`standing ${id} ${key}`, () => readStanding(graph, id, parties));
    },
    people: (party, limit) =>
      answers.answer(`people ${limit} ${partyKey(party)}`, () => readPeople(graph, party, limit)),
  };
}
