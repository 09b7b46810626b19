/**
 * From a sentence to a command. No sentence ever starts a restore: the richest thing it can do is to fill a form.
 * Names are cut out before times are looked for, since a server's name may look like a date; what remains and means
 * nothing is handed back as not understood.
 */
import { findMoment, momentField, type SentenceMoment } from './sentence-moment';
import { matchServer, nearestNames, type ServerFacts } from './servers';
import { newestBackup, noInputs } from './form-inputs';
import { parseLoad, speaksOfFiles } from './parse-load-request';
import { parseVaultRestore, speaksOfVault } from './parse-vault-request';
import { cut, fillers, leftOver, sentenceLimit, takeRegion, ticketPattern, tooLong } from './sentence-parts';
import type { KnownNames, ParsedRestore, SpokenBy } from './parsed-restore';
import type { ServerMode } from './plan';

export type Command =
  | { readonly kind: 'restore'; readonly sentence: string }
  | { readonly kind: 'status'; readonly requestId: string }
  /** What became of it, step by step. */
  | { readonly kind: 'timeline'; readonly requestId: string }
  | { readonly kind: 'withdraw'; readonly requestId: string }
  | { readonly kind: 'cancel'; readonly requestId: string }
  | { readonly kind: 'approve'; readonly requestId: string; readonly hash: string }
  | { readonly kind: 'reject'; readonly requestId: string; readonly reason: string }
  | { readonly kind: 'ask'; readonly requestId: string; readonly question: string }
  | { readonly kind: 'answer'; readonly requestId: string; readonly words: string }
  | { readonly kind: 'edit'; readonly requestId: string }
  /** Starts it without approval. */
  | {
      readonly kind: 'break-glass';
      readonly requestId: string;
      readonly hash: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'review';
      readonly requestId: string;
      readonly verdict: 'approved' | 'reported';
      readonly comment: string;
    }
  | { readonly kind: 'who'; readonly requestId: string }
  | { readonly kind: 'points'; readonly server: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'servers' }
  | { readonly kind: 'instances' }
  | { readonly kind: 'jobs' }
  /** Everything that a request would be checked for, without asking for one. */
  | { readonly kind: 'validate'; readonly sentence: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'incomplete'; readonly command: string; readonly usage: string }
  | { readonly kind: 'unknown'; readonly word: string; readonly nearest: readonly string[] };

export const commandWords = [
  'restore',
  'status',
  'list',
  'withdraw',
  'cancel',
  'approve',
  'reject',
  'ask',
  'answer',
  'edit',
  'who',
  'break-glass',
  'review',
  'points',
  'servers',
  'instances',
  'jobs',
  'validate',
  'timeline',
  'help',
] as const;

/** With what sets it apart from the words that follow: `R-1: why?`, `R-1, why?`, `R-1 - why?`. */
const requestIdPattern = /^r-?(\d{1,9})\b(?:\s*:|[;,.]+(?=\s|$)|\s+[-–—](?=\s))?/i;

const takeRequestId = (text: string): { id: string; rest: string } | undefined => {
  const found = requestIdPattern.exec(text);
  return found ? { id: `R-${Number(found[1])}`, rest: text.slice(found[0].length).trim() } : undefined;
};

interface Target {
  readonly id: string;
  readonly rest: string;
}

/** `can approve R-1`, `may decide about R-1`, or the number alone. */
function readWho(rest: string): Command | undefined {
  const target = takeRequestId(
    rest.replace(/^(?:can|may)?\s*(?:approve|decide|sign)?\s*(?:about|on)?\s*/i, ''),
  );
  return target && { kind: 'who', requestId: target.id };
}

function readGlass(target: Target | undefined): Command | undefined {
  const [hash = '', ...reason] = target?.rest.split(' ') ?? [];
  return target && hash !== ''
    ? { kind: 'break-glass', requestId: target.id, hash, reason: reason.join(' ') }
    : undefined;
}

