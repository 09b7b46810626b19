/** What evidence needs from the world: keys, and a place outside where heads of the chain are kept. */
import type { Digest } from './digest';
import type { ChainedEntry, Head } from './evidence-entry';
import type { Instant } from './instant';

/** The public half of a key, as it travels in exported files. */
export interface PublicKey {
  /** Fingerprint of `publicKey`. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
}

/** Signs entries of the journal; the private key stays inside. */
export interface EvidenceSigner extends PublicKey {
  /** Base64url. Synchronous: it runs inside the transaction of a click. */
  sign(words: string): string;
}

/** Sums and signatures, handed in because the domain computes nothing that the platform must provide. */
export interface EvidenceCrypto {
  readonly digest: Digest;
  /** Undefined for what is no public key of a kind that is used here. */
  keyIdOf(publicKey: string): string | undefined;
  /** False for a signature that is not written the one way it can be written, too. */
  isSignedBy(publicKey: string, words: string, signature: string): boolean;
}

/** One line outside: a head, and when it was put there. */
export interface AnchorLine extends Head {
  readonly writtenAt: Instant;
}

export interface EvidenceAnchor {
  /** Adds a line where nothing can be changed or taken away. Throws a DeskError when it is not certain that it stands there. */
  write(line: AnchorLine): Promise<void>;
}

/** What an export is made from, as one moment of the chain shows it. */
export interface ChainPart {
  /** From the first entry of the request on, in order, everybody's. */
  readonly entries: readonly ChainedEntry[];
  /** The newest entry of all. */
  readonly newest: ChainedEntry;
  readonly keys: readonly PublicKey[];
}
