/** The form's view model: what was typed, what it means, and what this way of restoring this server allows. */
import { formFrame } from './form-frame';
import { canHoldServers } from './restore/judge-network';
import { deletedValue } from './restore/match-deleted';
import { factsOf } from './restore/asked-place';
import { formFields, newestBackup, type FormField, type FormInputs } from './restore/form-inputs';
import { isModeCovered, policySubject } from './restore/policy';
import { isZone, millisBetween, span, utc, type Instant } from './restore/instant';
import { judgeMoment, modeOf, revivableUntil } from './restore/judge-moment';
import { nothingToChoose, toldSource, type FormFacts } from './form-facts';
import { rangeWords } from './restore/steps';
import { medianSaving } from './restore/time-saved';
import type { BackupFacts, DeletedServer, ServerFacts, Source } from './restore/servers';
import type { Choice, FormMessage } from './restore/messages';
import type { Deps } from './deps';
import type { Draft } from './restore/request';
import { modeTitles } from './restore/mode-titles';
import type { RestoreMode, ServerMode, VaultMode } from './restore/plan';

const usualZones = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Toronto',
  'Asia/Tokyo',
];

/** Of a server; those of a vault are offered only where one protects it. */
const modes: readonly ServerMode[] = ['point-in-time', 'latest', 'fast', 'geo', 'dropped'];

const plain = (value: string): Choice => ({ title: value, value });

export const serverChoice = (server: ServerFacts): Choice => ({
  title: `${server.name} (${server.location}, ${server.resourceGroup})`,
  value: server.name,
});

/** `catalog-pg · deleted 2026-11-20 00:55:49 UTC · 3 d 23 h left`, or that its five days are over. */
export function deletedChoice(server: DeletedServer, all: readonly DeletedServer[], now: Instant): Choice {
  const left = millisBetween(now, revivableUntil(server));
  return {
    title: `${server.name} · deleted ${utc(server.deletedAt)} · ${left > 0 ? `${span(left)} left` : 'too long ago to bring back'}`,
    value: deletedValue(server, all),
  };
}

/** `2026-11-20 03:10:18 UTC · full · loses 6 h 12 min of writes against the moment`, or its age where there is none. */
export function backupChoice(backup: BackupFacts, wanted: Instant | undefined, now: Instant): Choice {
  const against = wanted !== undefined && backup.completedAt <= wanted;
  const lost = against
    ? `loses ${span(millisBetween(backup.completedAt, wanted))} of writes against the moment`
    : `loses ${span(millisBetween(backup.completedAt, now))} of writes until now`;
  return {
    title: `${utc(backup.completedAt)} · ${backup.kind === 'automatic' ? 'full' : 'on demand'} · ${lost}`,
    value: backup.name,
  };
}

/** Why a way of restoring is not offered for a server; undefined when it is. */
function whyNot(
  deps: Pick<Deps, 'policy'>,
  mode: RestoreMode,
  source: Source,
  { pair }: FormFacts,
): string | undefined {
  const { name } = source.server;
  // Another server has to be named for these, so nothing about this one speaks against them.
  if ((mode === 'dropped') !== (source.kind === 'deleted')) return undefined;
  if (!isModeCovered(deps.policy, policySubject(source), mode)) return 'the policy has no rule for it';
  if (source.kind === 'deleted') return undefined;
  const { geoRedundantBackup, location } = source.server;
  if (mode === 'geo') {
    if (!geoRedundantBackup) return `${name} has no geo-redundant backup`;
    return pair && pair.location === undefined ? `${location} has no paired region` : undefined;
  }
  return source.kind === 'remembered' ? `${location} does not answer now` : undefined;
}

/** Of a deleted server its vault is asked for in a sentence: the form knows it only by the deletion. */
const isVaultOffered = (
  { policy }: Pick<Deps, 'policy'>,
  mode: VaultMode,
  source: Source,
  { isProtected }: FormFacts,
): boolean => isProtected && source.kind !== 'deleted' && isModeCovered(policy, policySubject(source), mode);

/** There is something to choose where the region has other storage than the source. */
function hasOtherStorage(source: Source | undefined, { region }: FormFacts): boolean {
  const own = (source && factsOf(source)?.storageType) ?? 'Premium_LRS';
  return region?.storageTypes.some((type) => type !== own) === true;
}

function moreFields(source: Source | undefined, facts: FormFacts, several: boolean): FormField[] {
  const network = source && factsOf(source)?.network;
  const zones = facts.region?.skus.some((sku) => sku.zones.length > 0) === true;
  return [
    ...(several && source?.kind !== 'deleted' ? (['subscription'] as const) : []),
    ...(zones ? (['availabilityZone'] as const) : []),
    ...(hasOtherStorage(source, facts) ? (['storageType'] as const) : []),
    ...(facts.region?.geoBackup === true ? (['geoRedundancy'] as const) : []),
    ...(source && network?.kind !== 'public' ? (['subnet', 'dnsZone'] as const) : []),
    'highAvailability',
    'tags',
    'expires',
  ];
}

