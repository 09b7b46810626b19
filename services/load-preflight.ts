/** Gathers the facts that a load is judged by: what lies in the container, and what the server says of itself. Read-only. */
import { DeskError } from './restore/errors';
import { listedSet, readContents } from './dump-sets';
import { isModeCovered } from './restore/policy';
import { loadKey } from './restore/request';
import { makeLoadPlan } from './restore/make-load-plan';
import { matchServer, nearestNames } from './restore/servers';
import { readContainer } from './restore/judge-vault-target';
import { wantedFiles } from './restore/judge-load';
import type { Deps } from './deps';
import type { DumpSet, LoadTargetSeen } from './restore/load-facts';
import type { FormInputs } from './restore/form-inputs';
import type { Match, ServerFacts } from './restore/servers';
import type { PlanResult, Wish } from './restore/make-plan';

/** Servers that may be loaded into are offered; one that is named in full is recognised, to say why not. */
export async function matchTarget(deps: Deps, asked: string): Promise<Match<ServerFacts>> {
  const wanted = asked.trim().toLowerCase();
  const { servers } = await deps.servers.list();
  const isOffered = (server: ServerFacts): boolean => isModeCovered(deps.policy, server, 'files-to-server');
  const possible = servers.filter(
    (server) =>
      isOffered(server) || server.name.toLowerCase() === wanted || server.id.toLowerCase() === wanted,
  );
  const match = matchServer(asked, possible);
  if (match.kind !== 'none') return match;
  return {
    kind: 'none',
    nearest: nearestNames(
      wanted,
      servers.filter(isOffered).map(({ name }) => name),
    ),
  };
}

/** One that was made a moment ago is not in the inventory yet; it is read anew once before it is called unknown. */
async function freshTarget(deps: Deps, asked: string): Promise<Match<ServerFacts>> {
  const match = await matchTarget(deps, asked);
  if (match.kind !== 'none' || asked.trim() === '') return match;
  await deps.servers.refresh();
  return matchTarget(deps, asked);
}

/** `self` is the request that is being judged again; it is not in its own way. */
export async function loadTarget(
  deps: Deps,
  { target }: Pick<FormInputs, 'target'>,
  self: string | undefined,
): Promise<LoadTargetSeen> {
  const found = await freshTarget(deps, target);
  if (found.kind !== 'one') return { match: found };
  if (!isModeCovered(deps.policy, found.server, 'files-to-server')) return { match: found };
  const server = (await deps.reader.get(found.server.id)) ?? found.server;
  const [open, inside] = await Promise.all([
    deps.store.openRequestForTarget(server.name),
    server.state === 'Ready' ? lookInside(deps, server, self) : undefined,
  ]);
  return {
    match: { kind: 'one', server },
    ...(inside ? { inside } : {}),
    ...(open === undefined || open === self ? {} : { openForTarget: open }),
  };
}

async function lookInside(
  deps: Deps,
  server: ServerFacts,
  self: string | undefined,
): Promise<LoadTargetSeen['inside']> {
  try {
    const request = self === undefined ? undefined : await deps.store.request(self);
    return {
      kind: 'open',
      facts: await deps.loadTargets.look(
        server.name,
        await deps.locator.locate(server),
        request && loadKey(request.value),
      ),
    };
  } catch (error) {
    if (error instanceof DeskError) return { kind: 'closed', because: error.problem };
    throw error;
  }
}

/** The whole set, with a look into every database file that is wanted. */
async function readSet(deps: Deps, inputs: FormInputs): Promise<DumpSet> {
  const set = await listedSet(deps, inputs);
  const asked = readContainer(inputs.container);
  if (!set.account || !asked) return set;
  const contents = await readContents(deps, set.account, asked.container, wantedFiles(inputs, set.files));
  return { ...set, contents };
}

export async function loadPreflight(deps: Deps, wish: Wish, self?: string): Promise<PlanResult> {
  const [target, set] = await Promise.all([loadTarget(deps, wish.inputs, self), readSet(deps, wish.inputs)]);
  return makeLoadPlan(wish, { target, set, now: deps.clock.now() }, deps.policy);
}
