/** The lists that a form searches while somebody types: from memory, and never anything outside the policy. */
import { backupChoice, deletedChoice, serverChoice } from './saying-form';
import { choiceLimit } from './form-facts';
import { knownSource } from './preflight';
import { isCovered, policySubject } from './restore/policy';
import { coveredInstances, matchInstance, sourceChoices } from './protected';
import { pointChoice } from './vault-form';
import { secondaryOf } from './vault-preflight';
import type { Choice, SearchedForm, SearchedList } from './restore/messages';
import type { Deps } from './deps';

async function deletedServers(deps: Deps, typed: string): Promise<Choice[]> {
  const all = await deps.servers.deleted().catch(() => []);
  return all
    .filter(({ name }) => name.toLowerCase().includes(typed))
    .slice(0, choiceLimit)
    .map((server) => deletedChoice(server, all, deps.clock.now()));
}

/** Backups of the server that stands in the same form, found by any part of what their entry says. */
async function backupsOf(deps: Deps, typed: string, source: string): Promise<Choice[]> {
  const match = await knownSource(deps, { source, mode: 'fast' });
  if (match.kind !== 'one' || match.server.kind === 'deleted') return [];
  if (!isCovered(deps.policy, policySubject(match.server))) return [];
  const backups = await deps.servers.backups(match.server.server.id);
  return backups
    .map((backup) => backupChoice(backup, undefined, deps.clock.now()))
    .filter(({ title }) => title.toLowerCase().includes(typed))
    .slice(0, choiceLimit);
}

async function protectedSources(deps: Deps, typed: string): Promise<Choice[]> {
  return sourceChoices(await coveredInstances(deps))
    .filter(({ title }) => title.toLowerCase().includes(typed))
    .slice(0, choiceLimit);
}

/** Points of what stands in the same form, in the region that stands there. */
async function pointsOf(deps: Deps, typed: string, form: SearchedForm): Promise<Choice[]> {
  const match = matchInstance(deps, await coveredInstances(deps), form);
  if (match.kind !== 'one') return [];
  const vault = await deps.knownVaults.vault(match.server.vaultId);
  const points = await deps.knownVaults.points(match.server, vault && secondaryOf(form, vault.location));
  return points
    .map((point) => pointChoice(point, deps.clock.now()))
    .filter(({ title }) => title.toLowerCase().includes(typed))
    .slice(0, choiceLimit);
}

export async function searchList(
  deps: Deps,
  list: SearchedList,
  text: string,
  form: SearchedForm,
): Promise<readonly Choice[]> {
  const typed = text.trim().toLowerCase();
  switch (list) {
    case 'servers':
      return deps.servers.search(typed, choiceLimit).map(serverChoice);
    case 'deleted-servers':
      return deletedServers(deps, typed);
    case 'backups':
      return backupsOf(deps, typed, form.source);
    case 'protected':
      return protectedSources(deps, typed);
    case 'recovery-points':
      return pointsOf(deps, typed, form);
  }
}
