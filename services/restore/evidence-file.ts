/**
 * The exported file: one request's entries in full, what stands between them as hashes, the head of the chain, and a reading.
 * Each entry has a line of its own and every line is canonical JSON, so that a file can be made again byte by byte from
 * what it holds, and a byte that differs has a place with a name.
 */
import { canonicalJson } from './canonical-json';
import type { Digest } from './digest';
import { headOf, stubOf, type ChainedEntry, type Head, type Stub } from './evidence-entry';
import type { ChainPart, PublicKey } from './evidence-ports';
import { readingOf, readingSections, type Reading } from './evidence-reading';
import type { Instant } from './instant';

export const fileFormat = 'restore-desk evidence 1';

export type Link = ChainedEntry | Stub;

export interface EvidenceParts {
  readonly about: {
    readonly format: typeof fileFormat;
    readonly request: string;
    readonly exportedAt: Instant;
  };
  readonly keys: readonly PublicKey[];
  readonly chain: readonly Link[];
  /** The newest entry of all at the export; null where nothing is signed yet. */
  readonly head: Head | null;
}

export const isEntry = (link: Link): link is ChainedEntry => 'body' in link;

/** With more strangers' entries than this only those up to the request's last entry are in the file. */
const mostLinks = 20_000;

function linksOf({ entries }: ChainPart, requestId: string, digest: Digest): Link[] {
  const links = entries.map((entry) => (entry.requestId === requestId ? entry : stubOf(entry, digest)));
  if (links.length <= mostLinks) return links;
  return links.slice(0, links.findLastIndex(isEntry) + 1);
}

/** `part` begins with the request's first entry. */
export const evidenceParts = (
  part: ChainPart,
  request: string,
  exportedAt: Instant,
  digest: Digest,
): EvidenceParts => ({
  about: { format: fileFormat, request, exportedAt },
  keys: part.keys,
  chain: linksOf(part, request, digest),
  head: headOf(part.newest) ?? null,
});

/** What is in the file for people. */
export const readingIn = ({ chain }: Pick<EvidenceParts, 'chain'>): Reading =>
  readingOf(chain.filter(isEntry));

interface Line {
  readonly place: string;
  readonly text: string;
}

const listed = (items: readonly Line[]): Line[] =>
  items.map(({ place, text }, index) => ({
    place,
    text: index === items.length - 1 ? text : `${text},`,
  }));

const linkPlace = (link: Link): string =>
  isEntry(link) ? `entry ${link.seq} (${link.kind})` : `entry ${link.seq} (of somebody else)`;

function linesOf(parts: EvidenceParts): Line[] {
  const { about, keys, chain, head } = parts;
  const reading = readingIn(parts);
  return [
    { place: 'about', text: `{"about":${canonicalJson(about)},` },
    { place: 'keys', text: '"keys":[' },
    ...listed(keys.map((key) => ({ place: 'keys', text: canonicalJson(key) }))),
    { place: 'keys', text: '],' },
    { place: 'chain', text: '"chain":[' },
    ...listed(chain.map((link) => ({ place: linkPlace(link), text: canonicalJson(link) }))),
    { place: 'chain', text: '],' },
    { place: 'head', text: `"head":${canonicalJson(head)},` },
    { place: 'reading', text: '"reading":{' },
    ...listed(
      readingSections.map((name) => ({
        place: `reading, ${name}`,
        text: `"${name}":${canonicalJson(reading[name])}`,
      })),
    ),
    { place: 'reading', text: '},' },
  ];
}

export interface RenderedFile {
  readonly text: string;
  /** Of each line, by its number from 0. */
  readonly places: readonly string[];
}

export function renderEvidence(parts: EvidenceParts, digest: Digest): RenderedFile {
  const lines = linesOf(parts);
  const above = `${lines.map(({ text }) => text).join('\n')}\n`;
  return {
    text: `${above}"sum":"${digest(above)}"}\n`,
    places: [...lines.map(({ place }) => place), 'sum', 'end of the file'],
  };
}
