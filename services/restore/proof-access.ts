/**
 * Why nobody could look into a copy, and who can change that. Firewall rules, private endpoints and Entra administrators
 * belong to a server and not to its data: a copy begins without those of its source.
 */
import type { ServerFacts } from './servers';

const messageLimit = 120;

/** `error` is what opening the copy ended with. One sentence without its full stop. */
export function whyClosed({ network, resourceGroup }: ServerFacts, error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, messageLimit);
  return `the new server could not be opened for the proof (${message}); ${remedy(error, message, network, resourceGroup)}`;
}

function remedy(
  error: unknown,
  message: string,
  network: ServerFacts['network'],
  resourceGroup: string,
): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const who = `who may change servers in ${resourceGroup}`;
  // 28xxx: the server was reached and did not know us.
  if (/^28/.test(code) && !/pg_hba/.test(message))
    return `${who} can make the identity of Restore Desk an Entra administrator of it, which a copy does not take over`;
  if (/^42501$/.test(code)) return `who owns its databases can let the role of Restore Desk connect to them`;
  return network.kind === 'private'
    ? `${who} can let Restore Desk into its network, by a private endpoint or a peering, which a copy does not take over`
    : `${who} can add a firewall rule for Restore Desk, which a copy does not take over`;
}
