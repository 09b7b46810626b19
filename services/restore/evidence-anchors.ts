/** Heads that were put down outside: what a chain must still hold, whoever has written it since. */
import { isEntry, type EvidenceParts } from './evidence-file';
import { headSchema } from './evidence-shape';
import type { AnchorLine } from './evidence-ports';
import type { Instant } from './instant';

/** One file for each day, so that none ever has too many lines. */
export const anchorBlob = (writtenAt: Instant): string => `anchors-${writtenAt.slice(0, 10)}.jsonl`;

/** Clocks of whoever anchors and whoever exports may differ by this. */
const clockSkewMillis = 60_000;

export interface AnchorFindings {
  readonly problems: readonly { readonly place: string; readonly what: string }[];
  /** Heads that stand in the file as they were put down. */
  readonly matched: number;
  /** The newest of those. */
  readonly upTo: number | undefined;
  /** Heads that the file says nothing about: older than the request, or newer than the file. */
  readonly outside: number;
}

type Line = { readonly place: string; readonly anchor: AnchorLine | undefined };

const anchorSchema = headSchema.extend({ writtenAt: headSchema.shape.at });

function readLine(text: string): AnchorLine | undefined {
  try {
    const read = anchorSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** One JSON object a line, as they are kept outside; several files may simply follow each other. */
export const readAnchors = (text: string): readonly Line[] =>
  text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `anchors, line ${index + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, place }) => ({ place, anchor: readLine(line) }));

function hashesIn({ chain, head }: EvidenceParts): Map<number, string> {
  const hashes = new Map(chain.map(({ seq, hash }) => [seq, hash]));
  if (head) hashes.set(head.seq, head.hash);
  return hashes;
}

/** What the chain had when it was exported must be in it. */
function cutTail({ about, chain, head }: EvidenceParts, { seq, writtenAt }: AnchorLine): string | undefined {
  const end = head?.seq ?? chain.at(-1)?.seq ?? 0;
  const isOlder = Date.parse(writtenAt) + clockSkewMillis < Date.parse(about.exportedAt);
  if (seq <= end || !isOlder) return undefined;
  return `entry ${seq} was there on ${writtenAt}; the file, exported on ${about.exportedAt}, ends with entry ${end}: the end was cut off`;
}

export function compareAnchors(parts: EvidenceParts, lines: readonly Line[]): AnchorFindings {
  const hashes = hashesIn(parts);
  const problems: { place: string; what: string }[] = [];
  const matched: number[] = [];
  let outside = 0;
  for (const { place, anchor } of lines) {
    if (!anchor) {
      problems.push({ place, what: 'it is no anchor' });
      continue;
    }
    const known = hashes.get(anchor.seq);
    const cut = cutTail(parts, anchor);
    if (cut !== undefined) problems.push({ place, what: cut });
    else if (known === undefined) outside += 1;
    else if (known === anchor.hash) matched.push(anchor.seq);
    else
      problems.push({
        place: `entry ${anchor.seq}`,
        what: `it is another one than was anchored on ${anchor.writtenAt}: the chain was written anew`,
      });
  }
  const upTo = matched.length === 0 ? undefined : Math.max(...matched);
  return { problems, matched: matched.length, upTo, outside };
}

/** The request's last entry that is in the file. */
export const lastEntry = ({ chain }: EvidenceParts): number => chain.findLast(isEntry)?.seq ?? 0;
