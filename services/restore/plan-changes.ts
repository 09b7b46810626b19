/** What differs between two plans, in words of the card. */
import { canonicalJson } from './canonical-json';
import { isFilesPlan, isVaultPlan, loadTerms, sealedMoment, type Plan, type ServerPlan } from './plan';
import { writesFiles, type VaultPlan } from './vault-plan';

type Field<P> = readonly [name: string, of: (plan: P) => unknown];

const common: readonly Field<Plan>[] = [
  ['the way to restore', (plan) => plan.mode],
  ['the moment', (plan) => sealedMoment(plan) ?? 'fixed at the start'],
  ['the source', (plan) => plan.source.id.toLowerCase()],
  ['the region of the source', (plan) => plan.source.location],
  ['the region', (plan) => plan.target.location],
  ['the policy version', (plan) => plan.policy.version],
  ['the policy rule', (plan) => plan.policy.rule],
  ['the proof of the data', (plan) => plan.proof],
  ['the server that is loaded into', (plan) => loadTerms(plan)?.server.id.toLowerCase() ?? 'none'],
  ['the databases to take', (plan) => loadTerms(plan)?.databases],
  ['what becomes of owners and grants', (plan) => loadTerms(plan)?.choices],
  ['what else is loaded', (plan) => loadTerms(plan)?.extras],
  ['the files', (plan) => (isFilesPlan(plan) ? plan.files : null)],
];

const ofServers: readonly Field<ServerPlan>[] = [
  ['the new server', (plan) => plan.target.id.toLowerCase()],
  ['the backup', (plan) => (plan.mode === 'fast' ? plan.backup : null)],
  ['the deletion', (plan) => (plan.mode === 'dropped' ? plan.deletedAt : null)],
  ['the network', (plan) => plan.network],
  ['the backup redundancy', (plan) => (plan.geoRedundantBackup ? 'geo-redundant' : 'local')],
  ['the availability zone', (plan) => plan.availabilityZone ?? 'none'],
  ['the storage type', (plan) => plan.storageType ?? 'as the source'],
  ['the encryption keys', (plan) => plan.encryption],
  ['the tags', (plan) => plan.tags],
  ['the expiry', (plan) => plan.expires ?? 'none'],
  ['what is left for afterwards', (plan) => plan.followUps],
];

const ofVaults: readonly Field<VaultPlan>[] = [
  ['what it is restored to', (plan) => plan.target.id.toLowerCase()],
  ['the vault', (plan) => plan.vault.id.toLowerCase()],
  ['what is protected in it', (plan) => plan.instanceId.toLowerCase()],
  ['the recovery point', (plan) => plan.point.id],
  ['the tier of the recovery point', (plan) => plan.point.store],
  ['the fetching from the archive', (plan) => plan.rehydration],
  ['the region of the copies', (plan) => plan.crossRegion?.region ?? 'that of the vault'],
  ['the requests to the resource guard', (plan) => plan.guardRequests],
  ['the names of the files', (plan) => (writesFiles(plan) ? plan.target.prefix : 'none')],
  ['the container', (plan) => (writesFiles(plan) ? plan.target.url : 'none')],
  ['the key vault secret', (plan) => (plan.mode === 'vault-database' ? [plan.target.secretUri] : [])],
];

const isId = (text: string): boolean => text.startsWith('/subscriptions/');

/** Of two ids only that in which they differ: nobody reads the rest of them on a phone. */
function withoutCommonStart(one: string, other: string): readonly [string, string] {
  const [a, b] = [one.split('/'), other.split('/')];
  const same = a.findIndex((part, index) => part !== b[index]);
  return same === -1 ? [one, other] : [a.slice(same).join('/'), b.slice(same).join('/')];
}

function changes<P>(fields: readonly Field<P>[], before: P, after: P): string[] {
  return fields.flatMap(([name, of]) => {
    const [was, is] = [of(before), of(after)];
    if (canonicalJson(was ?? null) === canonicalJson(is ?? null)) return [];
    if (typeof was !== 'string' || typeof is !== 'string') return [name];
    const [old, now] = isId(was) && isId(is) ? withoutCommonStart(was, is) : [was, is];
    return [`${name} (${old}, now ${now})`];
  });
}

/**
 * Each difference with the value before and after where it is a short one. Ids are the same in any spelling: Azure writes
 * them differently in a list and in a single answer.
 */
export function planChanges(before: Plan, after: Plan): string[] {
  const shared = changes(common, before, after);
  if (isVaultPlan(before) && isVaultPlan(after)) return [...shared, ...changes(ofVaults, before, after)];
  if (isVaultPlan(before) || isVaultPlan(after)) return shared;
  if (isFilesPlan(before) || isFilesPlan(after)) return shared;
  return [...shared, ...changes(ofServers, before, after)];
}
