/** From what a person typed and what lies in a container to the plan of a load, or to all the reasons why there is none. */
import { containerId, readContainer } from './judge-vault-target';
import { askedAt, judgingOf, lengthProblems, reasonProblems, type PlanResult, type Wish } from './make-plan';
import { loadProblems, loadSetWarnings, wantedFiles } from './judge-load';
import { isModeCovered, policyProblems, probeFor, ruleFor, type Policy } from './policy';
import { standingServer } from './policy-destination';
import { termsFor } from './load-choices';
import type { Ask } from './policy-subject';
import type { DumpFile, FilesToServerPlan, LoadServer } from './load-plan';
import type { FormInputs } from './form-inputs';
import type { LoadFacts } from './load-facts';
import type { ProofProbe } from './proof-probe';
import type { ServerFacts } from './servers';

export const loadServer = ({
  id,
  name,
  subscriptionId,
  resourceGroup,
  location,
}: ServerFacts): LoadServer => ({
  id,
  name,
  subscriptionId,
  resourceGroup,
  location,
});

/** The container is where it comes from: a load leaves its region when the server stands elsewhere. */
function askOf(wish: Wish, facts: LoadFacts, server: ServerFacts | undefined): Ask {
  const ask: Ask = { action: 'restore', mode: 'files-to-server', at: askedAt(wish, facts) };
  const from = facts.set.account?.location;
  if (!server) return ask;
  const to = [standingServer(server)];
  return { ...ask, to, ...(from === undefined ? {} : { regionChange: from !== server.location }) };
}

/** Azure names its files after the server: `{prefix}_{server}_{time}_database_{database}`. */
function serverInNames(files: readonly DumpFile[]): string | undefined {
  const [first] = files.flatMap(({ name }) => /_([a-z0-9-]+)_\d{14}_database_/i.exec(name)?.[1] ?? []);
  return first;
}

/** The owner's questions for the server that is loaded into, or else for the one that the files are named after. */
function probeOf(policy: Policy, server: ServerFacts, files: readonly DumpFile[]): ProofProbe | undefined {
  const from = serverInNames(files);
  return probeFor(policy, server) ?? (from === undefined ? undefined : probeFor(policy, { name: from }));
}

/** All problems at once, or the plan. Pure: the same facts always give the same plan, and so the same hash. */
export function makeLoadPlan(wish: Wish, facts: LoadFacts, policy: Policy): PlanResult {
  const { inputs } = wish;
  const { match } = facts.target;
  const server = match.kind === 'one' ? match.server : undefined;
  const ask = askOf(wish, facts, server);
  const rule = server && ruleFor(policy, server, ask);
  const problems = [
    ...lengthProblems(inputs),
    ...loadProblems(inputs, facts, policy),
    ...reasonProblems(inputs, rule),
    // That no rule covers it at all is said of the server already.
    ...(server && isModeCovered(policy, server, 'files-to-server')
      ? policyProblems(policy, server, ask, judgingOf(wish, facts))
      : []),
  ];
  const { account } = facts.set;
  const asked = readContainer(inputs.container);
  if (problems.length > 0 || !server || !rule || !account || !asked) return { kind: 'refused', problems };
  const prefix = inputs.prefix.trim();
  const terms = termsFor(inputs, loadServer(server));
  const files = plannedFiles(inputs, facts.set.files, terms.extras);
  const proof = probeOf(policy, server, files);
  const { markedAt } = facts.set;
  const plan: FilesToServerPlan = {
    version: 1,
    mode: 'files-to-server',
    source: {
      id: containerId(account, asked.container),
      name: `${account.name}/${asked.container}/${prefix}`,
      location: account.location,
    },
    target: loadServer(server),
    account: account.name,
    container: asked.container,
    prefix,
    files,
    ...(markedAt === undefined ? {} : { markedAt }),
    load: terms,
    policy: { version: policy.version, rule: rule.name },
    ...(proof ? { proof } : {}),
  };
  const warnings = loadSetWarnings(inputs, facts.set);
  return {
    kind: 'plan',
    rule,
    plan,
    shown: {
      sku: server.sku,
      storageGb: server.storageGb,
      postgresVersion: server.version,
      askedAt: askedAt(wish, facts),
      ...(warnings.length > 0 ? { warnings } : {}),
    },
  };
}

/** Only what is loaded is sealed: another file of the set may change without harm. */
function plannedFiles(
  inputs: FormInputs,
  files: readonly DumpFile[],
  extras: readonly DumpFile['kind'][],
): readonly DumpFile[] {
  const databases = new Set(wantedFiles(inputs, files));
  return files.filter(
    (file) =>
      databases.has(file) || file.kind === 'roles' || file.kind === 'time mark' || extras.includes(file.kind),
  );
}
