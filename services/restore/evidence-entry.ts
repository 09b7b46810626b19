/**
 * An entry of the journal as it stands in the chain, and the rule by which it is sealed. Every entry is linked twice: to
 * the entry before it, and to the one before it of the same request.
 *
 * Format 2: `content` is the hash of what is told (who, what, of the link within the request too); `hash` covers content,
 * number, time, request and the hash before. So a stranger's entry can be shown as its content's hash alone and the chain
 * still be followed through it. What is signed names number, time and hash: one signed head vouches for all before it.
 * Format 1 is what older versions wrote: one hash, no signature.
 */
import { canonicalJson } from './canonical-json';
import type { Digest } from './digest';
import type { Instant } from './instant';
import type { JournalEntry } from './ports';

/** The hash before the first entry, of the chain and of every request. */
export const genesis = '0'.repeat(64);

/** Place among the entries of one request, counted from 1. */
export interface OwnLink {
  readonly seq: number;
  readonly prevHash: string;
}

/** A head of the chain: whoever holds it can tell whether a chain still has that entry. */
export interface Head {
  readonly seq: number;
  readonly at: Instant;
  readonly hash: string;
  readonly keyId: string;
  /** Base64url, of `signedWords`. */
  readonly signature: string;
}

interface Linked extends JournalEntry {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
  /** Null for what belongs to no request. */
  readonly own: OwnLink | null;
}

export type ChainedEntry =
  | (Linked & { readonly format: 1 })
  | (Linked & { readonly format: 2; readonly keyId: string; readonly signature: string });

/** What stands for an entry of another request: enough to follow the chain, nothing of what it tells. */
export type Stub =
  | {
      readonly format: 2;
      readonly seq: number;
      readonly at: Instant;
      readonly requestId: string | null;
      readonly keyId: string;
      readonly content: string;
      readonly hash: string;
    }
  /** Of an old entry nothing can be computed without telling it. */
  | { readonly format: 1; readonly seq: number; readonly requestId: string | null; readonly hash: string };

type Told = Pick<ChainedEntry, 'actor' | 'body' | 'kind' | 'own'>;

export const contentOf = ({ actor, body, kind, own }: Told, digest: Digest): string =>
  digest(canonicalJson({ actor, body, kind, own }));

type Sealed = Pick<Head, 'seq' | 'at' | 'keyId'> & {
  readonly requestId: string | null;
  readonly prevHash: string;
  readonly content: string;
};

export const sealOf = ({ seq, at, keyId, requestId, prevHash, content }: Sealed, digest: Digest): string =>
  digest(canonicalJson({ format: 2, seq, at, keyId, requestId, prevHash, content }));

function oldHash({ seq, prevHash, at, requestId, kind, actor, body }: Linked, digest: Digest): string {
  return digest(canonicalJson({ seq, prevHash, at, requestId, kind, actor, body }));
}

/** As it must be, from everything else that the entry says. */
export const hashOf = (entry: ChainedEntry, digest: Digest): string =>
  entry.format === 1
    ? oldHash(entry, digest)
    : sealOf({ ...entry, content: contentOf(entry, digest) }, digest);

export const signedWords = ({ seq, at, hash }: Pick<Head, 'seq' | 'at' | 'hash'>): string =>
  `restore-desk journal 2\n${seq}\n${at}\n${hash}`;

export const stubOf = (entry: ChainedEntry, digest: Digest): Stub => {
  const { format, seq, at, requestId, hash } = entry;
  return format === 1
    ? { format, seq, requestId, hash }
    : { format, seq, at, requestId, keyId: entry.keyId, content: contentOf(entry, digest), hash };
};

export const headOf = (entry: ChainedEntry): Head | undefined => {
  if (entry.format === 1) return undefined;
  const { seq, at, hash, keyId, signature } = entry;
  return { seq, at, hash, keyId, signature };
};
