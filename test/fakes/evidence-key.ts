/** Keys for tests: made anew by every process. */
import { generateKeyPairSync } from 'node:crypto';
import { signerOf } from '../../services/evidence/keys';

export const newPem = (kind: 'ed25519' | 'p256' = 'ed25519'): string => {
  const { privateKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};

export const testPem = newPem();
export const testSigner = signerOf(testPem, 'the test');
