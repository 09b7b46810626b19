/** What stands in the way of giving a copy what its source has besides the data. */
import { say, type Explanation } from './explanation';

export const differences = {
  DIFFERENCE_UNREADABLE: (p: { name: string; why: string }) =>
    say(
      `What ${p.name} lacks cannot be told (${p.why}).`,
      'Nothing was changed; try again when Azure answers and Restore Desk may read both servers.',
      true,
    ),
} satisfies Record<string, (p: never) => Explanation>;
