/**
 * The control routes that every local service has, and their guard.
 *
 * Control needs no token, so a page of the open web that an engineer happens to visit must not reach it: the Host has to
 * be loopback (no DNS rebinding) and an Origin, when there is one, has to be the service's own page.
 */
import { json, Router, type RequestHandler } from 'express';
import { FaultRefused, type Faults } from './faults';
import type { Journal } from './journal';

const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** Refuses, with 403, every request from elsewhere than this machine's own tools and pages. */
export function loopbackGuard(): RequestHandler {
  return (request, response, next) => {
    const host = request.headers.host ?? '';
    const origin = request.headers.origin;
    const hostIsLoopback = loopbackHosts.includes(host.replace(/:\d+$/, '').toLowerCase());
    if (hostIsLoopback && (origin === undefined || origin === `${request.protocol}://${host}`)) next();
    else response.status(403).json({ error: 'Control routes answer only this machine and its own page.' });
  };
}

/** `GET /journal`, `POST /faults`, `DELETE /faults`; mount it under `/local`, behind the guard. */
export function controlRouter(parts: { readonly journal: Journal; readonly faults: Faults }): Router {
  const router = Router();
  router.get('/journal', (_request, response) => {
    response.json({ entries: parts.journal.entries() });
  });
  router.post('/faults', json(), (request, response) => {
    try {
      response.json({ id: parts.faults.add(request.body) });
    } catch (error) {
      if (!(error instanceof FaultRefused)) throw error;
      response.status(400).json({ error: error.message });
    }
  });
  router.delete('/faults', (_request, response) => {
    parts.faults.clear();
    response.status(204).end();
  });
  return router;
}
