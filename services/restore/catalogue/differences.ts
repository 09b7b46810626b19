/** What stands in the way of giving a copy what its source has besides the data. */
import { list, say, type Explanation } from './explanation';

export const differences = {
  DIFFERENCE_UNREADABLE: (p: { name: string; why: string }) =>
    say(
      `What ${p.name} lacks cannot be told (${p.why}).`,
      'Nothing was changed; try again when Azure answers and Restore Desk may read both servers.',
      true,
    ),
  APPLY_NOT_YOURS: (p: { id: string; approvers: readonly string[] }) =>
    say(
      `Only an approver of ${p.id} can change what it made.`,
      `${list(p.approvers)} can press the button; nothing was changed.`,
    ),
  APPLY_NOT_OFFERED: (p: { what: string; target: string }) =>
    say(
      `There are no ${p.what} to apply to ${p.target}.`,
      'Its card shows what can be applied; nothing was changed.',
    ),
  APPLY_UNDERWAY: (p: { what: string; target: string }) =>
    say(
      `The ${p.what} of ${p.target} are being applied, or are there already.`,
      'Its card tells how it goes.',
    ),
} satisfies Record<string, (p: never) => Explanation>;
