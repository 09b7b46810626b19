/** Preflight as a pure judgement: each problem alone, all of them together, and a plan that only its facts decide. */
import { askedPlace } from '../../../services/restore/asked-place';
import {
  hashPlan,
  isHashPrefix,
  isFilesPlan,
  isVaultPlan,
  shortHash,
  type ServerPlan,
} from '../../../services/restore/plan';
import { planChanges } from '../../../services/restore/plan-changes';
import { makePlan, type PreflightFacts } from '../../../services/restore/make-plan';
import {
  aDeletedServer,
  aDnsZone,
  aPlace,
  aPlan,
  aRegion,
  aServer,
  aSubnet,
  ines,
  martin,
  now,
  policyOf,
  ruleDocument,
  sha256,
  shopPolicy,
  someInputs,
} from '../../fakes/facts';
import type { FormInputs } from '../../../services/restore/form-inputs';
import type { Person } from '../../../services/restore/person';
import type { PlaceFacts } from '../../../services/restore/judge-place';
import type { Policy } from '../../../services/restore/policy';
import type { ServerFacts, Source, SourceMatch } from '../../../services/restore/servers';

const orders = aServer('orders-pg');

interface Case {
  readonly inputs?: Partial<FormInputs>;
  readonly source?: Source;
  readonly match?: SourceMatch;
  readonly place?: Partial<PlaceFacts>;
  readonly facts?: Partial<PreflightFacts>;
  readonly policy?: Policy;
  readonly requester?: Person;
}

const live = (changes: Partial<ServerFacts> = {}): Source => ({
  kind: 'live',
  server: { ...orders, ...changes },
});
const remembered: Source = { kind: 'remembered', server: orders, seenAt: '2026-11-19T13:00:00.000Z' };
const deleted = (changes: object = {}): Source => ({
  kind: 'deleted',
  server: aDeletedServer('orders-pg', changes),
});
const pair = { location: 'canadaeast', knownFrom: 'azure' } as const;

/** The place as preflight would read it: asked as the form asks, and everything there. */
function placeFor(inputs: FormInputs, source: Source, changes: Partial<PlaceFacts>): PlaceFacts {
  const looked = inputs.mode === 'geo' ? pair : undefined;
  const asked = askedPlace(inputs, source, changes.pair ?? looked);
  return aPlace({
    asked,
    ...(looked ? { pair: looked } : {}),
    region: aRegion(asked.location),
    ...(asked.network.kind === 'private' && asked.network.subnetId !== undefined
      ? { subnet: aSubnet() }
      : {}),
    ...(asked.network.kind === 'private' && asked.network.dnsZoneId !== undefined
      ? { dnsZone: aDnsZone() }
      : {}),
    ...changes,
  });
}

function judge(wish: Case) {
  const { policy = shopPolicy, requester = ines, match } = wish;
  const inputs = someInputs(wish.inputs);
  const source = wish.source ?? live();
  const place = match ? {} : { place: placeFor(inputs, source, wish.place ?? {}) };
  const facts = { source: match ?? { kind: 'one', server: source }, backups: [], now, ...place } as const;
  return makePlan({ inputs, requester }, { ...facts, ...wish.facts }, policy);
}

function codes(wish: Case): string[] {
  const result = judge(wish);
  return result.kind === 'refused' ? result.problems.map(({ code }) => code) : [];
}

const { earliestRestoreAt: _none, ...withoutBackup } = orders;
const ticketRule = policyOf([ruleDocument({ ticketPattern: 'INC-\\d+' })]);
const geo = { mode: 'geo', moment: '' } as const;
const dropped = { mode: 'dropped', moment: '', region: 'canadacentral', target: 'orders-pg-r1' } as const;
const inVnet = live({
  network: {
    kind: 'private',
    delegatedSubnetId: aSubnet().id,
    privateDnsZoneId: aDnsZone().id,
  },
});
const east = { subnet: '/vnets/east/subnets/pg', dnsZone: aDnsZone().id };
const keys = { primaryKeyUri: 'https://kv-a/keys/1', primaryIdentityId: '/ids/a' };
const geoKey = { keyUri: 'https://kv-b/keys/2', identityId: '/ids/b' };

