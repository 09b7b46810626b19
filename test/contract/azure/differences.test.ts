/** What hangs on a server besides its data: read from a real local Azure, and given to a real copy. */
import { productIdentity } from '../../../infra/local/identities';
import { createDifferenceApplier } from '../../../services/azure/apply-differences';
import { createArmReads } from '../../../services/azure/arm-reads';
import { createServerDetailsReader } from '../../../services/azure/server-details';
import type { ApplyResult } from '../../../services/restore/difference-ports';
import { differencesOf } from '../../../services/restore/differences';
import type { ApplicableKind } from '../../../services/restore/difference-changes';
import type { ServerDetails } from '../../../services/restore/server-details';
import type { Fault, JournalEntry } from '../../fixtures/local-teams-client';
import { until } from '../../fixtures/supervisor/processes';
import { arm, sdkClient, serverPath } from '../local-azure/arm-client';
import { askServer } from '../local-azure/server-data';
import { codeOf, startAdapterStage, type AdapterStage } from './adapter-stage';

jest.setTimeout(120_000);
let stage: AdapterStage;
const [orders, copy] = [serverPath('orders-pg'), serverPath('orders-pg-r1')];

beforeAll(async () => {
  stage = await startAdapterStage({ LOCAL_HISTORY_SECONDS: '120', LOCAL_TIME_SCALE: '600' });
  await sdkClient(stage.azure).servers.beginCreateOrUpdateAndWait('rg-shop', 'orders-pg-r1', {
    ...{ location: 'canadacentral', createMode: 'PointInTimeRestore', sourceServerResourceId: orders },
    pointInTimeUTC: new Date(Date.now() - 5_000),
  });
  await fill(orders);
});
afterEach(() => stage.azure.control('DELETE', '/faults'));
afterAll(() => stage?.end());

const fault = (of: Fault) => stage.azure.control('POST', '/faults', of);
const leads = 'eeeeeeee-0000-4000-8000-000000000001';
const put = (id: string, body: object, version?: string) =>
  arm(stage.azure, 'PUT', id, { body, ...(version === undefined ? {} : { version }) });
const own = (grant: boolean) =>
  stage.azure.control('POST', '/roles', {
    ...{
      principal: productIdentity.principalId,
      role: 'Owner',
      scope: '/subscriptions/11111111-1111-4111-8111-111111111111',
      grant,
    },
  });

/** What the seeded source has not by itself. */
async function fill(server: string): Promise<void> {
  await own(true);
  const workspaceId = `${server.split('/providers')[0]}/providers/Microsoft.OperationalInsights/workspaces/shop-logs`;
  await put(
    `${server}/providers/Microsoft.Insights/diagnosticSettings/to-logs`,
    { properties: { workspaceId, logs: [{ category: 'PostgreSQLLogs', enabled: true }], metrics: [] } },
    '2021-05-01-preview',
  );
  await put(
    `${server}/providers/Microsoft.Authorization/locks/keep`,
    { properties: { level: 'CanNotDelete', notes: 'production' } },
    '2020-05-01',
  );
  await own(false);
  await sdkClient(stage.azure).administratorsMicrosoftEntra.beginCreateOrUpdateAndWait(
    ...['rg-shop', 'orders-pg', leads],
    { principalName: 'shop-leads', principalType: 'Group' },
  );
}

const reader = () => createServerDetailsReader(createArmReads(stage.settings));
const read = (id: string): Promise<ServerDetails> => reader().details(id);
const apply = async (kind: ApplicableKind, source?: ServerDetails): Promise<ApplyResult> =>
  createDifferenceApplier(stage.settings, reader(), { patienceSeconds: 20 }).apply(
    ...[copy, kind, source ?? (await read(orders))],
  );
const applied = (...names: string[]) => names.map((what) => ({ what, outcome: { kind: 'applied' } }));
const putsSince = async (start: number): Promise<readonly string[]> => {
  const { body } = await stage.azure.control<{ entries: JournalEntry[] }>('GET', '/journal');
  return body.entries.slice(start).map(({ method, path }) => `${method} ${path}`);
};

test('what a copy lacks is found, kind by kind', async () => {
  const [source, restored] = [await read(orders), await read(copy)];
  expect(source).toMatchObject({
    parameters: {
      value: [
        { name: 'idle_in_transaction_session_timeout', value: '600000', needsRestart: false },
        { name: 'log_min_duration_statement', value: '500' },
        { name: 'maintenance_work_mem', value: '65536' },
      ],
    },
    highAvailability: { kind: 'read', value: { mode: 'Disabled' } },
    ...{ replicas: { kind: 'read', value: [] }, privateEndpoints: { kind: 'read', value: [] } },
    locks: { value: [{ name: 'keep', level: 'CanNotDelete', notes: 'production' }] },
  });
  expect(
    differencesOf(source, restored).map((group) => [
      group.kind,
      'items' in group ? group.items.map(({ what }) => what) : group.why,
    ]),
  ).toEqual([
    [
      'parameters',
      ['idle_in_transaction_session_timeout', 'log_min_duration_statement', 'maintenance_work_mem'],
    ],
    ['firewall-rules', ['AllowAllAzureServicesAndResourcesWithinAzureIps', 'office']],
    ['administrators', ['shop-leads']],
    ['diagnostic-settings', ['to-logs']],
    ['locks', ['keep']],
  ]);
});

