/** Which servers the words of a sentence can mean. */
import { isCovered } from './restore/policy';
import { coveredInstances } from './protected';
import { speaksOfVault } from './restore/parse-vault-request';
import type { Deps } from './deps';
import type { KnownNames } from './restore/parsed-restore';

const mentionsDeletion = (sentence: string): boolean => /delet|drop|reviv|bring back/i.test(sentence);

/** Names that a sentence can mean: servers the policy covers, and others only under their full name. */
export async function nameable(deps: Deps, sentence: string): Promise<KnownNames> {
  const words = new Set(sentence.toLowerCase().split(/\s+/));
  const [list, deleted, instances] = await Promise.all([
    deps.servers.list().catch(() => ({ servers: [] })),
    mentionsDeletion(sentence) ? deps.servers.deleted().catch(() => []) : [],
    speaksOfVault(sentence) ? coveredInstances(deps) : [],
  ]);
  // One that the policy does not cover is recognised, to say why not; where it stands is nobody's business here.
  const servers = list.servers.flatMap((server) =>
    isCovered(deps.policy, server)
      ? [server]
      : words.has(server.name.toLowerCase())
        ? [{ ...server, resourceGroup: '', location: '' }]
        : [],
  );
  return { servers, deleted, protectedTitles: instances.map(({ title }) => title) };
}
