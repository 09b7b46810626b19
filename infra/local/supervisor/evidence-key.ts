/** The key that the product signs its journal with: made on the first start, kept for the life of the state folder. */
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file, readable by its owner only. */
export async function ensureEvidenceKey(stateDir: string): Promise<string> {
  const file = join(stateDir, 'evidence-key.pem');
  if (existsSync(file)) return file;
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(`${file}.new`, pem, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  return file;
}
