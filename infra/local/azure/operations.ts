/**
 * Long-running operations. What an operation has to do is stored as data at the moment it is accepted; a process that
 * starts again does the unfinished ones again from their beginning, so every piece of work must bear being repeated.
 */
import { randomUUID } from 'node:crypto';
import type { ActivityLog } from './activity-log';
import { ArmError, unexpectedFailure } from './arm-error';
import type { Asked, OperationRecord } from './model';
import type { Store } from './store';

type Work = OperationRecord['work'];

export interface Worker {
  /** Does the work and returns what becomes visible at the same instant as "Succeeded". */
  run(work: Work, operation: OperationRecord): Promise<() => void>;
  /** Takes back what the acceptance made visible. */
  undo(work: Work): void;
}

export interface NewOperation {
  readonly operation: string;
  readonly subscriptionId: string;
  readonly location: string;
  /** How long Azure takes for it at least, in Azure's seconds. */
  readonly azureSeconds: number;
  readonly work: Work;
  readonly asked?: Asked;
}

export interface Operations {
  start(operation: NewOperation): OperationRecord;
  find(id: string): OperationRecord | undefined;
  /** True while something is being done to this server. */
  isBusy(server: string): boolean;
  /** Picks up what a former process left unfinished. */
  resume(): void;
  /** From now on results are not recorded any more: the process is going down and its clusters with it. */
  close(): void;
}

/** A failing restore does not take as long as a good one. */
const failureAzureSeconds = 30;

export function createOperations(deps: {
  readonly store: Store;
  readonly worker: Worker;
  readonly activity: ActivityLog;
  readonly timeScale: number;
}): Operations {
  const { store, worker, activity, timeScale } = deps;
  let closed = false;
  const until = (atMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now())).unref());

  const carryOut = async (operation: OperationRecord): Promise<void> => {
    const { work } = operation;
    try {
      const show = await worker.run(work, operation);
      await until(operation.endsAtMs);
      if (closed) return;
      show();
      store.putOperation({ ...operation, status: 'Succeeded' });
      activity.record(operation, 'Succeeded');
    } catch (error) {
      const failsAtMs = Date.parse(operation.startTime) + (failureAzureSeconds * 1000) / timeScale;
      await until(Math.min(failsAtMs, operation.endsAtMs));
      if (closed) return;
      const known = error instanceof ArmError ? error : unexpectedFailure(operation.id);
      if (known !== error) console.error(`${work.kind} of ${work.server} failed:`, error);
      worker.undo(work);
      const { code, message } = known;
      store.putOperation({ ...operation, status: 'Failed', error: { code, message } });
      activity.record(operation, 'Failed');
    }
  };

  const unfinished = (): OperationRecord[] =>
    Object.values(store.state.operations).filter(({ status }) => status === 'InProgress');

  return {
    start: ({ azureSeconds, ...given }) => {
      const nowMs = Date.now();
      const operation: OperationRecord = {
        ...given,
        id: randomUUID(),
        startTime: new Date(nowMs).toISOString(),
        endsAtMs: nowMs + (azureSeconds * 1000) / timeScale,
        status: 'InProgress',
      };
      store.putOperation(operation);
      activity.record(operation, 'Started');
      void carryOut(operation);
      return operation;
    },
    find: (id) => store.state.operations[id.toLowerCase()],
    isBusy: (server) => unfinished().some(({ work }) => work.server.toLowerCase() === server.toLowerCase()),
    resume: () => {
      for (const operation of unfinished()) void carryOut(operation);
    },
    close: () => {
      closed = true;
    },
  };
}
