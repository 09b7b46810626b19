/** What ends a restore that was approved. */
import { say, type Explanation } from './explanation';

export const running = {
  PLAN_CHANGED: (p: { changes: string }) =>
    say(
      `The approval no longer holds, because this changed since: ${p.changes}.`,
      'Try again for a new approval.',
      true,
    ),
  APPROVAL_STALE: (p: { until: string }) =>
    say(`The approval was good until ${p.until} and was not used.`, 'Try again for a new approval.', true),
  TARGET_FOREIGN: (p: { name: string }) =>
    say(
      `A server called ${p.name} came into being that this request did not order.`,
      'Make a new request with another name.',
    ),
  TARGET_GONE: (p: { name: string }) =>
    say(
      `The new server ${p.name} was there and has disappeared before its data was looked at.`,
      'Somebody or something else deleted it; the activity log of its resource group tells who. Make a new request.',
    ),
  TARGET_NEVER_READY: (p: { name: string; state: string; hours: number }) =>
    say(
      `${p.name} is still ${p.state} after ${p.hours} h.`,
      'Restore Desk has stopped waiting; look at the server in the portal and ask Azure support with the code below.',
    ),
  CANCEL_UNPROVEN: (p: { name: string }) =>
    say(
      `${p.name} carries the mark of this request, but Azure does not tell when it was made, so it was not deleted.`,
      'Look at it in the portal, and delete it there if nobody needs it.',
    ),
  CANCEL_UNFINISHED: (p: { name: string; hours: number }) =>
    say(
      `Azure did not delete ${p.name} within ${p.hours} h, and does not tell why.`,
      'Look at it in the portal, and delete it there if nobody needs it.',
    ),
  GEO_BACKUP_PENDING: (p: { name: string; tries: number }) =>
    say(
      `The first geo-redundant backup of ${p.name} was still not there after ${p.tries} tries.`,
      'It usually comes within an hour of the making of the server. Try again later, or restore in the same region.',
      true,
    ),
} satisfies Record<string, (p: never) => Explanation>;
