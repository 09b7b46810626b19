/**
 * A sentence that asks for dump files to be loaded: `files shoprestores/restores/orders-pg-20261120 into orders-pg-dr`,
 * `database shop from shoprestores/restores/x into orders-dr without owners`. It only fills a form.
 */
import { cut, leftOver, sentenceLimit, ticketPattern, tooLong } from './sentence-parts';
import { noInputs, type FormInputs } from './form-inputs';
import { writeNames } from './load-choices';
import type { ParsedRestore } from './parsed-restore';

const reasonWords = /(?<![\w-])(?:because(?: of)?|reason:?)\s+(.+)$/i;

/**
 * An account, a container, and what the names of the files begin with: nothing else has two slashes. As an address of the
 * portal it may carry a key behind a question mark, which is nobody's business.
 */
const filesPattern =
  /(?<![\w/:.-])(?:(?:from|of|in|at)\s+)?(?:the\s+)?(?:dump\s+)?(?:files?\s+(?:(?:from|of|in|at)\s+)?)?(?:https:\/\/)?([a-z0-9]{3,24}(?:\.blob\.core\.windows\.net)?\/[a-z0-9][a-z0-9-]{2,62}\/[\w./-]*[\w/])(?![\w/])(?:\?\S*)?/i;

/** A reason may name files without asking for them. */
export const speaksOfFiles = (sentence: string): boolean =>
  cut(cut(sentence.slice(0, sentenceLimit), reasonWords).rest, filesPattern).found !== undefined;

export interface LoadWords {
  readonly inputs: Pick<FormInputs, 'database' | 'owners' | 'grants'>;
  readonly understood: readonly string[];
  readonly rest: string;
}

const leftAway = (what: string): RegExp =>
  new RegExp(`(?<!\\b(?:not|n't|never)\\s+)(?<![\\w-])((?:without|no|drop)\\s+${what})(?![\\w-])`, 'i');

/** Which databases, and what becomes of owners and grants. */
export function takeLoadWords(text: string): LoadWords {
  const databases = cut(
    text,
    /(?<![\w-])(?<!\b(?:without|except|excluding|but|not|no|skip)\s+(?:for\s+)?(?:the\s+)?)(?:only\s+)?(?:the\s+)?databases?\s+(?!from\b|on\b|in\b)([\w$-]+(?:(?:\s*,\s*|\s+and\s+)[\w$-]+)*)/i,
  );
  // What is asked not to be left away stays, and so do grants that are spoken of in any other way.
  const both = cut(
    databases.rest,
    /(?<!\b(?:not|n't|never)\s+)(?<![\w-])((?:without|no|drop)\s+(?:owners?(?:\s+(?:and|or|nor)\s+(?:grants?|acls?))|(?:grants?|acls?)\s+(?:and|or|nor)\s+owners?))(?![\w-])/i,
  );
  const owners = cut(both.rest, leftAway('owners?'));
  const grants = cut(owners.rest, leftAway('(?:grants?|acls?)'));
  const isWithoutOwners = (both.found ?? owners.found) !== undefined;
  const isWithoutGrants = (both.found ?? grants.found) !== undefined;
  const names = (databases.found ?? '').split(/\s*,\s*|\s+and\s+/i).filter((name) => name !== '');
  return {
    inputs: {
      database: writeNames(names),
      owners: isWithoutOwners ? 'drop' : '',
      grants: isWithoutGrants ? 'drop' : '',
    },
    understood: [
      ...(names.length === 0 ? [] : [`only ${names.join(', ')}`]),
      ...(isWithoutOwners ? ['without owners'] : []),
      ...(isWithoutGrants ? ['without grants'] : []),
    ],
    rest: grants.rest,
  };
}

export interface IntoServer {
  readonly server: string;
  readonly rest: string;
}

const name = '([a-z0-9]+(?:-[a-z0-9]+)*)(?![\\w/-])';
const intoServer = new RegExp(
  `(?<![\\w-])(?:into\\s+(?:(?:the|a)\\s+)?(?:new\\s+)?(?:server\\s+)?|to\\s+(?:the\\s+)?server\\s+)${name}`,
  'i',
);
const toServer = new RegExp(`(?<![\\w-])to\\s+${name}`, 'i');

/**
 * The server that is loaded into; regions have been taken out before. A bare "to" may lead to a moment as well, so it counts
 * only before a name that `isServer` knows.
 */
export function takeInto(text: string, isServer: (name: string) => boolean): IntoServer {
  const into = cut(text, intoServer);
  const to = into.found === undefined ? cut(text, toServer) : into;
  const server = to.found?.toLowerCase() ?? '';
  return into.found !== undefined || isServer(server)
    ? { server, rest: to.rest }
    : { server: '', rest: text };
}

export function parseLoad(sentence: string, zone: string): ParsedRestore {
  const because = cut(sentence.slice(0, sentenceLimit), reasonWords);
  const files = cut(because.rest, filesPattern);
  const [account = '', container = '', ...prefix] = (files.found ?? '').split('/');
  const place = `${account.replace(/\.blob\..*$/i, '')}/${container}`.toLowerCase();
  const words = takeLoadWords(files.rest);
  // Nothing else in such a sentence follows a "to": files have the moment that they have.
  const into = takeInto(words.rest, () => true);
  const ticket = ticketPattern.exec(because.found ?? '') ?? ticketPattern.exec(into.rest);
  const rest = ticket === null ? into.rest : into.rest.replace(ticket[0], '|');
  return {
    inputs: {
      ...noInputs,
      mode: 'files-to-server',
      zone,
      container: place,
      prefix: prefix.join('/'),
      target: into.server,
      ...words.inputs,
      reason: because.found ?? '',
      ticket: ticket?.[0] ?? '',
    },
    understood: [
      `files of ${place} that begin with ${prefix.join('/')}`,
      ...words.understood,
      ...(into.server === '' ? [] : [`into ${into.server}`]),
      ...(ticket === null ? [] : [ticket[0]]),
    ],
    notUnderstood: [
      ...leftOver(rest.replace(/(?<![\w-])(?:restore|load|files?)(?![\w-])/gi, ' ')),
      ...tooLong(sentence),
    ],
  };
}
