/**
 * Carries an approved restore out, one look at a time: `advance` reads where the request stands, does the one thing that
 * comes next, and says when to look again. It may be called at any time, any number of times, by any replica; one at a
 * time does something. Whatever dies between two lines is found again by the next look.
 */
import { DeskError } from './restore/errors';
import { again, type Look } from './looking';
import { checkAgain, order } from './ordering';
import { follow } from './following';
import { createLoads, type Loads } from './loads';
import { isVaultPlan } from './restore/plan';
import { lookAtLoad, stopLoad } from './loading';
import { lookAtVault } from './vault-running';
import { isRunning, type Run } from './restore/state';
import { knownDurations, progressCard } from './telling';
import { plusSeconds, type Instant } from './restore/instant';
import { prove } from './proving';
import { proveLoad } from './load-proving';
import { readRequest } from './moving';
import { stop } from './stopping';
import { waitForCopy } from './waiting-for-copy';
import type { Deps } from './deps';
import type { RestoreRequest } from './restore/request';

async function look(deps: Deps, loads: Loads, request: RestoreRequest): Promise<Look | undefined> {
  const { state, plan } = request;
  if (!isRunning(state)) return undefined;
  if (state.phase === 'loading') return lookAtLoad(deps, loads, request, state.run);
  if (state.phase === 'stopping' && (state.run.load ?? state.run.filesAt) !== undefined)
    return stopLoad(deps, loads, request, state);
  if (state.phase === 'proving' && state.run.load) return proveLoad(deps, request, state.run, state.run.load);
  if (isVaultPlan(plan)) return lookAtVault(deps, request, plan, state);
  switch (state.phase) {
    case 'approved':
      return checkAgain(deps, request, state.run);
    case 'ordering':
      return order(deps, request, state.run);
    case 'restoring':
      return follow(deps, request, state.run);
    case 'proving':
      return prove(deps, request, state.run);
    case 'waiting-for-copy':
      return waitForCopy(deps, request, state);
    case 'stopping':
      return stop(deps, request, state);
  }
}

/** When nothing else is known, the last move is the last sign of life. */
const lastMove = (run: Run): Instant => run.readyAt ?? run.orderedAt ?? run.checkedAt ?? run.startedAt;

async function lookOnce(deps: Deps, loads: Loads, id: string, signs: Map<string, Instant>): Promise<boolean> {
  const { request } = await readRequest(deps, id);
  const found = await look(deps, loads, request).catch((error: unknown): Look => {
    // Azure's own no to a look-up (a role that was taken away) is said and asked again, not hidden in a queue.
    const isAnswer = error instanceof DeskError && error.problem.code.startsWith('AZURE_');
    if (!isAnswer) throw error;
    return again(deps.settings.lookAgainSeconds, error.problem.sentence);
  });
  if (!found || !isRunning(request.state)) return false;
  if (found.kind === 'moved') return true;
  const now = deps.clock.now();
  if (found.kind === 'elsewhere') {
    const later = plusSeconds(now, found.afterSeconds);
    await deps.store.change((changes) => changes.enqueue({ kind: 'advance', requestId: id }, later));
    return false;
  }
  if (found.alive) signs.set(id, now);
  const lastSignOfLife = signs.get(id) ?? lastMove(request.state.run);
  const facts = {
    now,
    lastSignOfLife,
    duration: await knownDurations(deps, request.plan),
    ...(found.obstacle === undefined ? {} : { obstacle: found.obstacle }),
    ...(found.job ? { job: found.job } : {}),
    ...(found.load ? { load: found.load } : {}),
  };
  await deps.store.change(async (changes) => {
    // The request before its messages, as every move does: the other way round two of them could wait for each other.
    await changes.enqueue({ kind: 'advance', requestId: id }, plusSeconds(now, found.afterSeconds));
    for (const message of progressCard(request, facts)) await changes.post(message);
  });
  return false;
}

export interface Running {
  /** Looks at a request until there is nothing to do at once; when another worker is looking, a little later. */
  advance(id: string): Promise<void>;
  /** Ends the loads that run here; another process goes on with them. */
  stop(): Promise<void>;
}

export function createRunning(deps: Deps): Running {
  const signs = new Map<string, Instant>();
  const loads = createLoads(deps);
  return {
    stop: () => loads.stop(),
    advance: async (id) => {
      const held = await deps.store.exclusively(`request/${id}`, async () => {
        while (await lookOnce(deps, loads, id, signs));
      });
      if (held) return;
      const later = plusSeconds(deps.clock.now(), 1);
      await deps.store.change((changes) => changes.enqueue({ kind: 'advance', requestId: id }, later));
    },
  };
}
