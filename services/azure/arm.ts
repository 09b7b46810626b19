/** Clients for Azure Resource Manager: one kind that reads at a measured pace, one that orders without any retry. */
import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible';
import type { TokenCredential } from '@azure/core-auth';
import { ServiceClient } from '@azure/core-client';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { retryAfterSeconds } from './retry-after';
import { pacePolicy, type ReadPace } from './read-pace';

export interface ArmSettings {
  readonly credential: TokenCredential;
  /** For example https://management.azure.com, without a slash at the end. */
  readonly endpoint: string;
  readonly subscriptionIds: readonly string[];
  /** After this many seconds without an answer a request counts as unanswered. */
  readonly timeoutSeconds: number;
  /** One for all that read with these settings: Azure counts the reads of an identity together. */
  readonly pace: ReadPace;
}

export type ArmClient = PostgreSQLManagementFlexibleServerClient;

/** The audience is the public cloud's whatever the endpoint is: a token names the service, not the way to it. */
const scope = 'https://management.azure.com/.default';

/** For the whole answer: the client's own limit ends with the headers, and a body may stand still as well. */
const timeoutPolicy = (seconds: number): PipelinePolicy => ({
  name: 'deskTimeout',
  sendRequest: async (request, next) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), seconds * 1_000);
    request.abortSignal = limit.signal;
    try {
      return await next(request);
    } finally {
      clearTimeout(timer);
    }
  },
});

const longestWaitSeconds = 2;
const waitHeaders = ['retry-after', 'retry-after-ms', 'x-ms-retry-after-ms'];

/** The SDK waits as long as it is told, which may be minutes; who reads would rather know at once that there is no answer. */
const shortWaitsOnly: PipelinePolicy = {
  name: 'shortWaitsOnly',
  sendRequest: async (request, next) => {
    const response = await next(request);
    // An answer that is none of these is not waited for and repeated: what it says is for who reads it.
    if (response.status >= 400 && retryAfterSeconds(response.headers, 0) > longestWaitSeconds)
      for (const name of waitHeaders) response.headers.delete(name);
    return response;
  },
};

const optionsOf = (settings: ArmSettings, maxRetries: number, policies: readonly PipelinePolicy[]) => ({
  endpoint: settings.endpoint,
  credentialScopes: [scope],
  retryOptions: { maxRetries, retryDelayInMs: 300, maxRetryDelayInMs: 2_000 },
  // Azure does not move, and whoever says so gets neither our token nor a second order.
  redirectOptions: { maxRetries: 0 },
  userAgentOptions: { userAgentPrefix: 'restore-desk' },
  additionalPolicies: [timeoutPolicy(settings.timeoutSeconds), ...policies].map((policy) => ({
    policy,
    position: 'perRetry' as const,
  })),
});

const readPolicies = ({ pace }: ArmSettings, maxRetries: number): PipelinePolicy[] => [
  pacePolicy(pace),
  ...(maxRetries > 0 ? [shortWaitsOnly] : []),
];

/** For reads. Every try waits its turn, a repeated one too. */
export const readingClient = (settings: ArmSettings, subscriptionId: string, maxRetries: number): ArmClient =>
  new PostgreSQLManagementFlexibleServerClient(
    settings.credential,
    subscriptionId,
    optionsOf(settings, maxRetries, readPolicies(settings, maxRetries)),
  );

/** For what changes the world: nothing is sent twice. */
export const orderingClient = (settings: ArmSettings, subscriptionId: string): ArmClient =>
  new PostgreSQLManagementFlexibleServerClient(
    settings.credential,
    subscriptionId,
    optionsOf(settings, 0, []),
  );

/** Sends what it is given: for the parts of Azure that have no client of their own here. */
export type PlainClient = Pick<ServiceClient, 'sendRequest'>;

/** As `readingClient`. */
export const plainReadingClient = (settings: ArmSettings, maxRetries: number): PlainClient =>
  new ServiceClient({
    credential: settings.credential,
    ...optionsOf(settings, maxRetries, readPolicies(settings, maxRetries)),
  });

/** As `orderingClient`. */
export const plainOrderingClient = (settings: ArmSettings): PlainClient =>
  new ServiceClient({ credential: settings.credential, ...optionsOf(settings, 0, []) });

/** True for the subscriptions of the configuration; others do not exist for the desk. */
export const isConfigured = (settings: ArmSettings, subscriptionId: string): boolean =>
  settings.subscriptionIds.some((known) => known.toLowerCase() === subscriptionId.toLowerCase());
