/** Whether a recovery point can be had: what is protected, the vault, the point, and the region of its copies. */
import { millisBetween, utc } from './instant';
import { modeOf } from './judge-moment';
import { problem, type Problem } from './errors';
import { hasRole, vaultRoles, type InstanceFacts, type RecoveryPoint, type VaultFacts } from './vaults';
import type { FormInputs } from './form-inputs';
import type { VaultPreflightFacts } from './vault-facts';

const named = ({ name, resourceGroup, subscriptionId }: VaultFacts) => ({
  vault: name,
  group: resourceGroup,
  subscriptionId,
});

/**
 * Azure restores what is protected, what is not any more, and what is paused; not what is half set up or thrown away. Where
 * it tells no state that is no reason to refuse: its own check comes before anybody is asked.
 */
const restorableStates: readonly string[] = [
  '',
  'unknown',
  'protectionconfigured',
  'protectionstopped',
  'backupschedulessuspended',
  'retentionschedulessuspended',
  'updatingprotection',
];

export function instanceProblems(inputs: FormInputs, facts: VaultPreflightFacts): Problem[] {
  const { instance } = facts;
  const name = inputs.source.trim();
  if (name === '') return [problem('SOURCE_MISSING')];
  switch (instance.kind) {
    case 'none':
      return [problem('PROTECTED_UNKNOWN', { name, nearest: instance.nearest })];
    case 'several':
      return [severalProblem(name, instance.names)];
    case 'one':
      return oneProblems(inputs, instance.server, facts);
  }
}

/** The names are titles; where they are all the same, the source is protected in several vaults (`orders-pg in vault-shop`). */
function severalProblem(name: string, names: readonly string[]): Problem {
  const vaults = names.flatMap((each) => / in (\S+)$/.exec(each)?.[1] ?? []);
  return vaults.length === names.length
    ? problem('PROTECTED_TWICE', { name, vaults })
    : problem('PROTECTED_AMBIGUOUS', { name, matches: names });
}

function oneProblems(
  inputs: FormInputs,
  instance: InstanceFacts,
  { vault, allowsSingleServers }: VaultPreflightFacts,
): Problem[] {
  const { title, datasource, protectionState } = instance;
  const isSingle = datasource === 'single-server-database';
  const isRestorable = restorableStates.includes(protectionState.trim().toLowerCase());
  return [
    ...(isSingle && !allowsSingleServers ? [problem('LEGACY_OFF', { name: title })] : []),
    ...(!isSingle && modeOf(inputs) === 'vault-database' ? [problem('FILES_ONLY', { name: title })] : []),
    ...(isRestorable ? [] : [problem('PROTECTION_STATE', { name: title, state: protectionState })]),
    ...(vault ? [] : [problem('VAULT_GONE', { vault: instance.vaultName })]),
  ];
}

/** Who has to be let in where, and what Azure has to be told first. */
export function vaultProblems(facts: VaultPreflightFacts): Problem[] {
  const { vault, instance, rolesOnSource, missingRights } = facts;
  if (!vault || instance.kind !== 'one') return [];
  const { server } = instance.server;
  const { principalId: principal } = vault;
  const { reader } = vaultRoles;
  return [
    ...missingRights.map((missing) => problem('VAULT_RIGHTS_MISSING', { vault: vault.name, ...missing })),
    ...(principal === undefined ? [problem('VAULT_WITHOUT_IDENTITY', named(vault))] : []),
    ...(principal !== undefined && !hasRole(rolesOnSource, reader)
      ? [
          problem('VAULT_ROLE_MISSING', {
            ...{ vault: vault.name, principal, role: reader.name },
            ...{ scope: server.id, where: server.name },
          }),
        ]
      : []),
    ...regionProblems(facts, vault, instance.server),
  ];
}

function regionProblems(
  { secondary, points, hasVaultThere }: VaultPreflightFacts,
  vault: VaultFacts,
  instance: InstanceFacts,
): Problem[] {
  if (secondary === undefined) return [];
  if (vault.redundancy !== 'geo')
    return [problem('CROSS_REGION_LOCAL', { vault: vault.name, redundancy: vault.redundancy })];
  if (!vault.crossRegionRestore) return [problem('CROSS_REGION_OFF', named(vault))];
  const elsewhere = instance.secondaryRegion ?? vault.secondaryRegion;
  if (elsewhere !== undefined && elsewhere !== secondary)
    return [
      problem('CROSS_REGION_ELSEWHERE', { vault: vault.name, region: secondary, secondary: elsewhere }),
    ];
  const { resourceGroup: group, subscriptionId } = vault;
  return [
    ...(points.length === 0
      ? [problem('CROSS_REGION_NO_COPIES', { name: instance.title, region: secondary })]
      : []),
    ...(hasVaultThere
      ? []
      : [problem('CROSS_REGION_NO_VAULT', { region: secondary, group, subscriptionId })]),
  ];
}

const priorities = ['Standard', 'High'] as const;
export type Priority = (typeof priorities)[number];

export const priorityOf = ({ rehydration }: FormInputs): Priority | undefined =>
  priorities.find((known) => known.toLowerCase() === (rehydration.trim() || 'Standard').toLowerCase());

const usualDays = 15;

/** Azure keeps a fetched point for 10 to 30 days. */
export function daysOf({ rehydrationDays }: FormInputs): number | undefined {
  const typed = rehydrationDays.trim();
  if (typed === '') return usualDays;
  const days = /^\d{1,3}$/.test(typed) ? Number(typed) : Number.NaN;
  return days >= 10 && days <= 30 ? days : undefined;
}

/** An archived point has to be fetched back before it can be restored, unless somebody has done so already. */
export const needsRehydration = ({ store, rehydratedUntil }: RecoveryPoint, now: string): boolean =>
  store === 'archive' && (rehydratedUntil === undefined || rehydratedUntil <= now);

export function pointProblems(inputs: FormInputs, { point, now }: VaultPreflightFacts): Problem[] {
  if (!point) return [];
  if (point.kind === 'none') return [point.because];
  const { time, expiresAt, isComplete, isRehydrating } = point.point;
  const archived = needsRehydration(point.point, now);
  return [
    ...(expiresAt !== undefined && millisBetween(expiresAt, now) >= 0
      ? [problem('POINT_EXPIRED', { time: utc(time), expired: utc(expiresAt) })]
      : []),
    ...(isComplete ? [] : [problem('POINT_PARTIAL', { time: utc(time) })]),
    ...(isRehydrating ? [problem('POINT_REHYDRATING', { time: utc(time) })] : []),
    ...(archived && priorityOf(inputs) === undefined
      ? [problem('REHYDRATION_PRIORITY', { priority: inputs.rehydration.trim() })]
      : []),
    ...(archived && daysOf(inputs) === undefined
      ? [problem('REHYDRATION_DAYS', { days: inputs.rehydrationDays.trim() })]
      : []),
  ];
}
