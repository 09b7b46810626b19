/** What the activity log of a fresh local Azure already tells: two deleted servers, and things that look alike. */
import { randomUUID } from 'node:crypto';
import { personas } from '../identities';
import { activityEvent } from './activity-log';
import type { ActivityEvent, DroppedServer } from './model';
import { serverId, serverType } from './server-json';

const lateMs = 120_000;
const hourMs = 3600_000;
const caller = personas.find(({ persona }) => persona === 'dba')?.userPrincipalName ?? 'nobody@shop.example';

function ended(
  resourceId: string,
  action: string,
  status: ActivityEvent['status'],
  endedAtMs: number,
): ActivityEvent[] {
  const asked = { resourceId, action, caller };
  const more = { correlationId: randomUUID(), lateMs };
  return [
    activityEvent(asked, 'Started', endedAtMs - 90_000, more),
    activityEvent(asked, status, endedAtMs, more),
  ];
}

/** `server` is a living one, on which a deletion failed and a database was deleted. */
export function seedActivity(
  dropped: readonly DroppedServer[],
  server: { readonly subscriptionId: string; readonly resourceGroup: string; readonly name: string },
  nowMs: number,
): ActivityEvent[] {
  const id = serverId(server);
  const deletions = dropped.flatMap(({ server: lost, droppedAt }, index) =>
    // Azure spells its actions in more than one way.
    ended(
      serverId(lost),
      index % 2 === 0 ? `${serverType}/delete` : `${serverType}/delete`.toUpperCase(),
      'Succeeded',
      Date.parse(droppedAt),
    ),
  );
  const noise = [
    ...ended(id, `${serverType}/delete`, 'Failed', nowMs - 70 * hourMs),
    ...ended(`${id}/databases/scratch`, `${serverType}/databases/delete`, 'Succeeded', nowMs - 46 * hourMs),
    ...ended(
      `${id}/firewallRules/office`,
      `${serverType}/firewallRules/write`,
      'Succeeded',
      nowMs - 30 * hourMs,
    ),
    ...ended(id, `${serverType}/write`, 'Succeeded', nowMs - 5 * hourMs),
  ];
  return [...deletions, ...noise].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
