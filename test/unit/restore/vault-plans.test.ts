/** Restores from vaults as a pure judgement: each problem alone, several together, and the plans and requests that come of it. */
import {
  aPoint,
  aSecret,
  aSingleServer,
  aVault,
  anAccount,
  anInstance,
  somePoints,
} from '../../fakes/fake-vaults';
import { aVaultFacts, vaultInputs } from '../../fakes/vault-facts';
import { canonicalJson } from '../../../services/restore/canonical-json';
import { crossRegionRequest, restoreRequest } from '../../../services/restore/vault-order-body';
import { exactRequest } from '../../../services/restore/exact-request';
import { hashPlan, isVaultPlan } from '../../../services/restore/plan';
import { aRequest, ines, now, policyOf, ruleDocument, sha256, shopPolicy } from '../../fakes/facts';
import { makeVaultPlan } from '../../../services/restore/make-vault-plan';
import { planChanges } from '../../../services/restore/plan-changes';
import { sayChecked } from '../../../services/restore/say-check';
import { sayRequest } from '../../../services/restore/say-request';
import type { Draft } from '../../../services/restore/request';
import type { FormInputs } from '../../../services/restore/form-inputs';
import type { ProblemCode } from '../../../services/restore/errors';
import type { VaultPlan } from '../../../services/restore/vault-plan';
import type { VaultPreflightFacts } from '../../../services/restore/vault-facts';

interface Case {
  readonly inputs?: Partial<FormInputs>;
  readonly facts?: Partial<VaultPreflightFacts>;
}

const judge = ({ inputs, facts }: Case, policy = shopPolicy) => {
  const wanted = vaultInputs(inputs);
  return makeVaultPlan({ inputs: wanted, requester: ines }, aVaultFacts(wanted, facts), policy);
};

const codes = (wish: Case): ProblemCode[] => {
  const result = judge(wish);
  return result.kind === 'plan' ? [] : result.problems.map(({ code }) => code);
};

const planOf = (wish: Case = {}): VaultPlan => {
  const result = judge(wish);
  if (result.kind !== 'plan' || !isVaultPlan(result.plan)) throw new Error(codes(wish).join());
  return result.plan;
};

const database: Partial<FormInputs> = {
  ...{ source: 'legacy-srv/orders', mode: 'vault-database', target: 'legacy-srv' },
  ...{ database: 'orders_r1', secret: 'kv-shop/pgconn-target', container: '', prefix: '' },
};
const checkedDraft: Draft = {
  ...{ id: 'draft-1', nonce: 'n', requester: ines, zone: 'UTC', inputs: vaultInputs() },
  ...{ understood: [], notUnderstood: [], problems: [], thread: 'thread-1', createdAt: now },
  ...{ purpose: 'check', state: { phase: 'checking' } },
};
const roles = ['ba92f5b4-2d11-453d-a403-e96b0029c9fe'];
const files = { account: anAccount(), isPrefixUsed: false, roles };
const place = {
  server: aSingleServer(),
  secret: aSecret(),
  rolesOnServer: [],
  rolesOnSecret: ['4633458b-17de-408a-b874-0445c86b69e6'],
};
const there = { secondary: 'canadaeast', points: somePoints.slice(1) };

