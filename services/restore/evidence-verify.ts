/** Checks an exported file with nothing but itself, and the keys and anchors that somebody kept elsewhere. */
import { claimFaults } from './evidence-claims';
import { compareAnchors, lastEntry, readAnchors } from './evidence-anchors';
import { createOwnLinks, signatureFault, type ChainFault } from './evidence-chain';
import { genesis, hashOf, sealOf } from './evidence-entry';
import { isEntry, renderEvidence, type EvidenceParts, type Link } from './evidence-file';
import { lineFault, placeOfLine, readEvidence } from './evidence-shape';
import type { EvidenceCrypto } from './evidence-ports';

export interface Kept {
  /** Public keys (SubjectPublicKeyInfo, base64) that may have signed; empty where none is known from elsewhere. */
  readonly publicKeys: readonly string[];
  /** Lines that were kept outside; absent where there are none. */
  readonly anchors?: string;
}

export interface Verification {
  /** Where something is wrong, and what. Empty: nothing was found. */
  readonly problems: readonly { readonly place: string; readonly what: string }[];
  readonly checked: readonly string[];
  /** What nobody can tell from what was given. */
  readonly unchecked: readonly string[];
}

type Before = Pick<Link, 'seq' | 'hash' | 'format'> | undefined;

/** A stranger's entry: its hash follows from its content's, and none of this request hides among them. */
function stubFault(link: Exclude<Link, { body: unknown }>, before: Before, crypto: EvidenceCrypto) {
  if (link.format === 1 || before === undefined) return undefined;
  return sealOf({ ...link, prevHash: before.hash }, crypto.digest) === link.hash
    ? undefined
    : 'its hash does not follow from the entry before it';
}

function linkFaults(parts: EvidenceParts, crypto: EvidenceCrypto): ChainFault[] {
  const ownFault = createOwnLinks();
  const { request } = parts.about;
  let before: Before;
  return parts.chain.flatMap((link) => {
    const found: (string | undefined)[] = [
      before === undefined || link.seq === before.seq + 1
        ? undefined
        : `it follows entry ${before.seq}: something is missing or moved`,
      before !== undefined && link.format < before.format
        ? 'it is unsigned and follows a signed one'
        : undefined,
      before === undefined && !isEntry(link) ? 'a file begins with an entry of its request' : undefined,
    ];
    if (isEntry(link)) {
      const previous = before?.hash ?? (link.seq === 1 ? genesis : link.prevHash);
      found.push(
        link.requestId === request ? undefined : `it is not of ${request}`,
        link.prevHash === previous ? undefined : 'it does not follow the entry before it',
        link.hash === hashOf(link, crypto.digest) ? undefined : 'its hash is not that of what it says',
        link.format === 1 ? undefined : signatureFault(link, parts.keys, crypto),
        ownFault(link),
      );
    } else {
      found.push(
        link.requestId === request ? `an entry of ${request} is hidden` : undefined,
        stubFault(link, before, crypto),
      );
    }
    before = link;
    return found.flatMap((what) => (what === undefined ? [] : [{ seq: link.seq, what }]));
  });
}

function headProblem({ head, chain, keys }: EvidenceParts, crypto: EvidenceCrypto): string | undefined {
  if (!head) return 'nothing is signed';
  const last = chain.at(-1);
  if (last && last.seq > head.seq) return 'it is older than the last entry';
  if (last && last.seq === head.seq && last.hash !== head.hash) return 'it is not the last entry';
  return signatureFault(head, keys, crypto);
}

function keyProblems({ keys, chain, head }: EvidenceParts, { publicKeys }: Kept, crypto: EvidenceCrypto) {
  const pinned = publicKeys.map((key) => crypto.keyIdOf(key));
  const used = new Set([
    ...chain.flatMap((link) => (link.format === 2 ? [link.keyId] : [])),
    ...(head ? [head.keyId] : []),
  ]);
  const strange = publicKeys.length === 0 ? [] : [...used].filter((id) => !pinned.includes(id));
  return [
    ...keys
      .filter(({ keyId, publicKey }) => crypto.keyIdOf(publicKey) !== keyId)
      .map(({ keyId }) => `key ${keyId} is not what its name says`),
    ...strange.map((id) => `key ${id} signed here and is none of those that may`),
  ];
}

