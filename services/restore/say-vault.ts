/** What a plan of a restore from a vault means, in words for the card that is signed. Pure. */
import { utc } from './instant';
import type { VaultPlan } from './vault-plan';

/** What a reader could not expect, one short line each. */
export function vaultOptions(plan: VaultPlan): string[] {
  const { rehydration, crossRegion, vault } = plan;
  return [
    `vault ${vault.name}`,
    ...(rehydration === undefined
      ? []
      : [
          `fetched back from the archive with ${rehydration.priority.toLowerCase()} priority (${rehydrationWords[rehydration.priority]} before the restore begins), kept ${rehydration.days} days`,
        ]),
    ...(crossRegion === undefined ? [] : [`from the copies in ${crossRegion.region}`]),
    ...(plan.mode === 'vault-database' ? [`login of the secret ${secretName(plan.target.secretUri)}`] : []),
  ];
}

/** By its name only: its address is nobody's business in chat. */
const secretName = (uri: string): string => uri.split('/').at(-1) ?? '';

/** From Azure's own figures for blobs in its archive tier; it publishes none for PostgreSQL. */
export const rehydrationWords = {
  Standard: 'up to about 15 h',
  High: 'about 1 h',
} as const;

const databaseWarnings = (plan: Extract<VaultPlan, { mode: 'vault-database' }>): string[] => [
  `Grants and owners are not in the copy: the user of the key vault secret will own ${plan.target.database} and have all privileges on it.`,
  'The single server is a retired service. Files into a container can be loaded into a flexible server instead; they carry no owners and grants either.',
];

/** What an approver must have read first. */
export function vaultWarnings(plan: VaultPlan): string[] {
  return [
    ...(plan.mode === 'vault-database' ? databaseWarnings(plan) : []),
    plan.mode === 'vault-to-server'
      ? 'Once the vault has started its job nobody can cancel that: Azure has no call for it. The load after it can be stopped.'
      : 'Once it has started nobody can cancel it: Azure has no call for that.',
    ...(plan.crossRegion === undefined
      ? []
      : [
          `It reads the copies in ${plan.crossRegion.region}, which Azure charges for, and which lag behind the vault by 12 h and more.`,
        ]),
  ];
}

/** `2026-11-20 03:10:18 UTC`, with the tier where that is not the usual one. */
export const pointWords = ({ point }: VaultPlan): string =>
  `the recovery point of ${utc(point.time)}${point.store === 'archive' ? ' (archive tier)' : ''}`;