function readReview(target: Target | undefined): Command | undefined {
  const found = /^(approved?|reported?)\b\s*(.*)$/i.exec(target?.rest ?? '');
  if (!target || !found) return undefined;
  const verdict = /^a/i.test(found[1] ?? '') ? 'approved' : 'reported';
  return { kind: 'review', requestId: target.id, verdict, comment: found[2] ?? '' };
}

/** Reads the message's text after the mention of the bot has been taken out. */
export function parseCommand(text: string): Command {
  const said = text.replace(/\s+/g, ' ').trim();
  if (said === '') return { kind: 'empty' };
  const [first = '', ...others] = said.split(' ');
  const word = first.toLowerCase().replace(/[:,.!?]+$/, '');
  const rest = others.join(' ');
  const target = takeRequestId(rest);
  const incomplete = (usage: string): Command => ({ kind: 'incomplete', command: word, usage });
  switch (word) {
    case 'restore':
      return { kind: 'restore', sentence: rest };
    case 'status':
      return target ? { kind: 'status', requestId: target.id } : incomplete('status R-1');
    case 'timeline':
      return target ? { kind: 'timeline', requestId: target.id } : incomplete('timeline R-1');
    case 'withdraw':
      return target ? { kind: 'withdraw', requestId: target.id } : incomplete('withdraw R-1');
    case 'cancel':
      return target ? { kind: 'cancel', requestId: target.id } : incomplete('cancel R-1');
    case 'approve':
      return target?.rest
        ? { kind: 'approve', requestId: target.id, hash: target.rest }
        : incomplete('approve R-1 7f3a');
    case 'reject':
      return target
        ? { kind: 'reject', requestId: target.id, reason: target.rest }
        : incomplete('reject R-1 reason');
    case 'ask':
      return target?.rest
        ? { kind: 'ask', requestId: target.id, question: target.rest }
        : incomplete('ask R-1 question');
    case 'answer':
      return target?.rest
        ? { kind: 'answer', requestId: target.id, words: target.rest }
        : incomplete('answer R-1 your answer');
    case 'edit':
      return target ? { kind: 'edit', requestId: target.id } : incomplete('edit R-1');
    case 'who':
      return readWho(rest) ?? incomplete('who can approve R-1');
    case 'break-glass':
      return readGlass(target) ?? incomplete('break-glass R-1 7f3a reason');
    case 'review':
      return readReview(target) ?? incomplete('review R-1 approve');
    case 'points':
      return rest === '' ? incomplete('points orders-pg') : { kind: 'points', server: rest };
    case 'validate':
      return rest === ''
        ? incomplete('validate orders-pg from vault as files to account/container')
        : { kind: 'validate', sentence: rest };
    case 'list':
    case 'servers':
    case 'instances':
    case 'jobs':
    case 'help':
      return { kind: word };
    default:
      return unknownWord(first, word);
  }
}

const unknownWord = (said: string, word: string): Command => ({
  kind: 'unknown',
  word: said.slice(0, 40),
  nearest: nearestNames(word, [...commandWords]).slice(0, 2),
});

/** `from the last full backup`, `fast`; group 1 is all of it. */
const fullBackup =
  /\b((?:(?:latest|last|newest|most recent|full|fast|quick|on-demand)\s+){0,3}backup|fast)\b/i;

interface SourcePart {
  readonly source: string;
  /** Absent where the sentence names no server that is there. */
  readonly server?: ServerFacts;
  readonly isDeleted: boolean;
  readonly rest: string;
}

const noSource = (rest: string): SourcePart => ({ source: '', isDeleted: false, rest });