/** The fields that this mode and this server have, in the order of the form. */
function fieldsFor(
  mode: RestoreMode,
  source: Source | undefined,
  facts: FormFacts,
  several: boolean,
): FormField[] {
  const byMode: Readonly<Record<RestoreMode, readonly FormField[]>> = {
    latest: [],
    'point-in-time': ['moment', 'zone'],
    fast: ['backup'],
    geo: ['region'],
    dropped: source?.kind === 'deleted' && !source.server.before ? ['region'] : [],
    // A form of these is another one.
    'files-to-server': [],
    'vault-to-server': [],
    'vault-files': [],
    'vault-database': [],
  };
  const shown = new Set<FormField>([
    'source',
    'mode',
    ...byMode[mode],
    'target',
    'resourceGroup',
    ...moreFields(source, facts, several),
    'reason',
    'ticket',
  ]);
  return formFields.filter((field) => shown.has(field));
}

const storageNames: Readonly<Record<string, string>> = {
  Premium_LRS: 'Premium SSD',
  PremiumV2_LRS: 'Premium SSD v2',
  UltraSSD_LRS: 'Ultra disk',
};

function redundancyChoices(mode: RestoreMode, source: Source | undefined): Choice[] {
  const facts = source && factsOf(source);
  const geo = facts?.geoRedundantBackup === true;
  const isUnknown = source !== undefined && facts === undefined;
  const usual =
    mode === 'geo'
      ? 'locally redundant (usual in the paired region)'
      : isUnknown
        ? 'locally redundant (what the deleted server had is not known)'
        : `as the source (${geo ? 'geo-redundant' : 'locally redundant'})`;
  return [
    { title: usual, value: 'default' },
    { title: 'geo-redundant', value: 'on' },
    { title: 'locally redundant', value: 'off' },
  ];
}

function zoneChoices(source: Source | undefined, { region }: FormFacts): Choice[] {
  const sku = source && factsOf(source)?.sku.toLowerCase();
  const zones = region?.skus.filter(({ name }) => sku === undefined || name.toLowerCase() === sku) ?? [];
  return [
    { title: 'none (Azure chooses)', value: 'none' },
    ...[...new Set(zones.flatMap((entry) => entry.zones))].sort().map(plain),
  ];
}

const lastParts = (id: string): string => {
  const network = /\/virtualNetworks\/([^/]+)\//i.exec(id)?.[1];
  const name = id.split('/').at(-1) ?? id;
  return network === undefined ? name : `${network} / ${name}`;
};
const byId = ({ id }: { readonly id: string }): Choice => ({ title: lastParts(id), value: id });

function regionChoices(mode: RestoreMode, { pair, servers, groups }: FormFacts): Choice[] {
  if (mode === 'geo') return pair?.location === undefined ? [] : [plain(pair.location)];
  const known = [...servers.map(({ location }) => location), ...groups.map(({ location }) => location)];
  return [...new Set(known)].sort().map(plain);
}

function sourceChoices(
  mode: RestoreMode,
  source: Source | undefined,
  facts: FormFacts,
  now: Instant,
): Choice[] {
  if (mode === 'dropped') return facts.deleted.map((server) => deletedChoice(server, facts.deleted, now));
  const chosen = source && source.kind !== 'deleted' ? source.server : undefined;
  const others = facts.servers.filter(({ name }) => name !== chosen?.name);
  return [...(chosen ? [chosen] : []), ...others].map(serverChoice);
}

/** `newest` stands there only while nobody has read which one that is. */
const backupChoices = (
  { backup }: FormInputs,
  { backups }: FormFacts,
  { moment, now }: { readonly moment?: Instant; readonly now: Instant },
): Choice[] => [
  ...(backup === newestBackup ? [{ title: 'the newest full backup', value: newestBackup }] : []),
  ...backups.map((each) => backupChoice(each, moment, now)),
];

function choicesFor(
  draft: Draft,
  source: Source | undefined,
  facts: FormFacts,
  wanted: { readonly moment?: Instant; readonly now: Instant; readonly modes: readonly RestoreMode[] },
): FormMessage['choices'] {
  const { inputs } = draft;
  const mode = modeOf(inputs);
  return {
    source: sourceChoices(mode, source, facts, wanted.now),
    mode: wanted.modes.map((value) => ({ title: modeTitles[value], value })),
    zone: [...new Set([...(isZone(inputs.zone) ? [inputs.zone] : []), draft.zone, ...usualZones])].map(plain),
    backup: backupChoices(inputs, facts, wanted),
    region: regionChoices(mode, facts),
    subscription: facts.subscriptions,
    resourceGroup: facts.groups.map(({ name }) => plain(name)),
    availabilityZone: zoneChoices(source, facts),
    storageType: [
      { title: 'as the source', value: 'default' },
      ...(facts.region?.storageTypes ?? []).map((value) => ({ title: storageNames[value] ?? value, value })),
    ],
    geoRedundancy: redundancyChoices(mode, source),
    subnet: facts.subnets.map(byId),
    dnsZone: facts.dnsZones.filter(({ name }) => canHoldServers(name)).map(byId),
    highAvailability: [
      { title: 'none', value: 'none' },
      { title: 'zone-redundant (turned on afterwards)', value: 'ZoneRedundant' },
      { title: 'same zone (turned on afterwards)', value: 'SameZone' },
    ],
  };
}

