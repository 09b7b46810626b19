/** The owner's command line. It reads: nobody asks for a restore or decides about one from here. */
import { DeskError } from '../restore/errors';
import { evidenceExport } from './evidence-export';
import { evidenceVerify } from './evidence-verify';
import { policyCheck, policySchemaVerb } from './policy-check';
import { policyExplain } from './policy-explain';
import { policySimulate } from './policy-simulate';
import type { Terminal, Verb } from './verb';

/** By their first two words. */
const verbs: Readonly<Record<string, Verb>> = {
  'evidence export': evidenceExport,
  'evidence verify': evidenceVerify,
  'policy check': policyCheck,
  'policy schema': policySchemaVerb,
  'policy explain': policyExplain,
  'policy simulate': policySimulate,
};

const terminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
};

function help(): void {
  terminal.err('Restore Desk, for its owner. Nobody asks for a restore or decides about one from here.');
  for (const { usage, what } of Object.values(verbs)) terminal.err(`  ${usage}\n      ${what}`);
}

async function main(): Promise<number> {
  const [room = '', name = '', ...words] = process.argv.slice(2);
  const verb = verbs[`${room} ${name}`];
  if (!verb) {
    help();
    return 2;
  }
  try {
    return await verb.run(words, process.env, terminal);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    terminal.err(`${error.problem.sentence} ${error.problem.hint}`);
    return 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
