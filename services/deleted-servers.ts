/** Deletions as Azure's log tells them, joined with what the desk knew of the servers; kept for a minute. */
import { DeskError, problem } from './restore/errors';
import { millisBetween, plusSeconds, type Instant } from './restore/instant';
import { within } from './patience';
import type { Clock, ServerReader } from './restore/ports';
import type { DeletedServer, KnownServer, ServerFacts } from './restore/servers';
import type { Warnings } from './inventory-reading';

export interface DeletedServersDeps {
  readonly reader: Pick<ServerReader, 'deletions'>;
  readonly clock: Clock;
  readonly log: Warnings;
  readonly subscriptionIds: readonly string[];
  isDeletedShown(server: DeletedServer): boolean;
  known(id: string): KnownServer | undefined;
  gone(id: string): ServerFacts | undefined;
}

/** Longer than Azure keeps a deleted server, so that a person is told that it is too late, and not that there was none. */
const keptSeconds = 30 * 24 * 3_600;
const freshMillis = 60_000;
/** The log is slower than other reads. */
const patienceMillis = 3_000;
const restMillis = 10_000;

interface Told {
  /** When it was asked for, and when that was tried last. */
  readonly readAt?: Instant;
  readonly triedAt: Instant;
  readonly deletions: readonly DeletedServer[];
}

export function createDeletedServers(deps: DeletedServersDeps): () => Promise<readonly DeletedServer[]> {
  const { reader, clock, log, subscriptionIds } = deps;
  const told = new Map<string, Told>();
  const asking = new Map<string, Promise<void>>();
  const age = (at: Instant | undefined): number =>
    at === undefined ? Number.POSITIVE_INFINITY : millisBetween(at, clock.now());
  const since = (): Instant => plusSeconds(clock.now(), -keptSeconds);

  const read = async (id: string): Promise<void> => {
    const at = clock.now();
    try {
      told.set(id, { readAt: at, triedAt: at, deletions: await reader.deletions(id, since()) });
    } catch (error) {
      log.warn({ subscriptionId: id, error }, 'the deleted servers of a subscription cannot be read');
      told.set(id, { deletions: [], ...told.get(id), triedAt: clock.now() });
    }
  };
  const ask = (id: string): Promise<void> => {
    const already = asking.get(id);
    if (already) return already;
    const question = read(id).finally(() => asking.delete(id));
    asking.set(id, question);
    return question;
  };
  const isDue = (id: string): boolean =>
    age(told.get(id)?.readAt) >= freshMillis && age(told.get(id)?.triedAt) >= restMillis;

  /** Seen after it was deleted: somebody made it anew. */
  const existsAgain = ({ id, deletedAt }: DeletedServer): boolean => {
    const known = deps.known(id);
    return known !== undefined && millisBetween(deletedAt, known.seenAt) > 0;
  };
  const joined = (deleted: DeletedServer): DeletedServer => {
    const before = deps.gone(deleted.id) ?? deps.known(deleted.id)?.server;
    return before === undefined ? deleted : { ...deleted, before };
  };

  return async () => {
    const questions = Promise.all(subscriptionIds.filter(isDue).map(ask));
    await within(patienceMillis, questions, () => undefined);
    // No answer is no reason to say that there is no such server; a refusal is, and stands in the log.
    if (subscriptionIds.some((id) => !told.has(id))) throw new DeskError(problem('AZURE_UNREACHABLE'));
    const newestFirst = [...told.values()]
      .flatMap(({ deletions }) => deletions)
      .filter(({ deletedAt }) => millisBetween(since(), deletedAt) >= 0)
      .sort((a, b) => millisBetween(a.deletedAt, b.deletedAt));
    // Of a server that was deleted more than once the newest deletion is the one that counts.
    const servers = new Map<string, DeletedServer>();
    for (const deleted of newestFirst) {
      const id = deleted.id.toLowerCase();
      if (!servers.has(id)) servers.set(id, deleted);
    }
    return [...servers.values()]
      .filter((deleted) => !existsAgain(deleted))
      .map(joined)
      .filter((deleted) => deps.isDeletedShown(deleted));
  };
}
