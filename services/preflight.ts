/** Gathers the facts that a plan is judged by, and makes the plan. Read-only; throws only when Azure does not answer. */
import { makePlan, targetNameOf, type PlanResult, type PreflightFacts, type Wish } from './restore/make-plan';
import {
  isServerName,
  matchServer,
  type NameCheck,
  type ServerFacts,
  type SourceMatch,
} from './restore/servers';
import { isCovered } from './restore/policy';
import type { Deps } from './deps';

/** The source as Azure has it now: the list may be a minute old, so the server found in it is read again. */
async function readSource(deps: Deps, asked: string): Promise<SourceMatch> {
  const { servers } = await deps.servers.list();
  const match = matchServer(asked, visibleFirst(deps, servers, asked));
  if (match.kind !== 'one') return match;
  const server = await deps.reader.get(match.server.id);
  return server ? { kind: 'one', server } : { kind: 'none', nearest: [] };
}

/** Servers outside the policy are offered to nobody, but one that is named in full is recognised, to say why not. */
export function visibleFirst(
  deps: Pick<Deps, 'policy'>,
  servers: readonly ServerFacts[],
  asked: string,
): readonly ServerFacts[] {
  const wanted = asked.trim().toLowerCase();
  return servers.filter(
    (server) =>
      isCovered(deps.policy, server) ||
      server.name.toLowerCase() === wanted ||
      server.id.toLowerCase() === wanted,
  );
}

const nothingKnown: Omit<PreflightFacts, 'source' | 'now'> = {
  targetName: { kind: 'free' },
  resourceGroupExists: true,
  regionRestricted: false,
  backups: [],
};

/** `self` is the request that is being judged again; its own name is not in its own way. */
export async function preflight(deps: Deps, wish: Wish, self?: string): Promise<PlanResult> {
  const source = await readSource(deps, wish.inputs.source);
  const now = deps.clock.now();
  if (source.kind !== 'one') return makePlan(wish, { ...nothingKnown, source, now }, deps.policy);
  const { server } = source;
  const name = targetNameOf(wish.inputs);
  const nameCheck: Promise<NameCheck> = isServerName(name)
    ? deps.reader.checkName(server.subscriptionId, name)
    : Promise.resolve({ kind: 'free' });
  const group = wish.inputs.resourceGroup.trim() || server.resourceGroup;
  const [targetName, resourceGroupExists, regionRestricted, open, backups] = await Promise.all([
    nameCheck,
    deps.reader.resourceGroupExists(server.subscriptionId, group),
    deps.reader.isRegionRestricted(server.subscriptionId, server.location),
    deps.store.openRequestForTarget(name),
    wish.inputs.mode === 'fast' ? deps.reader.backups(server.id) : [],
  ]);
  const openForTarget = open === undefined || open === self ? {} : { openForTarget: open };
  return makePlan(
    wish,
    { source, targetName, resourceGroupExists, regionRestricted, backups, now, ...openForTarget },
    deps.policy,
  );
}
