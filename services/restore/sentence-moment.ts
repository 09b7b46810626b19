/**
 * Finds the moment in a sentence. chrono-node is used to find the components only: what it would imply (a date nobody
 * gave, a zone it guessed) is not taken over. Words are resolved with luxon in the requester's IANA zone.
 */
import { parse as parseChrono, type ParsedResult } from 'chrono-node';
import { DateTime, FixedOffsetZone, type Zone } from 'luxon';
import { isZone, resolveWallClock, toWallClock, type Instant } from './instant';

export type SentenceMoment =
  | { readonly kind: 'none' }
  /** Found and unambiguous. `zone` is the zone in which the person wrote it. */
  | { readonly kind: 'instant'; readonly instant: Instant; readonly zone: string; readonly text: string }
  /** Found, but a person has to choose: the wall-clock text goes into the form as it stands. */
  | { readonly kind: 'open'; readonly wallClock: string; readonly zone: string; readonly text: string };

/** Abbreviations and cities that people type; anything else must be a full IANA name or an offset. */
const zonesByWord: Readonly<Record<string, string>> = {
  utc: 'UTC',
  gmt: 'UTC',
  z: 'UTC',
  cet: 'Europe/Berlin',
  cest: 'Europe/Berlin',
  bst: 'Europe/London',
  berlin: 'Europe/Berlin',
  london: 'Europe/London',
  paris: 'Europe/Paris',
  madrid: 'Europe/Madrid',
  stockholm: 'Europe/Stockholm',
  zurich: 'Europe/Zurich',
  vienna: 'Europe/Vienna',
  amsterdam: 'Europe/Amsterdam',
  toronto: 'America/Toronto',
  chicago: 'America/Chicago',
  denver: 'America/Denver',
  'new york': 'America/New_York',
  'los angeles': 'America/Los_Angeles',
  tokyo: 'Asia/Tokyo',
  singapore: 'Asia/Singapore',
  sydney: 'Australia/Sydney',
};

const part = String.raw`(?:half\s+an?\s+|an?\s+|\d+(?:\.\d+)?\s*)(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\b`;
/** `10 min ago`, `an hour and 5 minutes ago`, `1h 30m ago`: every part counts, or it would be another moment. */
const relative = new RegExp(
  String.raw`\b(${part}(?:[\s,]*(?:and\s+)?${part}){0,3})\s+(?:ago|before now|earlier)\b`,
  'i',
);
const isoInstant =
  /\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|\s?UTC|\s?[+-]\d{2}:?\d{2})?(?![\w:])/i;
