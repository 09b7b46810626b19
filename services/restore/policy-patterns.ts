/** Patterns of the policy: names with * as wildcard, in any case. */

const compile = (wildcard: string): RegExp =>
  new RegExp(
    `^${wildcard
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  );

/** A policy holds a few patterns, and thousands of servers are held against each. */
const compiled = new Map<string, RegExp>();

export function matchesPattern(text: string, wildcard: string): boolean {
  const known = compiled.get(wildcard) ?? compile(wildcard);
  compiled.set(wildcard, known);
  return known.test(text);
}
