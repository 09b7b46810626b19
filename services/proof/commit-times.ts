/**
 * Commit times, where the server keeps them (`track_commit_timestamp`). A copy carries those of its source and adds its own;
 * `pg_last_committed_xact()` would tell of whichever came last, so the numbers around the moment are looked up instead.
 * Numbers are given at the start of a transaction and times at its end, so the order of the two agrees only roughly.
 */
import type { Instant } from '../restore/instant';
import type { Session } from './sessions';

/** Numbers of transactions without their wrap-around. */
export interface XidRange {
  /** First one whose time may be known. */
  readonly oldest: number;
  /** First one that is not given away yet. */
  readonly next: number;
}

export interface CommitsAround {
  readonly newest?: Instant;
  readonly newestXid?: number;
  /** Between the moment and `bornAt`. */
  readonly next?: Instant;
  /** First number with a commit after the moment. */
  readonly nextXid?: number;
  /** First number that was committed at `bornAt` or later. */
  readonly ownXid?: number;
}

const epoch = 4_294_967_296;
/** How far numbers and times may disagree, in transactions. */
const margin = 2_000;
const points = 64;
/** Of transactions that were rolled back there is no time: a point looks at some in a row. */
const windowSize = 32;

/** The range of numbers, or undefined where no times are kept. */
export async function trackedRange(session: Session): Promise<XidRange | undefined> {
  const [row] = await session.rows<{ tracks: boolean; next: string }>(
    `select current_setting('track_commit_timestamp') = 'on' and not pg_is_in_recovery() as tracks,
            pg_snapshot_xmax(pg_current_snapshot())::text as next`,
  );
  if (!row?.tracks) return undefined;
  const next = Number(row.next);
  const told = await session
    .value('select oldest_commit_ts_xid::text from pg_control_checkpoint()')
    .catch(() => '0');
  // Zero: tracking began after the last checkpoint, or nobody tells.
  const oldest = typeof told === 'string' && told !== '0' ? unwrapped(told, next) : next - 1_000_000;
  return { oldest: Math.min(Math.max(3, oldest), next), next };
}

/** The whole number behind the 32 bits of one that is not younger than `next`. */
export function unwrapped(xid: string, next: number): number {
  const behind = (((next - Number(xid)) % epoch) + epoch) % epoch;
  return next - behind;
}

const timeOf = (xid: string): string =>
  `case when (${xid}) % ${epoch} < 3 then null else pg_xact_commit_timestamp(((${xid}) % ${epoch})::text::xid) end`;

/** Commits on both sides of the moment. Some round trips, each of them quick however many transactions there are. */
export async function commitsAround(
  session: Session,
  range: XidRange,
  moment: Instant,
  bornAt?: Instant,
): Promise<CommitsAround> {
  const aim = bornAt !== undefined && bornAt < moment ? bornAt : moment;
  const { from, to } = await narrow(session, range, aim);
  const [row] = await session.rows<Scanned>(
    `select max(at) filter (where at <= $3 and (at < $4 or $4 is null)) as newest,
            max(xid) filter (where at <= $3 and (at < $4 or $4 is null))::float8 as newest_xid,
            min(at) filter (where at > $3 and (at < $4 or $4 is null)) as next,
            min(xid) filter (where at > $3)::float8 as next_xid,
            min(xid) filter (where at >= $4)::float8 as own_xid
     from (select xid, ${timeOf('xid')} as at from generate_series($1::bigint, $2::bigint) xid) times`,
    [from, to, moment, bornAt ?? null],
  );
  return {
    ...(row?.newest ? { newest: row.newest.toISOString() } : {}),
    ...(typeof row?.newest_xid === 'number' ? { newestXid: row.newest_xid } : {}),
    ...(row?.next ? { next: row.next.toISOString() } : {}),
    ...(typeof row?.next_xid === 'number' ? { nextXid: row.next_xid } : {}),
    ...(typeof row?.own_xid === 'number' ? { ownXid: row.own_xid } : {}),
  };
}

interface Scanned {
  readonly newest: Date | null;
  readonly newest_xid: number | null;
  readonly next: Date | null;
  readonly next_xid: number | null;
  readonly own_xid: number | null;
}

/** Halving, but in sixty-four parts at once: a round trip costs more than a look-up. */
async function narrow(session: Session, { oldest, next }: XidRange, aim: Instant) {
  let from = oldest;
  let to = next - 1;
  while (to - from > 2 * margin) {
    const step = (to - from) / points;
    const at = Array.from({ length: points + 1 }, (_, index) => Math.floor(from + index * step));
    const times = await timesAt(session, at, to);
    const last = times.findLastIndex((time) => time !== undefined && time <= aim);
    const first = times.findIndex((time, index) => index > last && time !== undefined && time > aim);
    const narrowed = { from: at[last] ?? from, to: first === -1 ? to : (at[first] ?? to) };
    if (narrowed.to - narrowed.from >= to - from) break;
    ({ from, to } = narrowed);
  }
  const widest = 50 * margin;
  return {
    from: Math.max(oldest, from - margin, to - widest),
    to: Math.min(next - 1, to + margin + windowSize),
  };
}

async function timesAt(
  session: Session,
  at: readonly number[],
  to: number,
): Promise<(Instant | undefined)[]> {
  const rows = await session.rows<{ at: Date | null }>(
    `select (select max(${timeOf('point + n')}) from generate_series(0, ${windowSize - 1}) n where point + n <= $2::bigint) as at
     from unnest($1::bigint[]) with ordinality as points (point, place) order by place`,
    [at, to],
  );
  return rows.map((row) => row.at?.toISOString());
}
