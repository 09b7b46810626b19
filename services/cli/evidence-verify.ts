/** `evidence verify file`: offline, with no database and no settings. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { evidenceCrypto, publicKeyOf } from '../evidence/keys';
import { evidencePage } from '../restore/evidence-page';
import { readEvidence } from '../restore/evidence-shape';
import { verifyEvidence, type Kept } from '../restore/evidence-verify';
import { DeskError, problem } from '../restore/errors';
import type { Terminal, Verb } from './verb';

interface Asked {
  readonly file: string;
  readonly keys: readonly string[];
  readonly anchors: readonly string[];
}

function asked(words: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { key: { type: 'string', multiple: true }, anchors: { type: 'string', multiple: true } },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) return undefined;
    return { file, keys: values.key ?? [], anchors: values.anchors ?? [] };
  } catch {
    return undefined;
  }
}

const read = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: unknown) => {
    throw new DeskError(problem('CONFIGURATION', { problems: [`${file} cannot be read.`] }), error);
  });

async function keptOf({ keys, anchors }: Asked): Promise<Kept> {
  const publicKeys = await Promise.all(
    keys.map(async (file) => publicKeyOf((await read(file)).toString('utf8'), file)),
  );
  const kept = await Promise.all(anchors.map(async (file) => (await read(file)).toString('utf8')));
  return { publicKeys, ...(kept.length === 0 ? {} : { anchors: kept.join('\n') }) };
}

/** The page is made from the file alone, so it can be told whether it is the one of this file. */
async function pageProblem(file: string, bytes: Buffer): Promise<string | undefined> {
  const page = await readFile(file.replace(/\.json$/, '.html'), 'utf8').catch(() => undefined);
  const evidence = readEvidence(bytes.toString('utf8'));
  if (page === undefined || evidence.kind === 'unreadable' || !file.endsWith('.json')) return undefined;
  return page === evidencePage(evidence.parts)
    ? undefined
    : 'the page beside the file: it is not the page of this file';
}

function tell(terminal: Terminal, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  terminal.out(title);
  for (const line of lines) terminal.out(`  ${line}`);
}

export const evidenceVerify: Verb = {
  usage: 'evidence verify file [--key public.pem]... [--anchors anchors.jsonl]...',
  what: 'checks an exported file, offline; with keys and anchors that were kept elsewhere it can tell more.',
  run: async (words, _environment, terminal) => {
    const what = asked(words);
    if (!what) {
      terminal.err(evidenceVerify.usage);
      return 2;
    }
    const bytes = await read(what.file);
    const { problems, checked, unchecked } = verifyEvidence(bytes, await keptOf(what), evidenceCrypto);
    const page = await pageProblem(what.file, bytes);
    const wrong = [
      ...problems.map(({ place, what: found }) => `${place}: ${found}`),
      ...(page === undefined ? [] : [page]),
    ];
    tell(terminal, 'Checked:', checked);
    tell(terminal, 'Not checked:', unchecked);
    tell(terminal, 'WRONG:', wrong);
    if (wrong.length === 0) terminal.out('Nothing wrong was found.');
    return wrong.length === 0 ? 0 : 1;
  },
};
