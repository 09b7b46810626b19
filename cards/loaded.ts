/** How a load ended: the claim, what failed and why, how to connect, and each part with what was noticed. */
import { execute } from './actions';
import { fill } from './template';
import { inert } from './escape';
import { span, utc } from '../services/restore/instant';
import { statusLook } from './status';
import type { LoadedMessage, LoadedPartLine } from '../services/restore/messages';

type Failed = Extract<LoadedPartLine, { outcome: 'failed' }>;
type Loaded = Extract<LoadedPartLine, { outcome: 'loaded' }>;

const isFailed = (line: LoadedPartLine): line is Failed => line.outcome === 'failed';
const isLoaded = (line: LoadedPartLine): line is Loaded => line.outcome === 'loaded';

const nameLimit = 130;

function claim(message: LoadedMessage): string {
  const { parts, backupTime, finding } = message;
  const target = `**${inert(message.target, nameLimit)}**`;
  const as = backupTime === undefined ? '' : ` as of the backup of **${utc(backupTime)}**`;
  const names = parts.filter(isLoaded).flatMap(({ name }) => /^database (.+)$/s.exec(name)?.[1] ?? []);
  const shown = names.slice(0, 6).map((name) => inert(name, 63));
  const what = names.length > 6 ? `${shown.join(', ')} and ${names.length - 6} more` : shown.join(', ');
  switch (message.status) {
    case 'contradicted':
      return `${inert(finding)}. Do not rely on ${target}; it stays for inspection.`;
    case 'completed with errors':
      return names.length === 0
        ? `Not one part of ${inert(message.source, nameLimit)} went into ${target} whole.`
        : `${target} holds ${what}${as}; something else did not go in whole.`;
    case 'proven':
      return `${target} holds ${what}${as}`;
    default:
      return `${target} holds ${what}; that it is the data${as} is not proven: ${inert(finding)}.`;
  }
}

/** One line for the part, and the first objects that the server did not take. */
const mostObjects = 3;

const failureLines = (parts: readonly LoadedPartLine[], most: number): object[] =>
  parts
    .filter(isFailed)
    .slice(0, most)
    .map(({ name, because, failures }) => ({
      what: `${inert(name, nameLimit)} failed: ${inert(because.sentence, 300)}`,
      objects: failures
        .slice(0, mostObjects)
        .map(({ object, message }) => `${inert(object, 120)}: ${inert(message, 200)}`)
        .join('\n\n'),
      hint: inert(because.hint, 300),
    }));

function partWords({ tables, notes }: Loaded): string {
  const counted = tables === undefined ? [] : [`${tables} ${tables === 1 ? 'table' : 'tables'}`];
  return [...counted, ...notes.slice(0, 4).map((note) => inert(note, 160))].join(' · ') || 'loaded';
}

function partLines(parts: readonly LoadedPartLine[], most: number): { name: string; what: string }[] {
  const loaded = parts.filter(isLoaded);
  const shown = loaded
    .slice(0, most)
    .map((part) => ({ name: inert(part.name, nameLimit), what: partWords(part) }));
  const more = loaded.length - shown.length;
  return more > 0 ? [...shown, { name: `and ${more} more`, what: '' }] : shown;
}

function retryLine({ canRetry, retriedAt, retryUntil, endedAt }: LoadedMessage): string {
  if (retriedAt !== undefined) return `What failed was tried again at ${utc(retriedAt)}.`;
  if (!canRetry || retryUntil === undefined) return '';
  const until =
    retryUntil.slice(0, 10) === endedAt.slice(0, 10) ? utc(retryUntil).slice(11) : utc(retryUntil);
  return `What failed can be tried again under the same approval until ${until}, and needs a new one after that. A database is made anew then: what was written to it since is lost.`;
}

/** Largest card in bytes of UTF-8, with some of it left for the message around it. */
const cardLimit = 24_500;
/** So many parts are told of; of a server with more databases the rest is counted. */
const rooms: readonly number[] = [20, 8];
const leastRoom = 3;

export function loadedCard(message: LoadedMessage): object {
  const fits = (card: object): boolean => Buffer.byteLength(JSON.stringify(card)) <= cardLimit;
  for (const most of [...rooms, leastRoom]) {
    const card = cardWith(message, most);
    if (fits(card)) return card;
  }
  return cardWith(brief(message), 1);
}

const briefText = 120;
const cutShort = (text: string): string => (text.length > briefText ? `${text.slice(0, briefText)}…` : text);

/** Letters of several bytes, and signs that are escaped, can make even a few lines too long: then the beginnings are told. */
const brief = (message: LoadedMessage): LoadedMessage => ({
  ...message,
  finding: cutShort(message.finding),
  findings: message.findings.slice(0, 2).map(cutShort),
  wakes: message.wakes.slice(0, 2).map(cutShort),
  warnings: message.warnings.slice(0, 2).map(cutShort),
});

function cardWith(message: LoadedMessage, most: number): object {
  const { address, hostName } = message;
  const failed = message.parts.filter(isFailed).length;
  const failures = failureLines(message.parts, most);
  const port = address.port === 5432 ? '' : ` port=${address.port}`;
  const parts = partLines(message.parts, most);
  return fill(
    'loaded',
    {
      headline: `${message.key.id} · ${message.status.toUpperCase()}`,
      color: statusLook(message.status).color,
      took: span(message.tookMillis),
      claim: claim(message),
      failures,
      more: failed > failures.length ? `And ${failed - failures.length} more parts failed.` : '',
      warnings: message.warnings.slice(0, 6).map((line) => ({ line: inert(line, 300) })),
      hasWarnings: message.warnings.length > 0,
      proof: message.status === 'contradicted' ? '' : inert(message.finding, 600),
      findings: message.findings.slice(0, 6).map((line) => ({ line: inert(line, 300) })),
      wakes: message.wakes.length === 0 ? '' : inert(message.wakes.slice(0, 6).join(' · '), 600),
      source: inert(message.source, 200),
      psql: inert(
        `psql "host=${address.host === '' ? hostName : address.host}${port} dbname=postgres sslmode=require"`,
        400,
      ),
      parts,
      hasParts: parts.length > 0,
      retry: retryLine(message),
      job: message.jobId === undefined ? '' : `Azure job ${inert(message.jobId, 60)}`,
    },
    {
      actions: message.canRetry
        ? [execute('Retry what failed', 'request.retry', message.key, { withInputs: false })]
        : [],
    },
  );
}
