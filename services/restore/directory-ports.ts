/** What the core needs to know of people: Entra through Graph, or a fake of ours. */
import type { Party, Standing } from './party';
import type { Person } from './person';

/** Both throw a DeskError DIRECTORY_UNREACHABLE, and no one else's error: who cannot be looked up does not count. */
export interface Directory {
  /** Read when it is asked, or at most a minute old. `id` is an Entra object id. */
  standing(id: string, parties: readonly Party[]): Promise<Standing>;
  /** At most `limit` people of a party, as cards name and call them; guests and disabled accounts are left out. */
  people(party: Party, limit: number): Promise<readonly Person[]>;
}