test.each<[ProblemCode, Case]>([
  ['SOURCE_MISSING', { inputs: { source: '' } }],
  ['PROTECTED_UNKNOWN', { facts: { instance: { kind: 'none', nearest: [] } } }],
  [
    'PROTECTED_TWICE',
    { facts: { instance: { kind: 'several', names: ['orders-pg in vault-a', 'orders-pg in vault-b'] } } },
  ],
  ['PROTECTED_AMBIGUOUS', { facts: { instance: { kind: 'several', names: ['orders-pg', 'orders-dr'] } } }],
  ['LEGACY_OFF', { inputs: database, facts: { allowsSingleServers: false } }],
  ['FILES_ONLY', { inputs: { ...database, source: 'orders-pg' } }],
  [
    'PROTECTION_STATE',
    {
      facts: {
        instance: { kind: 'one', server: anInstance('orders-pg', { protectionState: 'SoftDeleted' }) },
      },
    },
  ],
  ['POINT_GONE', { inputs: { backup: 'another' } }],
  ['POINT_NONE', { facts: { points: [] } }],
  ['POINT_NONE', { inputs: { backup: '', moment: '2026-10-01', zone: 'UTC' } }],
  [
    'POINT_EXPIRED',
    { facts: { points: [aPoint('2026-11-18T03:10:00.000Z', { expiresAt: '2026-11-19T13:26:00.000Z' })] } },
  ],
  ['POINT_PARTIAL', { facts: { points: [aPoint('2026-11-18T03:10:00.000Z', { isComplete: false })] } }],
  ['POINT_REHYDRATING', { facts: { points: [aPoint('2026-11-18T03:10:00.000Z', { isRehydrating: true })] } }],
  ['REHYDRATION_PRIORITY', { inputs: { backup: 'point-2026-10-10', rehydration: 'Soon' } }],
  ['REHYDRATION_DAYS', { inputs: { backup: 'point-2026-10-10', rehydrationDays: '9' } }],
  ['REHYDRATION_DAYS', { inputs: { backup: 'point-2026-10-10', rehydrationDays: '31' } }],
  ['VAULT_WITHOUT_IDENTITY', { facts: { vault: withoutIdentity() } }],
  ['VAULT_ROLE_MISSING', { facts: { rolesOnSource: [] } }],
  ['VAULT_ROLE_MISSING', { facts: { files: { ...files, roles: [] } } }],
  [
    'VAULT_RIGHTS_MISSING',
    { facts: { missingRights: [{ assignee: 'a', scope: '/s', actions: ['restore/action'] }] } },
  ],
  ['CONTAINER_NEEDED', { inputs: { container: '' } }],
  ['CONTAINER_UNREADABLE', { inputs: { container: 'https://elsewhere' } }],
  ['ACCOUNT_UNKNOWN', { facts: { files: { isPrefixUsed: false, roles: [] } } }],
  [
    'ACCOUNT_ELSEWHERE',
    { facts: { files: { ...files, account: anAccount('shoprestores', { location: 'westus' }) } } },
  ],
  [
    'ACCOUNT_CROSS_TENANT',
    {
      facts: {
        files: { ...files, account: anAccount('shoprestores', { allowsCrossTenantReplication: false }) },
      },
    },
  ],
  [
    'ACCOUNT_CLOSED',
    { facts: { files: { ...files, account: anAccount('shoprestores', { keepsAzureOut: true }) } } },
  ],
  [
    'CONTAINER_UNKNOWN',
    { facts: { files: { ...files, account: anAccount('shoprestores', { containers: [] }) } } },
  ],
  ['PREFIX_UNUSABLE', { inputs: { prefix: '../up' } }],
  ['PREFIX_USED', { facts: { files: { ...files, isPrefixUsed: true } } }],
  ['CROSS_SUBSCRIPTION_OFF', elsewhere('off')],
  ['CROSS_SUBSCRIPTION_OFF', elsewhere('off-for-ever')],
  [
    'SINGLE_SERVER_UNKNOWN',
    { inputs: database, facts: { database: { rolesOnServer: [], rolesOnSecret: [] } } },
  ],
  [
    'SINGLE_SERVER_ELSEWHERE',
    { inputs: database, facts: { database: { ...place, server: aSingleServer({ location: 'westus' }) } } },
  ],
  [
    'SINGLE_SERVER_OLDER',
    { inputs: database, facts: { database: { ...place, server: aSingleServer({ version: '10' }) } } },
  ],
  [
    'SINGLE_SERVER_CLOSED',
    { inputs: database, facts: { database: { ...place, server: aSingleServer({ letsAzureIn: false }) } } },
  ],
  ['DATABASE_EXISTS', { inputs: { ...database, database: 'orders' } }],
  ['DATABASE_UNUSABLE', { inputs: { ...database, database: 'Orders; drop' } }],
  [
    'DATABASE_NOT_COVERED',
    { inputs: database, facts: { database: { ...place, server: aSingleServer({ name: 'other-srv' }) } } },
  ],
  ['SECRET_NOT_NAMED', { inputs: { ...database, secret: 'kv-shop/other' } }],
  ['SECRET_NEEDED', { inputs: { ...database, secret: '' } }],
  ['SECRET_UNKNOWN', { inputs: database, facts: { database: { ...place, secret: withoutSecret() } } }],
  [
    'SECRET_DISABLED',
    {
      inputs: database,
      facts: { database: { ...place, secret: aSecret({ secret: { isEnabled: false } }) } },
    },
  ],
  [
    'SECRET_POLICY_MISSING',
    {
      inputs: database,
      facts: { database: { ...place, secret: aSecret({ access: { kind: 'policies', readers: [] } }) } },
    },
  ],
  ['VAULT_ROLE_MISSING', { inputs: database, facts: { database: { ...place, rolesOnSecret: [] } } }],
  ['CROSS_REGION_LOCAL', { facts: { ...there, vault: aVault('vault-shop', { redundancy: 'local' }) } }],
  ['CROSS_REGION_OFF', { facts: { ...there, vault: aVault('vault-shop', { crossRegionRestore: false }) } }],
  ['CROSS_REGION_ELSEWHERE', { facts: { ...there, secondary: 'westus' } }],
  ['CROSS_REGION_NO_COPIES', { facts: { secondary: 'canadaeast', points: [] } }],
  ['CROSS_REGION_NO_VAULT', { facts: { ...there, hasVaultThere: false } }],
  ['DUPLICATE_OPEN', { facts: { openForTarget: 'R-7' } }],
  ['REASON_MISSING', { inputs: { reason: '' } }],
  ['TEXT_TOO_LONG', { inputs: { reason: 'x'.repeat(501) } }],
])('%s is said before anybody is asked', (code, wish) => {
  expect(codes(wish)).toContain(code);
});

