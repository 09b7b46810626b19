/**
 * The loads that this process works on. A load may take hours, so it runs beside the looks and not in one; at most one
 * process works on it, and whoever takes it over ends what a dead one left at work on the server.
 */
import { DeskError, problem, type Problem } from './restore/errors';
import { earlierTries } from './restore/load-run';
import { loadTerms, type Plan } from './restore/plan';
import { millisBetween, type Instant } from './restore/instant';
import { move, readRequest } from './moving';
import { knownDurations, progressCard } from './telling';
import {
  partKey,
  type LoadOrder,
  type LoadProgress,
  type LoadWatch,
  type RoleFacts,
} from './restore/dump-ports';
import { serverCores } from './restore/server-cores';
import type { Deps } from './deps';
import type { LoadRun } from './restore/load-run';
import type { LoadTerms } from './restore/load-plan';
import type { RequestEvent } from './restore/transition';
import { loadKey, type RestoreRequest } from './restore/request';
import type { Run } from './restore/state';

export type LoadStatus =
  | { readonly kind: 'here'; readonly progress?: LoadProgress }
  /** It ended here with what stands in its way; asked again, it is begun again. */
  | { readonly kind: 'in-trouble'; readonly because: Problem }
  | { readonly kind: 'elsewhere' }
  /** As many others as this process takes are at work. */
  | { readonly kind: 'waiting' };

export interface Loads {
  /** Begins the load of a request where nobody works on it, and says how it goes. */
  goOn(request: RestoreRequest): LoadStatus;
  /** Ends it where it runs here, and removes what is half loaded; undefined while somebody else still works on it. */
  undo(request: RestoreRequest): Promise<readonly string[] | undefined>;
  /** After the end of all parts: nothing of what our login was lent for the load stays with it, also where its worker died. */
  settle(request: RestoreRequest): Promise<void>;
  /** Ends all that run here; they go on in the next process. */
  stop(): Promise<void>;
}

/** Each keeps a connection for its lock for as long as it takes; the rest of them are for looks and messages. */
const mostLoadsAtOnce = 3;

interface Work {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  progress?: LoadProgress;
  toldAt?: Instant;
}

const lockOf = ({ id }: Pick<RestoreRequest, 'id'>): string => `load/${id}`;

interface Loading {
  readonly request: RestoreRequest;
  readonly terms: LoadTerms;
  readonly run: Run;
  readonly load: LoadRun;
}

/** Undefined for a request that loads nothing, or nothing yet, or nothing any more. */
function loadingOf(request: RestoreRequest): Loading | undefined {
  const terms = loadTerms(request.plan);
  const run = 'run' in request.state ? request.state.run : undefined;
  return terms && run?.load ? { request, terms, run, load: run.load } : undefined;
}

/** Of a source that is there: files that give its roles more than they have were tampered with. */
async function sourceRoles(deps: Deps, plan: Plan): Promise<readonly RoleFacts[] | undefined> {
  if (plan.mode !== 'vault-to-server') return undefined;
  try {
    const source = await deps.reader.get(plan.source.id);
    return source && (await deps.loadTargets.roles(source.name, await deps.locator.locate(source)));
  } catch (error) {
    deps.log.info({ source: plan.source.name, error }, 'the roles of the source could not be read');
    return undefined;
  }
}

/** Everything is read anew for each try: the server may stand elsewhere, or have other cores, than at the first. */
async function orderOf(deps: Deps, { request, terms, load }: Loading): Promise<LoadOrder> {
  const { plan } = request;
  if (plan.mode !== 'files-to-server' && plan.mode !== 'vault-to-server')
    throw new DeskError(problem('INTERNAL', { what: `${request.id} loads nothing` }));
  const place = plan.mode === 'files-to-server' ? plan : plan.target;
  const [account, server, rolesOfSource] = await Promise.all([
    deps.vaultTargets.account(place.account),
    deps.reader.get(terms.server.id),
    sourceRoles(deps, plan),
  ]);
  if (!account) throw new DeskError(problem('ACCOUNT_UNKNOWN', { account: place.account }));
  if (!server) throw new DeskError(problem('TARGET_GONE', { name: terms.server.name }));
  return {
    key: loadKey(request),
    account,
    container: place.container,
    server: {
      name: server.name,
      address: await deps.locator.locate(server),
      cores: serverCores(server.sku),
      postgresMajor: Number.parseInt(server.version, 10),
    },
    choices: terms.choices,
    ...(rolesOfSource ? { rolesOfSource } : {}),
    ...earlierTries(load),
  };
}

/** A part is noted only for the round that it belongs to: one that was stopped or begun anew has parts of its own. */
async function note(deps: Deps, { request, run }: Loading, event: RequestEvent): Promise<void> {
  const moved = await move(deps, request.id, event, undefined, ({ revision, state }) =>
    revision === request.revision && state.phase === 'loading' && state.run.attempt === run.attempt
      ? undefined
      : problem('CARD_OUTDATED', { id: request.id }),
  );
  if (moved.kind === 'refused') throw new DeskError(moved.because);
}

/** False when the request is not loading any more: it was stopped, perhaps by way of another process. */
async function tell(deps: Deps, id: string, progress: LoadProgress): Promise<boolean> {
  const { request } = await readRequest(deps, id);
  if (request.state.phase !== 'loading') return false;
  const now = deps.clock.now();
  const duration = await knownDurations(deps, request.plan);
  const facts = { now, lastSignOfLife: now, duration, load: progress };
  await deps.store.change(async (changes) => {
    for (const message of progressCard(request, facts)) await changes.post(message);
  });
  return true;
}

