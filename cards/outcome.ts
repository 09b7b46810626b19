/** How a restore ended that gave a server: what is proven, how to connect, what was found. */
import { differencesData, differsWords } from './differences';
import { fill } from './template';
import { fold } from './actions';
import { inert, oneLine } from './escape';
import { inZone, momentLine, span, utcExact } from '../services/restore/instant';
import { statusLook } from './status';
import type { OutcomeMessage } from '../services/restore/messages';

/** Server names have 63 characters at most; anything longer is somebody's text. */
const nameLimit = 80;

const asSentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** `13:05:00 · 14:05 Berlin` behind a time of the same day, otherwise with its date. */
function askedWords({ asked, newestWrite = asked, zone }: OutcomeMessage): string {
  const words = utcExact(asked);
  const short = asked.slice(0, 10) === newestWrite.slice(0, 10) ? words.slice(11).replace(' UTC', '') : words;
  return zone === 'UTC' || zone === 'Etc/UTC' ? short : `${short} · ${inZone(asked, zone)}`;
}

/** The copy and what it is a copy of. */
const names = ({ source, target, mode }: OutcomeMessage): { source: string; target: string } => ({
  source: `${mode === 'dropped' ? 'the deleted server ' : ''}**${inert(source, nameLimit)}**`,
  target: `**${inert(target, nameLimit)}**`,
});

/** What was asked for, beside a time of the data; nobody chose a moment in a restore to the last that there was. */
function wish(message: OutcomeMessage): string {
  switch (message.mode) {
    case 'geo':
      return 'asked: the last data that had arrived in the paired region';
    case 'dropped':
      return `asked: until its deletion, ${askedWords(message)}`;
    default:
      return `asked: ${askedWords(message)}`;
  }
}

function claim(message: OutcomeMessage): string {
  const { source, target } = names(message);
  const { asked, newestWrite = asked } = message;
  if (message.status === 'proven')
    return `${target} holds the data of ${source} as of **${utcExact(newestWrite)}** (${wish(message)})`;
  if (message.status === 'contradicted')
    return `${inert(asSentence(message.finding))}. Do not rely on ${target}; it stays for inspection.`;
  // Looked at and found nothing against it is more than nobody could look.
  return (message.findings ?? []).length > 0
    ? `${target} is usable, and nothing contradicts its data, but the moment is not proven: ${inert(message.finding)}.`
    : `${target} is usable, but its data moment is not proven: ${inert(message.finding)}.`;
}

/** The server's own name, unless the line below says it anyway. */
function connectWords({ hostName, address, source, mode }: OutcomeMessage): string {
  const where = hostName === address.host ? '' : ` to ${inert(hostName, 260)}`;
  return `Connect${where} with the same logins as ${inert(source, nameLimit)}${mode === 'dropped' ? ' had' : ''}:`;
}

interface Fact {
  readonly title: string;
  readonly value: string;
}

function askedFact({ mode, asked, zone, endedAt }: OutcomeMessage): Fact {
  const moment = momentLine(asked, zone, endedAt).replace('before now', 'before the end');
  if (mode === 'geo')
    return { title: 'Asked for', value: 'the last data that had arrived in the paired region' };
  if (mode === 'dropped') return { title: 'Asked for', value: `until the deletion, ${moment}` };
  return { title: 'Asked for', value: moment };
}

/** What the claim does not say yet. */
function facts(message: OutcomeMessage): readonly Fact[] {
  const { status, newestWrite, finding, got } = message;
  const given = got.length === 0 ? [] : [{ title: 'Azure gave it', value: givenWords(got) }];
  if (status === 'proven')
    return [{ title: 'Proof', value: proofWords(message) }, ...wakingFact(message), ...given];
  const written = newestWrite === undefined ? '' : utcExact(newestWrite);
  return [
    askedFact(message),
    ...(written === '' || finding.includes(written) ? [] : [{ title: 'Newest write', value: written }]),
    ...(status === 'contradicted' || compared(message) === ''
      ? []
      : [{ title: 'Looked at', value: compared(message) }]),
    ...wakingFact(message),
    ...given,
  ];
}

