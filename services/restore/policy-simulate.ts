/** What another policy would have made of a past request. Pure. */
import { freezeFor } from './policy';
import { judgedRules, type Asked } from './policy-words';
import { neededOf } from './sealed-rule';
import { partyKey, type Party } from './party';
import type { Policy, PolicyRule } from './policy-schema';
import type { RestoreRequest } from './request';

export interface Simulated {
  readonly rule: string | undefined;
  /** One sentence each; empty where nothing changes. */
  readonly changes: readonly string[];
}

const names = (parties: readonly Party[]): string => parties.map(({ name }) => name).join(', ');

function partyChanges(before: readonly Party[], after: readonly Party[]): string[] {
  const missingIn = (some: readonly Party[], others: readonly Party[]): Party[] => {
    const keys = new Set(others.map(partyKey));
    return [...new Map(some.map((party) => [partyKey(party), party])).values()].filter(
      (party) => !keys.has(partyKey(party)),
    );
  };
  const added = missingIn(after, before);
  const gone = missingIn(before, after);
  return [
    ...(added.length > 0 ? [`may approve as well: ${names(added)}`] : []),
    ...(gone.length > 0 ? [`may approve no longer: ${names(gone)}`] : []),
  ];
}

function ruleChanges(request: RestoreRequest, rule: PolicyRule): string[] {
  const before = request.rule;
  const needed = rule.stages.reduce((sum, stage) => sum + stage.needed, 0);
  const was = neededOf(before);
  return [
    ...(needed === was ? [] : [`${needed > was ? 'more' : 'fewer'} approvals: ${needed} instead of ${was}`]),
    ...(rule.stages.length === before.stages.length
      ? []
      : [`${rule.stages.length} stages instead of ${before.stages.length}`]),
    ...partyChanges(
      before.stages.flatMap(({ parties }) => parties),
      rule.stages.flatMap(({ parties }) => parties),
    ),
    ...reasonChanges(request, rule),
  ];
}

function reasonChanges({ inputs }: RestoreRequest, { reasonRequired, ticketPattern }: PolicyRule): string[] {
  const fits = ticketPattern === undefined || new RegExp(`^(?:${ticketPattern})$`).test(inputs.ticket.trim());
  return [
    ...(reasonRequired && inputs.reason.trim() === '' ? ['refused: it has no reason'] : []),
    ...(fits ? [] : ['refused: its ticket does not look as it has to']),
  ];
}

/** `asked` is what the policy would be asked about the request; freezes are judged by when it was asked. */
export function simulated(policy: Policy, request: RestoreRequest, asked: readonly Asked[]): Simulated {
  const { holds } = judgedRules(policy, asked);
  if (!holds) return { rule: undefined, changes: ['refused: no rule matches'] };
  const frozen = asked.flatMap(({ subject, ask }) => freezeFor(policy, subject, ask, ask.at ?? '') ?? []);
  return {
    rule: holds.name,
    changes: [
      ...frozen.slice(0, 1).map(({ name }) => `refused: frozen (${name})`),
      ...ruleChanges(request, holds),
    ],
  };
}
