/** Is a chain whole? Every entry is looked at by itself, against the one before it, and against the one before of its request. */
import type { EvidenceCrypto, PublicKey } from './evidence-ports';
import { genesis, hashOf, signedWords, type ChainedEntry, type Head } from './evidence-entry';

/** What is wrong, and with which entry. */
export interface ChainFault {
  readonly seq: number;
  readonly what: string;
}

/** A signature is only worth what its key is; which keys may sign is for the caller to know. */
export function signatureFault(
  head: Head,
  keys: readonly PublicKey[],
  crypto: EvidenceCrypto,
): string | undefined {
  const key = keys.find(({ keyId }) => keyId === head.keyId);
  if (!key) return `it is signed with key ${head.keyId}, which is not known`;
  if (crypto.keyIdOf(key.publicKey) !== key.keyId) return `key ${key.keyId} is not what its name says`;
  return crypto.isSignedBy(key.publicKey, signedWords(head), head.signature)
    ? undefined
    : 'its signature is not of this key';
}

function contentFault(
  entry: ChainedEntry,
  keys: readonly PublicKey[],
  crypto: EvidenceCrypto,
): string | undefined {
  if (entry.hash !== hashOf(entry, crypto.digest)) return 'its hash is not that of what it says';
  return entry.format === 1 ? undefined : signatureFault(entry, keys, crypto);
}

/** Follows the entries of every request. */
export function createOwnLinks(): (entry: ChainedEntry) => string | undefined {
  const last = new Map<string, { readonly seq: number; readonly hash: string }>();
  return ({ requestId, own, hash }) => {
    if (requestId === null || own === null)
      return requestId === null && own === null ? undefined : 'it is half of a request and half of none';
    const before = last.get(requestId) ?? { seq: 0, hash: genesis };
    last.set(requestId, { seq: own.seq, hash });
    if (own.seq !== before.seq + 1)
      return `it is entry ${own.seq} of ${requestId} and follows entry ${before.seq}`;
    return own.prevHash === before.hash
      ? undefined
      : `it does not follow the entry of ${requestId} before it`;
  };
}

/** All faults of a whole journal, from its first entry to its newest. */
export function chainFaults(
  entries: readonly ChainedEntry[],
  keys: readonly PublicKey[],
  crypto: EvidenceCrypto,
): ChainFault[] {
  const ownFault = createOwnLinks();
  const faults: ChainFault[] = [];
  let before: Pick<ChainedEntry, 'seq' | 'hash' | 'format'> = { seq: 0, hash: genesis, format: 1 };
  for (const entry of entries) {
    const found = [
      entry.seq === before.seq + 1 ? undefined : `it follows entry ${before.seq}`,
      entry.prevHash === before.hash ? undefined : 'it does not follow the entry before it',
      entry.format < before.format ? 'it is unsigned and follows a signed one' : undefined,
      contentFault(entry, keys, crypto),
      ownFault(entry),
    ];
    faults.push(...found.flatMap((what) => (what === undefined ? [] : [{ seq: entry.seq, what }])));
    before = entry;
  }
  return faults;
}
