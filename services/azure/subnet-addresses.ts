/** How many addresses of a subnet are left. */

/** Azure keeps the first four and the last one of every subnet. */
const reserved = 5;

/** IPv4 only: servers are given no other addresses. */
function sizeOf(prefix: string): number | undefined {
  const bits = Number(/^[\d.]+\/(\d{1,2})$/.exec(prefix)?.[1]);
  return Number.isInteger(bits) && bits <= 32 ? 2 ** (32 - bits) : undefined;
}

/**
 * `taken` are counts of the same from several tellers, undefined where one does not tell: the highest holds. Undefined when
 * nobody tells, or the size is not known.
 */
export function freeAddresses(
  prefixes: readonly string[],
  taken: readonly (number | undefined)[],
): number | undefined {
  const sizes = prefixes.flatMap((prefix) => sizeOf(prefix) ?? []);
  const counts = taken.filter((count) => count !== undefined);
  if (sizes.length === 0 || counts.length === 0) return undefined;
  const usable = sizes.reduce((sum, size) => sum + Math.max(0, size - reserved), 0);
  return Math.max(0, usable - Math.max(...counts));
}
