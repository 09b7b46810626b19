/** What a card needs to know of people: their ids inside Teams, and the mentions made of them. */
export interface Mention {
  readonly text: string;
  readonly id: string;
  readonly name: string;
}

/** What is known of people's ids inside Teams. */
export interface Circle {
  teamsId(aadObjectId: string): string | undefined;
}
