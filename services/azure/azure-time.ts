/** Times as Azure writes them, and as it writes that there is none. */
import type { Instant } from '../restore/instant';

/** Before this nothing was backed up: year 1 stands for "not yet". */
const earliest = Date.UTC(2000, 0, 1);

/** Undefined for nothing, for what is no time, and for the year 1. Without a zone it is UTC. */
export function azureInstant(text: string | null | undefined): Instant | undefined {
  const trimmed = (text ?? '').trim();
  const millis = Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(trimmed) ? trimmed : `${trimmed}Z`);
  return Number.isNaN(millis) || millis < earliest ? undefined : new Date(millis).toISOString();
}
