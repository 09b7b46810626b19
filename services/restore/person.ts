/** A person as the authenticated activity names them: the Entra object id decides, the name is for display only. */
export interface Person {
  /** Entra object id, lower case. */
  readonly aadObjectId: string;
  readonly name: string;
  /** Entra tenant of the authenticated activity; absent for people whom the policy names. */
  readonly tenantId?: string;
}

export const isSameAccount = (a: Person, b: Person): boolean => a.aadObjectId === b.aadObjectId;