function withoutIdentity() {
  const { principalId: _, ...vault } = aVault();
  return vault;
}
function withoutSecret() {
  const { secret: _, ...rest } = aSecret();
  return rest;
}
function elsewhere(crossSubscriptionRestore: 'off' | 'off-for-ever'): Case {
  const subscriptionId = '33333333-3333-4333-8333-333333333333';
  return {
    facts: {
      vault: aVault('vault-shop', { crossSubscriptionRestore }),
      files: { ...files, account: anAccount('shoprestores', { subscriptionId }) },
    },
  };
}

test('several things in the way are all said at once', () => {
  expect(
    codes({
      inputs: { container: 'x', prefix: '', reason: '' },
      facts: { rolesOnSource: [], points: [] },
    }).sort(),
  ).toEqual([
    'CONTAINER_UNREADABLE',
    'POINT_NONE',
    'PREFIX_UNUSABLE',
    'REASON_MISSING',
    'VAULT_ROLE_MISSING',
  ]);
});

test.each(['', 'unknown', 'Unknown', 'ProtectionStopped'])(
  'a protection whose state is "%s" is no reason to refuse',
  (protectionState) => {
    const instance = { kind: 'one', server: anInstance('orders-pg', { protectionState }) } as const;
    expect(codes({ facts: { instance } })).toEqual([]);
  },
);

test('a slash behind a container leads to the same place', () => {
  const { name } = planOf().target;
  expect(planOf({ inputs: { container: ' shoprestores/restores/ ' } }).target.name).toBe(name);
});

test('roles that hold the wanted one are as good', () => {
  const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
  const blobOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b';
  expect(codes({ facts: { rolesOnSource: [contributor], files: { ...files, roles: [blobOwner] } } })).toEqual(
    [],
  );
});

test('of a server that is gone no role is missed; everything else is judged as ever', () => {
  const gone = { isSourceGone: true, rolesOnSource: [] };
  expect(judge({ facts: gone }).kind).toBe('plan');
  expect(codes({ facts: { ...gone, files: { ...files, roles: [] } } })).toEqual(['VAULT_ROLE_MISSING']);
  expect(codes({ facts: { ...gone, vault: withoutIdentity() } })).toEqual(['VAULT_WITHOUT_IDENTITY']);
  expect(codes({ facts: { isSourceGone: false, rolesOnSource: [] } })).toEqual(['VAULT_ROLE_MISSING']);
});

test('of what the policy does not cover nothing is told', () => {
  const wish = { inputs: { container: '' }, facts: { points: [], rolesOnSource: [] } };
  const result = judge(wish, policyOf([ruleDocument({ match: { server: 'other' } })]));
  expect(result.kind === 'refused' && result.problems.map(({ code }) => code)).toEqual(['NO_POLICY_RULE']);
});

