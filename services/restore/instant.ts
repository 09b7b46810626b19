/**
 * Instants and how they are written. Stored instants are ISO 8601 strings in UTC; people see UTC first, then their own
 * zone, then the distance to now.
 */
import { DateTime, IANAZone } from 'luxon';

/** ISO 8601 in UTC with milliseconds, for example 2026-11-19T13:05:00.000Z. */
export type Instant = string;

const toInstant = (date: Date): Instant => date.toISOString();

export const millisBetween = (from: Instant, to: Instant): number => Date.parse(to) - Date.parse(from);

export const plusSeconds = (instant: Instant, seconds: number): Instant =>
  new Date(Date.parse(instant) + seconds * 1000).toISOString();

const zonesSeen = new Map<string, boolean>();
const mostZonesSeen = 1_000;

/** Asking is dear and every message names a zone, so answers are remembered; a sender cannot make the memory grow. */
export function isZone(zone: string): boolean {
  const known = zonesSeen.get(zone);
  if (known !== undefined) return known;
  const valid = IANAZone.isValidZone(zone);
  if (zonesSeen.size >= mostZonesSeen) zonesSeen.clear();
  zonesSeen.set(zone, valid);
  return valid;
}

/** `2026-11-19 13:05:00 UTC`, cut to the second: for when something happened or will happen. */
export const utc = (instant: Instant): string =>
  `${DateTime.fromISO(instant, { zone: 'utc' }).toFormat('yyyy-MM-dd HH:mm:ss')} UTC`;

/** As `utc`, with milliseconds where there are any: for moments of data, where they matter. */
export function utcExact(instant: Instant): string {
  const at = DateTime.fromISO(instant, { zone: 'utc' });
  return at.millisecond === 0 ? utc(instant) : `${at.toFormat('yyyy-MM-dd HH:mm:ss.SSS')} UTC`;
}

/** As `utc`, rounded up: the first whole second that still lies in a window. */
export const utcFrom = (instant: Instant): string =>
  utc(new Date(Math.ceil(Date.parse(instant) / 1000) * 1000).toISOString());

/** `14:05 Berlin`, with the date where it is another day than in UTC. */
export function inZone(instant: Instant, zone: string): string {
  const there = DateTime.fromISO(instant, { zone });
  const sameDay = there.toISODate() === there.toUTC().toISODate();
  const place = zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone;
  // Seconds only where there are any; the UTC time beside it has them all.
  const clock = there.second === 0 ? 'HH:mm' : 'HH:mm:ss';
  return `${there.toFormat(sameDay ? clock : `yyyy-MM-dd ${clock}`)} ${place}`;
}

/** `8 s`, `22 min`, `3 h 5 min`, `2 d 4 h`. */
export function span(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10 && seconds % 60 !== 0) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** `2026-11-19 13:05:00 UTC · 14:05 Berlin · 22 min before now`. */
export function momentLine(instant: Instant, zone: string, now: Instant): string {
  const distance = millisBetween(instant, now);
  const words =
    Math.abs(distance) < 1_000
      ? 'just now'
      : distance < 0
        ? `${span(-distance)} after now`
        : `${span(distance)} before now`;
  const local = zone === 'UTC' || zone === 'Etc/UTC' ? [] : [inZone(instant, zone)];
  return [utcExact(instant), ...local, words].join(' · ');
}

export type ResolvedMoment =
  | { readonly kind: 'instant'; readonly instant: Instant }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'twice'; readonly first: Instant; readonly second: Instant }
  | { readonly kind: 'unreadable' };

const wallClock = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/;

/** A date, a time and an offset; less than that would be filled up from the clock. */
const zonedMoment = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Resolves `2026-11-19 14:05[:00]` on the wall clock of a zone. Luxon moves times that daylight saving skips or repeats
 * without a word, so both are looked for and handed back as such: a person has to choose.
 */
export function resolveWallClock(text: string, zone: string): ResolvedMoment {
  const trimmed = text.trim();
  if (zonedMoment.test(trimmed)) {
    const zoned = DateTime.fromISO(trimmed.replace(' ', 'T'), { setZone: true });
    return zoned.isValid ? { kind: 'instant', instant: toInstant(zoned.toJSDate()) } : { kind: 'unreadable' };
  }
  const parts = wallClock.exec(trimmed.replace(/ UTC$/i, ''));
  if (!parts) return { kind: 'unreadable' };
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  const millisecond = Math.floor(Number(`0.${parts[7] ?? '0'}`) * 1000);
  const asked = { year, month, day, hour, minute, second, millisecond } as Record<
    'year' | 'day' | 'hour' | 'minute',
    number
  >;
  const local = DateTime.fromObject(asked, { zone: /UTC$/i.test(trimmed) ? 'utc' : zone });
  if (!local.isValid) return { kind: 'unreadable' };
  if (local.day !== asked.day || local.hour !== asked.hour || local.minute !== asked.minute)
    return { kind: 'skipped' };
  const readings = local
    .getPossibleOffsets()
    .map((reading) => toInstant(reading.toJSDate()))
    .sort();
  const [first, ...later] = readings;
  if (first === undefined) return { kind: 'unreadable' };
  const second_ = later.at(-1);
  if (second_ !== undefined) return { kind: 'twice', first, second: second_ };
  return { kind: 'instant', instant: first };
}

/** The same instant written for the form's moment field. */
export function toWallClock(instant: Instant, zone: string): string {
  const there = DateTime.fromISO(instant, { zone });
  return there.toFormat(there.millisecond === 0 ? 'yyyy-MM-dd HH:mm:ss' : 'yyyy-MM-dd HH:mm:ss.SSS');
}
