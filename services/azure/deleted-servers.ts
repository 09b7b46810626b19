/** Deletions of servers, from the activity log: the only place where Azure tells of a server that is gone. */
import type { Instant } from '../restore/instant';
import type { DeletedServer } from '../restore/servers';
import { parseServerId } from './arm-id';
import type { ArmReads } from './arm-reads';

const apiVersion = '2015-04-01';
const deletion = 'microsoft.dbforpostgresql/flexibleservers/delete';

interface LogEvent {
  readonly resourceId?: string;
  readonly correlationId?: string;
  readonly eventDataId?: string;
  readonly eventTimestamp?: string;
  readonly submissionTimestamp?: string;
  readonly operationName?: { readonly value?: string };
  readonly status?: { readonly value?: string };
}

const instant = (text: string | undefined): Instant | undefined => {
  const millis = Date.parse(text ?? '');
  return Number.isNaN(millis) ? undefined : new Date(millis).toISOString();
};

/** Undefined for everything that looks alike: tries, failures, databases and rules of a server. */
function deletedServer(event: LogEvent): DeletedServer | undefined {
  if (event.operationName?.value?.toLowerCase() !== deletion) return undefined;
  if (event.status?.value?.toLowerCase() !== 'succeeded') return undefined;
  const id = parseServerId(event.resourceId ?? '');
  const deletedAt = instant(event.eventTimestamp);
  if (event.resourceId === undefined || !id || deletedAt === undefined) return undefined;
  const submittedAt = instant(event.submissionTimestamp) ?? deletedAt;
  return { id: event.resourceId, ...id, deletedAt, submittedAt };
}

/** One entry per deletion, newest first: the log may tell the same one more than once. */
export function deletedServers(events: readonly LogEvent[]): DeletedServer[] {
  const deletions = new Map<string, DeletedServer>();
  for (const event of events) {
    const server = deletedServer(event);
    if (!server) continue;
    const key = `${server.id.toLowerCase()} ${event.correlationId ?? event.eventDataId ?? server.deletedAt}`;
    const known = deletions.get(key);
    if (!known || server.deletedAt < known.deletedAt) deletions.set(key, server);
  }
  return [...deletions.values()].sort((a, b) => b.deletedAt.localeCompare(a.deletedAt));
}

/** The log goes back 90 days and refuses to be asked for more. */
const keptMillis = 89 * 86_400_000;

export async function readDeletions(
  reads: ArmReads,
  subscriptionId: string,
  since: Instant,
): Promise<DeletedServer[]> {
  const now = Date.now();
  const from = new Date(Math.max(Date.parse(since), now - keptMillis)).toISOString();
  const until = new Date(now).toISOString();
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`;
  const events = await reads.list(path, {
    'api-version': apiVersion,
    $filter: `eventTimestamp ge '${from}' and eventTimestamp le '${until}' and resourceProvider eq 'Microsoft.DBforPostgreSQL'`,
  });
  return deletedServers(events as readonly LogEvent[]);
}
