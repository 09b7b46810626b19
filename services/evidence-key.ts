/** The key that entries are signed with: from a file, or from a key vault, read once at the start. */
import { readFile } from 'node:fs/promises';
import { DeskError, problem } from './restore/errors';
import { signerOf } from './evidence/keys';
import type { EvidenceSigner } from './restore/evidence-ports';

export type EvidenceKeySetting =
  | { readonly kind: 'file'; readonly file: string }
  /** `https://<vault>/secrets/<name>`. */
  | { readonly kind: 'secret'; readonly url: string };

export async function loadSigner(
  setting: EvidenceKeySetting,
  readSecret: (url: string) => Promise<string>,
): Promise<EvidenceSigner> {
  if (setting.kind === 'secret') return signerOf(await readSecret(setting.url), 'EVIDENCE_KEY_SECRET');
  const pem = await readFile(setting.file, 'utf8').catch((error: unknown) => {
    throw new DeskError(
      problem('CONFIGURATION', { problems: ['The file that EVIDENCE_KEY_FILE names cannot be read.'] }),
      error,
    );
  });
  return signerOf(pem, 'EVIDENCE_KEY_FILE');
}
