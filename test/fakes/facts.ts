/** Servers, people, plans and requests as tests need them: sensible by default, changed where a test has its point. */
import { createHash } from 'node:crypto';
import { hashPlan, type PointInTimePlan } from '../../services/restore/plan';
import { readPolicy, type Policy } from '../../services/restore/policy';
import { serverId, type ServerFacts } from '../../services/restore/servers';
import type { FormInputs } from '../../services/restore/form-inputs';
import type { Person } from '../../services/restore/person';
import type { RestoreRequest } from '../../services/restore/request';
import type { Run } from '../../services/restore/state';

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
  storageGb: 64,
  tags: {},
  network: { kind: 'public' },
  geoRedundantBackup: true,
  retentionDays: 7,
  earliestRestoreAt: '2026-11-12T13:27:00.000Z',
  hostName: `${name}.postgres.database.azure.com`,
  ...changes,
});

export const someInputs = (changes: Partial<FormInputs> = {}): FormInputs => ({
  source: 'orders-pg',
  mode: 'point-in-time',
  moment: '2026-11-19 13:05:00',
  zone: 'UTC',
  backup: '',
  target: 'orders-pg-r1',
  resourceGroup: '',
  reason: 'orders were deleted',
  ticket: '',
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
  [ruleDocument(), ruleDocument({ name: 'billing', match: { server: 'billing-pg' }, needed: 2 })],
  {
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
  policy: { version: 'test-1', rule: 'orders' },
  ...changes,
});

export const aRun = (changes: Partial<Run> = {}): Run => ({
  attempt: 1,
  approvals: [{ by: martin, at: '2026-11-19T13:20:00.000Z', comment: '' }],
  startedAt: '2026-11-19T13:20:00.000Z',
  startBefore: '2026-11-19T13:50:00.000Z',
  ...changes,
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
    rule: {
      name: 'orders',
      needed: 1,
      approvers: [martin, divya],
      expiresAfterMinutes: 60,
      approvalGoodForMinutes: 30,
    },
    shown: { sku: 'Standard_D2ds_v5', storageGb: 64, postgresVersion: '16' },
    draftId: 'draft-1',
    thread: '19:db-oncall@thread.tacv2;messageid=1',
    createdAt: '2026-11-19T13:10:00.000Z',
    state: { phase: 'awaiting-approval', approvals: [], expiresAt: '2026-11-19T14:10:00.000Z' },
    ...changes,
  };
}
