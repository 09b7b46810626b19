/** Names of flexible servers: one DNS label each, for all customers together. */
const pattern = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

/** Why this cannot be the name of a server; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (pattern.test(name)) return undefined;
  return 'The server name contains unsupported characters or has the wrong length. It can have lower-case letters, digits and hyphens, 3 to 63 of them, and must not begin or end with a hyphen.';
}