const alone: readonly [string, Case][] = [
  ['SOURCE_MISSING', { inputs: { source: ' ' }, match: { kind: 'none', nearest: [] } }],
  ['SOURCE_UNKNOWN', { match: { kind: 'none', nearest: ['orders-pg'] } }],
  ['SOURCE_AMBIGUOUS', { match: { kind: 'several', names: ['a', 'b'] } }],
  ['SOURCE_NOT_READY', { source: live({ state: 'Stopped' }) }],
  ['SOURCE_UNREACHABLE', { source: remembered }],
  ['SOURCE_NOT_DELETED', { inputs: { mode: 'dropped' } }],
  ['DELETED_UNKNOWN', { inputs: dropped, match: { kind: 'none', nearest: [] } }],
  ['DELETED_TOO_LONG_AGO', { inputs: dropped, source: deleted({ deletedAt: '2026-11-14T13:27:00.000Z' }) }],
  ['NO_BACKUP_YET', { source: { kind: 'live', server: withoutBackup } }],
  ['NO_GEO_BACKUP', { inputs: geo, source: live({ geoRedundantBackup: false }) }],
  ['NO_REGION_PAIR', { inputs: geo, place: { pair: { knownFrom: 'table' } } }],
  ['GEO_KEY_MISSING', { inputs: geo, source: live({ encryption: keys }) }],
  ['REGION_NOT_PAIRED', { inputs: { ...geo, region: 'West US 3' } }],
  ['REGION_NOT_POSSIBLE', { inputs: { region: 'canadaeast' } }],
  ['REGION_MISSING', { inputs: { ...dropped, region: '' }, source: deleted() }],
  ['MOMENT_MISSING', { inputs: { moment: '  ' } }],
  ['MOMENT_UNREADABLE', { inputs: { moment: 'about noon' } }],
  ['MOMENT_UNREADABLE', { inputs: { moment: '14:05Z' } }],
  ['ZONE_UNKNOWN', { inputs: { zone: 'Mars/Olympus' } }],
  ['MOMENT_SKIPPED', { inputs: { moment: '2026-03-29 02:30', zone: 'Europe/Berlin' } }],
  ['MOMENT_TWICE', { inputs: { moment: '2026-10-25 02:30', zone: 'Europe/Berlin' } }],
  ['MOMENT_IN_FUTURE', { inputs: { moment: '2026-11-19 13:27:01' } }],
  ['MOMENT_BEFORE_WINDOW', { inputs: { moment: '2026-11-12 13:26:59' } }],
  ['BACKUP_MISSING', { inputs: { mode: 'fast' } }],
  ['BACKUP_GONE', { inputs: { mode: 'fast', backup: 'backup_1' } }],
  ['MODE_UNKNOWN', { inputs: { mode: 'fastest' } }],
  ['TARGET_MISSING', { inputs: { target: ' ' } }],
  ['TARGET_NAME_INVALID', { inputs: { target: 'orders_pg' } }],
  ['TARGET_NAME_INVALID', { place: { targetName: { kind: 'invalid', message: 'reserved' } } }],
  ['TARGET_NAME_TAKEN', { place: { targetName: { kind: 'taken' } } }],
  ['TARGET_IS_SOURCE', { inputs: { target: 'Orders-PG' } }],
  ['TARGET_IS_OLD_NAME', { inputs: { ...dropped, target: 'orders-pg' }, source: deleted() }],
  ['DUPLICATE_OPEN', { place: { openForTarget: 'R-7' } }],
  ['CHOICE_UNKNOWN', { inputs: { resourceGroup: 'rg; rm -rf ~' } }],
  ['SUBSCRIPTION_UNKNOWN', { inputs: { subscription: '99999999-3333-4333-8333-333333333333' } }],
  [
    'SUBSCRIPTION_FIXED',
    {
      inputs: { ...dropped, subscription: 'other-one' },
      source: deleted(),
      place: { subscriptions: ['other-one'] },
    },
  ],
  ['RIGHTS_MISSING', { place: { missingRights: [{ scope: '/rg', actions: ['write'], assignee: 'us' }] } }],
  ['REGION_RESTRICTED', { place: { region: aRegion('canadacentral', { restricted: true, versions: [] }) } }],
  ['VERSION_NOT_OFFERED', { place: { region: aRegion('canadacentral', { versions: ['17'] }) } }],
  ['SKU_NOT_OFFERED', { place: { region: aRegion('canadacentral', { skus: [] }) } }],
  ['QUOTA_EXCEEDED', { place: { quota: { limit: 100, used: 99 } } }],
  ['ZONE_NOT_OFFERED', { inputs: { availabilityZone: '4' } }],
  ['STORAGE_TYPE_NOT_OFFERED', { inputs: { storageType: 'UltraSSD_LRS' } }],
  ['CHOICE_UNKNOWN', { inputs: { storageType: 'floppy' } }],
  ['CHOICE_UNKNOWN', { inputs: { geoRedundancy: 'perhaps' } }],
  ['CHOICE_UNKNOWN', { inputs: { highAvailability: 'always' } }],
  ['GEO_REDUNDANCY_NOT_OFFERED', { inputs: { ...geo, geoRedundancy: 'on' }, source: remembered }],
  [
    'GEO_REDUNDANCY_NOT_OFFERED',
    { inputs: { geoRedundancy: 'on' }, place: { region: aRegion('canadacentral', { geoBackup: false }) } },
  ],
  ['NETWORK_IS_PUBLIC', { inputs: { subnet: aSubnet().id } }],
  ['SUBNET_MISSING', { inputs: { ...geo, dnsZone: aDnsZone().id }, source: inVnet }],
  ['SUBNET_ELSEWHERE', { inputs: { ...geo, ...east }, source: inVnet }],
  ['SUBNET_NOT_DELEGATED', { source: inVnet, place: { subnet: aSubnet({ delegations: [] }) } }],
  ['SUBNET_FULL', { source: inVnet, place: { subnet: aSubnet({ freeAddresses: 0 }) } }],
  [
    'DNS_ZONE_MISSING',
    {
      inputs: { ...geo, subnet: east.subnet },
      source: inVnet,
      place: { subnet: aSubnet({ location: 'canadaeast' }) },
    },
  ],
  ['DNS_ZONE_NAME_WRONG', { source: inVnet, place: { dnsZone: aDnsZone({ name: 'shop.example' }) } }],
  ['DNS_ZONE_NOT_LINKED', { source: inVnet, place: { dnsZone: aDnsZone({ linkedNetworks: [] }) } }],
  ['TAGS_UNREADABLE', { inputs: { tags: 'team' } }],
  ['TAGS_UNREADABLE', { inputs: { tags: 'a<b=c' } }],
  ['TAG_RESERVED', { inputs: { tags: 'Restore-Desk-Nonce=mine' } }],
  ['TAGS_TOO_MANY', { inputs: { tags: Array.from({ length: 47 }, (_, n) => `t${n}=1`).join() } }],
  ['EXPIRES_UNREADABLE', { inputs: { expires: 'next week' } }],
  ['EXPIRES_OUT_OF_RANGE', { inputs: { expires: '2026-11-19' } }],
  ['EXPIRES_OUT_OF_RANGE', { inputs: { expires: '2027-11-21' } }],
  ['REASON_MISSING', { inputs: { reason: '  ' } }],
  ['TICKET_INVALID', { inputs: { ticket: 'JIRA-1' }, policy: ticketRule }],
  ['TICKET_INVALID', { inputs: { ticket: 'xINC-1y' }, policy: ticketRule }],
  ['TEXT_TOO_LONG', { inputs: { reason: 'x'.repeat(501) } }],
  ['NO_POLICY_RULE', { policy: policyOf([ruleDocument({ match: { server: 'other' } })]) }],
  [
    'WAY_NOT_COVERED',
    { policy: policyOf([ruleDocument({ match: { server: 'orders-pg', modes: ['latest'] } })]) },
  ],
  ['NO_APPROVER_LEFT', { policy: policyOf([ruleDocument({ needed: 2 })]), requester: martin }],
];

