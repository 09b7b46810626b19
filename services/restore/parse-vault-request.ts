/**
 * A sentence that asks for something out of a Backup vault: `orders-pg from vault yesterday as files to
 * shoprestores/restores`, `legacy-srv/orders from archive as database orders_r1 on legacy-srv`. Like every other sentence
 * it only fills a form, and what it does not say stays open.
 */
import { cut, fillers, leftOver, takeRegion, tooLong, sentenceLimit, ticketPattern } from './sentence-parts';
import { findDay, findMoment, momentField, type SentenceMoment } from './sentence-moment';
import { newestBackup, noInputs } from './form-inputs';
import type { KnownNames, ParsedRestore, SpokenBy } from './parsed-restore';

const vaultWords =
  /(?<![\w-])(?:from|out of)\s+(?:the\s+)?(?:backup\s+)?(vault|archive)(?![\w/])(?:\s+(vault-[\w-]+))?/i;

/** Whether the sentence asks for a vault at all. */
export const speaksOfVault = (sentence: string): boolean => vaultWords.test(sentence);

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

/** A recovery point is asked for by a day, a moment, or as the latest. */
function takeWhen(text: string, by: SpokenBy): When {
  const latest = cut(
    text,
    /(?<![\w-])((?:the\s+)?(?:latest|newest|last)(?:\s+(?:recovery\s+point|backup))?)(?![\w-])/i,
  );
  if (latest.found !== undefined)
    return {
      backup: newestBackup,
      moment: '',
      zone: by.zone,
      said: ['the newest recovery point'],
      rest: latest.rest,
    };
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
  return day
    ? { backup: '', moment: day.day, zone: by.zone, said: [day.text], rest: text.replace(day.text, '|') }
    : { backup: '', moment: '', zone: by.zone, said: [], rest: text };
}

export function parseVaultRestore(
  sentence: string,
  { protectedTitles }: Pick<KnownNames, 'protectedTitles'>,
  by: SpokenBy,
): ParsedRestore {
  const because = cut(sentence.slice(0, sentenceLimit), /(?<![\w-])(?:because(?: of)?|reason:?)\s+(.+)$/i);
  const vault = vaultWords.exec(because.rest);
  const isArchive = vault?.[1]?.toLowerCase() === 'archive';
  const asked = because.rest.replace(vaultWords, ' | ');
  const target = takeDatabase(asked) ??
    takeFiles(asked) ?? { ...noTarget, kind: '', understood: [], rest: asked };
  const priority = cut(target.rest, /(?<![\w-])(?:with\s+)?(high|standard)\s+priority(?![\w-])/i);
  const region = takeRegion(priority.rest);
  const source = takeProtected(region.rest, protectedTitles);
  const ticket = ticketPattern.exec(because.found ?? '') ?? ticketPattern.exec(source.rest);
  const when = takeWhen(ticket === null ? source.rest : source.rest.replace(ticket[0], '|'), by);
  const isHigh = priority.found?.toLowerCase() === 'high';
  return {
    inputs: {
      ...noInputs,
      source: source.source,
      mode: target.kind === 'database' ? 'vault-database' : 'vault-files',
      vault: vault?.[2]?.toLowerCase() ?? '',
      backup: when.backup,
      moment: when.moment,
      zone: when.zone,
      region: region.region,
      container: target.container,
      prefix: target.prefix,
      database: target.database,
      target: target.server,
      rehydration: isArchive || isHigh ? (isHigh ? 'High' : 'Standard') : '',
      reason: because.found ?? '',
      ticket: ticket?.[0] ?? '',
    },
    understood: [
      ...(source.isKnown ? [source.source] : []),
      isArchive ? 'from the archive of a vault' : 'from a vault',
      ...(vault?.[2] === undefined ? [] : [vault[2].toLowerCase()]),
      ...when.said,
      ...(region.region === '' ? [] : [`in ${region.region}`]),
      ...target.understood,
      ...(isHigh ? ['high priority'] : []),
      ...(ticket === null ? [] : [ticket[0]]),
    ],
    notUnderstood: [...leftOver(when.rest), ...tooLong(sentence)],
  };
}