test('of a target outside the policy, and of a secret that nobody has named, it is told only that', () => {
  const server = aSingleServer({
    ...{ name: 'other-srv', location: 'westus', version: '9', letsAzureIn: false },
    databases: ['orders_r1'],
  });
  expect(
    codes({ inputs: database, facts: { database: { rolesOnServer: [], rolesOnSecret: [], server } } }),
  ).toEqual(['DATABASE_NOT_COVERED']);
  const hidden = { ...place, secret: withoutSecret(), rolesOnSecret: [] };
  expect(codes({ inputs: { ...database, secret: 'kv-shop/other' }, facts: { database: hidden } })).toEqual([
    'SECRET_NOT_NAMED',
  ]);
});

test('where the policy names no login for a server any secret that is there will do', () => {
  const { logins: _, ...policy } = shopPolicy;
  const result = judge({ inputs: { ...database, secret: 'kv-shop/other' } }, { ...policy, logins: [] });
  expect(result.kind).toBe('plan');
});

test.each([
  ['without an approved request', true, [], 1],
  ['with one', true, ['/subscriptions/s/request'], 0],
  ['that has none', false, [], 0],
])(
  'a guarded vault %s is told on the card and in the answer to a check',
  (_what, isGuarded, guardRequests, said) => {
    const planned = judge({ facts: { guardRequests, vault: aVault('vault-locked', { isGuarded }) } });
    if (planned.kind !== 'plan') throw new Error('no plan');
    const request = aRequest({ plan: planned.plan, shown: planned.shown });
    const warnings = sayRequest(request, 'approval', { kind: 'none' }).warnings;
    expect(warnings.filter((each) => each.includes('resource guard'))).toHaveLength(said);
    const { lines } = sayChecked(checkedDraft, planned);
    expect(lines.filter(({ text }) => text.includes('resource guard'))).toHaveLength(said);
  },
);

test('a way that the policy has no rule for is refused, also where others are allowed', () => {
  const policy = policyOf([ruleDocument({ match: { server: 'orders-pg', modes: ['latest'] } })]);
  const result = judge({}, policy);
  expect(result.kind === 'refused' && result.problems.map(({ code }) => code)).toEqual(['WAY_NOT_COVERED']);
});

