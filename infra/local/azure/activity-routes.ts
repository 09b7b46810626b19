/** The activity log of a subscription, newest first: `Microsoft.Insights/eventtypes/management/values`. */
import { tenantId } from '../identities';
import { ArmError } from './arm-error';
import { page } from './arm-paging';
import { ok, type ArmCall, type ArmRoute } from './arm-route';
import type { ActivityEvent } from './model';
import type { Store } from './store';

const type = 'Microsoft.Insights/eventtypes/values';
/** How far back the log goes. */
const keptDays = 90;

export function activityRoutes({ store, pageSize }: { store: Store; pageSize: number }): readonly ArmRoute[] {
  return [
    {
      ...{ method: 'get', type, action: `${type}/read` },
      path: '/subscriptions/:subscriptionId/providers/Microsoft.Insights/eventtypes/management/values',
      handle: (call) => {
        const wanted = readFilter(call);
        const nowMs = Date.now();
        const found = store.state.activity
          .filter((event) => Date.parse(event.submittedAt) <= nowMs && wanted(event))
          .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
        return ok(page(found.map(toJson), call, pageSize));
      },
    },
  ];
}

const badFilter = (message: string): ArmError =>
  new ArmError(400, 'BadRequest', message, { cause: 'service' });

const clausePattern = /^(\w+)\s+(eq|ge|le)\s+'([^']*)'$/i;

/** Clauses joined by `and`; the log insists on knowing from when on. */
function readFilter(call: ArmCall): (event: ActivityEvent) => boolean {
  const filter = call.query['$filter'] ?? '';
  const clauses = filter
    .split(/\s+and\s+/i)
    .filter((clause) => clause.trim() !== '')
    .map((clause) => {
      const [, field, operator, value] = clausePattern.exec(clause.trim()) ?? [];
      if (field === undefined || operator === undefined || value === undefined)
        throw badFilter(`The filter clause '${clause.trim()}' cannot be read.`);
      return { field: field.toLowerCase(), operator: operator.toLowerCase(), value };
    });
  const from = clauses.find(({ field, operator }) => field === 'eventtimestamp' && operator === 'ge');
  if (!from) throw badFilter("The $filter query parameter must have a clause 'eventTimestamp ge'.");
  if (Date.parse(from.value) < Date.now() - keptDays * 86_400_000 - 60_000)
    throw badFilter(`The start time cannot be more than ${keptDays} days in the past.`);
  const tests = [
    inSubscription(call.params['subscriptionId'] ?? ''),
    ...clauses.map((clause) => readClause(clause.field, clause.operator, clause.value)),
  ];
  return (event) => tests.every((test) => test(event));
}

const inSubscription =
  (subscriptionId: string) =>
  ({ resourceId }: ActivityEvent): boolean =>
    resourceId.toLowerCase().startsWith(`/subscriptions/${subscriptionId.toLowerCase()}/`);

const fields: Readonly<Record<string, (event: ActivityEvent) => string>> = {
  resourceprovider: ({ resourceId }) => providerOf(resourceId),
  resourcegroupname: ({ resourceId }) => groupOf(resourceId),
  resourceuri: ({ resourceId }) => resourceId,
  resourceid: ({ resourceId }) => resourceId,
  correlationid: ({ correlationId }) => correlationId,
  caller: ({ caller }) => caller,
};

function readClause(field: string, operator: string, value: string): (event: ActivityEvent) => boolean {
  if (field === 'eventtimestamp' && operator !== 'eq') {
    const limitMs = Date.parse(value);
    if (Number.isNaN(limitMs)) throw badFilter(`The time '${value}' cannot be read.`);
    return ({ at }) => (operator === 'ge' ? Date.parse(at) >= limitMs : Date.parse(at) <= limitMs);
  }
  const read = fields[field];
  if (!read || operator !== 'eq') throw badFilter(`The filter on '${field}' is not supported.`);
  return (event) => read(event).toLowerCase() === value.toLowerCase();
}

const groupOf = (resourceId: string): string => /\/resourceGroups\/([^/]+)/i.exec(resourceId)?.[1] ?? '';
const providerOf = (resourceId: string): string => /\/providers\/([^/]+)/i.exec(resourceId)?.[1] ?? '';

const words: Readonly<Record<string, string>> = {
  'flexibleservers/write': 'Create or update a PostgreSQL flexible server',
  'flexibleservers/delete': 'Delete a PostgreSQL flexible server',
  'flexibleservers/databases/delete': 'Delete a PostgreSQL database',
};

const named = (value: string, localizedValue = value) => ({ value, localizedValue });

function toJson(event: ActivityEvent) {
  const { resourceId, action, status, correlationId } = event;
  const subscriptionId = resourceId.split('/')[2] ?? '';
  const provider = providerOf(resourceId);
  const begins = status === 'Started';
  const ticks = BigInt(Date.parse(event.at)) * 10_000n + 621_355_968_000_000_000n;
  return {
    ...{ authorization: { action, scope: resourceId }, caller: event.caller, channels: 'Operation' },
    ...{ claims: {}, correlationId, description: '', eventDataId: event.id },
    eventName: begins ? named('BeginRequest', 'Begin request') : named('EndRequest', 'End request'),
    ...{ category: named('Administrative'), id: `${resourceId}/events/${event.id}/ticks/${ticks}` },
    ...{ level: status === 'Failed' ? 'Error' : 'Informational', resourceGroupName: groupOf(resourceId) },
    ...{ resourceProviderName: named(provider), resourceId, operationId: correlationId },
    resourceType: named(action.split('/').slice(0, -1).join('/')),
    operationName: named(action, words[action.toLowerCase().replace(/^[^/]+\//, '')]),
    ...{ properties: {}, status: named(status), subStatus: named('', '') },
    ...{ eventTimestamp: event.at, submissionTimestamp: event.submittedAt, subscriptionId, tenantId },
  };
}
