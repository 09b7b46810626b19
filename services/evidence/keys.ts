/** Keys of the evidence: Ed25519 or P-256, by the platform's own cryptography. */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { DeskError, problem } from '../restore/errors';
import type { EvidenceCrypto, EvidenceSigner } from '../restore/evidence-ports';

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** 128 bits of the fingerprint: nobody makes a second key to them. */
const keyIdOf = (spki: Buffer): string => sha256(spki).slice(0, 32);

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

type Kind = 'ed25519' | 'p256';

function kindOf(key: KeyObject): Kind | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  return isP256 ? 'p256' : undefined;
}

/** Fixed length for P-256, so that a signature is written in one way only. */
const p256 = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

const unusable = (where: string, cause?: unknown): DeskError =>
  new DeskError(
    problem('CONFIGURATION', {
      problems: [`${where} holds no private key of kind Ed25519 or P-256 in PEM without a password.`],
    }),
    cause,
  );

function privateKey(pem: string, where: string): { readonly key: KeyObject; readonly kind: Kind } {
  try {
    const key = createPrivateKey(pem);
    const kind = kindOf(key);
    if (kind) return { key, kind };
  } catch {
    // What is thrown may quote the key: it goes nowhere.
  }
  throw unusable(where);
}

/** `where` names the setting that the key came by, for whoever has to mend it. */
export function signerOf(pem: string, where: string): EvidenceSigner {
  const { key, kind } = privateKey(pem, where);
  const spki = spkiOf(createPublicKey(key));
  return {
    keyId: keyIdOf(spki),
    publicKey: spki.toString('base64'),
    sign: (words) => {
      const data = Buffer.from(words);
      const signature = kind === 'ed25519' ? sign(null, data, key) : sign('sha256', data, p256(key));
      return signature.toString('base64url');
    },
  };
}

/** SubjectPublicKeyInfo in base64 from a PEM file of a public key (or of a private one, whose public half is taken). */
export function publicKeyOf(pem: string, where: string): string {
  try {
    const key = createPublicKey(pem);
    if (kindOf(key)) return spkiOf(key).toString('base64');
  } catch (error) {
    throw unusable(where, error);
  }
  throw unusable(where);
}

/** Read once for each key: the same one has signed thousands of entries. */
const readKeys = new Map<string, KeyObject | undefined>();
const mostReadKeys = 100;

function readPublicKey(base64: string): KeyObject | undefined {
  if (readKeys.has(base64)) return readKeys.get(base64);
  const key = parsePublicKey(base64);
  if (readKeys.size < mostReadKeys) readKeys.set(base64, key);
  return key;
}

function parsePublicKey(base64: string): KeyObject | undefined {
  try {
    const der = Buffer.from(base64, 'base64');
    const key = createPublicKey({ key: der, type: 'spki', format: 'der' });
    const isCanonical = der.toString('base64') === base64 && spkiOf(key).equals(der);
    return isCanonical && kindOf(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

function isSignedBy(publicKey: string, words: string, signature: string): boolean {
  const key = readPublicKey(publicKey);
  const bytes = Buffer.from(signature, 'base64url');
  if (!key || bytes.toString('base64url') !== signature) return false;
  const data = Buffer.from(words);
  return kindOf(key) === 'ed25519'
    ? verify(null, data, key, bytes)
    : verify('sha256', data, p256(key), bytes);
}

export const evidenceCrypto: EvidenceCrypto = {
  digest: sha256,
  keyIdOf: (publicKey) => readPublicKey(publicKey) && keyIdOf(Buffer.from(publicKey, 'base64')),
  isSignedBy,
};
