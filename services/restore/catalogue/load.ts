/** What stands in the way of loading dump files into a server, and who can change that. */
import type { Explanation } from './explanation';

export const load = {} satisfies Record<string, (p: never) => Explanation>;