/** The first byte that differs from the file that these parts make. */
function difference(text: string, parts: EvidenceParts, crypto: EvidenceCrypto) {
  const made = renderEvidence(parts, crypto.digest);
  if (made.text === text) return [];
  const lines = text.split('\n');
  const index = made.text.split('\n').findIndex((line, nth) => line !== lines[nth]);
  const line = index < 0 ? lines.length - 1 : index;
  const place = made.places[line] ?? 'end of the file';
  const what = 'it is not what follows from the rest of the file';
  return [
    {
      place: `${place}, line ${line + 1}`,
      // Nothing else depends on when it was exported, so only the sum can tell.
      what: place === 'sum' ? `${what}: the sum, or the time of the export, was changed` : what,
    },
  ];
}

function notes(parts: EvidenceParts, { publicKeys, anchors }: Kept, anchoredUpTo: number | undefined) {
  const { chain, head } = parts;
  const last = lastEntry(parts);
  const unsigned = chain.filter(({ format }) => format === 1).length;
  const end = chain.at(-1)?.seq ?? 0;
  return [
    ...(publicKeys.length === 0
      ? ['Whose keys these are: no public key was given, so anybody may have signed.']
      : []),
    ...(anchors === undefined
      ? ['Whether who holds the key wrote the chain anew, or cut its end: no anchors were given.']
      : []),
    ...(anchors !== undefined && (anchoredUpTo ?? 0) < last
      ? [`Whether entries after ${anchoredUpTo ?? 0} were there early: no anchor names them or a later one.`]
      : []),
    ...(unsigned > 0 ? [`${unsigned} entries are from before entries were signed.`] : []),
    ...(head && end < head.seq
      ? [`What came after entry ${end}, up to ${head.seq}: too many entries of others are between.`]
      : []),
  ];
}

function verifyParts(text: string, parts: EvidenceParts, kept: Kept, crypto: EvidenceCrypto): Verification {
  const entries = parts.chain.filter(isEntry);
  const faults = [...linkFaults(parts, crypto), ...claimFaults(entries, crypto.digest)];
  const head = headProblem(parts, crypto);
  const anchors = kept.anchors === undefined ? undefined : compareAnchors(parts, readAnchors(kept.anchors));
  return {
    problems: [
      ...faults.map(({ seq, what }) => ({ place: `entry ${seq}`, what })),
      ...keyProblems(parts, kept, crypto).map((what) => ({ place: 'keys', what })),
      ...(head === undefined ? [] : [{ place: 'head', what: head }]),
      ...(anchors?.problems ?? []),
      ...difference(text, parts, crypto),
    ],
    checked: [
      `${entries.length} entries of ${parts.about.request}: their hashes, their links, their signatures.`,
      `${parts.chain.length - entries.length} entries of others between and after them, by hash alone.`,
      'Plans against their hashes, approvals against who could approve, orders against approvals.',
      'Every byte of the file, and its reading, against what follows from the entries.',
      ...(kept.publicKeys.length > 0 ? ['Keys against those that were given.'] : []),
      ...(anchors
        ? [`${anchors.matched} anchors that the chain still has; ${anchors.outside} say nothing here.`]
        : []),
    ],
    unchecked: notes(parts, kept, anchors?.upTo),
  };
}

const unreadable = (place: string, what: string): Verification => ({
  problems: [{ place, what }],
  ...{ checked: [], unchecked: ['Everything else: the file cannot be read.'] },
});

export function verifyEvidence(bytes: Uint8Array, kept: Kept, crypto: EvidenceCrypto): Verification {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const lines = text.split('\n');
  // What is no text was replaced on reading, and would make other bytes.
  const again = new TextEncoder().encode(text);
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) {
    const damaged = lines.findIndex((line) => line.includes('\uFFFD'));
    return unreadable(damaged < 0 ? lineFault(lines) : placeOfLine(lines, damaged), 'there is no text');
  }
  const read = readEvidence(text);
  return read.kind === 'unreadable'
    ? unreadable(read.place, read.what)
    : verifyParts(text, read.parts, kept, crypto);
}
