/** What was asked of resources and how it ended. The log takes events in a little late, as Azure's does. */
import { randomUUID } from 'node:crypto';
import type { ActivityEvent, Asked, OperationRecord } from './model';
import type { Store } from './store';

/** How long an event needs into the log, in Azure's seconds. */
const lateAzureSeconds = 120;
/** More than anybody reads here; the memory of local Azure is one small file. */
const keptEvents = 2000;

export interface ActivityLog {
  record(operation: OperationRecord, status: ActivityEvent['status']): void;
}

export function activityEvent(
  asked: Asked,
  status: ActivityEvent['status'],
  atMs: number,
  more: { readonly correlationId: string; readonly lateMs: number },
): ActivityEvent {
  return {
    ...asked,
    ...{ id: randomUUID(), correlationId: more.correlationId, status, at: new Date(atMs).toISOString() },
    submittedAt: new Date(atMs + more.lateMs).toISOString(),
  };
}

export function createActivityLog(store: Store, timeScale: number): ActivityLog {
  const lateMs = Math.round((lateAzureSeconds * 1000) / timeScale);
  return {
    record: (operation, status) => {
      if (operation.asked === undefined) return;
      const event = activityEvent(operation.asked, status, Date.now(), {
        ...{ correlationId: operation.id, lateMs },
      });
      store.state.activity = [...store.state.activity.slice(1 - keptEvents), event];
      store.save();
    },
  };
}
