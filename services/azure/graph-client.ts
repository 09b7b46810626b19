/** Calls Microsoft Graph while somebody waits for an answer to a click: one deadline for all of it, one quick retry at most. */
import type { TokenCredential } from '@azure/core-auth';
import { ServiceClient } from '@azure/core-client';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { setTimeout as pause } from 'node:timers/promises';
import { DeskError, problem } from '../restore/errors';
import { isMicrosoftGraph } from './graph-hosts';
import { retryAfterSeconds } from './retry-after';

export interface GraphSettings {
  readonly credential: TokenCredential;
  /** With the version, without a slash at the end: https://graph.microsoft.com/v1.0. */
  readonly url: string;
  /** For one question, however many tries and tokens it takes. */
  readonly timeoutSeconds: number;
}

export interface GraphCall {
  readonly method: 'GET' | 'POST';
  /** Below the version, or the whole link of a next page. */
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Undefined where Graph says that there is no such thing. Throws DIRECTORY_UNREACHABLE for everything else but an answer. */
export type Graph = (call: GraphCall) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** A token names the service, not the way to it: at any other address the public cloud's is meant. */
const scopeOf = (url: string): string =>
  `https://${isMicrosoftGraph(url) ? new URL(url).host : 'graph.microsoft.com'}/.default`;

const retryPauseMillis = 200;
const longestRetryAfterSeconds = 1;

export const unreachable = (cause?: unknown): DeskError =>
  new DeskError(problem('DIRECTORY_UNREACHABLE'), cause);

/** Graph gave no answer that could be used; only its status and code are kept, never what was sent. */
function refused(status: number, body: string | null | undefined): DeskError {
  const code = /"code"\s*:\s*"([\w.]{1,60})"/.exec(body ?? '')?.[1];
  return unreachable({ status, ...(code === undefined ? {} : { code }) });
}

function read(body: string | null | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body ?? '');
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Falls through: half an answer is none.
  }
  throw unreachable();
}

type Sending = (call: GraphCall, signal: AbortSignal) => ReturnType<ServiceClient['sendRequest']>;

/** The link of a next page comes from outside: our token goes to nobody but Graph. */
function addressOf({ url }: GraphSettings, path: string): string {
  if (!/^https?:/i.test(path)) return `${url}${path}`;
  if (URL.canParse(path) && new URL(path).origin === new URL(url).origin) return path;
  throw unreachable();
}

function sender(settings: GraphSettings): Sending {
  const client = new ServiceClient({
    credential: settings.credential,
    credentialScopes: [scopeOf(settings.url)],
    endpoint: settings.url,
    allowInsecureConnection: settings.url.startsWith('http://'),
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'restore-desk' },
  });
  return ({ method, path, body, headers = {} }, abortSignal) =>
    client.sendRequest(
      createPipelineRequest({
        ...{ url: addressOf(settings, path), method, abortSignal },
        allowInsecureConnection: settings.url.startsWith('http://'),
        headers: createHttpHeaders({
          accept: 'application/json',
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...headers,
        }),
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    );
}

const mayRetry = (status: number): boolean => status === 429 || status >= 500;

async function ask(send: Sending, call: GraphCall, signal: AbortSignal) {
  // A line that broke is tried again like an answer that says "later".
  const first = await send(call, signal).catch((error: unknown) => {
    if (signal.aborted || error instanceof DeskError) throw error;
    return undefined;
  });
  if (first && !mayRetry(first.status)) return first;
  if (first && retryAfterSeconds(first.headers, 0) > longestRetryAfterSeconds) return first;
  await pause(retryPauseMillis, undefined, { signal });
  return send(call, signal);
}

/** A promise that fails when the time is over, also where somebody below does not listen to the signal. */
const overAt = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(unreachable()), { once: true }));

export function createGraph(settings: GraphSettings): Graph {
  const send = sender(settings);
  return async (call) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), settings.timeoutSeconds * 1_000);
    try {
      const answer = await Promise.race([ask(send, call, limit.signal), overAt(limit.signal)]);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refused(answer.status, answer.bodyAsText);
      return read(answer.bodyAsText);
    } catch (error) {
      throw error instanceof DeskError ? error : unreachable(error);
    } finally {
      clearTimeout(timer);
    }
  };
}