/** What preflight finds nothing at is left out of the facts. */
test.each<[string, Case, keyof PlaceFacts]>([
  ['RESOURCE_GROUP_MISSING', {}, 'resourceGroup'],
  ['SUBNET_UNKNOWN', { source: inVnet }, 'subnet'],
  ['DNS_ZONE_UNKNOWN', { source: inVnet }, 'dnsZone'],
])('%s when Azure has none', (code, wish, left) => {
  const inputs = someInputs(wish.inputs);
  const { [left]: _left, ...place } = placeFor(inputs, wish.source ?? live(), {});
  expect(codes({ ...wish, facts: { place: place as PlaceFacts } })).toEqual([code]);
});

test('nothing wrong, no problem', () => {
  expect(codes({})).toEqual([]);
});

test.each(alone)('%s comes alone when only that is wrong', (code, wish) => {
  expect(codes(wish)).toEqual([code]);
});

test('several things wrong at once are all said at once', () => {
  const all = codes({
    inputs: {
      moment: '2027-01-01 00:00',
      target: 'Not A Name',
      reason: '',
      ticket: 'x'.repeat(61),
      tags: 'x',
      expires: 'x',
    },
    source: live({ state: 'Updating' }),
    place: {
      missingRights: [{ scope: '/rg', actions: ['write'], assignee: 'us' }],
      region: aRegion('canadacentral', { restricted: true }),
    },
  });
  expect(all).toEqual([
    'TEXT_TOO_LONG',
    'SOURCE_NOT_READY',
    'MOMENT_IN_FUTURE',
    'TARGET_NAME_INVALID',
    'RIGHTS_MISSING',
    'REGION_RESTRICTED',
    'TAGS_UNREADABLE',
    'EXPIRES_UNREADABLE',
    'REASON_MISSING',
  ]);
});

