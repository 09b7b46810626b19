/** What every kind of sentence is read with: cutting out what was understood, and handing back what was not. */
import { regionNames } from './region-pairs';

/** Longer messages are read only up to here; the rest is named as not understood. */
export const sentenceLimit = 2000;

export const fillers = new Set(
  'to the a an at on of from for as please server database back by into in and it was were moment point time state us me'.split(
    ' ',
  ),
);

export interface Cut {
  readonly found: string | undefined;
  readonly rest: string;
}

/** Takes the first match of `pattern` out of the text; group 1 is what was found. */
export function cut(text: string, pattern: RegExp): Cut {
  const match = pattern.exec(text);
  if (!match) return { found: undefined, rest: text };
  return {
    found: match[1]?.trim(),
    rest: `${text.slice(0, match.index)} | ${text.slice(match.index + match[0].length)}`,
  };
}

/** `INC-4711`; UTC-5 is a zone. */
export const ticketPattern = /\b(?!(?:UTC|GMT)-)([A-Z][A-Z0-9]{1,9}-\d{1,9})\b/;

const regions = new Set(regionNames);
/** `South Central US` has the most words. */
const mostRegionWords = 3;
const beforeRegion = new Set(['in', 'to', 'into', 'at', 'region']);

/** `Canada East` and `canadaeast` are one region; the words that lead to it go with it. */
export function takeRegion(text: string): { readonly region: string; readonly rest: string } {
  const words = text.split(' ');
  for (let from = 0; from < words.length; from++)
    for (let count = mostRegionWords; count > 0; count--) {
      const said = words.slice(from, from + count);
      const region = said
        .join('')
        .toLowerCase()
        .replace(/[,;.]$/, '');
      if (said.length < count || !regions.has(region)) continue;
      const lead = words.slice(0, from);
      while (beforeRegion.has(lead.at(-1)?.toLowerCase() ?? '')) lead.pop();
      return { region, rest: [...lead, '|', ...words.slice(from + count)].join(' ') };
    }
  return { region: '', rest: text };
}

/** Words that carried no meaning for the form, joined as they stood together. */
export function leftOver(rest: string): string[] {
  return rest
    .split('|')
    .map((part) =>
      part
        .split(/\s+/)
        .filter((word) => word !== '' && !fillers.has(word.toLowerCase().replace(/[.,;!?]+$/, '')))
        .join(' ')
        .replace(/^[\s.,;!?]+|[\s.,;!?]+$/g, ''),
    )
    .filter((part) => part !== '')
    .map((part) => (part.length > 80 ? `${part.slice(0, 80)}…` : part));
}

export const tooLong = (sentence: string): string[] =>
  sentence.length > sentenceLimit ? [`everything after the first ${sentenceLimit} characters`] : [];