test('a kind that cannot be read hides no other', async () => {
  await fault({ method: 'GET', path: '/locks', times: 10, answer: { status: 500 } });
  const details = await read(orders);
  expect(details.locks).toEqual({ kind: 'unknown', why: 'Azure does not answer.' });
  expect(details.firewallRules.kind).toBe('read');
  expect(await codeOf(apply('locks', details))).toBe('DIFFERENCE_UNREADABLE');
  const foreign = await read(orders.replaceAll('1', '9'));
  expect(Object.values(foreign).filter((value: { kind?: string }) => value.kind === 'unknown')).toHaveLength(
    8,
  );
});

test('firewall rules and parameters are really given to the copy, once', async () => {
  expect(await apply('firewall-rules')).toMatchObject({
    ...{ items: applied('AllowAllAzureServicesAndResourcesWithinAzureIps', 'office'), needsRestart: false },
  });
  const { items } = await apply('parameters');
  expect(items.map(({ outcome }) => outcome.kind)).toEqual(['applied', 'applied', 'applied']);
  await until(
    'the copy works with it',
    async () =>
      (
        await askServer<{ log_min_duration_statement: string }>(
          ...[stage.azure, 'orders-pg-r1', 'show log_min_duration_statement'],
        )
      ).log_min_duration_statement === '500ms',
  );
  const before = (await putsSince(0)).length;
  expect(await apply('firewall-rules')).toEqual({ items: [], needsRestart: false });
  expect(await apply('parameters')).toEqual({ items: [], needsRestart: false });
  expect(await putsSince(before)).toEqual([]);
});

test('an Entra administrator that is given may make databases and roles in the copy, until it is taken away', async () => {
  const may = () =>
    askServer<{ rolcreatedb: boolean; rolcreaterole: boolean; rolcanlogin: boolean }>(
      ...[
        stage.azure,
        'orders-pg-r1',
        `select rolcreatedb, rolcreaterole, rolcanlogin from pg_roles where rolname = 'shop-leads'`,
      ],
    );
  expect(await apply('administrators')).toMatchObject({ items: applied('shop-leads') });
  expect(await may()).toEqual({ rolcreatedb: true, rolcreaterole: true, rolcanlogin: true });
  const { administratorsMicrosoftEntra: administrators } = sdkClient(stage.azure);
  expect(await administrators.get('rg-shop', 'orders-pg-r1', leads)).toMatchObject({
    ...{ objectId: leads, principalName: 'shop-leads', principalType: 'Group' },
  });
  await administrators.beginDeleteAndWait('rg-shop', 'orders-pg-r1', leads);
  expect(await may()).toEqual({ rolcreatedb: false, rolcreaterole: false, rolcanlogin: false });
});

test('a parameter that needs a restart says so, and one that the copy refuses stops no other', async () => {
  const source = await read(orders);
  const result = await apply('parameters', {
    ...source,
    parameters: {
      kind: 'read',
      value: [
        { name: 'work_mem', value: 'a lot', needsRestart: false },
        { name: 'max_connections', value: '77', needsRestart: true },
      ],
    },
  });
  expect(result).toMatchObject({
    items: [
      { what: 'work_mem', outcome: { kind: 'refused', because: { code: 'AZURE_BAD_VALUE' } } },
      { what: 'max_connections', outcome: { kind: 'applied' } },
    ],
    needsRestart: true,
  });
  await until('the value waits for a restart', async () => {
    const { value, isConfigPendingRestart } = await sdkClient(stage.azure).configurations.get(
      ...['rg-shop', 'orders-pg-r1', 'max_connections'],
    );
    return value === '77' && isConfigPendingRestart;
  });
});

test('a lost answer and a busy server are waited out', async () => {
  const source: ServerDetails = {
    ...(await read(orders)),
    firewallRules: {
      kind: 'read',
      value: [1, 2].map((n) => ({ name: `r${n}`, start: `192.0.2.${n}`, end: `192.0.2.${n}` })),
    },
  };
  await fault({ method: 'PUT', path: '/firewallRules/r2', times: 1, answer: 'accept-then-reset' });
  await fault({
    ...{ method: 'PUT', path: '/firewallRules/r1', times: 1 },
    answer: {
      ...{ status: 409, headers: { 'retry-after': '1' } },
      body: { error: { code: 'ServerIsBusy', message: 'The server is busy processing another operation.' } },
    },
  });
  // Only what Azure took is in its journal: the second one twice, for the answer that was lost.
  const before = (await putsSince(0)).length;
  expect(await apply('firewall-rules', source)).toMatchObject({ items: applied('r1', 'r2') });
  expect((await putsSince(before)).map((put) => put.split('/').at(-1))).toEqual(['r1', 'r2', 'r2']);
});

test('diagnostic settings go where those of the source go; a lock needs the right for it, and then holds', async () => {
  expect(await apply('diagnostic-settings')).toMatchObject({ items: applied('to-logs') });
  expect((await read(copy)).diagnosticSettings).toEqual((await read(orders)).diagnosticSettings);
  expect(await apply('locks')).toMatchObject({
    items: [{ what: 'keep', outcome: { kind: 'refused', because: { code: 'AZURE_FORBIDDEN' } } }],
  });
  await own(true);
  expect(await apply('locks')).toMatchObject({ items: applied('keep') });
  const refused = await arm(stage.azure, 'DELETE', copy);
  expect([refused.status, refused.body.error.code]).toEqual([409, 'ScopeLocked']);
  const lock = `${copy}/providers/Microsoft.Authorization/locks/keep`;
  expect((await arm(stage.azure, 'DELETE', lock, { version: '2020-05-01' })).status).toBe(200);
  expect((await arm(stage.azure, 'DELETE', copy)).status).toBe(202);
});
