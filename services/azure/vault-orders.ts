/**
 * The VaultOrders port: Azure's own check of a restore, the restore itself, sent once, and the job that it becomes. A POST
 * has no name that could be looked up later, so what is not a clear no is unclear, and the list of jobs tells.
 */
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { setTimeout as pause } from 'node:timers/promises';
import { DeskError, problem, type Problem } from '../restore/errors';
import type { OperationUrl, StartAnswer } from '../restore/ports';
import { crossRegionRequest, restoreRequest, unguardedRequest } from '../restore/vault-order-body';
import type { VaultPlan } from '../restore/vault-plan';
import type { JobPlace, Validation, VaultOperation, VaultOrders } from '../restore/vault-ports';
import { plainReadingClient, type ArmSettings } from './arm';
import { collect } from './arm-reads';
import type { DataProtectionClient, DataProtectionClientOptions } from './data-protection/client';
import { isRefusal, unreadableAnswer } from './errors';
import { createFollowedJobs, type FollowedJobs } from './followed-jobs';
import { isRestoreJob, newestFirst } from './job-facts';
import { jobSource, placeJobs, type PlacedJobs } from './job-places';
import { retryAfterSeconds } from './retry-after';
import { isSuccess, operationUrlOf } from './send-once';
import { parseInstanceId, type InstanceId } from './vault-ids';
import { usualOperationSeconds, vaultOperation } from './vault-operation';
import { answerFault, backupProblem, readingVaults } from './vault-problems';
import { vaultClients } from './vault-clients';

export interface VaultOrderOptions extends DataProtectionClientOptions {
  /**
   * How old what is told of a job may be where Azure does not say; 30 unless said otherwise. Less in a place whose time runs
   * faster than Azure's.
   */
  readonly jobListSeconds?: number | undefined;
  /**
   * After so many seconds a check without an end counts as unanswered; 90 unless said otherwise. Azure takes half a minute,
   * and whoever waits for a check has a limit of its own.
   */
  readonly checkSeconds?: number | undefined;
}

/** Throttled, or busy: how long to wait where Azure does not say. */
const usualPauseSeconds = 10;
/** So many unanswered questions in a row are borne before a check counts as unanswered. */
const mostUnanswered = 3;

interface Addressed {
  readonly client: DataProtectionClient;
  readonly id: InstanceId;
}

type Address = (plan: VaultPlan) => Addressed | undefined;

const sendCheck = (plan: VaultPlan, { client, id }: Addressed): Promise<PipelineResponse | undefined> =>
  plan.crossRegion
    ? client.backupInstances.validateCrossRegionRestore(
        id.resourceGroup,
        plan.crossRegion.region,
        crossRegionRequest(plan),
      )
    : client.backupInstances.validateForRestore(id.resourceGroup, id.vault, id.instance, {
        restoreRequestObject: unguardedRequest(plan),
      });

const sendOrder = (plan: VaultPlan, { client, id }: Addressed): Promise<PipelineResponse | undefined> =>
  plan.crossRegion
    ? client.backupInstances.triggerCrossRegionRestore(
        id.resourceGroup,
        plan.crossRegion.region,
        crossRegionRequest(plan),
      )
    : client.backupInstances.triggerRestore(id.resourceGroup, id.vault, id.instance, restoreRequest(plan));

/** Codes with which Azure turns a call away for the moment, before it looks at what the call wants. */
const passing =
  /Throttled$|^TooManyRequests$|^Server(Is)?Busy$|OperationInProgress$|^CloudServiceRetryableError$/i;

/** Codes with which a check ends for a reason of Azure's own: it tells nothing of the plan, and can be made again. */
const notThePlan =
  /^(?!(?:BMS)?UserError)\w*(?:CloudServiceRetryableError|CloudInternalError|InternalServerError|Unavailable|Throttled|TooManyRequests|Server(?:Is)?Busy|OperationInProgress)$/i;

/** Only an answer from Azure that says no is a refusal. Everything that could follow an acceptance is unclear. */
function startAnswer(response: PipelineResponse | undefined): StartAnswer {
  if (!response) return { kind: 'unclear', what: 'no answer' };
  const { status, headers } = response;
  const notNow: StartAnswer = {
    kind: 'not-now',
    retryAfterSeconds: retryAfterSeconds(headers, usualPauseSeconds),
  };
  if (status === 429) return notNow;
  const fault = answerFault(response);
  if ((status === 409 || status === 503) && passing.test(fault.code)) return notNow;
  if (!isRefusal(status)) return { kind: 'unclear', what: `HTTP ${status}` };
  return { kind: 'refused', because: backupProblem(fault) };
}

const unknownSubscription = ({ instanceId }: VaultPlan) =>
  problem('SUBSCRIPTION_UNKNOWN', {
    subscription: parseInstanceId(instanceId)?.subscriptionId ?? instanceId,
  });

