/** The DifferenceApplier port: gives a copy what it lacks, one PUT by name after the other, each followed to its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { changesOf, type ApplicableKind, type Change } from '../restore/difference-changes';
import type {
  AppliedItem,
  ApplyResult,
  DifferenceApplier,
  ServerDetailsReader,
} from '../restore/difference-ports';
import { DeskError, problem, type Problem } from '../restore/errors';
import type { ServerDetails } from '../restore/server-details';
import { isConfigured, plainOrderingClient, plainReadingClient, type ArmSettings } from './arm';
import { armPath, parseServerId } from './arm-id';
import { changeOrder, type ChangeOrder } from './change-orders';
import { azureProblem, failedAnswer, faultOf, isRefusal } from './errors';
import { operationStatus } from './operation-status';
import { retryAfterSeconds } from './retry-after';
import { isSuccess, operationUrlOf, sendOnce } from './send-once';

export interface ApplierOptions {
  /** For one item, from its first try to its end. */
  readonly patienceSeconds?: number;
}

const usualPatienceSeconds = 300;
const usualPauseSeconds = 2;

type Outcome = AppliedItem['outcome'];
const applied: Outcome = { kind: 'applied' };
const refused = (because: Problem): Outcome => ({ kind: 'refused', because });
const unanswered = (): Outcome => refused(problem('AZURE_UNREACHABLE'));

interface Applying {
  readonly settings: ArmSettings;
  readonly copy: { readonly id: string; readonly name: string };
  /** Monotonic milliseconds. */
  readonly deadline: number;
}

/** Waits as long as Azure asks for; false when there is no time left for that. */
async function waited({ deadline }: Applying, seconds: number): Promise<boolean> {
  if (performance.now() + seconds * 1_000 > deadline) return false;
  await sleep(seconds * 1_000);
  return true;
}

/** Where an accepted PUT ends. Undefined: nobody can tell, and it is sent again, which its name makes harmless. */
async function followed(applying: Applying, accepted: PipelineResponse): Promise<Outcome | undefined> {
  const url = operationUrlOf(accepted);
  if (accepted.status !== 202 && url === undefined) return applied;
  const home = new URL(applying.settings.endpoint).origin;
  if (url === undefined || !URL.canParse(url) || new URL(url).origin !== home) return undefined;
  const client = plainReadingClient(applying.settings, 0);
  let pauseSeconds = retryAfterSeconds(accepted.headers, usualPauseSeconds);
  while (await waited(applying, pauseSeconds)) {
    const answer = await client
      .sendRequest(createPipelineRequest({ url, method: 'GET' }))
      .catch(() => undefined);
    const status = answer && operationStatus(answer);
    if (status?.kind === 'succeeded') return applied;
    if (status?.kind === 'failed') return refused(status.because);
    if (status?.kind === 'gone') return undefined;
    pauseSeconds = status?.retryAfterSeconds ?? usualPauseSeconds;
  }
  return unanswered();
}

function refusalOf({ copy }: Applying, response: PipelineResponse): Problem {
  return azureProblem({ ...faultOf(failedAnswer(response)), sourceName: copy.name });
}

/** Sends until it is clear what came of it, as long as there is time: busy and throttled pass by themselves. */
async function carryOut(applying: Applying, order: ChangeOrder): Promise<Outcome> {
  const client = plainOrderingClient(applying.settings);
  const path = armPath(applying.copy.id) ?? '';
  const url = `${applying.settings.endpoint}${path}/${order.below}?api-version=${order.apiVersion}`;
  for (;;) {
    const response = await sendOnce(client, { url, method: 'PUT', body: order.body });
    let last = unanswered();
    if (response && isSuccess(response.status)) {
      const outcome = await followed(applying, response);
      if (outcome) return outcome;
    } else if (response && isRefusal(response.status)) {
      const because = refusalOf(applying, response);
      if (because.code !== 'AZURE_BUSY') return refused(because);
      last = refused(because);
    }
    const pauseSeconds = response
      ? retryAfterSeconds(response.headers, usualPauseSeconds)
      : usualPauseSeconds;
    if (!(await waited(applying, pauseSeconds))) return last;
  }
}

async function applyAll(
  settings: ArmSettings,
  copy: ServerDetails,
  changes: readonly Change[],
  patienceSeconds: number,
): Promise<readonly AppliedItem[]> {
  const items: AppliedItem[] = [];
  // One after the other: a server works on one change at a time.
  for (const change of changes) {
    const deadline = performance.now() + patienceSeconds * 1_000;
    const order = changeOrder(change);
    const outcome = await carryOut({ settings, copy, deadline }, order);
    const { below, apiVersion, body } = order;
    const request = { method: 'PUT', path: `${copy.id}/${below}`, apiVersion, body } as const;
    items.push({ what: change.wanted.name, outcome, request });
  }
  return items;
}

export function createDifferenceApplier(
  settings: ArmSettings,
  reader: ServerDetailsReader,
  { patienceSeconds = usualPatienceSeconds }: ApplierOptions = {},
): DifferenceApplier {
  const apply = async (copyId: string, kind: ApplicableKind, source: ServerDetails): Promise<ApplyResult> => {
    const id = parseServerId(copyId);
    if (!id || !isConfigured(settings, id.subscriptionId))
      throw new DeskError(problem('INTERNAL', { what: 'differences are to be applied to something else' }));
    const copy = await reader.details(copyId);
    const changes = changesOf(kind, source, copy);
    if (changes.kind === 'unknown')
      throw new DeskError(problem('DIFFERENCE_UNREADABLE', { name: id.name, why: changes.why }));
    const items = await applyAll(settings, copy, changes.value, patienceSeconds);
    const done = new Set(items.flatMap(({ what, outcome }) => (outcome.kind === 'applied' ? [what] : [])));
    const waits = (change: Change): boolean =>
      change.kind === 'parameters' && change.wanted.needsRestart && done.has(change.wanted.name);
    return { items, needsRestart: changes.value.some(waits) };
  };
  return { apply };
}
