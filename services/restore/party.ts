/** Whose word counts: a person, or everybody who belongs to a group or a team at the moment when they speak. */
export type Party =
  | { readonly kind: 'user'; readonly id: string; readonly name: string }
  /** An Entra group, groups inside it included. */
  | { readonly kind: 'group'; readonly id: string; readonly name: string }
  /** The owners or the members of a team; `id` is that of the Microsoft 365 group behind it. */
  | { readonly kind: 'team'; readonly id: string; readonly name: string; readonly who: 'owners' | 'members' };

/** `user/…`, `group/…`, `team-owners/…`; ids in lower case. */
export const partyKey = (party: Party): string =>
  `${party.kind === 'team' ? `team-${party.who}` : party.kind}/${party.id.toLowerCase()}`;

/** What the directory says of an account now. Only a `member` of our own tenant ever counts. */
export type Account = 'member' | 'guest' | 'disabled' | 'unknown';

export interface Standing {
  readonly account: Account;
  /** Keys of the parties that the person belongs to, of those that were asked about. */
  readonly belongsTo: readonly string[];
}
