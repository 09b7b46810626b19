/** Servers, people, plans and requests as tests need them: sensible by default, changed where a test has its point. */
import { createHash } from 'node:crypto';
import { hashPlan, type PointInTimePlan } from '../../services/restore/plan';
import type { ProofFindings, ServerFindings } from '../../services/restore/proof-findings';
import { readPolicy, type Policy } from '../../services/restore/policy';
import { serverId, type DeletedServer, type ServerFacts } from '../../services/restore/servers';
import type { PlaceFacts } from '../../services/restore/judge-place';
import type { DnsZoneFacts, RegionFacts, SubnetFacts } from '../../services/restore/places';
import { noInputs, type FormInputs } from '../../services/restore/form-inputs';
import { partyKey, type Party, type Standing } from '../../services/restore/party';
import type { Person } from '../../services/restore/person';
import type { SealedRule } from '../../services/restore/sealed-rule';
import type { RestoreRequest } from '../../services/restore/request';
import type { Run, ServerGot } from '../../services/restore/state';

export const now = '2026-11-19T13:27:00.000Z';
const subscriptionId = '11111111-1111-4111-8111-111111111111';

export const person = (n: number, name: string): Person => ({
  aadObjectId: `aaaaaaa${n}-0000-4000-8000-00000000000${n}`,
  name,
});
export const ines = person(1, 'Ines Okafor');
export const martin = person(2, 'Martin Hale');
export const divya = person(3, 'Divya Rao');
export const emil = person(4, 'Emil Novak');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const aServer = (name: string, changes: Partial<ServerFacts> = {}): ServerFacts => ({
  id: serverId(subscriptionId, changes.resourceGroup ?? 'rg-shop', name),
  name,
  subscriptionId,
  resourceGroup: 'rg-shop',
  location: 'canadacentral',
  state: 'Ready',
  version: '16',
  sku: 'Standard_D2ds_v5',
  tier: 'GeneralPurpose',
  storageGb: 64,
  tags: {},
  network: { kind: 'public' },
  geoRedundantBackup: true,
  retentionDays: 7,
  earliestRestoreAt: '2026-11-12T13:27:00.000Z',
  hostName: `${name}.postgres.database.azure.com`,
  ...changes,
});

/** Deleted a day before `now`; `before` is what the desk had seen of it. */
export const aDeletedServer = (name: string, changes: Partial<DeletedServer> = {}): DeletedServer => ({
  id: serverId(subscriptionId, 'rg-shop', name),
  name,
  subscriptionId,
  resourceGroup: 'rg-shop',
  deletedAt: '2026-11-18T13:27:00.000Z',
  submittedAt: '2026-11-18T13:29:00.000Z',
  ...changes,
});

export const aRegion = (location = 'canadacentral', changes: Partial<RegionFacts> = {}): RegionFacts => ({
  location,
  restricted: false,
  versions: ['15', '16', '17'],
  skus: [{ name: 'Standard_D2ds_v5', vCores: 2, zones: ['1', '2', '3'] }],
  storageTypes: ['Premium_LRS'],
  geoBackup: true,
  ...changes,
});

const networks = `/subscriptions/${subscriptionId}/resourceGroups/rg-shop/providers/Microsoft.Network`;

export const aSubnet = (changes: Partial<SubnetFacts> = {}): SubnetFacts => ({
  id: `${networks}/virtualNetworks/vnet-shop/subnets/snet-postgres`,
  networkId: `${networks}/virtualNetworks/vnet-shop`,
  name: 'snet-postgres',
  location: 'canadacentral',
  delegations: ['Microsoft.DBforPostgreSQL/flexibleServers'],
  freeAddresses: 10,
  ...changes,
});

export const aDnsZone = (changes: Partial<DnsZoneFacts> = {}): DnsZoneFacts => ({
  id: `${networks}/privateDnsZones/shop.private.postgres.database.azure.com`,
  name: 'shop.private.postgres.database.azure.com',
  linkedNetworks: [`${networks}/virtualNetworks/vnet-shop`],
  ...changes,
});

/** A place in the source's own region that has everything. */
export const aPlace = (changes: Partial<PlaceFacts> = {}): PlaceFacts => ({
  asked: {
    subscriptionId,
    resourceGroup: 'rg-shop',
    location: 'canadacentral',
    network: { kind: 'public' },
  },
  subscriptions: [subscriptionId],
  targetName: { kind: 'free' },
  resourceGroup: { name: 'rg-shop', subscriptionId, location: 'canadacentral' },
  region: aRegion(),
  quota: { limit: 100, used: 8 },
  missingRights: [],
  ...changes,
});

export const someInputs = (changes: Partial<FormInputs> = {}): FormInputs => ({
  ...noInputs,
  source: 'orders-pg',
  mode: 'point-in-time',
  moment: '2026-11-19 13:05:00',
  zone: 'UTC',
  target: 'orders-pg-r1',
  reason: 'orders were deleted',
  ...changes,
});

