/** What was written to a server since a moment: counted where it keeps commit times, else guessed from its average. */
import { commitsAround, trackedRange } from './commit-times';
import { withSession, type OpenSession, type Session } from './sessions';
import type { Instant } from '../restore/instant';
import type { Loss } from '../restore/proof-findings';
import type { LossReader } from '../restore/proof-ports';

export const createLossReader = (open: OpenSession): LossReader => ({
  since: async (server, moment) => {
    try {
      return await withSession(open(server, 'postgres', 'ours'), (session) => lossSince(session, moment));
    } catch {
      // A server that is lost, or that lets nobody in, is a usual reason to restore it.
      return { kind: 'unknown' };
    }
  },
});

async function lossSince(session: Session, moment: Instant): Promise<Loss> {
  const range = await trackedRange(session);
  if (!range) return average(session, moment);
  const { newest, nextXid } = await commitsAround(session, range, moment);
  // Without a commit from before the moment nobody knows where to begin to count.
  if (newest === undefined && nextXid === undefined) return average(session, moment);
  const last = await session.value('select timestamp from pg_last_committed_xact()');
  return {
    kind: 'counted',
    transactions: nextXid === undefined ? 0 : range.next - nextXid,
    ...(last instanceof Date && last.toISOString() > moment ? { lastAt: last.toISOString() } : {}),
  };
}

/** Since the statistics began, or since the server started where nobody has reset them. */
async function average(session: Session, moment: Instant): Promise<Loss> {
  const [row] = await session.rows<{ commits: number | null; seconds: number | null; since: number | null }>(
    `select sum(xact_commit)::float8 as commits,
            extract(epoch from now() - coalesce(min(stats_reset), pg_postmaster_start_time()))::float8 as seconds,
            extract(epoch from now() - $1::timestamptz)::float8 as since
     from pg_stat_database where datname is not null`,
    [moment],
  );
  const { commits, seconds, since } = row ?? { commits: null, seconds: null, since: null };
  if (commits === null || seconds === null || since === null || seconds <= 0 || since < 0)
    return { kind: 'unknown' };
  return { kind: 'average', transactions: Math.round((commits / seconds) * since) };
}