async function trigger(
  plan: VaultPlan,
  address: Address,
  onAccepted: (operation: OperationUrl | undefined) => Promise<void>,
): Promise<StartAnswer> {
  const addressed = address(plan);
  if (!addressed) return { kind: 'refused', because: unknownSubscription(plan) };
  const response = await sendOrder(plan, addressed);
  if (!response || !isSuccess(response.status)) return startAnswer(response);
  await onAccepted(operationUrlOf(response));
  return { kind: 'accepted' };
}

interface Following {
  readonly ask: (url: OperationUrl) => Promise<VaultOperation>;
  readonly checkSeconds: number;
}

/** A check that failed for a reason of Azure's own is as good as one without an answer: it is made again. */
function checkFailed(because: Problem): Validation {
  if (notThePlan.test(because.vendorCode ?? '')) throw unreadableAnswer(new DeskError(because));
  return { kind: 'refused', because };
}

/** As `checkFailed`, for a check that Azure did not even begin. */
function checkTurnedAway(response: PipelineResponse): Validation {
  const fault = answerFault(response);
  const because = backupProblem(fault);
  if (response.status === 409 && passing.test(fault.code)) throw unreadableAnswer(new DeskError(because));
  return checkFailed(because);
}

/** A check that nobody can tell the end of is as good as one without an answer. */
async function followCheck(
  url: OperationUrl,
  firstWaitSeconds: number,
  { ask, checkSeconds }: Following,
): Promise<Validation> {
  const until = performance.now() + checkSeconds * 1_000;
  let waitSeconds = firstWaitSeconds;
  let unanswered = 0;
  while (performance.now() < until && unanswered < mostUnanswered) {
    // Whatever Azure asks for, the last question is put when the time is over.
    await pause(Math.min(waitSeconds * 1_000, Math.max(0, until - performance.now())));
    const status = await ask(url).catch(() => undefined);
    if (status?.kind === 'succeeded') return { kind: 'valid' };
    if (status?.kind === 'failed') return checkFailed(status.because);
    if (status?.kind === 'gone') break;
    unanswered = status ? 0 : unanswered + 1;
    waitSeconds = status?.retryAfterSeconds ?? waitSeconds;
  }
  throw unreadableAnswer();
}

async function validate(plan: VaultPlan, address: Address, following: Following): Promise<Validation> {
  const addressed = address(plan);
  if (!addressed) return { kind: 'refused', because: unknownSubscription(plan) };
  const response = await sendCheck(plan, addressed);
  if (response && isRefusal(response.status)) return checkTurnedAway(response);
  if (!response || !isSuccess(response.status)) throw unreadableAnswer();
  if (response.status !== 202 && response.status !== 201) return { kind: 'valid' };
  const url = operationUrlOf(response);
  if (url === undefined) throw unreadableAnswer();
  return followCheck(url, retryAfterSeconds(response.headers, usualOperationSeconds), following);
}

const keyOf = ({ vaultId, crossRegion }: JobPlace): string => `${vaultId} ${crossRegion ?? ''}`.toLowerCase();

/** All jobs of the place, read anew: a list that is not whole would hide an order. */
const readJobs = async (jobs: PlacedJobs | undefined) =>
  jobs
    ? newestFirst((await collect(jobs.list())).filter(isRestoreJob).flatMap((job) => jobs.facts(job) ?? []))
    : [];

export function createVaultOrders(settings: ArmSettings, options: VaultOrderOptions = {}): VaultOrders {
  const client = vaultClients(settings, options);
  // Not repeated by itself: who follows an operation asks again anyway, and wants to hear how long to wait.
  const poller = plainReadingClient(settings, 0);
  const home = new URL(settings.endpoint).origin;
  const followers = new Map<string, FollowedJobs>();
  const address: Address = ({ instanceId }) => {
    const id = parseInstanceId(instanceId);
    if (!id) throw new DeskError(problem('INTERNAL', { what: 'a plan names something that is no instance' }));
    const found = client(id.subscriptionId);
    return found && { client: found, id };
  };
  const ask = async (url: OperationUrl): Promise<VaultOperation> => {
    // The poll carries our token; it goes to Azure or nowhere.
    if (!URL.canParse(url) || new URL(url).origin !== home) return { kind: 'gone' };
    const request = createPipelineRequest({ url, method: 'GET' });
    request.headers.set('accept', 'application/json');
    return readingVaults(async () => vaultOperation(await poller.sendRequest(request)));
  };
  const time = { now: () => performance.now(), usualSeconds: options.jobListSeconds ?? 30 };
  const follower = (place: JobPlace): FollowedJobs | undefined => {
    const jobs = placeJobs(client, place);
    const known = followers.get(keyOf(place)) ?? (jobs && createFollowedJobs(jobSource(jobs), time));
    if (known) followers.set(keyOf(place), known);
    return known;
  };
  return {
    validate: (plan) => validate(plan, address, { ask, checkSeconds: options.checkSeconds ?? 90 }),
    trigger: (plan, onAccepted) => trigger(plan, address, onAccepted),
    operation: ask,
    job: (place, jobId) => readingVaults(async () => follower(place)?.job(jobId)),
    jobs: (place) => readingVaults(() => readJobs(placeJobs(client, place))),
  };
}
