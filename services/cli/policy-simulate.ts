/** `policy simulate file`: what would have become of past requests under another policy. It changes nothing. */
import { checkPolicyFile } from '../policy-file';
import { openPastRequests } from '../store/past-requests';
import { readServiceConfig } from '../config';
import { simulated } from '../restore/policy-simulate';
import { subjectsOfPast } from './past-subjects';
import type { Verb } from './verb';

/** Of a policy that is tried out the newest requests tell enough. */
const mostRequests = 5_000;

export const policySimulate: Verb = {
  usage: 'policy simulate file',
  what: 'Tells what would have become of past requests under another policy: refused, more or fewer approvals, other approvers.',
  run: async ([file], environment, { out, err }) => {
    if (file === undefined) {
      err('Name the policy file to try out.');
      return 2;
    }
    const read = await checkPolicyFile(file);
    if (read.kind === 'wrong') {
      for (const problem of read.problems) err(problem);
      return 1;
    }
    const past = openPastRequests(readServiceConfig(environment).databaseUrl);
    try {
      const [requests, servers] = [await past.newest(mostRequests), await past.servers()];
      let changed = 0;
      for (const request of requests) {
        const { rule, changes } = simulated(read.policy, request, subjectsOfPast(request, servers));
        if (changes.length > 0) changed += 1;
        const said = changes.length === 0 ? 'as it was' : changes.join('; ');
        out(`${request.id}  ${request.rule.name} -> ${rule ?? 'no rule'}  ${said}`);
      }
      out(`${changed} of ${requests.length} requests would have gone otherwise.`);
      return 0;
    } finally {
      await past.close();
    }
  },
};
