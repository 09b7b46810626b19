/** The wire to the bot: one signed POST per activity, and what came of it. */
import { request } from 'node:http';
import type { JsonObject } from './json';
import type { ConnectorSigner } from './signing';

/** Teams gives up on an invoke after ten to fifteen seconds. */
const ANSWER_TIMEOUT_MILLISECONDS = 15_000;
const RETRY_PAUSE_MILLISECONDS = 200;

export type BotAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  /** Nothing can have arrived: safe to send again. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The activity may have arrived, the answer did not. */
  | { readonly kind: 'lost'; readonly reason: string };

export interface BotEndpoint {
  post(activity: JsonObject): Promise<BotAnswer>;
  /** As `post`, again for up to `patienceMilliseconds` while the bot cannot be reached, as during its restart. */
  postPatiently(activity: JsonObject, patienceMilliseconds: number): Promise<BotAnswer>;
}

export interface BotEndpointOptions {
  readonly endpoint: string;
  readonly signer: ConnectorSigner;
  readonly serviceUrl: () => string;
  /** Ends waiting between attempts when the process is asked to stop. */
  readonly stopping: AbortSignal;
}

export function createBotEndpoint(options: BotEndpointOptions): BotEndpoint {
  const post = async (activity: JsonObject): Promise<BotAnswer> =>
    send(options.endpoint, await options.signer.sign(options.serviceUrl()), activity);
  return {
    post,
    postPatiently: async (activity, patienceMilliseconds) => {
      const giveUpAt = Date.now() + patienceMilliseconds;
      for (;;) {
        const answer = await post(activity);
        if (!isWorthAnotherTry(answer) || Date.now() > giveUpAt || options.stopping.aborted) return answer;
        await pause(RETRY_PAUSE_MILLISECONDS, options.stopping);
      }
    },
  };
}

function isWorthAnotherTry(answer: BotAnswer): boolean {
  return answer.kind === 'refused' || (answer.kind === 'answered' && [502, 503].includes(answer.status));
}

/** Resolves after the time, or at once when the signal is given; never rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** Without keep-alive, so that a connection the bot closed while it restarted is never taken for a lost answer. */
function send(endpoint: string, token: string, activity: JsonObject): Promise<BotAnswer> {
  const payload = Buffer.from(JSON.stringify(activity));
  return new Promise((resolve) => {
    const call = request(
      endpoint,
      {
        method: 'POST',
        agent: false,
        timeout: ANSWER_TIMEOUT_MILLISECONDS,
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': payload.length,
          Authorization: `Bearer ${token}`,
          Connection: 'close',
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            body: parseBody(Buffer.concat(chunks).toString('utf8')),
          }),
        );
        response.on('error', (error) => resolve({ kind: 'lost', reason: error.message }));
      },
    );
    call.on('timeout', () =>
      call.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MILLISECONDS / 1_000} s`)),
    );
    call.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: error.code === 'ECONNREFUSED' ? 'refused' : 'lost', reason: error.message }),
    );
    call.end(payload);
  });
}

function parseBody(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
