/** Reads the policy from its YAML file. The version that plans are sealed with covers every byte of it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { DeskError, problem } from './restore/errors';
import { readPolicy, type Policy } from './restore/policy';

export async function loadPolicy(file: string): Promise<Policy> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DeskError(
      problem('CONFIGURATION', { problems: [`The policy file ${file} cannot be read.`] }),
      error,
    );
  });
  return parsePolicy(text);
}

export function parsePolicy(text: string): Policy {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    throw new DeskError(
      problem('CONFIGURATION', { problems: document.errors.map(({ message }) => `policy: ${message}`) }),
    );
  }
  const policy = readPolicy(document.toJS());
  const content = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { ...policy, version: `${policy.version}+${content}` };
}
