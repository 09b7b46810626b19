/** How findings are named in the few words that a card has room for. */
import type { FoundTable } from './proof-findings';

const mostNamed = 3;

/** `orders`, `orders and items`, `orders, items, carts and 4 more`. */
export function named(names: readonly string[], most = mostNamed): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

/** `the table orders is`, `the tables orders and items are`. */
export const subject = (one: string, many: string, names: readonly string[]): string =>
  `the ${names.length === 1 ? one : many} ${named(names)} ${names.length === 1 ? 'is' : 'are'}`;

/** `orders of shop`: people know a table by its name, and several databases may have one. */
export const inDatabase = (name: string, database: string): string => `${name} of ${database}`;

/** Exactly counted where that was done. */
export const rowsOf = ({ rows, estimatedRows }: FoundTable): number | undefined => rows ?? estimatedRows;

export const count = (n: number): string => n.toLocaleString('en-US');