test('both ends of the window are inside it', () => {
  expect(codes({ inputs: { moment: '2026-11-12 13:27:00' } })).toEqual([]);
  expect(codes({ inputs: { moment: now } })).toEqual([]);
});

test('latest needs neither moment nor zone', () => {
  expect(judge({ inputs: { mode: 'latest', moment: 'rubbish', zone: '' } })).toMatchObject({
    kind: 'plan',
    plan: { mode: 'latest' },
  });
});

const planOf = (wish: Case): ServerPlan => {
  const result = judge(wish);
  if (result.kind !== 'plan') throw new Error(`refused: ${result.problems.map(({ code }) => code).join()}`);
  if (isVaultPlan(result.plan) || isFilesPlan(result.plan)) throw new Error('a plan of another kind');
  return result.plan;
};

test('the same facts give the same plan and the same hash, however they were typed', () => {
  const typed = planOf({ inputs: { target: ' ORDERS-PG-R1 ', moment: '2026-11-19T14:05:00+01:00' } });
  expect(hashPlan(typed, sha256)).toBe(hashPlan(planOf({}), sha256));
});

test('what may drift does not change the hash', () => {
  const drifted = planOf({
    source: live({ storageGb: 128, earliestRestoreAt: '2026-11-13T00:00:00.000Z', version: '17' }),
  });
  expect(hashPlan(drifted, sha256)).toBe(hashPlan(planOf({}), sha256));
});

test.each<[string, Case]>([
  ['the moment', { inputs: { moment: '2026-11-19 13:05:01' } }],
  ['the new server', { inputs: { target: 'orders-pg-r2' } }],
  ['the new server', { inputs: { resourceGroup: 'rg-dr' } }],
  ['the network', { source: inVnet }],
  ['the backup redundancy', { source: live({ geoRedundantBackup: false }) }],
  ['the availability zone', { inputs: { availabilityZone: '2' } }],
  ['the storage type', { inputs: { storageType: 'Premium_LRS' } }],
  ['the tags', { inputs: { tags: 'team=orders' } }],
  ['the expiry', { inputs: { expires: '2026-12-03' } }],
  ['what is left for afterwards', { inputs: { highAvailability: 'SameZone' } }],
  ['the policy version', { policy: { ...shopPolicy, version: 'test-2' } }],
  ['the proof of the data', { policy: { ...shopPolicy, proof: [] } }],
])('a change of %s changes the hash and is named', (named, wish) => {
  const [before, after] = [planOf({}), planOf(wish)];
  expect(hashPlan(after, sha256)).not.toBe(hashPlan(before, sha256));
  expect(planChanges(before, after).map((change) => change.replace(/ \(.*\)$/, ''))).toEqual([named]);
});

