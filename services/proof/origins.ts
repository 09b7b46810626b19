/**
 * Whether a transaction of the source is older than the moment: by its commit time where the source keeps it, and by asking
 * the copy, which has replayed the same transactions under the same numbers, whether it knows it as committed.
 */
import { unwrapped, type XidRange } from './commit-times';
import type { Origin } from '../restore/proof-findings';
import type { Session } from './sessions';

export interface CopyHistory {
  /** First number that the copy has not given away. */
  readonly next: number;
  /** From here on the numbers may be the copy's own. */
  readonly ownFrom: number;
}

/** By the number as text, as `xmin` shows it. */
export type Origins = ReadonlyMap<string, Origin>;

const together = 2_000;

export async function originsOf(
  xids: readonly string[],
  source: { readonly session: Session; readonly range: XidRange | undefined },
  copy: { readonly session: Session; readonly history: CopyHistory },
): Promise<Origins> {
  const origins = new Map<string, Origin>();
  const all = [...new Set(xids)];
  for (let from = 0; from < all.length; from += together) {
    const some = all.slice(from, from + together);
    const times = source.range ? await committedAt(source.session, some) : new Map<string, string>();
    const replayed = await isInCopy(copy.session, some, copy.history);
    for (const xid of some) {
      const at = times.get(xid);
      const known = replayed.get(xid);
      origins.set(xid, {
        ...(at === undefined ? {} : { committedAt: at }),
        ...(known === undefined ? {} : { isInCopy: known }),
      });
    }
  }
  return origins;
}

async function committedAt(session: Session, xids: readonly string[]): Promise<Map<string, string>> {
  const rows = await session.rows<{ xid: string; at: Date | null }>(
    `select xid, pg_xact_commit_timestamp(xid::xid) as at from unnest($1::text[]) xid where xid <> '0'`,
    [xids],
  );
  return new Map(rows.flatMap(({ xid, at }) => (at ? [[xid, at.toISOString()] as const] : [])));
}

async function isInCopy(
  session: Session,
  xids: readonly string[],
  { next, ownFrom }: CopyHistory,
): Promise<Map<string, boolean>> {
  const halfway = 2_147_483_648;
  const whole = new Map(xids.map((xid) => [xid, Number(xid) < 3 ? 0 : unwrapped(xid, next - 1)]));
  // A number that would be very old is rather one that the copy has not reached.
  const shared = [...whole].filter(([, number]) => number > 0 && number < ownFrom && next - number < halfway);
  const rows = await session.rows<{ xid: string; status: string | null }>(
    `select xid, pg_xact_status(number::text::xid8) as status
     from unnest($1::text[], $2::bigint[]) as asked (xid, number)`,
    [shared.map(([xid]) => xid), shared.map(([, number]) => number)],
  );
  const status = new Map(rows.map((row) => [row.xid, row.status]));
  return new Map(
    [...whole].flatMap(([xid, number]) => {
      if (number === 0) return [[xid, true]];
      // One of the copy's own numbers says nothing about what the source did under it.
      if (number >= ownFrom && number < next) return [];
      // What the copy has forgotten was committed long ago: rows of transactions that were rolled back are not seen.
      return [[xid, status.has(xid) && [null, 'committed'].includes(status.get(xid) ?? null)]];
    }),
  );
}