describe('what is sent, byte for byte', () => {
  const group = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-shop';
  const filesTarget = {
    objectType: 'RestoreFilesTargetInfo',
    recoveryOption: 'FailIfExists',
    restoreLocation: 'canadacentral',
    targetDetails: {
      filePrefix: 'orders-pg-20261118-0310-7f3a19',
      restoreTargetLocationType: 'AzureBlobs',
      url: 'https://shoprestores.blob.core.windows.net/restores',
      targetResourceArmId: `${group}/providers/Microsoft.Storage/storageAccounts/shoprestores/blobServices/default/containers/restores`,
    },
  };
  const server = `${group}/providers/Microsoft.DBforPostgreSQL/servers/legacy-srv`;
  const type = 'Microsoft.DBforPostgreSQL/servers/databases';

  test('files', () => {
    expect(canonicalJson(restoreRequest(planOf()))).toBe(
      canonicalJson({
        objectType: 'AzureBackupRecoveryPointBasedRestoreRequest',
        recoveryPointId: 'point-2026-11-18',
        sourceDataStoreType: 'VaultStore',
        restoreTargetInfo: filesTarget,
      }),
    );
  });

  test('a database', () => {
    expect(canonicalJson(restoreRequest(planOf({ inputs: database })))).toBe(
      canonicalJson({
        objectType: 'AzureBackupRecoveryPointBasedRestoreRequest',
        recoveryPointId: 'point-2026-11-18',
        sourceDataStoreType: 'VaultStore',
        sourceResourceId: `${server}/databases/orders`,
        restoreTargetInfo: {
          objectType: 'RestoreTargetInfo',
          recoveryOption: 'FailIfExists',
          restoreLocation: 'canadacentral',
          datasourceInfo: {
            ...{
              objectType: 'Datasource',
              datasourceType: type,
              resourceID: `${server}/databases/orders_r1`,
            },
            ...{
              resourceName: 'orders_r1',
              resourceType: type,
              resourceLocation: 'canadacentral',
              resourceUri: '',
            },
          },
          datasourceSetInfo: {
            ...{
              objectType: 'DatasourceSet',
              datasourceType: type,
              resourceID: server,
              resourceName: 'legacy-srv',
            },
            ...{
              resourceType: 'Microsoft.DBforPostgreSQL/servers',
              resourceLocation: 'canadacentral',
              resourceUri: '',
            },
          },
          datasourceAuthCredentials: {
            objectType: 'SecretStoreBasedAuthCredentials',
            secretStoreResource: {
              uri: 'https://kv-shop.vault.azure.net/secrets/pgconn-target',
              secretStoreType: 'AzureKeyVault',
            },
          },
        },
      }),
    );
  });

  test('an archived point is fetched back first', () => {
    const plan = planOf({ inputs: { backup: 'point-2026-10-10', rehydrationDays: '12' } });
    expect(canonicalJson(restoreRequest(plan))).toBe(
      canonicalJson({
        objectType: 'AzureBackupRestoreWithRehydrationRequest',
        recoveryPointId: 'point-2026-10-10',
        sourceDataStoreType: 'ArchiveStore',
        rehydrationPriority: 'Standard',
        rehydrationRetentionDuration: 'P12D',
        restoreTargetInfo: filesTarget,
      }),
    );
  });

  test('one that somebody has fetched back already is restored like any other', () => {
    const points = [
      aPoint('2026-10-10T03:10:00.000Z', { store: 'archive', rehydratedUntil: '2026-11-29T00:00:00.000Z' }),
    ];
    expect(planOf({ facts: { points } })).not.toHaveProperty('rehydration');
  });

  test('in another region the details of the source go with it, and the place is there', () => {
    const account = anAccount('shoprestores', { location: 'canadaeast' });
    const plan = planOf({ facts: { ...there, files: { ...files, account } } });
    expect(restoreRequest(plan)).toMatchObject({ restoreTargetInfo: { restoreLocation: 'canadaeast' } });
    expect(crossRegionRequest(plan)).toEqual({
      restoreRequestObject: restoreRequest(plan),
      crossRegionRestoreDetails: {
        sourceRegion: 'canadacentral',
        sourceBackupInstanceId: anInstance().id,
      },
    });
    expect(exactRequest(plan, 'R-1', 'ines')).toContain('/locations/canadaeast/crossRegionRestore');
  });

  test("a guard's request is passed only where a guard stands, and never on its own account", () => {
    const guardRequests = ['/subscriptions/s/request'];
    expect(restoreRequest(planOf({ facts: { guardRequests } }))).not.toHaveProperty(
      'resourceGuardOperationRequests',
    );
    const guarded = planOf({ facts: { guardRequests, vault: aVault('vault-shop', { isGuarded: true }) } });
    expect(restoreRequest(guarded)).toMatchObject({ resourceGuardOperationRequests: guardRequests });
  });
});

test('the address of a secret stands on no card', () => {
  expect(exactRequest(planOf({ inputs: database }), 'R-1', 'ines')).not.toMatch(/vault\.azure\.net|pgconn/);
});

test('every part of a plan is sealed: what changes it changes its hash, and is told', () => {
  const before = planOf({ inputs: { backup: 'point-2026-10-10' } });
  const changed: [string, Case][] = [
    ['the recovery point', { inputs: { backup: 'point-2026-11-11' } }],
    ['the fetching from the archive', { inputs: { backup: 'point-2026-10-10', rehydration: 'High' } }],
    ['the names of the files', { inputs: { backup: 'point-2026-10-10', prefix: 'another' } }],
    [
      'the container',
      {
        inputs: { backup: 'point-2026-10-10', container: 'shoprestores/others' },
        facts: { files: { ...files, account: anAccount('shoprestores', { containers: ['others'] }) } },
      },
    ],
    ['the vault', { inputs: { backup: 'point-2026-10-10' }, facts: { vault: aVault('vault-two') } }],
  ];
  for (const [what, wish] of changed) {
    const after = planOf(wish);
    expect(hashPlan(after, sha256)).not.toBe(hashPlan(before, sha256));
    expect(planChanges(before, after).join('; ')).toContain(what);
  }
});