/** What was compared comes first among the findings, unless something speaks against the copy. */
const compared = ({ findings = [], status }: OutcomeMessage): string =>
  status === 'contradicted' ? '' : inert(findings[0] ?? '', lineLimit);

const proofWords = (message: OutcomeMessage): string =>
  [inert(message.finding), compared(message)].filter((words) => words !== '').join(' · ');

const mostWakes = 5;

function wakingFact({ wakes = [] }: OutcomeMessage): Fact[] {
  if (wakes.length === 0) return [];
  const shown = wakes.slice(0, mostWakes).map((words) => inert(words, 60));
  const more = wakes.length - shown.length;
  return [{ title: 'May wake up', value: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(' · ') }];
}

/** More lines than these wait behind a fold. */
const openLines = 3;
const mostLines = 8;
/** Long names are rare, and a card has an end. */
const lineLimit = 160;
const roomForLines = 560;

/** Findings beside the first sentence, as many as there is room for; those against the copy come first. */
function findingLines({ findings = [], status }: OutcomeMessage): { line: string }[] {
  const lines = (status === 'contradicted' ? findings : findings.slice(1)).map((line) =>
    oneLine(asSentence(line), lineLimit),
  );
  let room = roomForLines;
  const fitting = lines.slice(0, mostLines).filter((line) => (room -= line.length) >= 0);
  const shown = fitting.map((line) => ({ line: inert(line, lineLimit) }));
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, { line: `and ${more} more` }] : shown;
}

const givenWords = (got: readonly string[]): string =>
  got
    .slice(0, 6)
    .map((line) => inert(line, 120))
    .join(' · ');

/** A card has room for a few commands; there is no plan with more of them. A copy that was compared has its own behind a fold. */
const leftLimit = 5;
const leftBesideDifferences = 1;

/** Largest card in bytes of UTF-8, with some of it left for the message around it. */
const cardLimit = 24_500;
/** So many differences of each kind stand behind the fold, where there is room for them. */
const rooms: readonly number[] = [12, 6, 3, 1];

export function outcomeCard(message: OutcomeMessage): object {
  const fits = (card: object): boolean => Buffer.byteLength(JSON.stringify(card)) <= cardLimit;
  return rooms.map((most) => cardWith(message, most)).find(fits) ?? cardWith(message, 0);
}

function cardWith(message: OutcomeMessage, mostDifferences: number): object {
  const differs = differsWords(message);
  const shown = [...facts(message), ...(differs === '' ? [] : [{ title: 'Differs', value: differs }])];
  const applying = differencesData(message, mostDifferences);
  const left = message.followUps
    .slice(0, message.differences ? leftBesideDifferences : leftLimit)
    .map(({ what, command }) => ({
      what: inert(what, 120),
      command: inert(command, 450),
    }));
  const lines = findingLines(message);
  // A fold for a single line would take as much room as the line.
  const open = lines.length <= openLines + 1 ? lines.length : openLines;
  const folded = lines.slice(open);
  const data = {
    headline: `${message.requestId} · ${message.status.toUpperCase()}`,
    color: statusLook(message.status).color,
    took: span(message.tookMillis),
    claim: claim(message),
    connect: connectWords(message),
    facts: shown,
    hasFacts: shown.length > 0,
    psql: inert(`psql "host=${message.address.host} port=${message.address.port} sslmode=require"`),
    left,
    hasLeft: left.length > 0,
    lines: lines.slice(0, open),
    hasLines: lines.length > 0,
    folded,
    hasFolded: folded.length > 0,
    ...applying,
  };
  const actions = [
    ...(folded.length > 0 ? [fold(`${folded.length} more findings`, 'findings')] : []),
    ...(applying.hasDifferences ? [fold('What differs', 'differences')] : []),
  ];
  return fill('outcome', data, { actions });
}