test('nothing is named when nothing changed', () => {
  expect(planChanges(planOf({}), planOf({}))).toEqual([]);
});

describe('the short hash that a person types', () => {
  const hash = hashPlan(aPlan(), sha256);

  test.each([
    [shortHash(hash)],
    [hash.slice(0, 4)],
    [hash],
    [hash.slice(0, 6).toUpperCase()],
    [` ${hash.slice(0, 4)} ${hash.slice(4, 8)} `],
    [`${hash.slice(0, 4)}-${hash.slice(4, 8)}`],
  ])('is accepted as %s', (typed) => {
    expect(isHashPrefix(typed, hash)).toBe(true);
  });

  const other = hash.startsWith('0') ? '1' : '0';
  test.each([
    [''],
    [hash.slice(0, 3)],
    [other + hash.slice(1, 8)],
    [hash.slice(1, 9)],
    [`${hash}0`],
    ['...····'],
    [`${hash.slice(0, 4)}g`],
  ])('is refused as "%s"', (typed) => {
    expect(isHashPrefix(typed, hash)).toBe(false);
  });
});

describe('a full backup', () => {
  const backup = { name: 'backup_1', kind: 'automatic', completedAt: '2026-11-19T03:10:18.126Z' } as const;
  const facts = { backups: [backup] };

  test('is asked for just after its completion, never before it, whatever the form says as moment', () => {
    const result = judge({ inputs: { mode: 'fast', backup: 'backup_1', moment: 'nonsense' }, facts });
    expect(result).toMatchObject({
      kind: 'plan',
      plan: { mode: 'fast', moment: '2026-11-19T03:10:18.127Z', backup: { name: 'backup_1' } },
    });
  });

  test('asked for as the newest is that one by name in the plan', () => {
    const older = { ...backup, name: 'backup_0', completedAt: '2026-11-18T03:10:18.126Z' };
    expect(
      judge({ inputs: { mode: 'fast', backup: 'newest' }, facts: { backups: [backup, older] } }),
    ).toMatchObject({ kind: 'plan', plan: { backup: { name: 'backup_1' } } });
    expect(codes({ inputs: { mode: 'fast', backup: 'newest' } })).toEqual(['BACKUP_GONE']);
  });

  test('that is not chosen, or gone, is said', () => {
    expect(codes({ inputs: { mode: 'fast', backup: ' ' }, facts })).toEqual(['BACKUP_MISSING']);
    expect(codes({ inputs: { mode: 'fast', backup: 'backup_0' }, facts })).toEqual(['BACKUP_GONE']);
  });

  test('that is another one than approved is a change of the plan', () => {
    const other = { ...backup, completedAt: '2026-11-19T04:00:00.000Z' };
    const [before, after] = [facts, { backups: [other] }].map((known) => {
      const result = judge({ inputs: { mode: 'fast', backup: 'backup_1' }, facts: known });
      return result.kind === 'plan' ? result.plan : undefined;
    });
    expect(before && after && planChanges(before, after)).toEqual([
      'the moment (2026-11-19T03:10:18.127Z, now 2026-11-19T04:00:00.001Z)',
      'the backup',
    ]);
  });
});

test('a short change is told with both values', () => {
  const changed = planOf({ inputs: { availabilityZone: '2' } });
  expect(planChanges(planOf({}), changed)).toEqual(['the availability zone (none, now 2)']);
});

test('a geo restore goes into the paired region, locally redundant, with nothing of the source network', () => {
  expect(planOf({ inputs: geo })).toMatchObject({
    mode: 'geo',
    target: { location: 'canadaeast' },
    geoRedundantBackup: false,
    network: { kind: 'public' },
  });
});

test('while its region is down a geo restore goes through on what was seen last', () => {
  expect(planOf({ inputs: geo, source: remembered })).toEqual(planOf({ inputs: geo }));
});

