/**
 * Carries an approved restore out, one look at a time: `advance` reads where the request stands, does the one thing that
 * comes next, and says when to look again. It may be called at any time, any number of times, by any replica; one at a
 * time does something. Whatever dies between two lines is found again by the next look.
 */
import { DeskError } from './restore/errors';
import { again, type Look } from './looking';
import { checkAgain, order } from './ordering';
import { follow } from './following';
import { isVaultPlan } from './restore/plan';
import { lookAtVault } from './vault-running';
import { isRunning, type Run } from './restore/state';
import { knownDurations, progressCard } from './telling';
import { plusSeconds, type Instant } from './restore/instant';
import { prove } from './proving';
import { readRequest } from './moving';
import { stop } from './stopping';
import { waitForCopy } from './waiting-for-copy';
import type { Deps } from './deps';
import type { RestoreRequest } from './restore/request';

async function look(deps: Deps, request: RestoreRequest): Promise<Look | undefined> {
  const { state, plan } = request;
  if (!isRunning(state)) return undefined;
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

async function lookOnce(deps: Deps, id: string, signs: Map<string, Instant>): Promise<boolean> {
  const { request } = await readRequest(deps, id);
  const found = await look(deps, request).catch((error: unknown): Look => {
    // Azure's own no to a look-up (a role that was taken away) is said and asked again, not hidden in a queue.
    const isAnswer = error instanceof DeskError && error.problem.code.startsWith('AZURE_');
    if (!isAnswer) throw error;
    return again(deps.settings.lookAgainSeconds, error.problem.sentence);
  });
  if (!found || !isRunning(request.state)) return false;
  if (found.kind === 'moved') return true;
  const now = deps.clock.now();
  if (found.alive) signs.set(id, now);
  const lastSignOfLife = signs.get(id) ?? lastMove(request.state.run);
  const facts = {
    now,
    lastSignOfLife,
    duration: await knownDurations(deps, request.plan),
    ...(found.obstacle === undefined ? {} : { obstacle: found.obstacle }),
    ...(found.job ? { job: found.job } : {}),
  };
  await deps.store.change(async (changes) => {
    for (const message of progressCard(request, facts)) await changes.post(message);
    await changes.enqueue({ kind: 'advance', requestId: id }, plusSeconds(now, found.afterSeconds));
  });
  return false;
}

export interface Running {
  /** Looks at a request until there is nothing to do at once; when another worker is looking, a little later. */
  advance(id: string): Promise<void>;
}

export function createRunning(deps: Deps): Running {
  const signs = new Map<string, Instant>();
  return {
    advance: async (id) => {
      const held = await deps.store.exclusively(`request/${id}`, async () => {
        while (await lookOnce(deps, id, signs));
      });
      if (held) return;
      const later = plusSeconds(deps.clock.now(), 1);
      await deps.store.change((changes) => changes.enqueue({ kind: 'advance', requestId: id }, later));
    },
  };
}
