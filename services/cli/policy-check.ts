/** `policy check` and `policy schema`: what is wrong with a policy file, and what an editor needs to help writing one. */
import { checkPolicyFile } from '../policy-file';
import { policyJsonSchema } from '../restore/policy-json-schema';
import type { Environment } from '../config';
import type { Verb } from './verb';

/** The file that a command is about: the one that is named, or the one that the product reads. */
const policyFileOf = (named: string | undefined, { POLICY_FILE }: Environment): string | undefined =>
  named ?? (POLICY_FILE === '' ? undefined : POLICY_FILE);

export const policyCheck: Verb = {
  usage: 'policy check [file]',
  what: 'Lists everything that is wrong with a policy, by line. Without a file: the one that POLICY_FILE names.',
  run: async ([named], environment, { out, err }) => {
    const file = policyFileOf(named, environment);
    if (file === undefined) {
      err('Name a file, or set POLICY_FILE.');
      return 2;
    }
    const read = await checkPolicyFile(file);
    if (read.kind === 'wrong') {
      for (const problem of read.problems) err(problem);
      err(`${read.problems.length} ${read.problems.length === 1 ? 'problem' : 'problems'} in ${file}.`);
      return 1;
    }
    const { rules, version } = read.policy;
    out(`${file} is good: version ${version}, ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}.`);
    return 0;
  },
};

export const policySchemaVerb: Verb = {
  usage: 'policy schema',
  what: 'Writes the JSON schema of the policy, with which editors complete and check it.',
  run: async (_words, _environment, { out }) => {
    out(JSON.stringify(policyJsonSchema(), null, 2));
    return 0;
  },
};