const approvers = [
  { id: martin.aadObjectId, name: martin.name },
  { id: divya.aadObjectId, name: divya.name },
];

/** A rule of a policy document, as an owner writes it. */
export const ruleDocument = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: 'orders',
  match: { server: 'orders-pg' },
  approvers,
  needed: 1,
  ...changes,
});

export const policyOf = (rules: readonly unknown[], rest: Record<string, unknown> = {}): Policy =>
  readPolicy({ version: 'test-1', rules, ...rest });

export const shopPolicy: Policy = policyOf(
  [
    ruleDocument(),
    ruleDocument({ name: 'billing', match: { server: 'billing-pg' }, needed: 2 }),
    ruleDocument({ name: 'legacy', match: { server: 'legacy-srv/*' } }),
    ruleDocument({ name: 'copies', match: { server: 'orders-*', modes: ['files-to-server'] } }),
  ],
  {
    logins: [{ server: 'legacy-srv', secret: 'kv-shop/pgconn-target' }],
    proof: [
      {
        server: 'orders-pg',
        database: 'shop',
        newestWrite: 'select max(at) from heartbeat',
        newestWriteUpTo: 'select max(at) from heartbeat where at <= $1',
        toleranceSeconds: 5,
      },
    ],
  },
);

export const aPlan = (changes: Partial<PointInTimePlan> = {}): PointInTimePlan => ({
  version: 1,
  mode: 'point-in-time',
  moment: '2026-11-19T13:05:00.000Z',
  source: { id: aServer('orders-pg').id, name: 'orders-pg', location: 'canadacentral' },
  target: {
    id: aServer('orders-pg-r1').id,
    name: 'orders-pg-r1',
    subscriptionId,
    resourceGroup: 'rg-shop',
    location: 'canadacentral',
  },
  network: { kind: 'public' },
  geoRedundantBackup: true,
  tags: {},
  followUps: [],
  policy: { version: 'test-1', rule: 'orders' },
  ...changes,
});

export const serverGot: ServerGot = {
  kind: 'server',
  hostName: 'orders-pg-r1.postgres.database.azure.com',
  address: { host: 'orders-pg-r1.postgres.database.azure.com', port: 5432 },
  geoRedundantBackup: true,
  location: 'canadacentral',
};

export const aRun = (changes: Partial<Run> = {}): Run => ({
  attempt: 1,
  approvals: [{ by: martin, at: '2026-11-19T13:20:00.000Z', comment: '' }],
  startedAt: '2026-11-19T13:20:00.000Z',
  startBefore: '2026-11-19T13:50:00.000Z',
  ...changes,
});

export const asUser = ({ aadObjectId, name }: Person): Party => ({ kind: 'user', id: aadObjectId, name });

export const aStage = (
  people: readonly Person[],
  needed = 1,
  name = 'approval',
): SealedRule['stages'][number] => ({ name, needed, people, parties: people.map(asUser) });

/** One of Martin and Divya. */
export const aRule = (changes: Partial<SealedRule> = {}): SealedRule => ({
  name: 'orders',
  stages: [aStage([martin, divya])],
  expiresAfterMinutes: 60,
  approvalGoodForMinutes: 30,
  aliases: [],
  ...changes,
});

/** What the directory says of a member who belongs to no group: only to themselves. */
export const standingOf = (person: Person, account: Standing['account'] = 'member'): Standing => ({
  account,
  belongsTo: [partyKey(asUser(person))],
});

/** A request that waits for one of Martin and Divya. */
export function aRequest(changes: Partial<RestoreRequest> = {}): RestoreRequest {
  const plan = changes.plan ?? aPlan();
  return {
    id: 'R-1',
    revision: 1,
    nonce: 'nonce-of-the-card',
    requester: ines,
    zone: 'Europe/Berlin',
    inputs: someInputs(),
    plan,
    planHash: hashPlan(plan, sha256),
    rule: aRule(),
    shown: { sku: 'Standard_D2ds_v5', storageGb: 64, postgresVersion: '16' },
    draftId: 'draft-1',
    thread: '19:db-oncall@thread.tacv2;messageid=1',
    createdAt: '2026-11-19T13:10:00.000Z',
    state: { phase: 'awaiting-approval', approvals: [], expiresAt: '2026-11-19T14:10:00.000Z' },
    ...changes,
  };
}

/** A server in which nothing was found. */
export const serverFindings = (changes: Partial<ServerFindings> = {}): ServerFindings => ({
  systemIdentifier: '7000000000000000001',
  timeline: 1,
  commits: { kind: 'untracked' },
  roles: [],
  databases: [],
  closed: [],
  wakes: [],
  ...changes,
});

export const proofFindings = (changes: Partial<ProofFindings> = {}): ProofFindings => ({
  copy: serverFindings(),
  source: { kind: 'not-looked-at', why: 'is gone' },
  writes: [],
  checks: [],
  ...changes,
});
