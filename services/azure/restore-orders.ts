/**
 * The RestoreOrders port: sends a restore to Azure once, and follows the operation it became.
 *
 * The SDK's begin call polls before it resolves and throws when that poll fails, so the answer to the PUT itself is taken
 * in a pipeline policy: the operation's URL is stored as the 202 arrives, and only then does anything else happen.
 */
import type { Server } from '@azure/arm-postgresql-flexible';
import { createPipelineRequest, type PipelinePolicy, type PipelineResponse } from '@azure/core-rest-pipeline';
import { DeskError, problem } from '../restore/errors';
import {
  targetTags,
  type OperationStatus,
  type OperationUrl,
  type RestoreOrders,
  type StartAnswer,
  type StartOrder,
} from '../restore/ports';
import { armClient, parseServerId, type ArmSettings } from './arm';
import { azureProblem, faultOf, isRestError, readFailure } from './errors';

/** Exactly what is sent; also what the approval card shows behind its fold. */
function orderBody(order: StartOrder): Server {
  const { plan } = order;
  const { network } = plan;
  return {
    location: plan.target.location,
    createMode: 'PointInTimeRestore',
    sourceServerResourceId: plan.source.id,
    pointInTimeUTC: new Date(order.moment),
    backup: { geoRedundantBackup: plan.geoRedundantBackup ? 'Enabled' : 'Disabled' },
    tags: { [targetTags.request]: order.requestId, [targetTags.nonce]: order.nonce },
    ...(network.kind === 'private'
      ? {
          network: {
            publicNetworkAccess: 'Disabled',
            delegatedSubnetResourceId: network.delegatedSubnetId,
            ...(network.privateDnsZoneId === undefined
              ? {}
              : { privateDnsZoneArmResourceId: network.privateDnsZoneId }),
          },
        }
      : {}),
  };
}

const operationUrlOf = (response: PipelineResponse): OperationUrl | undefined =>
  response.headers.get('azure-asyncoperation') ?? response.headers.get('location');

/** Raised inside the pipeline once the acceptance is stored: nothing the SDK would do after that is wanted here. */
class OrderAccepted extends Error {}

const acceptancePolicy = (
  onAccepted: (operation: OperationUrl | undefined) => Promise<void>,
): PipelinePolicy => ({
  name: 'storeAcceptance',
  sendRequest: async (request, next) => {
    const response = await next(request);
    if (request.method === 'PUT' && response.status >= 200 && response.status < 300) {
      await onAccepted(operationUrlOf(response));
      throw new OrderAccepted();
    }
    return response;
  },
});

const retryAfter = (value: string | undefined, fallbackSeconds: number): number => {
  const seconds = Number(value);
  if (value !== undefined && Number.isFinite(seconds) && seconds >= 0) return Math.max(1, seconds);
  const date = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? fallbackSeconds : Math.max(1, Math.ceil((date - Date.now()) / 1000));
};

/** Only an answer from Azure that says no is a refusal. Everything that could follow an acceptance is unclear. */
function answerOf(error: unknown, order: StartOrder): StartAnswer {
  if (!isRestError(error)) return { kind: 'unclear', what: 'no answer' };
  const status = error.statusCode;
  if (status === undefined || status === 408 || status >= 500) {
    return { kind: 'unclear', what: status === undefined ? 'no answer' : `HTTP ${status}` };
  }
  if (status === 429)
    return { kind: 'not-now', retryAfterSeconds: retryAfter(error.response?.headers.get('retry-after'), 10) };
  const because = azureProblem({
    ...faultOf(error),
    location: order.plan.target.location,
    serverName: order.plan.target.name,
  });
  return { kind: 'refused', because };
}

async function send(
  settings: ArmSettings,
  order: StartOrder,
  onAccepted: (url: OperationUrl | undefined) => Promise<void>,
): Promise<StartAnswer> {
  const target = parseServerId(order.plan.target.id);
  if (!target)
    throw new DeskError(problem('INTERNAL', { what: 'the plan names a target that is not a server' }));
  let failure: unknown;
  let accepted = false;
  const storing = async (url: OperationUrl | undefined): Promise<void> => {
    accepted = true;
    await onAccepted(url).catch((error: unknown) => (failure = error));
  };
  const client = armClient(settings, target.subscriptionId, 0, [acceptancePolicy(storing)]);
  try {
    await client.servers.beginCreateOrUpdate(target.resourceGroup, target.name, orderBody(order));
  } catch (error) {
    if (failure !== undefined) throw failure as Error;
    if (!accepted) return answerOf(error, order);
  }
  return { kind: 'accepted' };
}

interface OperationBody {
  readonly status?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
}

function parseOperation(text: string | null | undefined): OperationBody | undefined {
  try {
    return JSON.parse(text ?? '') as OperationBody;
  } catch {
    return undefined;
  }
}

/** Terminal words of ARM; every other word means that it still runs. */
function statusOf(response: PipelineResponse): OperationStatus {
  const running: OperationStatus = {
    kind: 'running',
    retryAfterSeconds: retryAfter(response.headers.get('retry-after'), 15),
  };
  if (response.status === 404 || response.status === 410) return { kind: 'gone' };
  if (response.status === 204) return { kind: 'succeeded' };
  if (response.status !== 200) return running;
  const body = parseOperation(response.bodyAsText);
  if (!body) return running;
  const status = body.status?.toLowerCase();
  if (status === 'succeeded') return { kind: 'succeeded' };
  if (status !== 'failed' && status !== 'canceled') return running;
  const correlationId = response.headers.get('x-ms-correlation-request-id');
  const because = azureProblem({
    code: body.error?.code ?? `operation ${status}`,
    message: body.error?.message ?? '',
    ...(correlationId === undefined ? {} : { correlationId }),
  });
  return { kind: 'failed', because };
}

export function createRestoreOrders(settings: ArmSettings): RestoreOrders {
  const poller = armClient(settings, settings.subscriptionIds[0] ?? '', 0);
  const home = new URL(settings.endpoint).origin;
  return {
    send: (order, onAccepted) => send(settings, order, onAccepted),
    poll: async (operation) => {
      // The poll carries our token; it goes to Azure or nowhere.
      if (!URL.canParse(operation) || new URL(operation).origin !== home) return { kind: 'gone' };
      try {
        return statusOf(await poller.sendRequest(createPipelineRequest({ url: operation, method: 'GET' })));
      } catch (error) {
        throw readFailure(error);
      }
    },
  };
}
