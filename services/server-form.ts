/** What a form about a server holds before anybody typed, and what is said early about what it holds. */
import { completeInputs } from './restore/complete-inputs';
import { isCovered, policySubject } from './restore/policy';
import { judgeMoment, modeOf } from './restore/judge-moment';
import { newestBackup, type FormInputs } from './restore/form-inputs';
import { nextName } from './restore/servers';
import { problem, type Problem } from './restore/errors';
import { sourceProblems } from './restore/judge-source';
import { toldSource, type FormFacts } from './form-facts';
import type { Deps } from './deps';

/** Problems that are worth saying before anything is submitted: a source nobody knows, a moment outside the window. */
export function earlyProblems(deps: Deps, inputs: FormInputs, facts: FormFacts): Problem[] {
  const { match } = facts;
  if (!match) return [problem('AZURE_UNREACHABLE')];
  if (inputs.source === '') return [];
  if (match.kind !== 'one') return sourceProblems(inputs, match, undefined);
  const source = match.server;
  const subject = policySubject(source);
  if (!isCovered(deps.policy, subject)) return [problem('NO_POLICY_RULE', { name: subject.name })];
  const mode = modeOf(inputs);
  const given = mode === 'fast' ? inputs.backup !== '' : mode !== 'point-in-time' || inputs.moment !== '';
  return [
    ...sourceProblems(inputs, match, facts.pair),
    ...(given ? judgeMoment(inputs, source, deps.clock.now(), facts.backups).problems : []),
  ];
}

/** Where a deleted server's group still stands is the likeliest place where the server stood. */
export function withDefaults({ policy }: Deps, inputs: FormInputs, facts: FormFacts): FormInputs {
  const source = toldSource(policy, facts);
  const group = facts.groups.find(
    ({ name }) => name.toLowerCase() === source?.server.resourceGroup.toLowerCase(),
  );
  return completeInputs(inputs, {
    ...(source ? { source } : {}),
    ...(facts.pair ? { pair: facts.pair } : {}),
    ...(group ? { groupLocation: group.location } : {}),
  });
}

export function sentenceInputs(inputs: FormInputs, { backups }: FormFacts): FormInputs {
  const source = inputs.source.toLowerCase();
  return {
    ...inputs,
    target: inputs.target === '' && source !== '' ? nextName(source.split('@')[0] ?? source) : inputs.target,
    backup: inputs.backup === newestBackup ? (backups[0]?.name ?? newestBackup) : inputs.backup,
  };
}
