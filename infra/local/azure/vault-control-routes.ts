/** Control of backup vaults: let a guard watch restores, shape the next jobs, choose what Retry-After says. */
import { json, Router } from 'express';
import { findVault } from './backup-vaults';
import type { Store } from './store';
import type { JobShape } from './vault-model';

type Body = Readonly<Record<string, unknown>>;

export function vaultControlRoutes(store: Store): Router {
  const router = Router();
  router.use(json({ limit: '1mb' }));
  router.post('/guard', (request, response) => {
    const { vault: name, guardsRestore } = (request.body ?? {}) as Body;
    const vault = typeof name === 'string' ? findVault(store, name) : undefined;
    if (vault?.guard === undefined || typeof guardsRestore !== 'boolean')
      return void response
        .status(400)
        .json({ error: 'A guard is {vault, guardsRestore: true or false}, of a vault that has one.' });
    store.state.guards = store.state.guards.map((guard) =>
      guard.name === vault.guard ? { ...guard, guardsRestore } : guard,
    );
    store.save();
    response.json({ vault: vault.name, guard: vault.guard, guardsRestore });
  });
  router.post('/vault-jobs', (request, response) => {
    const { vault: name, next } = (request.body ?? {}) as Body;
    const vault = typeof name === 'string' ? findVault(store, name) : undefined;
    const shapes = readShapes(next);
    if (!vault || !shapes)
      return void response.status(400).json({
        error:
          'An order is {vault, next}, where next is {status?, stuck?, error?: {code, message}} or a list of these.',
      });
    store.state.nextJobs[vault.name] = shapes;
    store.save();
    response.json({ vault: vault.name, next: shapes });
  });
  router.post('/vault-retry-after', (request, response) => {
    const given = (request.body ?? {}) as Body;
    const { validate = store.state.vaultRetryAfter.validate, trigger = store.state.vaultRetryAfter.trigger } =
      given;
    if (!isSeconds(validate) || !isSeconds(trigger))
      return void response
        .status(400)
        .json({ error: "Retry-After is {validate?, trigger?}: Azure's seconds, or null for none." });
    store.state.vaultRetryAfter = { validate, trigger };
    store.save();
    response.json(store.state.vaultRetryAfter);
  });
  return router;
}

const isSeconds = (value: unknown): value is number | null =>
  value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0);

function readShapes(next: unknown): JobShape[] | undefined {
  const shapes = (Array.isArray(next) ? next : [next]).map(readShape);
  return shapes.includes(undefined) ? undefined : shapes.filter((shape) => shape !== undefined);
}

function readShape(given: unknown): JobShape | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { status, stuck, error, ...unknown } = given as Body;
  if (Object.keys(unknown).length > 0) return undefined;
  if (status !== undefined && status !== 'CompletedWithWarnings' && status !== 'Failed') return undefined;
  if (stuck !== undefined && typeof stuck !== 'boolean') return undefined;
  if (error !== undefined && !isError(error)) return undefined;
  return {
    ...(status === undefined ? {} : { status }),
    ...(stuck === undefined ? {} : { stuck }),
    ...(error === undefined ? {} : { error }),
  };
}

const isError = (value: unknown): value is NonNullable<JobShape['error']> => {
  const { code, message } = (value ?? {}) as Body;
  return typeof code === 'string' && typeof message === 'string';
};
