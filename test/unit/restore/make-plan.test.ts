/** Preflight as a pure judgement: each problem alone, all of them together, and a plan that only its facts decide. */
import { hashPlan, isHashPrefix, planChanges, shortHash, type Plan } from '../../../services/restore/plan';
import { makePlan, type PreflightFacts } from '../../../services/restore/make-plan';
import {
  aPlan,
  aServer,
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
import type { Policy } from '../../../services/restore/policy';

const orders = aServer('orders-pg');
const goodFacts: PreflightFacts = {
  source: { kind: 'one', server: orders },
  targetName: { kind: 'free' },
  resourceGroupExists: true,
  regionRestricted: false,
  backups: [],
  now,
};

interface Case {
  readonly inputs?: Partial<FormInputs>;
  readonly facts?: Partial<PreflightFacts>;
  readonly policy?: Policy;
  readonly requester?: Person;
}

const judge = ({ inputs = {}, facts = {}, policy = shopPolicy, requester = ines }: Case) =>
  makePlan({ inputs: someInputs(inputs), requester }, { ...goodFacts, ...facts }, policy);

function codes(wish: Case): string[] {
  const result = judge(wish);
  return result.kind === 'refused' ? result.problems.map(({ code }) => code) : [];
}

const source = (changes: object): Partial<PreflightFacts> => ({
  source: { kind: 'one', server: { ...orders, ...changes } },
});
const { earliestRestoreAt: _none, ...withoutBackup } = orders;
const ticketRule = policyOf([ruleDocument({ ticketPattern: 'INC-\\d+' })]);

const alone: readonly [string, Case][] = [
  ['SOURCE_MISSING', { inputs: { source: ' ' }, facts: { source: { kind: 'none', nearest: [] } } }],
  ['SOURCE_UNKNOWN', { facts: { source: { kind: 'none', nearest: ['orders-pg'] } } }],
  ['SOURCE_AMBIGUOUS', { facts: { source: { kind: 'several', names: ['a', 'b'] } } }],
  ['SOURCE_NOT_READY', { facts: source({ state: 'Stopped' }) }],
  ['NO_BACKUP_YET', { facts: { source: { kind: 'one', server: withoutBackup } } }],
  ['MOMENT_MISSING', { inputs: { moment: '  ' } }],
  ['MOMENT_UNREADABLE', { inputs: { moment: 'about noon' } }],
  ['MOMENT_UNREADABLE', { inputs: { moment: '14:05Z' } }],
  ['ZONE_UNKNOWN', { inputs: { zone: 'Mars/Olympus' } }],
  ['MOMENT_SKIPPED', { inputs: { moment: '2026-03-29 02:30', zone: 'Europe/Berlin' } }],
  ['MOMENT_TWICE', { inputs: { moment: '2026-10-25 02:30', zone: 'Europe/Berlin' } }],
  ['MOMENT_IN_FUTURE', { inputs: { moment: '2026-11-19 13:27:01' } }],
  ['MOMENT_BEFORE_WINDOW', { inputs: { moment: '2026-11-12 13:26:59' } }],
  ['MODE_UNKNOWN', { inputs: { mode: 'fastest' } }],
  ['TARGET_MISSING', { inputs: { target: ' ' } }],
  ['TARGET_NAME_INVALID', { inputs: { target: 'orders_pg' } }],
  ['TARGET_NAME_INVALID', { facts: { targetName: { kind: 'invalid', message: 'reserved' } } }],
  ['TARGET_NAME_TAKEN', { facts: { targetName: { kind: 'taken' } } }],
  ['TARGET_IS_SOURCE', { inputs: { target: 'Orders-PG' } }],
  ['DUPLICATE_OPEN', { facts: { openForTarget: 'R-7' } }],
  ['RESOURCE_GROUP_MISSING', { facts: { resourceGroupExists: false } }],
  ['REGION_RESTRICTED', { facts: { regionRestricted: true } }],
  ['REASON_MISSING', { inputs: { reason: '  ' } }],
  ['TICKET_INVALID', { inputs: { ticket: 'JIRA-1' }, policy: ticketRule }],
  ['TICKET_INVALID', { inputs: { ticket: 'xINC-1y' }, policy: ticketRule }],
  ['TEXT_TOO_LONG', { inputs: { reason: 'x'.repeat(501) } }],
  ['NO_POLICY_RULE', { policy: policyOf([ruleDocument({ match: { server: 'other' } })]) }],
  ['NO_APPROVER_LEFT', { policy: policyOf([ruleDocument({ needed: 2 })]), requester: martin }],
];

test('nothing wrong, no problem', () => {
  expect(codes({})).toEqual([]);
});

test.each(alone)('%s comes alone when only that is wrong', (code, wish) => {
  expect(codes(wish)).toEqual([code]);
});

test('several things wrong at once are all said at once', () => {
  const all = codes({
    inputs: { moment: '2027-01-01 00:00', target: 'Not A Name', reason: '', ticket: 'x'.repeat(61) },
    facts: { resourceGroupExists: false, regionRestricted: true, ...source({ state: 'Updating' }) },
  });
  expect(all).toEqual([
    'TEXT_TOO_LONG',
    'SOURCE_NOT_READY',
    'MOMENT_IN_FUTURE',
    'TARGET_NAME_INVALID',
    'RESOURCE_GROUP_MISSING',
    'REGION_RESTRICTED',
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

const planOf = (wish: Case): Plan => {
  const result = judge(wish);
  if (result.kind !== 'plan') throw new Error(`refused: ${result.problems.map(({ code }) => code).join()}`);
  return result.plan;
};

test('the same facts give the same plan and the same hash, however they were typed', () => {
  const typed = planOf({ inputs: { target: ' ORDERS-PG-R1 ', moment: '2026-11-19T14:05:00+01:00' } });
  expect(hashPlan(typed, sha256)).toBe(hashPlan(planOf({}), sha256));
});

test('what may drift does not change the hash', () => {
  const drifted = planOf({
    facts: source({ storageGb: 128, earliestRestoreAt: '2026-11-13T00:00:00.000Z', sku: 'B1ms' }),
  });
  expect(hashPlan(drifted, sha256)).toBe(hashPlan(planOf({}), sha256));
});

test.each<[string, Case]>([
  ['the moment', { inputs: { moment: '2026-11-19 13:05:01' } }],
  ['the new server', { inputs: { target: 'orders-pg-r2' } }],
  ['the new server', { inputs: { resourceGroup: 'rg-dr' } }],
  ['the network', { facts: source({ network: { kind: 'private', delegatedSubnetId: '/subnets/a' } }) }],
  ['the backup redundancy', { facts: source({ geoRedundantBackup: false }) }],
  ['the policy', { policy: { ...shopPolicy, version: 'test-2' } }],
  ['the proof of the data', { policy: { ...shopPolicy, proof: [] } }],
])('a change of %s changes the hash and is named', (named, wish) => {
  const [before, after] = [planOf({}), planOf(wish)];
  expect(hashPlan(after, sha256)).not.toBe(hashPlan(before, sha256));
  expect(planChanges(before, after)).toEqual([named]);
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
    expect(before && after && planChanges(before, after)).toEqual(['the moment', 'the backup']);
  });
});
