/** `evidence export R-1`: the file for an auditor, and a page to read. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceCrypto } from '../evidence/keys';
import { evidencePage } from '../restore/evidence-page';
import { evidenceParts, renderEvidence } from '../restore/evidence-file';
import { readChainPart } from '../store/evidence';
import { verifyEvidence } from '../restore/evidence-verify';
import { DeskError, problem } from '../restore/errors';
import type { Verb } from './verb';

interface Asked {
  readonly request: string;
  readonly folder: string;
}

function asked(words: readonly string[]): Asked | undefined {
  const [request = '', option, folder] = words;
  if (!/^r-?\d{1,9}$/i.test(request)) return undefined;
  if (words.length !== 1 && (words.length !== 3 || option !== '--out')) return undefined;
  return { request: `R-${Number(request.replace(/\D/g, ''))}`, folder: folder ?? '.' };
}

const databaseOf = (url: string | undefined): string => {
  if (url !== undefined && url !== '') return url;
  throw new DeskError(problem('CONFIGURATION', { problems: ['DATABASE_URL must name the state database.'] }));
};

export const evidenceExport: Verb = {
  usage: 'evidence export R-1 [--out folder]',
  what: 'writes what became of a request, for an auditor: R-1.evidence.json and a page to read. Needs DATABASE_URL.',
  run: async (words, environment, terminal) => {
    const what = asked(words);
    if (!what) {
      terminal.err(evidenceExport.usage);
      return 2;
    }
    const { request, folder } = what;
    // Before it is read: an anchor that was put down earlier must be in it.
    const exportedAt = new Date().toISOString();
    const part = await readChainPart(databaseOf(environment['DATABASE_URL']), request);
    const parts = evidenceParts(part, request, exportedAt, evidenceCrypto.digest);
    const { text } = renderEvidence(parts, evidenceCrypto.digest);
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${request}.evidence.json`);
    await writeFile(file, text);
    await writeFile(join(folder, `${request}.evidence.html`), evidencePage(parts));
    terminal.out(`${file}: ${parts.chain.length} entries of the journal`);
    const { problems } = verifyEvidence(Buffer.from(text), { publicKeys: [] }, evidenceCrypto);
    for (const { place, what: wrong } of problems) terminal.err(`${place}: ${wrong}`);
    return problems.length === 0 ? 0 : 1;
  },
};
