/** Resource Graph over rows made here: the queries that callers of backups send, the lag, the rights, pages and quota. */
import { ArmError } from '../../../infra/local/azure/arm-error';
import type { ArmCall } from '../../../infra/local/azure/arm-route';
import { createGraphQuota } from '../../../infra/local/azure/graph-quota';
import { resourceGraphRoutes } from '../../../infra/local/azure/resource-graph-routes';
import type { GraphPage, GraphTable, ResourceRow } from '../../../infra/local/azure/resource-graph';
import { findRole } from '../../../infra/local/azure/roles';
import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';

const provider = 'Microsoft.DataProtection/backupVaults';
const idIn = (subscriptionId: string, group: string, vault: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${provider}/${vault}`;

function row(vault: string, child: string, name: string, more: Partial<ResourceRow> = {}): ResourceRow {
  const { subscriptionId = mainSubscriptionId, resourceGroup = 'rg-Shop' } = more;
  const inVault = idIn(subscriptionId, resourceGroup, vault);
  return {
    ...{ id: child === '' ? inVault : `${inVault}/${child}/${name}`, name, location: 'canadacentral' },
    type: child === '' ? provider : `${provider}/${child}`,
    ...{ resourceGroup, subscriptionId, properties: {}, since: 0 },
    ...more,
  };
}

const server = (name: string) =>
  `/subscriptions/${mainSubscriptionId}/resourceGroups/rg-shop/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
const instance = (vault: string, name: string, more: Partial<ResourceRow> = {}): ResourceRow =>
  row(vault, 'backupInstances', name, {
    properties: {
      currentProtectionState: 'ProtectionConfigured',
      dataSourceInfo: {
        datasourceType: 'Microsoft.DBforPostgreSQL/flexibleServers',
        resourceID: server(name),
      },
    },
    ...more,
  });
const job = (name: string, status: string, startTime: string, more: Partial<ResourceRow> = {}): ResourceRow =>
  row('vault-shop', 'backupJobs', name, {
    properties: {
      ...{ vaultName: 'vault-shop', status, startTime, endTime: '0001-01-01T00:00:00Z' },
      ...{ operationCategory: status === 'Completed' ? 'Backup' : 'Restore', isUserTriggered: true },
      ...{ dataSourceId: server('orders-pg'), dataSourceType: 'Microsoft.DBforPostgreSQL/flexibleServers' },
    },
    ...more,
  });

const contents: Readonly<Record<GraphTable, readonly ResourceRow[]>> = {
  resources: [row('vault-shop', '', 'vault-shop'), row('vault-local', '', 'vault-local')],
  recoveryservicesresources: [
    instance('vault-shop', 'orders-pg'),
    instance('vault-local', 'billing-pg'),
    instance('vault-dr', 'dr-pg', { subscriptionId: secondSubscriptionId, resourceGroup: 'rg-dr' }),
    job('job-1', 'Completed', '2026-05-01T10:00:00.1234567Z'),
    job('job-2', 'InProgress', '2026-05-02T10:00:00Z'),
    job('job-3', 'Failed', '2026-05-03T10:00:00Z'),
  ],
};

const reader = (scope: string) => ({
  ...{ name: 'a', principalId: productIdentity.principalId, scope },
  roleDefinitionId: findRole('Reader')?.id ?? '',
});

function openGraph(
  options: { rows?: readonly ResourceRow[]; lagMs?: number; readable?: readonly string[] } = {},
) {
  const scopes = options.readable ?? [
    `/subscriptions/${mainSubscriptionId}`,
    `/subscriptions/${secondSubscriptionId}`,
  ];
  const clock = { nowMs: 1_000_000 };
  const nowMs = () => clock.nowMs;
  const [route] = resourceGraphRoutes({
    rows: [(table) => contents[table], (table) => (table === 'resources' ? [] : (options.rows ?? []))],
    assignments: () => scopes.map(reader),
    ...{ lagMs: options.lagMs ?? 0, nowMs, quota: createGraphQuota(nowMs) },
  });
  const ask = async (query: string, more: object = {}, objectId: string = productIdentity.principalId) => {
    const call: ArmCall = {
      ...{ params: {}, query: {}, apiVersion: '2021-03-01', origin: '', path: '' },
      ...{ body: { query, ...more }, caller: { appId: productIdentity.clientId, objectId } },
    };
    const answer = await route?.handle(call);
    return { page: answer?.body as GraphPage, headers: answer?.headers ?? {} };
  };
  const names = async (query: string, more: object = {}) =>
    (await ask(query, more)).page.data.map(({ name }) => name);
  const refusal = async (query: string, more: object = {}): Promise<ArmError> => {
    try {
      await ask(query, more);
    } catch (error) {
      if (error instanceof ArmError) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  };
  return { ask, names, refusal, clock };
}

const instances =
  "RecoveryServicesResources | where type =~ 'microsoft.dataprotection/backupvaults/backupinstances'";
const cliInstances = `${instances} | extend vaultName = split(split(id, '/Microsoft.DataProtection/backupVaults/')[1],'/')[0] | extend protectionState = properties.currentProtectionState | extend datasourceId = properties.dataSourceInfo.resourceID`;
const jobs = "RecoveryServicesResources | where type =~ 'microsoft.dataprotection/backupvaults/backupjobs'";
const cliJobs = `${jobs} | extend vaultName = properties.vaultName | extend status = properties.status | extend operation = case( properties.operationCategory =~ 'Backup' and properties.isUserTriggered == true, 'OnDemandBackup', properties.operationCategory =~ 'Backup', 'ScheduledBackup', properties.operationCategory) | extend datasourceId = properties.dataSourceId`;

describe('queries', () => {
  test.each([
    ['a type', instances, ['billing-pg', 'dr-pg', 'orders-pg']],
    [
      'a vault, by a column made from the id',
      `${cliInstances} | where vaultName in~ ('VAULT-SHOP','none')`,
      ['orders-pg'],
    ],
    ['a group, whatever its letter case', `${cliInstances} | where resourceGroup in~ ('RG-DR')`, ['dr-pg']],
    ['a source', `${cliInstances} | where datasourceId =~ '${server('Billing-PG')}'`, ['billing-pg']],
    [
      'a deep property',
      `${instances} | where properties.dataSourceInfo.datasourceType in~ ('microsoft.dbforpostgresql/FLEXIBLEservers')`,
      ['billing-pg', 'dr-pg', 'orders-pg'],
    ],
    ['a property that is not there', `${instances} | where properties.none.deeper == 'x'`, []],
    ['an exact name', `${instances} | where name == 'Orders-pg'`, []],
    [
      'a status and a kind of operation',
      `${cliJobs} | where operation in~ ('OnDemandBackup') | where status in~ ('Completed')`,
      ['job-1'],
    ],
    [
      'moments',
      `${cliJobs} | where properties.startTime > datetime(2026-05-01T10:00:00Z) | where properties.startTime <= datetime(2026-05-02T10:00:00Z)`,
      ['job-1', 'job-2'],
    ],
    [
      'one thing or another',
      `${jobs} | where properties.status == 'Failed' or not(name !in ('job-2'))`,
      ['job-2', 'job-3'],
    ],
    [
      'vaults, in a table of another name',
      "Resources | where type =~ 'microsoft.dataprotection/backupvaults' | where name in~ ('vault-shop')",
      ['vault-shop'],
    ],
  ])('find by %s', async (_what, query, expected) => {
    expect((await openGraph().names(query)).sort()).toEqual(expected);
  });

  test('rows come ordered by what was asked, newest first by default', async () => {
    const { names } = openGraph();
    expect(await names(`${jobs} | order by todatetime(properties.startTime) asc`)).toEqual([
      'job-1',
      'job-2',
      'job-3',
    ]);
    expect(await names(`${jobs} | sort by tostring(properties.startTime)`)).toEqual([
      'job-3',
      'job-2',
      'job-1',
    ]);
    expect(await names(`${jobs} | order by id desc | take 1`)).toEqual(['job-3']);
  });

  test('a row has the columns of Azure, and the ones a query makes or keeps', async () => {
    const { ask } = openGraph();
    const whole = await ask(`${cliInstances} | where name == 'orders-pg'`);
    expect(whole.page).toMatchObject({ totalRecords: 1, count: 1, facets: [], resultTruncated: 'false' });
    expect(whole.page.data[0]).toMatchObject({
      id: `${idIn(mainSubscriptionId, 'rg-Shop', 'vault-shop')}/backupInstances/orders-pg`,
      type: 'microsoft.dataprotection/backupvaults/backupinstances',
      ...{ resourceGroup: 'rg-shop', subscriptionId: mainSubscriptionId, location: 'canadacentral' },
      ...{ vaultName: 'vault-shop', protectionState: 'ProtectionConfigured' },
    });
    expect(whole.page.data[0]).not.toHaveProperty('since');
    const kept = await ask(
      `${jobs} | where name == 'job-2' | project name, when = properties.startTime, properties.status`,
    );
    expect(kept.page.data).toEqual([
      { name: 'job-2', when: '2026-05-02T10:00:00Z', properties_status: 'InProgress' },
    ]);
    expect((await ask(`${jobs} | count`)).page.data).toEqual([{ Count: 3 }]);
  });

  test.each([
    ['Nonsense | take 1', 'Table nonsense was not found'],
    [`${jobs} | summarize count() by type`, "The operator 'summarize' is not supported"],
    [`${jobs} | where reverse(name) == 'x'`, "Unknown function: 'reverse'"],
    [`${jobs} | where nme == 'x'`, "named 'nme'"],
    [`${jobs} | where name == 'x`, 'cannot be read'],
    [`${jobs} | where name in~ ('x'`, 'Expected ")"'],
    [`${jobs} | where properties.startTime > datetime(never)`, 'is no datetime'],
    [`${jobs} name`, 'is out of place'],
    ['', 'EmptyQuery'],
  ])('%s is refused', async (query, reason) => {
    const error = await openGraph().refusal(query);
    expect([error.status, error.code]).toEqual([400, 'BadRequest']);
    expect(error.message).toContain(reason);
  });
});

describe('what a caller sees', () => {
  test('only the subscriptions it asks for', async () => {
    const { names } = openGraph();
    expect(await names(instances, { subscriptions: [secondSubscriptionId.toUpperCase()] })).toEqual([
      'dr-pg',
    ]);
    expect(await names(instances, { subscriptions: [] })).toEqual([]);
  });

  test('only what it may read', async () => {
    const vault = idIn(mainSubscriptionId, 'rg-shop', 'vault-local');
    const { names, ask } = openGraph({ readable: [vault, `/subscriptions/${secondSubscriptionId}`] });
    expect(await names(instances)).toEqual(['billing-pg', 'dr-pg']);
    expect((await ask(instances, {}, 'somebody-else')).page.data).toEqual([]);
  });

  test('nothing before the lag is over', async () => {
    const fresh = job('job-9', 'InProgress', '2026-05-09T10:00:00Z', { since: 1_000_000 });
    const { names, clock } = openGraph({ rows: [fresh], lagMs: 1000 });
    clock.nowMs += 999;
    expect(await names(jobs)).not.toContain('job-9');
    clock.nowMs += 1;
    expect(await names(jobs)).toContain('job-9');
  });
});

describe('pages', () => {
  test('follow one another by token until all is told, also when all end at once', async () => {
    const { ask } = openGraph();
    const seen: unknown[] = [];
    const truncated: string[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const options = { $top: 2, ...(token === '' ? {} : { $skipToken: token }) };
      const { page } = await ask(`${instances} | order by name asc`, { options });
      expect(page.totalRecords).toBe(3);
      seen.push(...page.data.map(({ name }) => name));
      truncated.push(page.resultTruncated);
      token = page.$skipToken;
    }
    expect(seen).toEqual(['billing-pg', 'dr-pg', 'orders-pg']);
    expect(truncated).toEqual(['true', 'false']);
    const { page } = await ask(instances, { options: { $top: 3 } });
    expect([page.count, page.resultTruncated, page.$skipToken]).toEqual([3, 'false', undefined]);
    expect((await ask(instances, { options: { $skip: 2 } })).page.count).toBe(1);
  });

  test.each([[{ $top: 1001 }], [{ $top: 0 }], [{ $skipToken: 'made-up' }], [{ resultFormat: 'table' }]])(
    'are refused with %j',
    async (options) => {
      expect((await openGraph().refusal(instances, { options })).status).toBe(400);
    },
  );
});

test('fifteen queries pass in a window of five seconds, for each caller of its own', async () => {
  const { ask, refusal, clock } = openGraph();
  const left: unknown[] = [];
  for (let asked = 0; asked < 15; asked++) left.push((await ask(jobs)).headers['x-ms-user-quota-remaining']);
  expect([left[0], left.at(-1)]).toEqual(['14', '0']);
  clock.nowMs += 2500;
  const spent = await refusal(jobs);
  expect([spent.status, spent.code]).toEqual([429, 'RateLimiting']);
  expect(spent.headers).toMatchObject({
    'x-ms-user-quota-remaining': '0',
    'x-ms-user-quota-resets-after': '00:00:03',
    'retry-after': '3',
  });
  expect((await ask(jobs, {}, 'another')).headers['x-ms-user-quota-remaining']).toBe('14');
  clock.nowMs += 2500;
  expect((await ask(jobs)).headers).toMatchObject({
    'x-ms-user-quota-remaining': '14',
    'x-ms-user-quota-resets-after': '00:00:05',
  });
});