/** The first word that names a server, or, failing that, the word where one belongs. */
function takeSource(text: string, { servers, deleted }: KnownNames): SourcePart {
  const words = text.split(/\s+/).filter((word) => word !== '' && word !== '|');
  const without = (word: string): string => text.replace(word, '|');
  const said = words.filter((candidate) => !fillers.has(candidate.toLowerCase()));
  const isNamed =
    (list: readonly { readonly name: string }[]) =>
    (word: string): boolean =>
      list.some(({ name }) => name.toLowerCase() === word.toLowerCase());
  // A full name anywhere is meant before the prefix of another: "10" may be one, and is more likely a number.
  const named = said.find(isNamed(servers));
  const gone = named === undefined ? said.find(isNamed(deleted)) : undefined;
  if (gone !== undefined) return { source: gone.toLowerCase(), isDeleted: true, rest: without(gone) };
  for (const [index, word] of (named === undefined ? said : [named]).entries()) {
    // Where a name belongs any unique prefix will do; elsewhere a short word is more likely a word.
    if (index > 0 && word.length < 3) continue;
    const match = matchServer(word, servers);
    if (match.kind === 'one')
      return { source: match.server.name, server: match.server, isDeleted: false, rest: without(word) };
  }
  const first = words.find((word) => !fillers.has(word.toLowerCase()));
  const looksLikeName =
    first !== undefined &&
    /^[a-z][a-z0-9-]{0,62}$/i.test(first) &&
    text.replace(/^[\s|]+/, '').startsWith(first);
  if (!looksLikeName || /^(latest|now|yesterday|today)$/i.test(first)) return noSource(text);
  return { source: first, isDeleted: false, rest: without(first) };
}

interface PlacePart {
  readonly region: string;
  readonly isPaired: boolean;
  readonly zone: string;
  readonly group: string;
  readonly highAvailability: string;
  readonly understood: readonly string[];
  readonly rest: string;
}

const highAvailabilityWords =
  /\b(?:with\s+)?((?:same[- ]zone|zone[- ]redundant)?\s*(?:high[- ]availability|\bHA\b))/i;

/** Where the new server shall stand, as far as the sentence says. */
function takePlace(text: string): PlacePart {
  const group = cut(text, /(?<![\w-])(?:in(?:to)?\s+)?(?:resource group\s+|rg\s+)([\w.()-]+)/i);
  const named = group.found === undefined ? cut(text, /(?<![\w-])in(?:to)?\s+(rg-[\w.()-]+)/i) : group;
  const paired = cut(
    named.rest,
    /(?<![\w-])((?:(?:in|to|into)\s+)?(?:the\s+)?(?:paired|other|secondary)\s+region|geo(?:[- ]restore)?)(?![\w-])/i,
  );
  const region = takeRegion(paired.rest);
  const zone = cut(region.rest, /(?<![\w-])(?:in\s+)?(?:availability\s+)?zone\s+([1-3])(?![\w:])/i);
  const available = cut(zone.rest, highAvailabilityWords);
  const isSameZone = /same/i.test(available.found ?? '');
  return {
    region: region.region,
    isPaired: paired.found !== undefined,
    zone: zone.found ?? '',
    group: named.found ?? '',
    highAvailability: available.found === undefined ? '' : isSameZone ? 'SameZone' : 'ZoneRedundant',
    understood: [
      ...(region.region === '' ? [] : [`in ${region.region}`]),
      ...(zone.found === undefined ? [] : [`zone ${zone.found}`]),
      ...(named.found === undefined ? [] : [`resource group ${named.found}`]),
      ...(available.found === undefined ? [] : ['high availability (afterwards)']),
    ],
    rest: available.rest,
  };
}

interface DataPart {
  readonly mode: ServerMode | '';
  readonly backup: string;
  readonly moment: SentenceMoment;
  readonly rest: string;
}

/** Which data: a backup, the latest, a moment. */
function takeData(text: string, by: SpokenBy): DataPart {
  const backup = cut(text, fullBackup);
  // "the last full backup" leaves no doubt; a bare "backup" beside a moment is only how people talk.
  const exactly =
    backup.found !== undefined && /full|fast|quick|demand|latest|last|newest|recent/i.test(backup.found);
  const latest = cut(backup.rest, /\b(latest|now|newest|most recent)\b/i);
  const none = { kind: 'none' } as const;
  const moment = exactly || latest.found !== undefined ? none : findMoment(backup.rest, by.now, by.zone);
  const isBackup = exactly || (backup.found !== undefined && moment.kind === 'none');
  const newest = backup.found !== undefined && /latest|last|newest|recent/i.test(backup.found);
  const otherwise = latest.found !== undefined ? 'latest' : moment.kind === 'none' ? '' : 'point-in-time';
  return {
    mode: isBackup ? 'fast' : otherwise,
    backup: newest ? newestBackup : '',
    moment,
    rest: moment.kind === 'none' ? latest.rest : backup.rest.replace(moment.text, '|'),
  };
}

