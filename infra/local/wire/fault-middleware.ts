/**
 * Stands between the wire and a local service: carries out ordered faults and writes the journal.
 *
 * A fault of the "accept-then" kind lets the handler run to its end, takes the finished answer and then loses it, which
 * is what a client meets when the line breaks after Azure said yes. The journal line is written before any byte leaves.
 */
import type { Request, RequestHandler, Response } from 'express';
import type { FaultAnswer, FaultReply, FaultWord, Faults } from './faults';
import type { Journal } from './journal';

export interface FaultMiddlewareOptions {
  readonly journal: Journal;
  readonly faults: Faults;
  /** Which accepted calls are journaled; default: every call that is not GET, HEAD or OPTIONS. */
  readonly isJournaled?: (request: Request) => boolean;
}

interface FinishedAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** A handler may name the long-running operation it started in `response.locals.operationId`. */
export function faultMiddleware(options: FaultMiddlewareOptions): RequestHandler {
  const isJournaled =
    options.isJournaled ?? ((request) => !['GET', 'HEAD', 'OPTIONS'].includes(request.method));
  return (request, response, next) => {
    const at = new Date().toISOString();
    const path = request.originalUrl.split('?')[0] ?? '';
    const journal = (status: number, answered: boolean): void => {
      if (status >= 400 || !isJournaled(request)) return;
      const operationId: unknown = response.locals['operationId'];
      options.journal.record({
        ...{ at, method: request.method, path, query: { ...request.query }, status, answered },
        body: (request.body as unknown) ?? null,
        ...(typeof operationId === 'string' ? { operationId } : {}),
      });
    };
    const fault = options.faults.match(request.method, path);
    if (fault === undefined) {
      beforeEnd(response, () => journal(response.statusCode, !request.socket.destroyed));
      next();
    } else if (isReply(fault)) sendReply(response, fault);
    else if (fault === 'reset') cutLine(request);
    else if (fault !== 'hang') {
      withholdAnswer(response, (answer) => {
        journal(answer.status, false);
        loseAnswer(fault, request, response, answer);
      });
      next();
    }
  };
}

function isReply(fault: FaultAnswer): fault is FaultReply {
  return typeof fault !== 'string';
}

function sendReply(response: Response, reply: FaultReply): void {
  response.status(reply.status).set(reply.headers ?? {});
  if (reply.body === undefined) response.end();
  else if (typeof reply.body === 'string') response.send(reply.body);
  else response.json(reply.body);
}

/** A plain socket is reset; under TLS the best that can be had is an end without a farewell. */
function cutLine(request: Request): void {
  if ('encrypted' in request.socket) request.socket.destroy();
  else request.socket.resetAndDestroy();
}

type AnyEnd = (...args: unknown[]) => Response;

function beforeEnd(response: Response, act: () => void): void {
  const end = response.end.bind(response) as AnyEnd;
  response.end = ((...args: unknown[]) => {
    response.end = end as Response['end'];
    act();
    return end(...args);
  }) as Response['end'];
}

interface OriginalResponse {
  readonly write: Response['write'];
  readonly end: Response['end'];
  readonly writeHead: Response['writeHead'];
}

/** Lets the handler write its answer into memory and hands the finished answer over. */
function withholdAnswer(response: Response, finished: (answer: FinishedAnswer) => void): void {
  const original: OriginalResponse = {
    write: response.write.bind(response),
    end: response.end.bind(response),
    writeHead: response.writeHead.bind(response),
  };
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  response.writeHead = ((status: number) => {
    response.statusCode = status;
    return response;
  }) as Response['writeHead'];
  response.write = ((chunk: unknown) => {
    keep(chunk);
    return true;
  }) as Response['write'];
  response.end = ((chunk?: unknown) => {
    keep(chunk);
    Object.assign(response, original);
    finished({ status: response.statusCode, body: Buffer.concat(chunks) });
    return response;
  }) as Response['end'];
}

function loseAnswer(
  fault: Exclude<FaultWord, 'hang' | 'reset'>,
  request: Request,
  response: Response,
  answer: FinishedAnswer,
): void {
  switch (fault) {
    case 'accept-then-reset':
      cutLine(request);
      return;
    case 'accept-then-hang':
      return;
    case 'accept-then-bare':
      // Nothing but the status arrives: no address at which to ask how it goes.
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.writeHead(answer.status, { 'content-length': 0 }).end();
      return;
    case 'accept-then-500': {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      const error = { code: 'InternalServerError', message: 'An unexpected error occurred.' };
      const body = JSON.stringify({ error });
      response.writeHead(500, { 'content-type': 'application/json; charset=utf-8' }).end(body);
      return;
    }
    case 'truncate': {
      response.removeHeader('transfer-encoding');
      response.setHeader('content-length', answer.body.length);
      response.writeHead(answer.status);
      response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () =>
        request.socket.destroySoon(),
      );
    }
  }
}