/** One line: what follows the source, what can never be changed later, what can only grow. */
function follows(source: Source): string | undefined {
  const server = factsOf(source);
  const later =
    'Never changeable later: name, region, availability zone, storage type, backup redundancy. Storage can only grow';
  const cannot = 'Follows the source and cannot be chosen:';
  if (!server) return `${cannot} version, compute, storage and administrator of the deleted server. ${later}`;
  const network = server.network.kind === 'public' ? 'public access' : 'private access';
  const keys = server.encryption ? ', customer-managed keys' : '';
  return `${cannot} PostgreSQL ${server.version}, ${server.sku}, ${server.storageGb} GB, backups kept ${server.retentionDays} days, administrator, ${network}${keys}. ${later}`;
}

function deletedData(server: DeletedServer, now: Instant): string {
  const until = revivableUntil(server);
  const left = millisBetween(now, until);
  const kept =
    left > 0
      ? `Azure keeps it until ${utc(until)}: ${span(left)} left.`
      : `Azure kept it until ${utc(until)}.`;
  const where = server.before
    ? ''
    : ' Nothing tells its region: the one shown is that of its resource group, and Azure brings it back only where it stood.';
  return `The data will be what ${server.name} held when it was deleted at ${utc(server.deletedAt)}. ${kept}${where}`;
}

function dataLine(
  mode: RestoreMode,
  source: Source | undefined,
  facts: FormFacts,
  now: Instant,
): string | undefined {
  if (mode === 'geo')
    return `The data will be the last that reached ${facts.pair?.location ?? 'the paired region'}: up to an hour old. No moment can be chosen there.`;
  if (mode === 'dropped' && source?.kind === 'deleted') return deletedData(source.server, now);
  const saving = mode === 'fast' ? medianSaving(facts.durations) : undefined;
  if (saving === undefined) return undefined;
  const { savedMillis, restores } = saving;
  return `Usually ${rangeWords(savedMillis, savedMillis)} quicker than a chosen moment (${restores} past restores).`;
}

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [k in K]?: V };

export function sayForm(
  deps: Pick<Deps, 'policy' | 'clock' | 'settings'>,
  draft: Draft,
  facts: FormFacts = nothingToChoose,
): FormMessage {
  const { inputs } = draft;
  const now = deps.clock.now();
  const mode = modeOf(inputs);
  const source = toldSource(deps.policy, facts);
  const { planned } = judgeMoment(inputs, source, now, facts.backups);
  // A moment that was typed is what a backup is compared with, also while a backup is being chosen.
  const typed = judgeMoment({ ...inputs, mode: 'point-in-time' }, source, now, []).planned;
  const moment = typed?.mode === 'point-in-time' ? typed.moment : undefined;
  const reasons = modes.map((each) => [each, source && whyNot(deps, each, source, facts)] as const);
  const offered: RestoreMode[] = [
    ...modes.filter((each) => each === mode || !reasons.some(([m, why]) => m === each && why)),
    ...(['vault-files', 'vault-to-server'] as const).filter(
      (each) => source && isVaultOffered(deps, each, source, facts),
    ),
  ];
  const existing = source && source.kind !== 'deleted' ? source.server : undefined;
  return {
    ...formFrame(draft, now),
    inputs: existing ? { ...inputs, source: existing.name } : inputs,
    fields: fieldsFor(mode, source, facts, deps.settings.subscriptionIds.length > 1),
    choices: choicesFor(draft, source, facts, { ...optional('moment', moment), now, modes: offered }),
    notOffered: reasons.flatMap(([each, why]) =>
      why === undefined || each === mode ? [] : [`${modeTitles[each]} (${why})`],
    ),
    ...optional('moment', planned && 'moment' in planned ? planned.moment : undefined),
    ...optional('dataLine', dataLine(mode, source, facts, now)),
    ...optional('follows', source && follows(source)),
    ...optional('knownSince', source?.kind === 'remembered' ? source.seenAt : undefined),
    ...(existing && mode !== 'geo'
      ? { window: { server: existing.name, ...optional('earliest', existing.earliestRestoreAt) } }
      : {}),
  };
}
