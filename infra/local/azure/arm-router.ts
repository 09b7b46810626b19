/**
 * The front door of ARM: headers, sign-in, throttle, api-version, subscription, rights and resource group, in this
 * order, and only then the handler. A handler returns an answer or throws an ArmError; nothing else writes.
 */
import { randomUUID } from 'node:crypto';
import { json, Router, type NextFunction, type Request, type Response } from 'express';
import { invalidResourceType, requireApiVersion, requireSupportedVersion } from './arm-api-versions';
import { authenticate } from './arm-authentication';
import { ArmError, authorizationFailed, resourceGroupNotFound, subscriptionNotFound } from './arm-error';
import type { ArmAnswer, ArmCall, ArmRoute } from './arm-route';
import { callKind, type Throttle } from './arm-throttle';
import { findResourceGroup, knownSubscriptions } from './resource-groups';
import { isAllowed } from './roles';
import type { Store } from './store';
import type { Caller, TokenIssuer } from './tokens';

export interface ArmRouterDeps {
  readonly store: Store;
  readonly tokens: TokenIssuer;
  readonly throttle: Throttle;
  readonly isReady: () => boolean;
}

export function armRouter(deps: ArmRouterDeps, routes: readonly ArmRoute[]): Router {
  const router = Router({ caseSensitive: false, strict: false });
  router.use(frontHeaders);
  router.use(async (request, response, next) => {
    if (!deps.isReady())
      throw new ArmError(503, 'ServiceUnavailable', 'Local Azure is still starting.', {
        headers: { 'retry-after': '1' },
      });
    const origin = originOf(request);
    const caller = await authenticate(deps.tokens, request.get('authorization'), origin);
    response.locals['caller'] = caller;
    response.locals['apiVersion'] = requireApiVersion(stringQuery(request)['api-version']);
    throttleCall(deps.throttle, request, response, caller);
    next();
  });
  router.use(json({ limit: '4mb', type: () => true, strict: false }));
  for (const route of routes)
    router[route.method](route.path, async (request, response) => {
      const call = toCall(request, response);
      checkCall(deps.store, route, call);
      send(response, await route.handle(call));
    });
  router.use((request, response) => {
    throw unknownPath(request.path, String(response.locals['apiVersion']));
  });
  router.use(sendError);
  return router;
}

const originOf = (request: Request): string => `${request.protocol}://${request.get('host') ?? ''}`;

function stringQuery(request: Request): Record<string, string> {
  return Object.fromEntries(
    [...new URL(request.originalUrl, 'http://local').searchParams].map(([name, value]) => [
      name.toLowerCase() === 'api-version' ? 'api-version' : name,
      value,
    ]),
  );
}

function frontHeaders(request: Request, response: Response, next: NextFunction): void {
  const requestId = randomUUID();
  const moment = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  response.set({
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-ms-request-id': requestId,
    'x-ms-correlation-request-id': request.get('x-ms-correlation-request-id') ?? randomUUID(),
    'x-ms-routing-request-id': `CANADACENTRAL:${moment}:${randomUUID()}`,
  });
  const clientRequestId = request.get('x-ms-client-request-id');
  if (clientRequestId !== undefined && request.get('x-ms-return-client-request-id')?.toLowerCase() === 'true')
    response.set('x-ms-client-request-id', clientRequestId);
  next();
}

function throttleCall(throttle: Throttle, request: Request, response: Response, caller: Caller): void {
  const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(request.path)?.[1];
  const kind = callKind(request.method);
  const verdict = throttle.take(subscriptionId ?? 'tenant', caller.objectId, kind);
  response.set(
    `x-ms-ratelimit-remaining-${subscriptionId === undefined ? 'tenant' : 'subscription'}-${kind}`,
    String(verdict.remaining),
  );
  if (subscriptionId !== undefined)
    response.set(`x-ms-ratelimit-remaining-subscription-global-${kind}`, String(verdict.remaining * 15));
  if (!verdict.admitted)
    throw new ArmError(429, 'TooManyRequests', 'The request is being throttled.', {
      headers: { 'retry-after': String(verdict.retryAfterSeconds) },
    });
}

function toCall(request: Request, response: Response): ArmCall {
  const body: unknown = request.body;
  return {
    params: request.params as Record<string, string>,
    query: stringQuery(request),
    body: typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {},
    caller: response.locals['caller'] as Caller,
    apiVersion: String(response.locals['apiVersion']),
    origin: originOf(request),
    path: request.originalUrl.split('?')[0] ?? '',
  };
}

function checkCall(store: Store, route: ArmRoute, call: ArmCall): void {
  const { subscriptionId, resourceGroup, location = '' } = call.params;
  requireSupportedVersion(call.apiVersion, route.type, location);
  if (subscriptionId === undefined) return;
  if (!knownSubscriptions.some(({ id }) => id === subscriptionId.toLowerCase()))
    throw subscriptionNotFound(subscriptionId);
  const { objectId, appId } = call.caller;
  const scope = call.path.replace(/\/+$/, '');
  if (route.action !== undefined && !isAllowed(store.state.roleAssignments, objectId, route.action, scope))
    throw authorizationFailed(route.action, scope, appId, objectId);
  if (resourceGroup !== undefined && !findResourceGroup(subscriptionId, resourceGroup))
    throw resourceGroupNotFound(resourceGroup);
}

function unknownPath(path: string, apiVersion: string): ArmError {
  const [, namespace, tail] = /\/providers\/([^/]+)\/([^?]*)$/i.exec(path) ?? [];
  if (namespace === undefined || tail === undefined)
    return new ArmError(404, 'InvalidRequestUri', `The request path '${path}' is not known here.`);
  const type = tail.split('/').filter((_, index) => index % 2 === 0);
  return invalidResourceType(namespace, type.join('/'), apiVersion);
}

function send(response: Response, answer: ArmAnswer): void {
  if (answer.operationId !== undefined) response.locals['operationId'] = answer.operationId;
  response.status(answer.status).set(answer.headers ?? {});
  if (answer.body === undefined) response.end();
  else response.json(answer.body);
}

// Express knows an error handler by its four parameters.
function sendError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const known = error instanceof ArmError ? error : asArmError(error);
  if (known.status >= 500 && !(error instanceof ArmError)) console.error('local Azure:', error);
  const { status, code, message, additionalInfo } = known;
  response
    .status(status)
    .set({ 'x-ms-failure-cause': known.cause, ...known.headers })
    .json({ error: { code, message, ...(additionalInfo === undefined ? {} : { additionalInfo }) } });
}

function asArmError(error: unknown): ArmError {
  const isParseError = typeof error === 'object' && error !== null && 'type' in error;
  return isParseError
    ? new ArmError(
        400,
        'InvalidRequestContent',
        'The request content was invalid and could not be deserialized.',
      )
    : new ArmError(500, 'InternalServerError', 'An unexpected error occured while processing the request.');
}