test('in the paired region the keys change places', () => {
  const plan = planOf({ inputs: geo, source: live({ encryption: { ...keys, geoBackup: geoKey } }) });
  expect(plan.encryption).toEqual({
    primaryKeyUri: geoKey.keyUri,
    primaryIdentityId: geoKey.identityId,
    geoBackup: { keyUri: keys.primaryKeyUri, identityId: keys.primaryIdentityId },
  });
});

test('in its own region a restore follows the keys of the source by itself', () => {
  expect(planOf({ source: live({ encryption: { ...keys, geoBackup: geoKey } }) }).encryption).toBeUndefined();
});

test('a deleted server is asked for with the time at which the log took its deletion', () => {
  expect(planOf({ inputs: dropped, source: deleted() })).toMatchObject({
    mode: 'dropped',
    moment: '2026-11-18T13:29:00.000Z',
    deletedAt: '2026-11-18T13:27:00.000Z',
    target: { location: 'canadacentral' },
    geoRedundantBackup: false,
  });
});

test('what the desk saw of a deleted server before is used, and its region cannot be chosen otherwise', () => {
  const seen = deleted({ before: orders });
  expect(planOf({ inputs: { ...dropped, region: '' }, source: seen })).toMatchObject({
    target: { location: 'canadacentral' },
    geoRedundantBackup: true,
  });
  expect(codes({ inputs: { ...dropped, region: 'canadaeast' }, source: seen })).toEqual([
    'REGION_NOT_POSSIBLE',
  ]);
});

test('a deleted server is covered by the strictest rule that its unknown tags could mean', () => {
  const rules = [
    ruleDocument(),
    ruleDocument({ name: 'secret', match: { server: 'orders-pg', tags: { data: 'secret' } }, needed: 2 }),
  ];
  expect(planOf({ inputs: dropped, source: deleted(), policy: policyOf(rules) }).policy.rule).toBe('secret');
  expect(planOf({ policy: policyOf(rules) }).policy.rule).toBe('orders');
});

test('high availability is never part of the plan that is sent, but listed', () => {
  expect(planOf({ inputs: { highAvailability: 'ZoneRedundant' } }).followUps).toEqual([
    { kind: 'high-availability', mode: 'ZoneRedundant' },
  ]);
});

test('a deleted server that only rules about its unknown tags could cover is covered by none', () => {
  const policy = policyOf([ruleDocument({ match: { server: '*', tags: { env: 'test' } } })]);
  expect(codes({ inputs: dropped, source: deleted(), policy })).toEqual(['NO_POLICY_RULE']);
});

test('of a server outside the policy nothing is told but that', () => {
  const policy = policyOf([ruleDocument({ match: { server: 'other' } })]);
  const source = live({ state: 'Stopped', geoRedundantBackup: false });
  expect(codes({ inputs: { moment: '2020-01-01 00:00' }, source, policy })).toEqual(['NO_POLICY_RULE']);
  expect(codes({ inputs: { mode: 'geo' }, source, policy })).toEqual(['NO_POLICY_RULE']);
});

test('storage that follows the source has to be offered in the region too', () => {
  const source = live({ storageType: 'PremiumV2_LRS' });
  expect(codes({ source })).toEqual(['STORAGE_TYPE_NOT_OFFERED']);
  expect(codes({ source, inputs: { storageType: 'Premium_LRS' } })).toEqual([]);
});

test('a full backup from before the window is refused as a moment from before it is', () => {
  const backups = [{ name: 'old', kind: 'automatic', completedAt: '2026-11-12T13:26:59.000Z' }] as const;
  expect(codes({ inputs: { mode: 'fast', backup: 'old' }, facts: { backups } })).toEqual([
    'MOMENT_BEFORE_WINDOW',
  ]);
});

test('the same server in another spelling is no change of the plan', () => {
  const { source, ...rest } = aPlan();
  const shouted: ServerPlan = { ...rest, source: { ...source, id: source.id.replace('rg-shop', 'RG-Shop') } };
  expect(planChanges(aPlan(), shouted)).toEqual([]);
});
