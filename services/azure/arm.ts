/** Clients for Azure Resource Manager, one pair per subscription: one that reads with retries, one that orders without. */
import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible';
import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

export interface ArmSettings {
  readonly credential: TokenCredential;
  /** For example https://management.azure.com, without a slash at the end. */
  readonly endpoint: string;
  readonly subscriptionIds: readonly string[];
  /** After this many seconds without an answer a request counts as unanswered. */
  readonly timeoutSeconds: number;
}

/** The audience is the public cloud's whatever the endpoint is: a token names the service, not the way to it. */
const scope = 'https://management.azure.com/.default';

const timeoutPolicy = (seconds: number): PipelinePolicy => ({
  name: 'deskTimeout',
  sendRequest: (request, next) => {
    request.timeout = seconds * 1000;
    return next(request);
  },
});

export function armClient(
  settings: ArmSettings,
  subscriptionId: string,
  maxRetries: number,
  policies: readonly PipelinePolicy[] = [],
): PostgreSQLManagementFlexibleServerClient {
  return new PostgreSQLManagementFlexibleServerClient(settings.credential, subscriptionId, {
    endpoint: settings.endpoint,
    credentialScopes: [scope],
    retryOptions: { maxRetries, retryDelayInMs: 300, maxRetryDelayInMs: 2_000 },
    userAgentOptions: { userAgentPrefix: 'restore-desk' },
    additionalPolicies: [timeoutPolicy(settings.timeoutSeconds), ...policies].map((policy) => ({
      policy,
      position: 'perRetry' as const,
    })),
  });
}

export interface ArmId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Takes a full server id apart; undefined when it is not one. */
export function parseServerId(id: string): ArmId | undefined {
  const parts =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/([^/]+)$/i.exec(
      id,
    );
  const [, subscriptionId, resourceGroup, name] = parts ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name };
}
