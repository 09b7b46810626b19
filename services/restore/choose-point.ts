/**
 * Which recovery point is meant. Vaults hold discrete points, weekly or daily at best, so "yesterday" has to be told what
 * it really is: the newest point of that day, or, where that day has none, the newest before its end.
 */
import { DateTime } from 'luxon';
import { isZone, resolveWallClock, utc, type Instant } from './instant';
import { newestBackup, type FormInputs } from './form-inputs';
import { problem, type Problem } from './errors';
import type { RecoveryPoint } from './vaults';

export type ChosenPoint =
  | { readonly kind: 'one'; readonly point: RecoveryPoint; readonly why: string }
  | { readonly kind: 'none'; readonly because: Problem };

/** Who asked for the archive means one of its points, and not a newer one that lies in the vault tier. */
type Wish = Pick<FormInputs, 'backup' | 'moment' | 'zone' | 'rehydration'>;

const one = (point: RecoveryPoint, why: string): ChosenPoint => ({ kind: 'one', point, why });

const newest = (points: readonly RecoveryPoint[]): RecoveryPoint | undefined =>
  points.reduce<RecoveryPoint | undefined>(
    (best, point) => (best && best.time >= point.time ? best : point),
    undefined,
  );

/** `2026-11-20` on its own: the whole day in the zone in which it was said. */
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** What points are of, and which of them the archive is not asked for. */
interface Sought {
  readonly name: string;
  readonly points: readonly RecoveryPoint[];
  /** Those that were left out because the archive was asked for. */
  readonly others: readonly RecoveryPoint[];
}

function none({ name, points, others }: Sought, wanted: string): ChosenPoint {
  const oldest = [...points].sort((a, b) => a.time.localeCompare(b.time))[0];
  const notArchived = newest(others);
  const told = {
    ...(oldest ? { oldest: utc(oldest.time) } : {}),
    ...(notArchived ? { notArchived: utc(notArchived.time) } : {}),
  };
  return { kind: 'none', because: problem('POINT_NONE', { name, wanted, ...told }) };
}

function ofDay(sought: Sought, day: string, zone: string): ChosenPoint {
  const from = DateTime.fromISO(day, { zone });
  if (!from.isValid) return { kind: 'none', because: problem('MOMENT_UNREADABLE', { text: day }) };
  const to = from.plus({ days: 1 });
  const before = sought.points.filter(({ time }) => DateTime.fromISO(time) < to);
  const within = newest(before.filter(({ time }) => DateTime.fromISO(time) >= from));
  if (within) return one(within, `the newest recovery point of ${day}`);
  const earlier = newest(before);
  return earlier
    ? one(earlier, `${day} has no recovery point; this is the newest one before`)
    : none(sought, `of ${day} or before`);
}

function upTo(sought: Sought, moment: Instant): ChosenPoint {
  const before = newest(sought.points.filter(({ time }) => time <= moment));
  return before
    ? one(before, `the newest recovery point up to ${utc(moment)}`)
    : none(sought, `of ${utc(moment)} or before`);
}

/** `all` are those that can be chosen at all; `name` is what they are of. */
export function choosePoint(name: string, all: readonly RecoveryPoint[], wish: Wish): ChosenPoint {
  const id = wish.backup.trim();
  const moment = wish.moment.trim();
  if (id !== '' && id !== newestBackup) {
    const found = all.find((point) => point.id.toLowerCase() === id.toLowerCase());
    return found ? one(found, '') : { kind: 'none', because: problem('POINT_GONE', { id: id.slice(0, 40) }) };
  }
  const wantsArchive = wish.rehydration.trim() !== '';
  const isAsked = ({ store }: RecoveryPoint): boolean => !wantsArchive || store === 'archive';
  const points = all.filter(isAsked);
  const sought: Sought = { name, points, others: all.filter((point) => !isAsked(point)) };
  if (id === newestBackup || moment === '') {
    const latest = newest(points);
    const where = wantsArchive ? 'in the archive tier' : 'at all';
    return latest ? one(latest, 'the newest recovery point') : none(sought, where);
  }
  if (!isZone(wish.zone)) return { kind: 'none', because: problem('ZONE_UNKNOWN', { zone: wish.zone }) };
  if (dayPattern.test(moment)) return ofDay(sought, moment, wish.zone);
  const resolved = resolveWallClock(moment, wish.zone);
  return resolved.kind === 'instant'
    ? upTo(sought, resolved.instant)
    : { kind: 'none', because: problem('MOMENT_UNREADABLE', { text: moment }) };
}
