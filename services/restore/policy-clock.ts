/** Hours of a rule and freezes of a calendar. Hours are those on the wall of the zone, also when its clock is put forward or back. */
import { DateTime, IANAZone } from 'luxon';
import { z } from 'zod/v4';
import type { Instant } from './instant';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as 08:30');

export const hoursSchema = z.strictObject({
  zone: z.string().refine((zone) => IANAZone.isValidZone(zone), 'must be a time zone such as Europe/Berlin'),
  /** Where the hours pass midnight, the day on which they begin. */
  days: z
    .array(z.enum(dayNames))
    .min(1)
    .default([...dayNames]),
  /** Included. */
  from: clockTime,
  /** Not included; earlier than `from` for hours that pass midnight. */
  to: clockTime,
});

export type Hours = z.infer<typeof hoursSchema>;

const minuteOf = (time: string): number => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
};

export const hasNoLength = ({ from, to }: Pick<Hours, 'from' | 'to'>): boolean =>
  minuteOf(from) === minuteOf(to);

export function isWithin({ zone, days, from, to }: Hours, at: Instant): boolean {
  const wall = DateTime.fromISO(at, { zone });
  const minute = wall.hour * 60 + wall.minute;
  const begins = minuteOf(from);
  const ends = minuteOf(to);
  const isOn = (weekday: number): boolean => days.some((day) => dayNames.indexOf(day) === (weekday + 6) % 7);
  if (begins < ends) return isOn(wall.weekday) && minute >= begins && minute < ends;
  if (minute >= begins) return isOn(wall.weekday);
  return minute < ends && isOn(wall.weekday - 1);
}

const zoned = z
  .string()
  .refine(
    (text) => /(Z|[+-]\d\d:?\d\d)$/i.test(text) && DateTime.fromISO(text).isValid,
    'must be a time with its offset, such as 2026-12-20T00:00:00+01:00',
  );

export const freezeTimes = {
  /** From this moment on nothing may be asked. */
  from: zoned,
  /** From this moment on it may be asked again. */
  to: zoned,
};

export const endsTooEarly = ({ from, to }: { readonly from: string; readonly to: string }): boolean =>
  Date.parse(to) <= Date.parse(from);

export const isDuring = (
  { from, to }: { readonly from: string; readonly to: string },
  at: Instant,
): boolean => {
  const now = Date.parse(at);
  return now >= Date.parse(from) && now < Date.parse(to);
};
