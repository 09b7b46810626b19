/**
 * A sentence that asks for something out of a Backup vault: `orders-pg from vault yesterday as files to
 * shoprestores/restores`, `legacy-srv/orders from archive as database orders_r1 on legacy-srv`. Like every other sentence
 * it only fills a form, and what it does not say stays open.
 */
import { cut, fillers, leftOver, takeRegion, tooLong, sentenceLimit, ticketPattern } from './sentence-parts';
import { takeInto, takeLoadWords } from './parse-load-request';
import { findDay, findMoment, momentField, type SentenceMoment } from './sentence-moment';
import { newestBackup, noInputs } from './form-inputs';
import type { KnownNames, ParsedRestore, SpokenBy } from './parsed-restore';

/** `from vault`, `from the archive`, `from vault vault-shop`, or the name alone: `from vault-shop`. */
const vaultWords =
  /(?<![\w-])(?:from|out of)\s+(?:the\s+)?(?:backup\s+)?(?:(?<tier>vault|archive)(?![\w/-])(?:\s+(?<named>vault-[\w-]+))?|(?<alone>vault-[\w-]+)(?![\w/-]))/i;

interface AskedVault {
  /** As it was said; empty where any vault will do. */
  readonly name: string;
  readonly isArchive: boolean;
  readonly rest: string;
}

/** A server may be called as vaults are: where one of that name is there, it is meant. */
function takeVault(text: string, servers: KnownNames['servers']): AskedVault | undefined {
  const { groups, 0: said = '' } = vaultWords.exec(text) ?? {};
  if (!groups) return undefined;
  const { tier = '', named = '', alone = '' } = groups;
  if (servers.some(({ name }) => name.toLowerCase() === alone.toLowerCase())) return undefined;
  return {
    name: (named || alone).toLowerCase(),
    isArchive: tier.toLowerCase() === 'archive',
    rest: text.replace(said, ' | '),
  };
}

const reasonWords = /(?<![\w-])(?:because(?: of)?|reason:?)\s+(.+)$/i;

/** Whether the sentence asks for a vault at all; a reason may tell of one without asking for it. */
export const speaksOfVault = (sentence: string, servers: KnownNames['servers'] = []): boolean =>
  takeVault(cut(sentence, reasonWords).rest, servers) !== undefined;

interface Target {
  readonly kind: 'files' | 'database' | '';
  readonly container: string;
  readonly prefix: string;
  readonly database: string;
  readonly server: string;
  readonly understood: readonly string[];
  readonly rest: string;
}

const noTarget = { container: '', prefix: '', database: '', server: '' } as const;

/** `as files to shoprestores/restores/orders_`: the third part begins the names of the files. */
function takeFiles(text: string): Target | undefined {
  const match = /(?<![\w-])as\s+(?:dump\s+)?files?(?:\s+(?:in)?to\s+([\w.-]+(?:\/[\w.-]+){1,2}))?/i.exec(
    text,
  );
  if (!match) return undefined;
  const [account = '', container = '', prefix = ''] = (match[1] ?? '').replace(/[.]$/, '').split('/');
  const place = container === '' ? '' : `${account}/${container}`.toLowerCase();
  return {
    ...noTarget,
    kind: 'files',
    container: place,
    prefix,
    understood: [
      `as files${place === '' ? '' : ` to ${place}`}`,
      ...(prefix === '' ? [] : [`named ${prefix}…`]),
    ],
    rest: text.replace(match[0], '|'),
  };
}

function takeDatabase(text: string): Target | undefined {
  const match =
    /(?<![\w-])as\s+(?:a\s+)?(?:new\s+)?database(?:\s+(?!on\b)([\w-]+))?(?:\s+(?:on|to|into)\s+([\w-]+))?/i.exec(
      text,
    );
  if (!match) return undefined;
  const [, database = '', server = ''] = match;
  return {
    ...noTarget,
    kind: 'database',
    database,
    server: server.toLowerCase(),
    understood: [
      `as a database${database === '' ? '' : ` ${database}`}${server === '' ? '' : ` on ${server.toLowerCase()}`}`,
    ],
    rest: text.replace(match[0], '|'),
  };
}

/** The first word that names something protected, or, failing that, the word where a name belongs. */
function takeProtected(
  text: string,
  titles: readonly string[],
): { source: string; isKnown: boolean; rest: string } {
  const words = text.split(/\s+/).filter((word) => word !== '' && word !== '|');
  const said = words.filter((word) => !fillers.has(word.toLowerCase()));
  const without = (word: string): string => text.replace(word, '|');
  const exact = said.find((word) => titles.some((title) => title.toLowerCase() === word.toLowerCase()));
  if (exact !== undefined) return { source: exact.toLowerCase(), isKnown: true, rest: without(exact) };
  const [first] = said;
  const begins = titles.filter(
    (title) => first !== undefined && title.toLowerCase().startsWith(first.toLowerCase()),
  );
  const [only, ...others] = [...new Set(begins)];
  if (first !== undefined && only !== undefined && others.length === 0)
    return { source: only, isKnown: true, rest: without(first) };
  return first !== undefined && /^[a-z][\w-]*(?:\/[\w-]+)?$/i.test(first)
    ? { source: first.toLowerCase(), isKnown: false, rest: without(first) }
    : { source: '', isKnown: false, rest: text };
}