function watchOf(deps: Deps, loading: Loading, work: Work, signal: AbortSignal): LoadWatch {
  const { id } = loading.request;
  return {
    signal,
    begun: async (part, how) => {
      await note(deps, loading, { kind: 'part-begun', at: deps.clock.now(), part: partKey(part), how });
      deps.faultPoint('part-begun-stored');
    },
    ended: async (part, result) => {
      await note(deps, loading, { kind: 'part-ended', at: deps.clock.now(), part: partKey(part), result });
      deps.faultPoint('part-ended-stored');
    },
    progress: (progress) => {
      work.progress = progress;
      const now = deps.clock.now();
      const isTime =
        work.toldAt === undefined || millisBetween(work.toldAt, now) >= deps.settings.lookAgainSeconds * 1000;
      if (!isTime) return;
      work.toldAt = now;
      tell(deps, id, progress).then(
        (isStill) => isStill || work.stop.abort(),
        (error: unknown) =>
          deps.log.warn({ requestId: id, error }, 'the progress of a load could not be told'),
      );
    },
  };
}

interface Known {
  readonly works: Map<string, Work>;
  /** What ended the last try, until the next look has told it. */
  readonly troubles: Map<string, Problem>;
  /** Requests that another process was seen to work on. */
  readonly elsewhere: Set<string>;
}

async function loadHere(deps: Deps, id: string, work: Work, lost: AbortSignal): Promise<void> {
  const { request } = await readRequest(deps, id);
  const loading = request.state.phase === 'loading' ? loadingOf(request) : undefined;
  if (!loading) return;
  const signal = AbortSignal.any([work.stop.signal, lost]);
  await deps.dumpLoader.load(await orderOf(deps, loading), watchOf(deps, loading, work, signal));
}

/** One try. What ended it is told by the next look, which comes in any case; an end is looked at at once. */
async function tryOnce(deps: Deps, known: Known, id: string, work: Work): Promise<void> {
  try {
    const held = await deps.store.exclusively(lockOf({ id }), (lost) => loadHere(deps, id, work, lost));
    known.works.delete(id);
    if (!held) known.elsewhere.add(id);
    else if (!work.stop.signal.aborted)
      await deps.store.change((changes) => changes.enqueue({ kind: 'advance', requestId: id }));
  } catch (error) {
    deps.log.warn({ requestId: id, error }, 'a load was interrupted');
    known.troubles.set(id, error instanceof DeskError ? error.problem : problem('LOAD_INTERRUPTED'));
  } finally {
    known.works.delete(id);
  }
}

function begin(deps: Deps, known: Known, id: string): void {
  const stop = new AbortController();
  let started: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (started = resolve));
  const work: Work = { stop, done: ready.then(() => tryOnce(deps, known, id, work)) };
  known.works.set(id, work);
  started();
}

async function undo(deps: Deps, { works }: Known, request: RestoreRequest) {
  const work = works.get(request.id);
  work?.stop.abort();
  await work?.done;
  const held = await deps.store.exclusively(lockOf(request), async () => {
    const loading = loadingOf(request);
    if (!loading) return [];
    // What ended without being whole is half loaded, too.
    const ended = loading.load.parts.flatMap(({ part, ended: end }) =>
      end?.result.kind === 'loaded' ? [partKey(part)] : [],
    );
    const order = { ...(await orderOf(deps, loading)), ended };
    const removed = await deps.dumpLoader.removeUnfinished(order);
    await deps.dumpLoader.forget(order.key);
    return removed;
  });
  return held?.done;
}

async function settle(deps: Deps, { works, troubles }: Known, request: RestoreRequest): Promise<void> {
  await works.get(request.id)?.done;
  troubles.delete(request.id);
  const loading = loadingOf(request);
  if (!loading) return;
  try {
    // Every part has ended, so there is nothing to be removed but what was lent.
    await deps.store.exclusively(lockOf(request), async () =>
      deps.dumpLoader.removeUnfinished(await orderOf(deps, loading)),
    );
  } catch (error) {
    deps.log.warn({ requestId: request.id, error }, 'what was lent for a load could not be taken back');
  }
}

export function createLoads(deps: Deps): Loads {
  const known: Known = { works: new Map(), troubles: new Map(), elsewhere: new Set() };
  return {
    goOn: ({ id }) => {
      const work = known.works.get(id);
      if (work) return { kind: 'here', ...(work.progress ? { progress: work.progress } : {}) };
      const because = known.troubles.get(id);
      const isElsewhere = known.elsewhere.delete(id);
      if (known.works.size >= mostLoadsAtOnce) return { kind: 'waiting' };
      known.troubles.delete(id);
      begin(deps, known, id);
      if (because) return { kind: 'in-trouble', because };
      return isElsewhere ? { kind: 'elsewhere' } : { kind: 'here' };
    },
    undo: (request) => undo(deps, known, request),
    settle: (request) => settle(deps, known, request),
    stop: async () => {
      const all = [...known.works.values()];
      for (const { stop } of all) stop.abort();
      await Promise.all(all.map(({ done }) => done));
    },
  };
}
