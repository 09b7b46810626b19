/** A person as the authenticated activity names them: the Entra object id decides, the name is for display only. */
export interface Person {
  /** Entra object id, lower case. */
  readonly aadObjectId: string;
  readonly name: string;
}

export const isSameAccount = (a: Person, b: Person): boolean => a.aadObjectId === b.aadObjectId;