const writtenOffset = /(?:\b(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2})$/i;
/** Looks like a zone (EST, IST): most abbreviations mean several, so one that is not in the table is not guessed at. */
const unknownAbbreviation = /^\s*\(?[A-Z]{1,3}T\b/;
/** A longer ago would be before every backup, and soon before what a date can hold. */
const longestAgoSeconds = 100 * 366 * 86_400;

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The zone named right behind the time ("14:05 Berlin", "14:05 Europe/Berlin"), with the text that named it. */
function zoneAfter(sentence: string, end: number): { zone: string; text: string } | undefined {
  const rest = sentence.slice(end);
  const full = /^\s*\(?([A-Za-z]+\/[A-Za-z_]+(?:\/[A-Za-z_]+)?)\)?/.exec(rest);
  if (full?.[1] !== undefined && isZone(full[1])) return { zone: full[1], text: full[0] };
  const word = /^\s*(?:time in |in )?([A-Za-z]+(?:\s[A-Za-z]+)?)/.exec(rest);
  for (const candidate of [word?.[1], word?.[1]?.split(/\s/)[0]]) {
    const zone = candidate === undefined ? undefined : zonesByWord[candidate.toLowerCase()];
    if (zone !== undefined && candidate !== undefined) {
      return { zone, text: rest.slice(0, rest.indexOf(candidate) + candidate.length) };
    }
  }
  return undefined;
}

function fromWallClock(text: string, wallClock: string, zone: string): SentenceMoment {
  const resolved = resolveWallClock(wallClock, zone);
  if (resolved.kind === 'instant') return { kind: 'instant', instant: resolved.instant, zone, text };
  return { kind: 'open', wallClock, zone, text };
}

function fromRelative([text, parts = '']: RegExpExecArray, now: Instant, zone: string): SentenceMoment {
  const amounts = parts.matchAll(/(half\s+an?|\ban?|\d+(?:\.\d+)?)(?:(?<=\d)\s*|\s+)([smhdw])/gi);
  const seconds = [...amounts]
    .map(([, amount = '', unit = '']) => {
      const count = /^half/i.test(amount) ? 0.5 : /^an?$/i.test(amount) ? 1 : Number(amount);
      return count * (unitSeconds[unit.toLowerCase()] ?? Number.NaN);
    })
    .reduce((sum, one) => sum + one, 0);
  if (!(seconds <= longestAgoSeconds)) return { kind: 'none' };
  const instant = new Date(Math.floor((Date.parse(now) - seconds * 1000) / 1000) * 1000).toISOString();
  return { kind: 'instant', instant, zone, text };
}

function fromIso(sentence: string, match: RegExpExecArray, zone: string): SentenceMoment {
  const written = match[0];
  const end = match.index + written.length;
  const isZoned = /(?:Z|UTC|:\d{2}\s?[+-]\d{2}:?\d{2})$/i.test(written);
  const named = isZoned ? undefined : zoneAfter(sentence, end);
  if (!isZoned && !named && unknownAbbreviation.test(sentence.slice(end))) return { kind: 'none' };
  const text = written + (named?.text ?? '');
  return fromWallClock(text, written.replace(/\s(?=[+-])/, '').trim(), named?.zone ?? zone);
}

/** The wall-clock text that chrono's certain components stand for; a date that was not given is the last one that has passed. */
function certainWallClock(found: ParsedResult, zone: string | Zone, now: Instant): string | undefined {
  const { start } = found;
  if (!start.isCertain('hour')) return undefined;
  const here = DateTime.fromISO(now, { zone });
  const hasDate = start.isCertain('day') || start.isCertain('weekday');
  const time = {
    hour: start.get('hour') ?? 0,
    minute: start.get('minute') ?? 0,
    second: start.get('second') ?? 0,
    millisecond: 0,
  };
  const day = hasDate
    ? {
        year: start.get('year') ?? here.year,
        month: start.get('month') ?? here.month,
        day: start.get('day') ?? here.day,
      }
    : { year: here.year, month: here.month, day: here.day };
  let at = DateTime.fromObject({ ...day, ...time }, { zone });
  if (!at.isValid) return undefined;
  if (!hasDate && at > here) at = at.minus({ days: 1 });
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.toFormat('yyyy-MM-dd')} ${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}

function fromWords(sentence: string, now: Instant, zone: string): SentenceMoment {
  // chrono reads relative days ("yesterday") against a reference; giving it the wall clock of the zone as if it were
  // UTC keeps its own zone handling out of the way.
  const here = DateTime.fromISO(now, { zone });
  const reference = new Date(
    Date.UTC(here.year, here.month - 1, here.day, here.hour, here.minute, here.second),
  );
  const found = parseChrono(sentence, { instant: reference, timezone: 0 }, { forwardDate: false })[0];
  if (!found || isOpenToReadings(sentence, found)) return { kind: 'none' };
  if (found.start.isCertain('timezoneOffset') && writtenOffset.test(found.text))
    return fromOffset(found, now, zone);
  const end = found.index + found.text.length;
  const named = zoneAfter(sentence, end) ?? zoneInside(found.text);
  // chrono's own reading of an abbreviation is one of several; zero is what it was told of the reference.
  const offset = found.start.isCertain('timezoneOffset') ? found.start.get('timezoneOffset') : 0;
  if (!named && (offset !== 0 || unknownAbbreviation.test(sentence.slice(end)))) return { kind: 'none' };
  const writtenZone = named?.zone ?? zone;
  const wallClock = certainWallClock(found, writtenZone, now);
  const text = sentence.slice(found.index, end) + (named?.text ?? '');
  if (wallClock === undefined) return { kind: 'none' };
  return fromWallClock(text.trim(), wallClock, writtenZone);
}

/** A span of time, a date whose day and month could change places, or the tail of an amount ("one and a half hours ago"). */
function isOpenToReadings(sentence: string, found: ParsedResult): boolean {
  if (found.end) return true;
  if (/\b(?:and|and a|half)\s*$/i.test(sentence.slice(0, found.index))) return true;
  const dated = /(?<![\d/.-])(\d{1,2})(?:\/(\d{1,2})|[.-](\d{1,2})[.-]\d{2,4})/.exec(found.text);
  const [first, second] = [Number(dated?.[1]), Number(dated?.[2] ?? dated?.[3])];
  return first <= 12 && second <= 12 && first !== second;
}

/** `14:05 UTC+5`, `14:05+02:00`: an offset is exact, whatever zone the person lives in. */
function fromOffset(found: ParsedResult, now: Instant, zone: string): SentenceMoment {
  const minutes = found.start.get('timezoneOffset') ?? 0;
  const fixed = FixedOffsetZone.instance(minutes);
  const wallClock = certainWallClock(found, fixed, now);
  if (wallClock === undefined) return { kind: 'none' };
  const at = DateTime.fromSQL(wallClock, { zone: fixed });
  return { kind: 'instant', instant: at.toJSDate().toISOString(), zone, text: found.text };
}

function zoneInside(text: string): { zone: string; text: string } | undefined {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const zone = words.flatMap((word) => zonesByWord[word] ?? [])[0];
  return zone === undefined ? undefined : { zone, text: '' };
}

/** `yesterday`, `on Friday`, `2026-11-12`: a day without a time, as YYYY-MM-DD in the zone, and the words that said it. */
export function findDay(
  sentence: string,
  now: Instant,
  zone: string,
): { readonly day: string; readonly text: string } | undefined {
  const here = DateTime.fromISO(now, { zone });
  const reference = new Date(Date.UTC(here.year, here.month - 1, here.day, here.hour, here.minute));
  const found = parseChrono(sentence, { instant: reference, timezone: 0 }, { forwardDate: false })[0];
  if (!found || found.start.isCertain('hour') || isOpenToReadings(sentence, found)) return undefined;
  if (!found.start.isCertain('day') && !found.start.isCertain('weekday')) return undefined;
  const {
    year = here.year,
    month = here.month,
    day = here.day,
  } = {
    year: found.start.get('year') ?? here.year,
    month: found.start.get('month') ?? here.month,
    day: found.start.get('day') ?? here.day,
  };
  const at = DateTime.fromObject({ year, month, day }, { zone });
  return at.isValid ? { day: at.toFormat('yyyy-MM-dd'), text: found.text } : undefined;
}

/** `sentence` must have had server and target names cut out: a name may look like a date. */
export function findMoment(sentence: string, now: Instant, zone: string): SentenceMoment {
  const ago = relative.exec(sentence);
  if (ago) return fromRelative(ago, now, zone);
  const iso = isoInstant.exec(sentence);
  if (iso) return fromIso(sentence, iso, zone);
  return fromWords(sentence, now, zone);
}

/** What the form's moment field shows for a found moment. */
export function momentField(moment: SentenceMoment): string {
  switch (moment.kind) {
    case 'none':
      return '';
    case 'instant':
      return toWallClock(moment.instant, moment.zone);
    case 'open':
      return moment.wallClock;
  }
}
