/** A directory that is played by the test: everybody is a member, unless they are said to be something else. */
import { DeskError, problem } from '../../services/restore/errors';
import { partyKey, type Account, type Party, type Standing } from '../../services/restore/party';
import type { Directory } from '../../services/restore/directory-ports';
import type { Person } from '../../services/restore/person';

export class FakeDirectory implements Directory {
  /** By object id; who stands in none of them is a member. */
  readonly accounts = new Map<string, Account>();
  /** By party key: who belongs to a group or a team. */
  readonly groups = new Map<string, readonly Person[]>();
  isAway = false;
  /** How often somebody was looked up. */
  looked = 0;

  private answer(): void {
    this.looked += 1;
    if (this.isAway) throw new DeskError(problem('DIRECTORY_UNREACHABLE'));
  }

  private accountOf(id: string): Account {
    return this.accounts.get(id.toLowerCase()) ?? 'member';
  }

  private isIn(id: string, party: Party): boolean {
    if (party.kind === 'user') return party.id.toLowerCase() === id.toLowerCase();
    return (this.groups.get(partyKey(party)) ?? []).some(({ aadObjectId }) => aadObjectId === id);
  }

  async standing(id: string, parties: readonly Party[]): Promise<Standing> {
    this.answer();
    return {
      account: this.accountOf(id),
      belongsTo: parties.filter((party) => this.isIn(id, party)).map(partyKey),
    };
  }

  async people(party: Party, limit: number): Promise<readonly Person[]> {
    this.answer();
    const all =
      party.kind === 'user'
        ? [{ aadObjectId: party.id.toLowerCase(), name: party.name }]
        : (this.groups.get(partyKey(party)) ?? []);
    return all.filter(({ aadObjectId }) => this.accountOf(aadObjectId) === 'member').slice(0, limit);
  }
}