interface When {
  readonly backup: string;
  readonly moment: string;
  readonly zone: string;
  readonly said: readonly string[];
  readonly rest: string;
}

/** The last one is the newest only where a point is spoken of: the last Friday is a day. */
const newestWords =
  /(?<![\w-])((?:the\s+)?(?:(?:latest|newest)(?:\s+(?:recovery\s+point|backup))?|last\s+(?:recovery\s+point|backup)))(?![\w-])/i;

/** A recovery point is asked for by a day, a moment, or as the latest; the latest of a day is asked for by the day. */
function takeWhen(text: string, by: SpokenBy): When {
  const latest = cut(text, newestWords);
  const timed = takeTime(latest.rest, by);
  if (timed || latest.found === undefined)
    return timed ?? { backup: '', moment: '', zone: by.zone, said: [], rest: text };
  return {
    backup: newestBackup,
    moment: '',
    zone: by.zone,
    said: ['the newest recovery point'],
    rest: latest.rest,
  };
}

function takeTime(text: string, by: SpokenBy): When | undefined {
  const moment: SentenceMoment = findMoment(text, by.now, by.zone);
  if (moment.kind !== 'none')
    return {
      backup: '',
      moment: momentField(moment),
      zone: moment.zone,
      said: [moment.text.trim()],
      rest: text.replace(moment.text, '|'),
    };
  const day = findDay(text, by.now, by.zone);
  return (
    day && {
      backup: '',
      moment: day.day,
      zone: by.zone,
      said: [day.text],
      rest: text.replace(day.text, '|'),
    }
  );
}

export function parseVaultRestore(
  sentence: string,
  { protectedTitles, servers }: Pick<KnownNames, 'protectedTitles' | 'servers'>,
  by: SpokenBy,
): ParsedRestore {
  const because = cut(sentence.slice(0, sentenceLimit), reasonWords);
  const {
    name: vault,
    isArchive,
    rest: asked,
  } = takeVault(because.rest, servers) ?? { name: '', isArchive: false, rest: because.rest };
  const target = takeDatabase(asked) ??
    takeFiles(asked) ?? { ...noTarget, kind: '', understood: [], rest: asked };
  const priority = cut(target.rest, /(?<![\w-])(?:with\s+)?(high|standard)\s+priority(?![\w-])/i);
  const region = takeRegion(priority.rest);
  // Files and databases have a place of their own; without one, "into" names the server at the end of the chain.
  const words = target.kind === '' ? takeLoadWords(region.rest) : undefined;
  const isServer = (name: string): boolean => servers.some((server) => server.name.toLowerCase() === name);
  const into = words ? takeInto(words.rest, isServer) : undefined;
  const isChain = into !== undefined && into.server !== '';
  const chained = isChain ? { ...words?.inputs, target: into.server } : {};
  const source = takeProtected(isChain ? into.rest : region.rest, protectedTitles);
  const ticket = ticketPattern.exec(because.found ?? '') ?? ticketPattern.exec(source.rest);
  const when = takeWhen(ticket === null ? source.rest : source.rest.replace(ticket[0], '|'), by);
  const isHigh = priority.found?.toLowerCase() === 'high';
  return {
    inputs: {
      ...noInputs,
      source: source.source,
      mode: target.kind === 'database' ? 'vault-database' : isChain ? 'vault-to-server' : 'vault-files',
      vault,
      backup: when.backup,
      moment: when.moment,
      zone: when.zone,
      region: region.region,
      container: target.container,
      prefix: target.prefix,
      database: target.database,
      target: target.server,
      ...chained,
      rehydration: isArchive || isHigh ? (isHigh ? 'High' : 'Standard') : '',
      reason: because.found ?? '',
      ticket: ticket?.[0] ?? '',
    },
    understood: [
      ...(source.isKnown ? [source.source] : []),
      isArchive ? 'from the archive of a vault' : 'from a vault',
      ...(vault === '' ? [] : [vault]),
      ...when.said,
      ...(region.region === '' ? [] : [`in ${region.region}`]),
      ...target.understood,
      ...(isChain ? [...(words?.understood ?? []), `into ${into.server}`] : []),
      ...(isHigh ? ['high priority'] : []),
      ...(ticket === null ? [] : [ticket[0]]),
    ],
    notUnderstood: [...leftOver(when.rest), ...tooLong(sentence)],
  };
}
