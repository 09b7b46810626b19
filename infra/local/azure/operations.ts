/**
 * Long-running operations. What an operation has to do is stored as data at the moment it is accepted; a process that
 * starts again does the unfinished ones again from their beginning, so every piece of work must bear being repeated.
 */
import { randomUUID } from 'node:crypto';
import type { ActivityLog } from './activity-log';
import { ArmError, operationCanceled, unexpectedFailure } from './arm-error';
import type { Asked, OperationRecord } from './model';
import { makesServer } from './restore-work';
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
  /** True while an operation that was to make this server runs. */
  isBeingMade(server: string): boolean;
  /** Ends that operation as cancelled. Work on the server that is started from now on waits until it really stands still. */
  cancelMaking(server: string): void;
  /** Picks up what a former process left unfinished. */
  resume(): void;
  /** From now on results are not recorded any more: the process is going down and its clusters with it. */
  close(): void;
}

/** A failing restore does not take as long as a good one. */
const failureAzureSeconds = 30;

interface OperationDeps {
  readonly store: Store;
  readonly worker: Worker;
  readonly activity: ActivityLog;
  readonly timeScale: number;
}

/** Carries out one operation from its beginning, unless somebody ended it meanwhile. */
function createCarrier({ store, worker, activity, timeScale }: OperationDeps, isClosed: () => boolean) {
  const until = (atMs: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - Date.now())).unref());
  const hasEnded = ({ id }: OperationRecord): boolean =>
    isClosed() || store.state.operations[id]?.status !== 'InProgress';
  return async (operation: OperationRecord): Promise<void> => {
    const { work } = operation;
    try {
      const show = await worker.run(work, operation);
      await until(operation.endsAtMs);
      if (hasEnded(operation)) return;
      show();
      store.putOperation({ ...operation, status: 'Succeeded' });
      activity.record(operation, 'Succeeded');
    } catch (error) {
      const failsAtMs = Date.parse(operation.startTime) + (failureAzureSeconds * 1000) / timeScale;
      await until(Math.min(failsAtMs, operation.endsAtMs));
      if (hasEnded(operation)) return;
      const known = error instanceof ArmError ? error : unexpectedFailure(operation.id);
      if (known !== error) console.error(`${work.kind} of ${work.server} failed:`, error);
      worker.undo(work);
      const { code, message } = known;
      store.putOperation({ ...operation, status: 'Failed', error: { code, message } });
      activity.record(operation, 'Failed');
    }
  };
}

const isFor = (server: string, { work }: OperationRecord): boolean =>
  work.server.toLowerCase() === server.toLowerCase();

export function createOperations(deps: OperationDeps): Operations {
  const { store, activity, timeScale } = deps;
  let closed = false;
  const carryOutNow = createCarrier(deps, () => closed);
  /** The latest work on each server: one piece begins when the one before it stands still. */
  const latest = new Map<string, Promise<void>>();
  const carryOut = (operation: OperationRecord): void => {
    const server = operation.work.server.toLowerCase();
    const before = latest.get(server) ?? Promise.resolve();
    latest.set(
      server,
      before.then(() => carryOutNow(operation)),
    );
  };
  const unfinished = (): OperationRecord[] =>
    Object.values(store.state.operations).filter(({ status }) => status === 'InProgress');
  const making = (server: string): OperationRecord | undefined =>
    unfinished().find((operation) => makesServer(operation.work.kind) && isFor(server, operation));

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
      carryOut(operation);
      return operation;
    },
    find: (id) => store.state.operations[id.toLowerCase()],
    isBusy: (server) => unfinished().some((operation) => isFor(server, operation)),
    isBeingMade: (server) => making(server) !== undefined,
    cancelMaking: (server) => {
      const operation = making(server);
      if (!operation) return;
      const { code, message } = operationCanceled(operation.work.server);
      store.putOperation({ ...operation, status: 'Canceled', error: { code, message } });
      activity.record(operation, 'Failed');
    },
    resume: () => {
      for (const operation of unfinished()) carryOut(operation);
    },
    close: () => {
      closed = true;
    },
  };
}
