/** How a load changes the moves of a request: what follows a check or a job, what may be tried again, what a stop leaves. */
import { failedParts, loadedDatabases, newLoadRun, type LoadRun } from './load-run';
import { isFilesPlan, isVaultPlan, loadTerms, type Plan } from './plan';
import { plusSeconds, type Instant } from './instant';
import type { RequestState, Run } from './state';
import type { RestoreRequest } from './request';

/** Files that are there are loaded at once: the check was the last thing before the first of them. */
export function checkedState(
  plan: Plan,
  run: Run,
  { at, moment }: { readonly at: Instant; readonly moment: Instant },
): RequestState {
  const next = { ...run, checkedAt: at, moment };
  if (!isFilesPlan(plan)) return { phase: 'ordering', run: next };
  return {
    phase: 'loading',
    run: { ...next, orderedAt: at, load: newLoadRun(plan.files, plan.markedAt, plan.load) },
  };
}

/** The job of a chain leaves files to be loaded; of everything else what was to come into being is there. */
export function readyState(
  plan: Plan,
  run: Run,
  { at, warnings = [] }: { readonly at: Instant; readonly warnings?: readonly string[] },
): RequestState {
  const next = { ...run, ...(warnings.length === 0 ? {} : { warnings }) };
  return loadTerms(plan) === undefined
    ? { phase: 'proving', run: { ...next, readyAt: at } }
    : { phase: 'loading', run: { ...next, filesAt: at } };
}

/**
 * Until when what failed of a load may be tried again under its approval: the files are pinned and the rest of the plan is
 * carried out, so it is the same restore, for as long as the rule lets an approval stand unused.
 */
export function partsRetryableUntil({ state, rule }: RestoreRequest): Instant | undefined {
  if (state.phase !== 'completed' || !state.run.load || failedParts(state.run.load).length === 0)
    return undefined;
  return plusSeconds(state.endedAt, rule.approvalGoodForMinutes * 60);
}

type Stopped = Extract<RequestState, { phase: 'stopped' }>;

/** A database that stood there before the load is not removed, and roles stay for what was loaded with them. */
function leftOfLoad(load: LoadRun, removed: boolean): string {
  const loaded = loadedDatabases(load);
  const half = load.parts.flatMap(({ part, begun, ended }) =>
    part.kind === 'database' && begun?.existed === true && ended?.result.kind !== 'loaded'
      ? [part.database]
      : [],
  );
  const roles = load.parts.some(({ part, begun }) => part.kind === 'roles' && begun !== undefined);
  const words = [
    ...(loaded.length > 0 ? [`${loaded.join(', ')} had been loaded and stayed`] : []),
    ...(removed ? ['what was half loaded was removed'] : []),
    ...(half.length > 0
      ? [`${half.join(', ')} stood there before, stayed, and may hold half of its data`]
      : []),
  ];
  const said = words.length === 0 ? 'no database had been loaded' : words.join('; ');
  return roles ? `${said}; roles that had been made stayed` : said;
}

/** What a restore that was stopped has left. */
export function leftBehind({ plan }: RestoreRequest, { run, removed }: Stopped): string {
  if (run.load) return leftOfLoad(run.load, removed);
  if (run.filesAt !== undefined) return 'the files are in the container, and nothing had been loaded';
  if (removed) return `${plan.target.name} was deleted again`;
  return isVaultPlan(plan) ? 'no restore job had been started' : 'no server had come into being';
}
