/** The request form, in the thread of the sentence: the fields that the chosen way and server have, and no others. */
import { backupInputs, foldOf, mainInputs, whenInputs, whereInputs } from './form-fields';
import { backupLine, type Room } from './form-input';
import { execute, fold } from './actions';
import { inert } from './escape';
import { fill } from './template';
import { millisBetween, momentLine, span, utc, utcFrom } from '../services/restore/instant';
import type { FormMessage } from '../services/restore/messages';

const stateWord = { open: 'draft', checking: 'checking', cancelled: 'cancelled' } as const;

function momentEcho(message: FormMessage): string {
  if (message.inputs.mode === 'latest' && message.dataLine === undefined)
    return 'The latest moment is fixed when the restore starts.';
  return message.moment === undefined || !message.fields.includes('moment')
    ? ''
    : `= ${momentLine(message.moment, message.zone, message.now)}`;
}

function windowLine({ window, fields }: FormMessage): string {
  if (!window) return '';
  if (window.earliest === undefined) return `${inert(window.server, 80)} has no backup yet.`;
  if (!fields.includes('moment')) return '';
  return `Restorable from ${utcFrom(window.earliest)} until now; the last minutes may not be archived yet (up to about 5 min).`;
}

const stateLine = (message: FormMessage): string =>
  message.state === 'checking'
    ? 'Checking with Azure. Nothing typed is lost; this card changes by itself.'
    : message.state === 'cancelled'
      ? 'Cancelled. Nothing was requested.'
      : '';

function knownSinceLine({ knownSince, now }: FormMessage): string {
  if (knownSince === undefined) return '';
  const ago = span(millisBetween(knownSince, now));
  return `Azure does not answer for this server now; shown as it was seen at ${utc(knownSince)} (${ago} ago).`;
}

/** Parts one after the other; a sentence of a thousand words does not fill the card. */
function quoted(parts: readonly string[], quote: '"' | '', room: Room): string {
  const most = Math.min(12, Math.ceil(room.text / 10));
  const said = parts.slice(0, most).map((part) => `${quote}${inert(part, Math.min(120, room.text))}${quote}`);
  return [...said, ...(parts.length > most ? ['…'] : [])].join(quote === '' ? ' · ' : ', ');
}

const foldId = 'more';

/** More would push the fields out of sight; whoever has that many solves some and sees the others then. */
const problemLimit = 8;

function problems(message: FormMessage): readonly { readonly sentence: string; readonly hint: string }[] {
  const more = message.problems.length - problemLimit;
  const rest = { sentence: `And ${more} more.`, hint: 'They are shown when these are solved.' };
  return [...message.problems.slice(0, problemLimit), ...(more > 0 ? [rest] : [])];
}

/** What is written on the card, apart from its inputs. */
function lines(message: FormMessage, room: Room): object {
  const say = (text = ''): string => (text === '' ? '' : inert(text, room.text));
  return {
    state: stateWord[message.state],
    struck: message.state === 'cancelled',
    isOpen: message.state === 'open',
    stateLine: stateLine(message),
    requester: inert(message.requester.name, 80),
    understood: quoted(message.understood, '', room) || 'nothing yet',
    notUnderstood: quoted(message.notUnderstood, '"', room),
    problems: problems(message).map(({ sentence, hint }) => ({ sentence: say(sentence), hint: say(hint) })),
    hasProblems: message.problems.length > 0,
    notOffered: message.notOffered.length === 0 ? '' : `Not offered: ${quoted(message.notOffered, '', room)}`,
    knownSince: knownSinceLine(message),
    dataLine: say(message.dataLine),
    momentEcho: momentEcho(message),
    backupLine: say(backupLine(message)),
    windowLine: windowLine(message),
    follows: message.follows === undefined ? '' : `${say(message.follows)}.`,
  };
}

function inputs(message: FormMessage, room: Room): object {
  const more = foldOf(message, room);
  return {
    where: whereInputs(message, room),
    update: [execute('Update form', 'draft.update', message.key)],
    when: whenInputs(message, room),
    backups: backupInputs(message, room),
    main: mainInputs(message, room),
    hasFold: more.inputs.length > 0,
    foldActions: [fold('More', foldId)],
    foldNames: `Behind it: ${more.names}.`,
    foldIsOpen: more.isOpen,
    foldInputs: more.inputs,
    foldSet: more.set === '' ? '' : `Set there: ${inert(more.set)}`,
  };
}

function cardWith(message: FormMessage, room: Room): object {
  const { key } = message;
  const open = message.state === 'open';
  const data = { ...lines(message, room), ...inputs(message, room) };
  const actions = open
    ? [
        execute('Request restore', 'draft.submit', key, { style: 'positive' }),
        execute('Cancel', 'draft.cancel', key, { withInputs: false }),
      ]
    : [];
  return fill('form', data, { actions });
}

/** Largest card in bytes of UTF-8, with some of it left for the message around it. */
const cardLimit = 24_500;

/**
 * From what every card has room for, where lists are typed too, up to everything that is known. What people typed is
 * never cut for it.
 */
const rooms: readonly [Room, ...Room[]] = [
  { choices: 0, text: 40 },
  { choices: 5, text: 300 },
  { choices: 10, text: 600 },
  { choices: 20, text: 600 },
  { choices: 40, text: 600 },
];

export function formCard(message: FormMessage): object {
  const [least, ...more] = rooms;
  for (const room of more.toReversed()) {
    const card = cardWith(message, room);
    if (Buffer.byteLength(JSON.stringify(card)) <= cardLimit) return card;
  }
  return cardWith(message, least);
}
