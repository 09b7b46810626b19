/**
 * The part of Microsoft Graph that tells who somebody is: users, groups, owners, members through groups in groups.
 * Errors have Graph's envelope, lists its pages, and a cast to users its conditions.
 */
import { randomUUID } from 'node:crypto';
import { json, Router, type NextFunction, type Request, type Response } from 'express';
import {
  findGroup,
  findUser,
  isIn,
  transitiveUsers,
  type EntraGroup,
  type EntraUser,
} from './entra-directory';
import type { Store } from './store';
import type { TokenIssuer } from './tokens';

export interface EntraRouteDeps {
  readonly store: Store;
  readonly tokens: TokenIssuer;
  /** Most people on a page, whatever is asked with $top. */
  readonly pageSize: number;
}

class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const audiences = ['https://graph.microsoft.com', 'https://graph.microsoft.com/'];
const mostGroupIds = 20;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What Graph tells of a user when nothing is selected; whether an account is enabled is not among it. */
const usualProperties = ['id', 'displayName', 'userPrincipalName'];

export function entraRoutes({ store, tokens, pageSize }: EntraRouteDeps): Router {
  const router = Router();
  router.use(async (request, _response, next) => {
    const token = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const verdict = token === undefined ? undefined : await tokens.verify(token, audiences);
    if (verdict?.kind !== 'good') throw unauthenticated(verdict?.kind);
    if (!store.state.directory.consented)
      throw new GraphError(
        403,
        'Authorization_RequestDenied',
        'Insufficient privileges to complete the operation.',
      );
    next();
  });
  const group = (request: Request): EntraGroup => {
    const key = String(request.params['id']);
    return findGroup(store.state.directory, key) ?? missing(key);
  };
  const user = (request: Request): EntraUser => {
    const key = String(request.params['id']);
    return findUser(store.state.directory, key) ?? missing(key);
  };
  router.get('/users/:id', (request, response) => {
    response.json({
      '@odata.context': context(request, 'users/$entity'),
      ...selected(request, user(request)),
    });
  });
  router.post('/users/:id/checkMemberGroups', json(), (request, response) => {
    const asked = groupIds((request.body as { groupIds?: unknown } | undefined)?.groupIds);
    const who = user(request);
    const value = asked.filter((id) => {
      const known = findGroup(store.state.directory, id);
      return known !== undefined && isIn(store.state.directory, who, known);
    });
    response.json({ '@odata.context': context(request, 'Collection(Edm.String)'), value });
  });
  router.get('/groups/:id', (request, response) => {
    const { id, displayName, groupTypes } = group(request);
    response.json({ '@odata.context': context(request, 'groups/$entity'), id, displayName, groupTypes });
  });
  router.get('/groups/:id/owners', (request, response) => {
    const owners = group(request).owners.flatMap((id) => findUser(store.state.directory, id) ?? []);
    response.json(page(request, owners, pageSize));
  });
  router.get('/groups/:id/transitiveMembers/microsoft.graph.user', (request, response) => {
    const members = transitiveUsers(store.state.directory, group(request));
    requireAdvancedQuery(request);
    response.json({ '@odata.count': members.length, ...page(request, members, pageSize) });
  });
  router.use((request) => {
    throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${request.path}'.`);
  });
  router.use(sendError);
  return router;
}

function unauthenticated(kind: string | undefined): GraphError {
  const words = {
    expired: 'Lifetime validation failed, the token is expired.',
    'wrong-audience': 'Access token validation failure. Invalid audience.',
  } as Readonly<Record<string, string>>;
  return new GraphError(401, 'InvalidAuthenticationToken', words[kind ?? ''] ?? 'Access token is empty.');
}

function missing(key: string): never {
  throw new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${key}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

function queryText({ query }: Request, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value : '';
}

const origin = (request: Request): string => `${request.protocol}://${request.get('host') ?? ''}`;
const context = (request: Request, what: string): string => `${origin(request)}/v1.0/$metadata#${what}`;

function groupIds(asked: unknown): string[] {
  if (!Array.isArray(asked)) throw new GraphError(400, 'Request_BadRequest', 'groupIds is required.');
  const ids = asked.map(String);
  if (ids.length > mostGroupIds)
    throw new GraphError(
      400,
      'Directory_ResultSizeLimitExceeded',
      `The specified group ids exceed the limit of ${mostGroupIds}.`,
    );
  const wrong = ids.find((id) => !guid.test(id));
  if (wrong !== undefined)
    throw new GraphError(400, 'Request_BadRequest', `Invalid object identifier '${wrong}'.`);
  return ids;
}

/** A cast to one type counts as an advanced query: it wants the header and the count, or it is refused. */
function requireAdvancedQuery(request: Request): void {
  const isEventual = request.get('consistencylevel')?.toLowerCase() === 'eventual';
  if (!isEventual || queryText(request, '$count').toLowerCase() !== 'true')
    throw new GraphError(
      400,
      'Request_UnsupportedQuery',
      "Request needs the header 'ConsistencyLevel: eventual' and $count=true.",
    );
}

function selected(request: Request, user: EntraUser): Record<string, unknown> {
  const asked = request.query['$select'];
  const names = typeof asked === 'string' ? asked.split(',').map((name) => name.trim()) : usualProperties;
  const known: Readonly<Record<string, unknown>> = { ...user };
  return Object.fromEntries(names.map((name) => [name, known[name] ?? null]));
}

function page(request: Request, users: readonly EntraUser[], pageSize: number) {
  const start = Number(Buffer.from(queryText(request, '$skiptoken'), 'base64url').toString() || 0);
  const top = Math.min(Number(request.query['$top'] ?? 100) || 100, 999, pageSize);
  const query = new URLSearchParams(new URL(request.originalUrl, origin(request)).search);
  query.set('$skiptoken', Buffer.from(String(start + top)).toString('base64url'));
  const link = `${origin(request)}${request.originalUrl.split('?')[0] ?? ''}?${query.toString()}`;
  return {
    '@odata.context': context(request, 'users'),
    ...(start + top < users.length ? { '@odata.nextLink': link } : {}),
    value: users
      .slice(start, start + top)
      .map((user) => ({ '@odata.type': '#microsoft.graph.user', ...selected(request, user) })),
  };
}

// Express knows an error handler by its four parameters.
function sendError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const known =
    error instanceof GraphError
      ? error
      : new GraphError(400, 'BadRequest', 'Unable to read JSON request payload.');
  const innerError = { date: new Date().toISOString(), 'request-id': randomUUID() };
  response.status(known.status).json({ error: { code: known.code, message: known.message, innerError } });
}
