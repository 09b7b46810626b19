/** The HTTP server: the bot's endpoint, health, metrics. What is no activity of a connector we know never reaches the framework. */
import { createServer, plugins, type Next, type Request, type Response, type Server } from 'restify';
import type { Activity } from 'botframework-schema';
import type { BotConfig } from './config';
import type { TurnResult } from './adapter';
import type { Log } from '../services/deps';

export interface ServerDeps {
  readonly config: BotConfig;
  readonly turn: (authorization: string, activity: Activity) => Promise<TurnResult>;
  readonly unready: () => Promise<readonly string[]>;
  readonly metrics: (request: Request, response: Response) => void;
  readonly log: Log;
}

/** Larger than any activity of Teams, smaller than what could hurt. */
const bodyLimitBytes = 512 * 1024;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Why a body is not an activity for us; undefined when it may go on to the token check. */
export function bodyProblem(body: unknown, config: Pick<BotConfig, 'serviceUrls'>): string | undefined {
  if (!isObject(body)) return 'The body must be a JSON object.';
  if (typeof body['type'] !== 'string' || body['type'] === '') return 'The activity has no type.';
  if (body['channelId'] !== 'msteams') return 'Only activities of the channel msteams are taken.';
  if (!isObject(body['conversation']) || typeof body['conversation']['id'] !== 'string')
    return 'The activity has no conversation.';
  if (!isObject(body['from']) || !isObject(body['recipient']))
    return 'The activity has no sender or no recipient.';
  const { serviceUrl } = body;
  const origins = config.serviceUrls.map((url) => new URL(url).origin);
  const known =
    typeof serviceUrl === 'string' &&
    URL.canParse(serviceUrl) &&
    origins.includes(new URL(serviceUrl).origin);
  return known ? undefined : 'The activity comes from a service that is not known here.';
}

async function takeActivity(deps: ServerDeps, request: Request, response: Response): Promise<void> {
  const problem = bodyProblem(request.body, deps.config);
  if (problem !== undefined) return void response.send(400, { error: problem });
  const result = await deps.turn(request.header('authorization', ''), request.body as Activity);
  if (result.kind === 'refused')
    return void response.send(401, { error: 'The caller could not be authenticated.' });
  if (result.response) response.send(result.response.status, result.response.body ?? {});
  else response.send(200, {});
}

export function buildServer(deps: ServerDeps): Server {
  const server = createServer({ name: 'restore-desk', handleUncaughtExceptions: false });
  server.use(plugins.bodyParser({ maxBodySize: bodyLimitBytes, mapParams: false }));
  server.post('/api/messages', (request: Request, response: Response, next: Next) => {
    takeActivity(deps, request, response)
      .catch((error: unknown) => {
        deps.log.error({ error }, 'an activity could not be handled');
        if (!response.headersSent)
          response.send(500, { error: 'The activity could not be handled; it may be sent again.' });
      })
      .finally(() => next());
  });
  server.get('/healthz', (_request: Request, response: Response, next: Next) => {
    response.send(200, { status: 'alive' });
    next();
  });
  server.get('/readyz', (_request: Request, response: Response, next: Next) => {
    void deps
      .unready()
      .catch(() => ['restore-desk'])
      .then((missing) => {
        response.send(missing.length === 0 ? 200 : 503, { ready: missing.length === 0, waitingFor: missing });
      })
      .finally(() => next());
  });
  server.get('/metrics', (request: Request, response: Response, next: Next) => {
    deps.metrics(request, response);
    next(false);
  });
  return server;
}
