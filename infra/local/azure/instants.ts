/**
 * Instants with PostgreSQL's precision: whole microseconds since 1970, as a number (safe until the year 2255).
 * A JavaScript date would drop the three digits that decide on which side of a commit a restore stops.
 */
export type Micros = number;

const instantPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i;

/** Reads an ISO 8601 instant with any number of decimals; undefined when it is none. */
export function parseInstant(text: unknown): Micros | undefined {
  if (typeof text !== 'string') return undefined;
  const match = instantPattern.exec(text.trim());
  if (!match) return undefined;
  const ms = Date.parse(`${match[1] ?? ''}${(match[3] ?? 'Z').toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}

export function nowMicros(): Micros {
  return Date.now() * 1000;
}

function isoWithMicros(at: Micros): string {
  const wholeSeconds = Math.floor(at / 1_000_000);
  const seconds = new Date(wholeSeconds * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(at - wholeSeconds * 1_000_000).padStart(6, '0')}`;
}

/** `2026-05-18T03:10:18.126687+00:00`, the form in which backups give their times. */
export function toBackupTime(at: Micros): string {
  return `${isoWithMicros(at)}+00:00`;
}

/** The only form that recovery_target_time takes without complaint: a space in the middle and a numeric offset. */
export function toRecoveryTarget(at: Micros): string {
  return `${isoWithMicros(at).replace('T', ' ')}+00`;
}

/** Up to the next whole millisecond, so that a client whose dates know no microseconds gives it back unchanged. */
export function ceilToMillisecond(at: Micros): Micros {
  return Math.ceil(at / 1000) * 1000;
}
