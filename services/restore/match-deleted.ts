/** Deleted servers by the name they had. A name that was deleted twice is told apart by the day and time. */
import { matchServer, type DeletedServer, type SourceMatch } from './servers';
import { utc } from './instant';

/** `catalog-pg`, or `catalog-pg@2026-11-20T00:55:49Z` where the name alone could mean several. */
export function deletedValue(server: DeletedServer, all: readonly DeletedServer[]): string {
  const alone = all.filter(({ name }) => name === server.name).length === 1;
  return alone ? server.name : `${server.name}@${server.deletedAt.slice(0, 19)}Z`;
}

export function matchDeleted(asked: string, deleted: readonly DeletedServer[]): SourceMatch {
  const [name = '', at = ''] = asked.trim().split('@');
  const match = matchServer(
    name,
    at === '' ? deleted : deleted.filter((server) => server.deletedAt.startsWith(at.replace(/Z$/, ''))),
  );
  if (match.kind === 'one') return { kind: 'one', server: { kind: 'deleted', server: match.server } };
  if (match.kind === 'none') return match;
  const wanted = deleted.filter((server) => match.names.includes(server.name));
  return {
    kind: 'several',
    names: wanted
      .map((server) =>
        new Set(match.names).size === 1 ? `${server.name} (deleted ${utc(server.deletedAt)})` : server.name,
      )
      .slice(0, 5),
  };
}
