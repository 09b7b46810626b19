/**
 * The RestoreOrders port: sends a restore to Azure once, follows the operation it became, and asks once to delete a server.
 * The body is the domain's, byte for byte; the SDK's own begin calls are not used, since they poll and repeat on their own.
 */
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { DeskError, problem, type Problem } from '../restore/errors';
import { orderApiVersion, orderBody } from '../restore/order-body';
import type { OperationUrl, RemoveAnswer, RestoreOrders, StartAnswer, StartOrder } from '../restore/ports';
import { isConfigured, orderingClient, readingClient, type ArmSettings } from './arm';
import { armPath, parseServerId, subscriptionOf, type ArmId } from './arm-id';
import { azureProblem, failedAnswer, faultOf, isRefusal, readFailure } from './errors';
import { createFollowedOperations, type FollowedOperations } from './followed-operations';
import { operationStatus } from './operation-status';
import { retryAfterSeconds } from './retry-after';
import { isSuccess, operationUrlOf, sendOnce } from './send-once';
import { createServerStates } from './server-states';

/** Throttled, or busy: how long to wait where Azure does not say. */
const usualPauseSeconds = 10;

interface Target extends ArmId {
  readonly url: string;
}

function targetOf(settings: ArmSettings, serverId: string): Target {
  const [id, path] = [parseServerId(serverId), armPath(serverId)];
  if (!id || path === undefined)
    throw new DeskError(problem('INTERNAL', { what: 'an order names something that is not a server' }));
  return { ...id, url: `${settings.endpoint}${path}?api-version=${orderApiVersion}` };
}

const outsideProblem = ({ subscriptionId }: ArmId): Problem =>
  problem('SUBSCRIPTION_UNKNOWN', { subscription: subscriptionId });

/** Only an answer from Azure that says no is a refusal. Everything that could follow an acceptance is unclear. */
function answerOf(response: PipelineResponse | undefined, { plan }: StartOrder): StartAnswer {
  if (!response) return { kind: 'unclear', what: 'no answer' };
  const { status, headers } = response;
  if (status === 429)
    return { kind: 'not-now', retryAfterSeconds: retryAfterSeconds(headers, usualPauseSeconds) };
  if (!isRefusal(status)) return { kind: 'unclear', what: `HTTP ${status}` };
  const because = azureProblem({
    ...faultOf(failedAnswer(response)),
    location: plan.target.location,
    subscriptionId: plan.target.subscriptionId,
    serverName: plan.target.name,
    sourceName: plan.source.name,
  });
  return { kind: 'refused', because };
}

async function send(
  settings: ArmSettings,
  order: StartOrder,
  onAccepted: (url: OperationUrl | undefined) => Promise<void>,
): Promise<StartAnswer> {
  const target = targetOf(settings, order.plan.target.id);
  if (!isConfigured(settings, target.subscriptionId))
    return { kind: 'refused', because: outsideProblem(target) };
  const response = await sendOnce(orderingClient(settings, target.subscriptionId), {
    ...{ url: target.url, method: 'PUT' },
    body: orderBody(order.plan, order),
  });
  if (!response || !isSuccess(response.status)) return answerOf(response, order);
  await onAccepted(operationUrlOf(response));
  return { kind: 'accepted' };
}

/** Busy with something else at the moment: to be asked again, unlike other conflicts. */
const isBusy = (because: Problem): boolean => because.code === 'AZURE_BUSY';

async function remove(settings: ArmSettings, serverId: string): Promise<RemoveAnswer> {
  const target = targetOf(settings, serverId);
  if (!isConfigured(settings, target.subscriptionId))
    return { kind: 'refused', because: outsideProblem(target) };
  const response = await sendOnce(orderingClient(settings, target.subscriptionId), {
    ...{ url: target.url, method: 'DELETE' },
  });
  if (response && (isSuccess(response.status) || response.status === 404)) return { kind: 'accepted' };
  if (!response || !isRefusal(response.status)) {
    const pause = response ? retryAfterSeconds(response.headers, usualPauseSeconds) : usualPauseSeconds;
    return { kind: 'not-now', retryAfterSeconds: pause };
  }
  const because = azureProblem({
    ...faultOf(failedAnswer(response)),
    subscriptionId: target.subscriptionId,
    sourceName: target.name,
  });
  return isBusy(because)
    ? { kind: 'not-now', retryAfterSeconds: retryAfterSeconds(response.headers, usualPauseSeconds) }
    : { kind: 'refused', because };
}

/** One for each subscription of the configuration, by its id in lower case. */
function followersOf(settings: ArmSettings): ReadonlyMap<string, FollowedOperations> {
  const now = (): number => performance.now();
  return new Map(
    settings.subscriptionIds.map((id) => {
      const states = createServerStates(readingClient(settings, id, 0), now);
      return [id.toLowerCase(), createFollowedOperations(states, now)];
    }),
  );
}

export function createRestoreOrders(settings: ArmSettings): RestoreOrders {
  const poller = readingClient(settings, settings.subscriptionIds[0] ?? '', 0);
  const home = new URL(settings.endpoint).origin;
  const followers = followersOf(settings);
  const ask = async (url: OperationUrl) => {
    try {
      return operationStatus(await poller.sendRequest(createPipelineRequest({ url, method: 'GET' })));
    } catch (error) {
      throw readFailure(error);
    }
  };
  return {
    send: (order, onAccepted) => send(settings, order, onAccepted),
    poll: async (operation, targetId) => {
      // The poll carries our token; it goes to Azure or nowhere.
      if (!URL.canParse(operation) || new URL(operation).origin !== home) return { kind: 'gone' };
      const follower = followers.get(subscriptionOf(targetId).toLowerCase());
      return follower ? follower.status(targetId, () => ask(operation)) : ask(operation);
    },
    remove: (serverId) => remove(settings, serverId),
  };
}
