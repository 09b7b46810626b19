/** What Graph says of accounts, in our words. What it does not say plainly counts against the account. */
import { unreachable, type Graph } from './graph-client';
import type { Account } from '../restore/party';
import type { Person } from '../restore/person';

/** Who was invited from another tenant stays a stranger, also when somebody made them a member here. */
export const userFields = 'id,displayName,accountEnabled,userType,creationType';

type Json = Readonly<Record<string, unknown>>;

export function accountOf(user: Json | undefined): Account {
  if (!user) return 'unknown';
  const { userType, creationType, accountEnabled } = user;
  if (userType === 'Guest' || creationType === 'Invitation') return 'guest';
  if (accountEnabled === false) return 'disabled';
  return userType === 'Member' && accountEnabled === true ? 'member' : 'unknown';
}

export const idOf = ({ id }: Json): string => (typeof id === 'string' ? id.toLowerCase() : '');

export function personOf(user: Json, fallback?: string): Person {
  const { displayName } = user;
  const id = idOf(user);
  return {
    aadObjectId: id,
    name: typeof displayName === 'string' && displayName !== '' ? displayName : (fallback ?? id),
  };
}

/** Of a list: an entry that is no object was cut off on the way. */
function entriesOf(answer: Json): readonly Json[] {
  const { value } = answer;
  if (!Array.isArray(value)) throw unreachable();
  return value.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw unreachable();
    return entry as Json;
  });
}

/** Of a list of ids. */
export function idsOf({ value }: Json): readonly string[] {
  if (!Array.isArray(value)) throw unreachable();
  return value.map((id: unknown) => idOf({ id }));
}

/** A list that does not end is left; who is not among the first of it is not named on a card, and may decide all the same. */
const mostPages = 10;

/** People of a list, page by page, until there are enough full accounts. An unknown group has nobody. */
export async function membersIn(
  graph: Graph,
  path: string,
  limit: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Json[]> {
  const found: Json[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < mostPages && found.length < limit; page++) {
    const answer: Json | undefined = await graph({ method: 'GET', path: next, headers });
    if (!answer) return found;
    found.push(...entriesOf(answer).filter((user) => accountOf(user) === 'member'));
    const link: unknown = answer['@odata.nextLink'];
    next = typeof link === 'string' ? link : undefined;
  }
  return found.slice(0, limit);
}