const deletionWords = /\b((?:the\s+)?(?:deleted|dropped)(?:\s+server)?|undelete|revive|bring back)\b/i;

const modeWords: Readonly<Record<ServerMode, string>> = {
  latest: 'to the latest moment',
  fast: 'to a full backup',
  'point-in-time': 'to a moment',
  geo: 'from the copy in the paired region',
  dropped: 'a deleted server',
};

/** A moment beside a way of restoring that has none is handed back with the reason. */
const unusable = (moment: SentenceMoment, mode: ServerMode | ''): string[] =>
  moment.kind === 'none' || mode === 'point-in-time' || (mode !== 'geo' && mode !== 'dropped')
    ? []
    : [
        `${moment.text.trim()} (${mode === 'geo' ? 'in the paired region' : 'for a deleted server'} no moment can be chosen)`,
      ];

/** Reads `orders-pg to 14:05 Berlin as orders-pg-r1 because INC-4711`. Nothing is guessed: open parts stay empty. */
export function parseRestore(sentence: string, names: KnownNames, by: SpokenBy): ParsedRestore {
  if (speaksOfVault(sentence, names.servers)) return parseVaultRestore(sentence, names, by);
  if (speaksOfFiles(sentence)) return parseLoad(sentence, by.zone);
  const read = sentence.slice(0, sentenceLimit);
  const because = cut(read, /(?<![\w-])(?:because(?: of)?|reason:?)\s+(.+)$/i);
  const target = cut(
    because.rest,
    /(?<![\w-])as\s+(?!(?:soon|possible|fast|quickly|well|a|an|the)(?![\w-]))(\S+?)[,;.]?(?=\s|$)/i,
  );
  const deletion = cut(target.rest, deletionWords);
  const source = takeSource(deletion.found === undefined ? target.rest : deletion.rest, names);
  // "somebody deleted the orders table" tells of an accident in a server that is still there.
  const isDropped = deletion.found !== undefined && !source.server;
  const ticket = ticketPattern.exec(because.found ?? '') ?? ticketPattern.exec(source.rest);
  const timed = ticket === null ? source.rest : source.rest.replace(ticket[0], '|');
  const place = takePlace(timed);
  const data = takeData(place.rest, by);
  const isGeo =
    !isDropped && (place.isPaired || (place.region !== '' && place.region !== source.server?.location));
  const mode = isDropped ? 'dropped' : isGeo ? 'geo' : data.mode;
  const { moment } = data;
  const said = mode === 'point-in-time' && moment.kind !== 'none' ? [moment.text.trim()] : [];
  return {
    inputs: {
      ...noInputs,
      source: source.source,
      mode: mode === '' ? 'point-in-time' : mode,
      moment: momentField(moment),
      zone: moment.kind === 'none' ? by.zone : moment.zone,
      backup: data.backup,
      region: isDropped || isGeo ? place.region : '',
      target: target.found?.toLowerCase() ?? '',
      resourceGroup: place.group || (source.server?.resourceGroup ?? ''),
      availabilityZone: place.zone,
      highAvailability: place.highAvailability,
      reason: because.found ?? '',
      ticket: ticket?.[0] ?? '',
    },
    understood: [
      ...(source.server || source.isDeleted ? [source.source] : []),
      ...(mode === '' ? [] : [modeWords[mode]]),
      ...said,
      ...place.understood,
      ...(target.found === undefined ? [] : [`as ${target.found.toLowerCase()}`]),
      ...(ticket === null ? [] : [ticket[0]]),
    ],
    notUnderstood: [...unusable(moment, mode), ...leftOver(data.rest), ...tooLong(sentence)],
  };
}
